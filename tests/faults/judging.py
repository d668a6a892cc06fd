"""The judge: what must hold when a story has come to rest, whatever happened in it.

Every complaint names what was promised: I1 recorded, I2 and I4 not doubled, I8 no start after an acknowledged change,
I9 never early.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol

from chalicelib.core.attempts.claim import START_WITHIN
from chalicelib.core.attempts.overlap import Slot
from chalicelib.core.instant import to_text
from chalicelib.core.run import FINAL, AttemptStatus, Run, RunStatus, Trigger
from chalicelib.core.schedule import due_times
from chalicelib.core.task import Task
from tests.core.building import START
from tests.faults.story import Change, Start

PATIENCE = timedelta(seconds=2400)
STEP = timedelta(seconds=60)
Key = tuple[str, datetime]
NONE: Collection[Key] = frozenset()


class Skewed(Protocol):
    """What was left to chance."""

    @property
    def skew(self) -> float:
        """The most seconds that a clock was wrong."""


class Told(Protocol):
    """What happened in some world, and what there is in it now."""

    starts: list[Start]
    changes: list[Change]
    complaints: list[str]

    @property
    def now(self) -> datetime:
        """The true time."""

    @property
    def chance(self) -> Skewed:
        """What was left to chance."""

    def play(self, until: datetime) -> None:
        """Let it go on until an instant."""

    def history(self) -> str:
        """Everything that happened, and how to have it happen again."""

    def tasks(self) -> Mapping[str, Task]:
        """The stored tasks by name."""

    def runs(self) -> dict[Key, Run]:
        """The stored runs."""

    def slots(self) -> Sequence[Any]:
        """The slots that are taken, as values or as DynamoDB's items."""

    def late_entries(self) -> list[str]:
        """The keys of all late entries."""

    def waiting(self, *names: str) -> int:
        """How many messages are in some queues."""


def unsettled(story: Told, until: datetime) -> list[str]:
    """What is missing or still open: time may heal it, and if it does not it was lost."""
    runs = story.runs()
    found = [
        f"I1 {name} was due at {to_text(due)} and there is no record" for name, due in _unrecorded(story, runs, until)
    ]
    found += [f"I4 run {run.id} stays {run.status}: {run.error}" for run in runs.values() if run.status not in FINAL]
    found += [f"late entry {key} stays" for key in story.late_entries()]
    waiting = story.waiting("light", "urgent", "commands")
    dead = story.waiting("light-dead", "urgent-dead", "commands-dead")
    found += [f"{waiting} messages wait"] * bool(waiting) + [f"{dead} messages are dead"] * bool(dead)
    found += [f"slot {slot} stays" for slot in story.slots() if not _over(slot, story.now)]
    return found


def _over(slot: Slot | dict[str, dict[str, str]], now: datetime) -> bool:
    if isinstance(slot, Slot):
        return slot.lease_until <= now and slot.waiting is None
    return int(slot["lease_until"]["N"]) <= now.timestamp() * 1000 and "waiting" not in slot


def wrong(story: Told, asked_again: Collection[Key] = NONE) -> list[str]:
    """What has happened that must not. `asked_again` are the runs that their owner wanted tried again."""
    return [
        *story.complaints,
        *_doubled(story, asked_again),
        *_forbidden(story, asked_again),
        *_early(story),
        *_misrecorded(story),
    ]


def settle(story: Told, until: datetime, patience: timedelta = PATIENCE) -> None:
    """Play to an instant and on until everything has come to rest; then judge."""
    story.play(until)
    end = until + patience
    while (complaints := unsettled(story, until)) and story.now < end:
        story.play(story.now + STEP)
    complaints += wrong(story)
    if complaints:
        raise AssertionError("\n".join([*complaints, "", story.history()]))


def _unrecorded(story: Told, runs: dict[tuple[str, datetime], Run], until: datetime) -> Iterator[tuple[str, datetime]]:
    """Due times of stored, active tasks without a run and outside all ranges."""
    slack = timedelta(seconds=2 * story.chance.skew)
    ranges = defaultdict(list)
    for run in runs.values():
        if run.coalesced is not None:
            ranges[run.task_id].append(run.coalesced)
    for change, end in _in_force(story, until):
        task = change.stored
        if task is None or not task.active:
            continue
        begin = max(change.ended, task.changed_at) + slack
        for due in due_times(task.definition.schedule, begin, end - slack):
            recorded = (task.id, due) in runs or any(r.first <= due <= r.last for r in ranges[task.id])
            if not recorded:
                yield change.name, due


