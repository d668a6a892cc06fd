"""The history of a world, in a few words for each call: made when somebody reads it, not before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.attempts.overlap import Slot
from chalicelib.core.groups.group import Group
from chalicelib.core.groups.marks import Mark
from chalicelib.core.message import PassMessage, RunMessage
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, LateEntry
from chalicelib.ports import Control, LatePartition, Page, Placed
from tests.core.building import START
from tests.faults.timeline import Process, Timeline


class History:
    """Everything that happened, with the time at which it did."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._told: list[tuple[datetime, object]] = []

    def tell(self, what: object) -> None:
        """Add something that has just happened."""
        self._told.append((self._timeline.now, what))

    def lines(self) -> list[str]:
        """A line for each thing, in the order in which they happened."""
        return [f"{(when - START).total_seconds():10.3f} {what}" for when, what in self._told]


@dataclass(frozen=True)
class Call:
    """One call of a port."""

    process: Process
    verb: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    trouble: str | None

    def __str__(self) -> str:
        words = " ".join(map(short, self.arguments)) + (f" {short(self.named)}" if self.named else "")
        return f"{self.process.name:9} {self.verb} {words}{f'  !! {self.trouble}' if self.trouble else ''}"


@dataclass(frozen=True)
class Answered:
    """What a call was answered."""

    process: Process
    verb: str
    answer: Any

    def __str__(self) -> str:
        return f"{self.process.name:9}   {self.verb} -> {short(self.answer)}"


def short(value: Any) -> str:
    """A value of a port in a few words, for a history; the same words in every process."""
    if isinstance(value, datetime):
        return f"{(value - START).total_seconds():g}"
    if isinstance(value, str):
        return value[-26:]
    if isinstance(value, Mapping):
        return " ".join(f"{str(name)[-4:]}={short(one)}" for name, one in sorted(value.items()))
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(short, value)) + "]"
    if isinstance(value, Set):
        return "{" + ", ".join(sorted(map(short, value))) + "}"
    return WORDS.get(type(value), str)(value)


def _entry(entry: Entry) -> str:
    number = f" n{entry.number}" if entry.number > 1 else ""
    return f"{entry.kind} {short(entry.start)} {_task(entry.task_id)} due {short(entry.due_at)}{number}"


def _control(control: Control) -> str:
    cursor = "" if control.cursor is None else f" cursor {control.cursor}"
    skipped = "" if control.skipped is None else f" skipped {short(control.skipped)}"
    return (
        f"through {short(control.through)}{cursor}{skipped} held by {control.token} until {short(control.lease_until)}"
    )


def _run(run: Run) -> str:
    attempts = ",".join(attempt.status for attempt in run.attempts)
    code = "" if run.error is None else f" {run.error.code}"
    several = "" if run.coalesced is None else f" from {short(run.coalesced.first)}: {run.coalesced.count}"
    key = f"{_task(run.task_id)} due {short(run.due_at)}"
    return f"{run.trigger} {key}{several} {run.status} [{attempts}] {run.token}{code}"


def _words_of_task(task: Task) -> str:
    state, name = task.definition.state, task.definition.name
    return f"{_task(task.id)} {name!r} v{task.version} {state} changed {short(task.changed_at)}"


WORDS: dict[type, Callable[[Any], str]] = {
    Placed: lambda placed: f"{'late ' if placed.late else ''}{_entry(placed.entry)} shard {placed.shard}",
    Entry: _entry,
    LateEntry: lambda late: f"{_entry(late.entry)} ~{late.nonce}",
    LatePartition: lambda late: f"{_control(late.control)} {short(late.entries)}{' and more' if late.more else ''}",
    Control: _control,
    Run: _run,
    Slot: lambda slot: (
        f"slot of {short(slot.due_at)} {slot.token} until {short(slot.lease_until)} waits {short(slot.waiting)}"
    ),
    RunMessage: lambda message: f"{_entry(message.entry)} for {message.channel}",
    PassMessage: lambda message: f"{message.shard}+{message.delay}",
    Group: lambda group: f"{group.name} {group.state} {group.rounds} at {group.position} {group.token}",
    Mark: lambda mark: mark.text,
    Page: lambda page: short(page.items),
    Task: _words_of_task,
}
"""What somebody who looks for a fault wants to know of a thing."""


def _task(task_id: str) -> str:
    return f"…{task_id[-4:]}"
