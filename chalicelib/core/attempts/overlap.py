"""Overlap: what a run does that finds an earlier one of its task still at work.

Only tasks that do not allow it have a slot: one item that says which run is at work, and which one, at most, waits. A
slot is believed until its lease ends, like a claim; it is kept through a run's retries. Every change of it sets a new
token and compares the old one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.run import Run, RunError, RunStatus, cut_off
from chalicelib.core.task import Overlap
from chalicelib.core.window import HORIZON, MARGIN, Entry, Kind

WAITING = RunError(code="waiting", detail="an earlier run of this task is still at work; this one waits for it")
OVERLAPPED = RunError(code="overlap", detail="an earlier run of this task was still at work")
REPLACED = RunError(code="replaced", detail="the next run of this task took its place")


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Which run of a task is at work, until when that is believed, and the due time of the one that waits."""

    task_id: str
    due_at: datetime
    token: str
    lease_until: datetime
    waiting: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Enter:
    """The run may be performed once this slot has been written in place of the one that was found."""

    slot: Slot


@dataclass(frozen=True, kw_only=True)
class Skip:
    """The run is not performed."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """The run waits once this slot has been written; `entry` looks again should nobody call it."""

    slot: Slot
    entry: Entry


@dataclass(frozen=True, kw_only=True)
class Replace:
    """The run that is at work is cancelled first, then this slot is written."""

    slot: Slot
    ended: datetime


Verdict = Enter | Skip | Wait | Replace


def slot_of(run: Run, lease_until: datetime) -> Slot:
    """The slot of a run that has it for itself."""
    return Slot(task_id=run.task_id, due_at=run.due_at, token=run.token, lease_until=lease_until)


def verdict(policy: Overlap, found: Slot, run: Run, now: datetime) -> Verdict:
    """What a claimed run does that found its task's slot taken."""
    mine = slot_of(run, run.lease_until or now)
    if found.due_at == run.due_at or found.lease_until <= now:
        kept = found.waiting if found.waiting != run.due_at else None
        return Enter(slot=replace(mine, waiting=kept))
    match policy:
        case Overlap.REPLACE:
            return Replace(slot=mine, ended=found.due_at)
        case Overlap.QUEUE if found.waiting in (None, run.due_at):
            start = found.lease_until + MARGIN
            entry = _entry(run.task_id, run.due_at, start=start)
            return Wait(slot=replace(found, token=run.token, waiting=run.due_at), entry=entry)
        case _:
            return Skip()


def waiting(run: Run) -> Run:
    """A claimed run that waits for its slot: its attempt never was one."""
    return run.moved(RunStatus.QUEUED, error=WAITING, lease_until=None, attempts=run.attempts[:-1])


def waited(run: Run) -> bool:
    """Whether a run could have started in time and waited for its slot."""
    return run.error is not None and run.error.code == WAITING.code


def replaced(run: Run, token: str, now: datetime) -> Run:
    """A run at work whose successor takes its place: what it still does is not recorded any more."""
    attempts = cut_off(run.attempts, now)
    return run.moved(
        RunStatus.CANCELLED, token=token, error=REPLACED, lease_until=None, finished_at=now, attempts=attempts
    )


def handed_over(slot: Slot, token: str, now: datetime, lease: timedelta) -> tuple[Slot, Entry] | None:
    """The slot as it is kept for the run that waits for it, and the entry that calls that run; None if none waits.

    Kept, because a due time between the call and its arrival would otherwise overtake.
    """
    if slot.waiting is None:
        return None
    kept = replace(slot, token=token, due_at=slot.waiting, waiting=None, lease_until=now + HORIZON + lease)
    return kept, _entry(slot.task_id, slot.waiting, start=now)


def _entry(task_id: str, due: datetime, *, start: datetime) -> Entry:
    return Entry(start=start, task_id=task_id, kind=Kind.TAKEOVER, due_at=due)
