"""Cues: hints that an owner may have to be told of something. The run is the truth.

A cue is written before the run that it is about comes to its end, and deleted when everything that follows from it has
been told. So a crash anywhere leaves a cue behind, and the auditor goes on from there.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.alerting.policy import Happening
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.task import Task

SETTLES = timedelta(hours=1)
"""After this a run that has not come to the end that its cue speaks of never will: the longest lease is a quarter."""


class Hint(enum.StrEnum):
    """What a cue hints at."""

    FAILED = "failed"
    """This run may have failed for good."""
    MISSED = "missed"
    """This due time may have been recorded as missed."""
    RECOVERED = "recovered"
    """This run may have succeeded, after others of its task had not."""
    UNSTARTED = "unstarted"
    """By now this due time should have been recorded."""
    AGAIN = "again"
    """Something waits to be told."""


ENDS = {
    RunStatus.FAILED: Hint.FAILED,
    RunStatus.TIMED_OUT: Hint.FAILED,
    RunStatus.LOST: Hint.FAILED,
    RunStatus.MISSED: Hint.MISSED,
    RunStatus.SUCCEEDED: Hint.RECOVERED,
}
"""The ends of runs that may have to be told, and what hints at each."""


@dataclass(frozen=True, kw_only=True, order=True)
class Cue:
    """A hint to look at a task from an instant on. `number` is how many attempts the run had; `shard` the task's."""

    at: datetime
    task_id: str
    hint: Hint
    due_at: datetime
    number: int = 0
    shard: int = 0

    @property
    def key(self) -> str:
        """The sort key: cues of a shard stand in the order in which they are to be looked at.

        >>> from datetime import UTC
        >>> at = datetime(2026, 1, 1, tzinfo=UTC)
        >>> Cue(at=at, task_id="abc", hint=Hint.FAILED, due_at=at, number=3).key
        '1767225600000#abc#failed#1767225600000#3'
        """
        return f"{to_ms(self.at):013d}#{self.task_id}#{self.name}"

    @property
    def name(self) -> str:
        """What tells it from the task's other cues, whenever it is looked at."""
        return f"{self.hint}#{to_ms(self.due_at):013d}#{self.number}"

    @classmethod
    def from_key(cls, key: str, shard: int) -> Cue:
        """The cue with this sort key; `ValueError` where no cue has such a key."""
        at, task_id, hint, due, number = key.split("#")
        return cls(
            at=from_ms(int(at)),
            task_id=task_id,
            hint=Hint(hint),
            due_at=from_ms(int(due)),
            number=int(number),
            shard=shard,
        )


def cue_of(task: Task, run: Run, now: datetime) -> Cue | None:
    """The cue that goes before this end of a run; None where its owner wants to be told nothing of the kind."""
    notify, hint = task.definition.notify, ENDS.get(run.status)
    if notify is None or hint is None or not wanted(hint) & notify.on:
        return None
    return Cue(at=now, task_id=task.id, hint=hint, due_at=run.due_at, number=len(run.attempts), shard=task.shard)


def wanted(hint: Hint) -> frozenset[Happening]:
    """What an owner wants to be told of, for whom this hint is worth anything.

    >>> [str(happening) for happening in wanted(Hint.UNSTARTED)], len(wanted(Hint.AGAIN))
    (['did_not_run'], 4)
    """
    if hint is Hint.AGAIN:
        return frozenset(Happening)
    return frozenset({Happening.DID_NOT_RUN if hint is Hint.UNSTARTED else Happening(hint)})


def unstarted(task: Task, due: datetime) -> Cue | None:
    """The cue that has somebody look whether a due time was recorded, when its grace is over."""
    notify = task.definition.notify
    if notify is None or Happening.DID_NOT_RUN not in notify.on:
        return None
    return Cue(at=due + notify.grace, task_id=task.id, hint=Hint.UNSTARTED, due_at=due, shard=task.shard)


def bears_out(run: Run | None, cue: Cue) -> bool:
    """Whether a run has come to the end that a cue speaks of."""
    return run is not None and ENDS.get(run.status) is cue.hint and len(run.attempts) == cue.number


def overdue(cue: Cue, now: datetime) -> bool:
    """Whether what a cue speaks of would have come by now."""
    return cue.at + SETTLES < now