def _in_force(story: Told, until: datetime) -> Iterator[tuple[Change, datetime]]:
    """Each change with the moment at which the next one of that task was asked for."""
    by_name = defaultdict(list)
    for change in sorted(story.changes, key=lambda change: change.ended):
        by_name[change.name].append(change)
    for changes in by_name.values():
        for n, change in enumerate(changes, 1):
            yield change, min((following.asked for following in changes[n:]), default=until)


def _doubled(story: Told, asked_again: Collection[Key]) -> Iterator[str]:
    """A start after another of the same run, unless the first one's failure was recorded or its worker was broken."""
    runs, by_run = story.runs(), defaultdict(list)
    for start in story.starts:
        by_run[start.task_id, start.due_at].append(start)
    for key, starts in by_run.items():
        run = runs.get(key)
        if run is None:
            yield f"I1 {key} started and has no record"
            continue
        for first, second in pairwise(starts):
            if not first.process.broken and not _failed(run, first) and key not in asked_again:
                yield f"I2 {run.id} started in {first.process.name} and again in {second.process.name}"
        if run.status is RunStatus.SUCCEEDED and starts[-1].attempt != len(run.attempts):
            yield f"I10 {run.id}: the last start was attempt {starts[-1].attempt} of {len(run.attempts)}"


def _failed(run: Run, start: Start) -> bool:
    attempt = next((a for a in run.attempts if a.number == start.attempt), None)
    return attempt is not None and attempt.status in (AttemptStatus.FAILED, AttemptStatus.TIMED_OUT)


def _forbidden(story: Told, asked_again: Collection[Key]) -> Iterator[str]:
    """A start at a time when what the owner had been told does not allow it, nor anything that was being changed."""
    runs, by_task = story.runs(), _changes_of_each(story)
    for start in story.starts:
        run = runs.get((start.task_id, start.due_at))
        changes = by_task[start.task_id]
        told = [c for c in changes if c.acknowledged and c.ended < start.at - _allowance(start)]
        latest = max(told, key=lambda c: c.ended, default=None)
        doubtful = [c for c in changes if (latest is None or c.ended > latest.ended) and c.asked <= start.at]
        if latest is None or run is None or any(_allows(c, start, run) for c in (latest, *doubtful)):
            continue
        if (start.task_id, start.due_at) in asked_again:
            continue  # whatever its task's schedule and state
        if any(not c.acknowledged for c in changes if c.asked >= latest.asked):
            continue  # nobody knows what holds
        yield f"I8 {run.id} started at {to_text(start.at)} in {start.process.name}, after {latest}"


def _allowance(start: Start) -> timedelta:
    """A worker that was slow may have read the task this long before it started."""
    return START_WITHIN if start.process.slow else timedelta(0)


def _changes_of_each(story: Told) -> defaultdict[str | None, list[Change]]:
    """The changes by the id of the task that they concern."""
    ids, found = {c.name: c.stored.id for c in story.changes if c.stored is not None}, defaultdict(list)
    for change in story.changes:
        found[ids.get(change.name)].append(change)
    return found


def _allows(change: Change, start: Start, run: Run) -> bool:
    """Whether a start is allowed by what was stored when a change was answered, or by what was answered."""
    return _allowed_by(change.stored, start, run) or (
        change.answer is not None and _allowed_by(change.answer, start, run)
    )


def _allowed_by(task: Task | None, start: Start, run: Run) -> bool:
    if task is None:
        return run.trigger is not Trigger.SCHEDULE and start.attempt > 1
    return run.trigger is not Trigger.SCHEDULE or (task.active and task.is_due(start.due_at))


def _early(story: Told) -> Iterator[str]:
    for start in story.starts:
        if start.at + start.process.skew < start.due_at:
            yield f"I9 {start} is early"


def _misrecorded(story: Told) -> Iterator[str]:
    """What a run says of itself has to agree."""
    for run in story.runs().values():
        numbers = [attempt.number for attempt in run.attempts]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{run.id} has attempts {numbers}"
        if run.status is RunStatus.SUCCEEDED and run.attempts[-1].status is not AttemptStatus.SUCCEEDED:
            yield f"{run.id} succeeded with {run.attempts[-1].status}"


def outcomes(story: Told) -> dict[str, str]:
    """How each run ended: the status, and the reason where there is one."""
    names = {task.id: name for name, task in story.tasks().items()}
    return {
        f"{names.get(run.task_id, 'deleted')} {(run.due_at - START).total_seconds()}": f"{run.status} "
        f"{[str(a.status) for a in run.attempts]} {run.error.code if run.error else ''}"
        for run in sorted(story.runs().values(), key=lambda run: (run.task_id, run.due_at))
    }
