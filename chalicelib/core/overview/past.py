"""What lies behind: an account's runs of some hours, most of them known by nothing but their keys.

The newest and those that need attention are read; of every other it is known that it neither failed nor waits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from chalicelib.core.run import FINAL, NEEDS_ATTENTION, Run, RunStatus, missed_by

Occurrence = tuple[str, datetime]
"""A task's id and a due time: the key of a run."""
LATE = timedelta(seconds=5)
"""A start later than this is told: it is more than a busy minute explains."""
UNSUCCESSFUL = frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.LOST})
OVERDUE = timedelta(minutes=1)
"""A due time of which nothing is recorded after so long has not started on time, whatever holds it up."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many runs of a stretch of time ended how. `missed` counts due times, of which one record may hold many;
    `late` only those that were read. `unread` of them were not, and count by whether they need attention."""

    runs: int = 0
    succeeded: int = 0
    failed: int = 0
    missed: int = 0
    waiting: int = 0
    under_way: int = 0
    set_aside: int = 0
    late: int = 0
    unread: int = 0


@dataclass(frozen=True, kw_only=True)
class Past:
    """The runs of an account: `keys` newest first, back to `since`, which is later than asked for where there are
    `more`; those that need attention; and what was `read`, by key. Without a feed, keys are of the troubled ones."""

    since: datetime
    now: datetime
    keys: tuple[Occurrence, ...] = ()
    more: bool = False
    troubled: tuple[Occurrence, ...] = ()
    more_troubled: bool = False
    read: Mapping[Occurrence, Run] = field(default_factory=dict)
    feed: bool = True

    @cached_property
    def in_trouble(self) -> AbstractSet[Occurrence]:
        return frozenset(self.troubled)

    @cached_property
    def _ascending(self) -> list[datetime]:
        return [due for _, due in reversed(self.keys)]

    @cached_property
    def skipped(self) -> AbstractSet[Occurrence]:
        """The due times that were taken out by hand: nothing else is recorded ahead of its time."""
        by_hand = (key for key, run in self.read.items() if run.skipped_by_owner)
        return frozenset([*by_hand, *(key for key in self.keys if key[1] > self.now and key not in self.read)])

    @cached_property
    def newest(self) -> Mapping[str, datetime]:
        """The newest due time of each task that has a run here or needs attention, none of those to come."""
        found: dict[str, datetime] = {}
        for task_id, due in (*self.keys, *self.troubled):
            if due <= self.now:
                found.setdefault(task_id, due)
        return found

    def within(self, begin: datetime, end: datetime) -> tuple[Occurrence, ...]:
        """The keys of the runs due in [begin, end), newest first."""
        high, low = (bisect_left(self._ascending, at) for at in (end, begin))
        return self.keys[len(self.keys) - high : len(self.keys) - low]

    def status(self, key: Occurrence) -> RunStatus | None:
        """How a run stands; None for one that was not read. One that needs attention then is none that succeeded."""
        run = self.read.get(key)
        return None if run is None else run.status

    def is_trouble(self, key: Occurrence) -> bool:
        """Whether a run needs attention."""
        run = self.read.get(key)
        return key in self.in_trouble if run is None else run.status in NEEDS_ATTENTION

    def tally(self, begin: datetime, end: datetime) -> Tally:
        """How the runs due in [begin, end) ended."""
        found = dict.fromkeys(Tally.__dataclass_fields__, 0)
        for key in self.within(begin, end):
            found["runs"] += 1
            run = self.read.get(key)
            found[self._kind(key)] += 1 if run is None else max(1, missed_by(run))
            found["unread"] += run is None
            found["late"] += run is not None and run.lateness is not None and run.lateness > LATE
        return Tally(**found)

    def _kind(self, key: Occurrence) -> str:
        status = self.status(key)
        if status is None:
            return "failed" if key in self.in_trouble else "succeeded"
        return KINDS[status]

    def covers(self, task_id: str, due: datetime) -> bool:
        """Whether a record that was read stands for a due time among others."""
        return any(
            run.coalesced is not None and run.coalesced.first <= due <= run.coalesced.last
            for (of, _), run in self.read.items()
            if of == task_id
        )


KINDS: Mapping[RunStatus, str] = {
    RunStatus.QUEUED: "under_way",
    RunStatus.RUNNING: "under_way",
    RunStatus.RETRYING: "waiting",
    RunStatus.SUCCEEDED: "succeeded",
    RunStatus.FAILED: "failed",
    RunStatus.TIMED_OUT: "failed",
    RunStatus.LOST: "failed",
    RunStatus.MISSED: "missed",
    RunStatus.CANCELLED: "set_aside",
    RunStatus.SKIPPED: "set_aside",
}
"""Under which word of a tally each status is counted."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A task's runs that need attention: the newest of them, how many there are, and when one succeeded after it."""

    run: Run
    count: int
    more: bool = False
    recovered_at: datetime | None = None


def troubles(past: Past) -> list[Trouble]:
    """What needs attention, one line for each task, newest first; what has succeeded since stands behind the rest."""
    by_task: dict[str, list[Occurrence]] = {}
    for key in past.troubled:
        by_task.setdefault(key[0], []).append(key)
    found = []
    for keys in by_task.values():
        run = next((past.read[key] for key in keys if key in past.read), None)
        if run is None or run.status not in NEEDS_ATTENTION:
            continue
        recovered_at = recovered(past, run)
        found.append(Trouble(run=run, count=len(keys), recovered_at=recovered_at))
    return sorted(found, key=lambda one: one.recovered_at is not None)


def recovered(past: Past, run: Run) -> datetime | None:
    """The due time of a run of the same task that succeeded after this one, as far as was read; None for none."""
    later = past.newest.get(run.task_id)
    if later is None or later <= run.due_at or run.status not in FINAL:
        return None
    return later if past.status((run.task_id, later)) is RunStatus.SUCCEEDED else None


def overdue(past: Past, due: Sequence[tuple[str, datetime, datetime]], now: datetime) -> list[tuple[str, datetime]]:
    """Of tasks' due times (task id, due time, last change of the task), the earliest of each task of which nothing is
    recorded although it should have started: no run, no record that stands for it, and no later run either."""
    found: dict[str, datetime] = {}
    if not past.feed:
        return []
    for task_id, at, changed_at in due:
        newest = past.newest.get(task_id)
        waits = changed_at <= at <= now - OVERDUE and (newest is None or newest < at)
        if waits and not past.covers(task_id, at):
            found.setdefault(task_id, at)
    return list(found.items())
