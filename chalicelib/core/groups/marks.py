"""Marks: which members of a group have ended, and how.

A mark is one member of a set, so that setting it twice is setting it once: whoever brought the end about sets it, and
whoever finds it missing. A success counts for all rounds, any other end for its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.groups.group import Group, size_of
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.run import FINAL, Run, RunStatus

_LETTERS = {
    RunStatus.SUCCEEDED: "s",
    RunStatus.FAILED: "f",
    RunStatus.TIMED_OUT: "t",
    RunStatus.CANCELLED: "c",
    RunStatus.SKIPPED: "k",
    RunStatus.MISSED: "m",
    RunStatus.LOST: "l",
}
_STATUSES = {letter: status for status, letter in _LETTERS.items()}


@dataclass(frozen=True, kw_only=True, order=True)
class Mark:
    """That a run of a member has ended: in which round, when it was due, and how."""

    index: int
    round: int
    due_at: datetime
    status: RunStatus

    @property
    def text(self) -> str:
        """The mark as it is kept, in a few characters.

        >>> from chalicelib.core.instant import EPOCH
        >>> Mark(index=17, round=1, due_at=EPOCH, status=RunStatus.SUCCEEDED).text
        '17.1.0.s'
        """
        return f"{self.index}.{self.round}.{to_ms(self.due_at):x}.{_LETTERS[self.status]}"

    @classmethod
    def from_text(cls, text: str) -> Mark:
        """The mark that is kept like this; `ValueError` or `LookupError` where none is."""
        index, round_, due, letter = text.split(".")
        return cls(index=int(index), round=int(round_), due_at=from_ms(int(due, 16)), status=_STATUSES[letter])


def mark_of(run: Run) -> Mark | None:
    """The mark of a run; None where it has not ended, or is no member's."""
    if run.part is None or run.part.index < 0 or run.status not in FINAL:
        return None
    return Mark(index=run.part.index, round=run.part.round, due_at=run.due_at, status=run.status)


def counting(marks: Iterable[Mark], round_: int) -> dict[int, Mark]:
    """By member, the mark that counts in a round: the first success, whenever it was, or else how the round ended."""
    found: dict[int, Mark] = {}
    for mark in sorted(marks):
        before = found.get(mark.index)
        if before is not None and before.status is RunStatus.SUCCEEDED:
            continue
        if mark.round == round_ or mark.status is RunStatus.SUCCEEDED:
            found[mark.index] = mark
    return found


def complete(marks: Iterable[Mark], section: int, total: int, round_: int) -> bool:
    """Whether all members of a section have ended."""
    return len(counting(marks, round_)) == size_of(section, total)


def standing(marks: Mapping[int, Iterable[Mark]], group: Group) -> dict[int, Mark]:
    """By member of the whole group, the mark that counts."""
    return {index: mark for some in marks.values() for index, mark in counting(some, group.rounds).items()}
