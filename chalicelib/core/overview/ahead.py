"""What is ahead: the due times of many tasks in a stretch of time, in bounded work.

Due times are looked for one by one where a task has few of them; where it has many, or so much has been looked for
already, it is told how many lie in each slot, about. Nothing here reads anything: the definitions say it all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from chalicelib.core.errors import PunctualError
from chalicelib.core.instant import MILLISECOND
from chalicelib.core.overview.spread import spread
from chalicelib.core.schedule import Once, Schedule, TooSparse, upcoming
from chalicelib.core.schedule.frequency import MONTH, runs_per_month
from chalicelib.core.task import Task

UNKNOWN = (ValueError, ArithmeticError, LookupError, OSError, PunctualError)
"""What working out a due time raises where a schedule makes no sense any more: a zone that is not known here, say."""
MOST_OF_A_TASK = 48
"""Due times of one task that are looked for one by one."""
SURELY_MORE = 2 * MOST_OF_A_TASK
"""About how many due times a task has that need not be counted to be too many: the pace knows no exclusions."""
MOST_OF_ALL = 1_500
"""The same of all tasks together: at 0.1 ms each, what one page may take when nothing is remembered."""
MOST_EXCLUDING = 40
"""Tasks whose exclusions are jumped over one by one: each jump is as much work as a due time."""
REMEMBERED = 4_096
Occurrence = tuple[str, datetime]
"""A task's id and a due time: the key of a run."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """A due time of a task."""

    at: datetime
    task: Task


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A task whose due times cannot be worked out, and why."""

    task: Task
    reason: str


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Due times in order; how many more lie in the slots between `edges`, about, of the `frequent` tasks whose due
    times were not looked for one by one; and the tasks that cannot be read."""

    edges: tuple[datetime, ...]
    due: tuple[Due, ...] = ()
    slots: tuple[float, ...] = ()
    frequent: tuple[Task, ...] = ()
    broken: tuple[Broken, ...] = ()

    def count(self, begin: datetime, end: datetime) -> int:
        """About how many due times lie in [begin, end). The slot that `begin` lies in counts as a whole, that of `end`
        not at all: so the number stays the same until something happens, or another slot begins."""
        exact = sum(begin <= one.at < end for one in self.due)
        first, last = (max(0, bisect_right(self.edges, at) - 1) for at in (begin, end))
        return exact + round(sum(self.slots[first:last]))


def ahead(tasks: Sequence[Task], edges: Sequence[datetime], skipped: AbstractSet[Occurrence] = frozenset()) -> Ahead:
    """What active tasks are due between the first edge and the last; due times that their owner has skipped are none.

    Those that are due seldom are looked at first, so that the seldom ones are exact whatever the others do.
    """
    looking = _Looking(edges=tuple(edges), skipped=skipped, slots=[0.0] * (len(edges) - 1))
    for pace, task in looking.by_pace(tasks):
        looking.look(task, pace)
    return Ahead(
        edges=looking.edges,
        due=tuple(sorted(looking.due, key=lambda one: (one.at, one.task.id))),
        slots=tuple(looking.slots),
        frequent=tuple(looking.frequent),
        broken=tuple(looking.broken),
    )


@dataclass(kw_only=True)
class _Looking:
    """Looking for due times: what has been found, and how much more may be looked for one by one."""

    edges: tuple[datetime, ...]
    skipped: AbstractSet[Occurrence]
    slots: list[float]
    due: list[Due] = field(default_factory=list)
    frequent: list[Task] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    left: int = MOST_OF_ALL
    excluding: int = MOST_EXCLUDING

    def by_pace(self, tasks: Sequence[Task]) -> list[tuple[float, Task]]:
        """Active tasks with about how many due times each has, those with fewest first."""
        found = []
        share = (self.edges[-1] - self.edges[0]) / MONTH
        for task in tasks:
            if not task.active:
                continue
            try:
                pace = runs_per_month(task.definition.schedule, self.edges[0]) * share
            except UNKNOWN as error:
                self.broken.append(Broken(task=task, reason=_words(error)))
                continue
            found.append((pace, task))
        return sorted(found, key=lambda one: one[0])

    def look(self, task: Task, pace: float) -> None:
        """Find the due times of a task, or tell how they are spread."""
        try:
            found = self._one_by_one(task.definition.schedule, pace)
        except UNKNOWN as error:
            self.broken.append(Broken(task=task, reason=_words(error)))
            return
        if found is None:
            self.frequent.append(task)
            return
        self.left -= len(found) + 1
        self.due += [Due(at=at, task=task) for at in found if (task.id, at) not in self.skipped]

    def _one_by_one(self, schedule: Schedule, pace: float) -> tuple[datetime, ...] | None:
        """The due times of a schedule; None where it was told how they are spread instead."""
        heavy = _excludes(schedule)
        found = None
        if self.left > 0 and pace <= SURELY_MORE and not (heavy and self.excluding <= 0):
            self.excluding -= heavy
            found = (_enumerated if heavy else _remembered)(schedule, self.edges[0], self.edges[-1])
        if found is None:
            more = (spread if heavy else _remembered_spread)(schedule, self.edges)
            self.slots = [one + another for one, another in zip(self.slots, more, strict=True)]
        return found


def next_due(task: Task, now: datetime, skipped: AbstractSet[datetime] = frozenset()) -> datetime | Broken | None:
    """A task's next due time; or why it cannot be worked out."""
    try:
        return task.next_due(now, skipped)
    except UNKNOWN as error:
        return Broken(task=task, reason=_words(error))


def _excludes(schedule: Schedule) -> bool:
    """Whether a schedule has exclusions. They may hold thousands of times of a calendar: to recognise such a schedule
    again takes longer than to ask it anew."""
    return not isinstance(schedule, Once) and bool(schedule.shape.exclude)


def _enumerated(schedule: Schedule, begin: datetime, end: datetime) -> tuple[datetime, ...] | None:
    found: list[datetime] = []
    try:
        for due in upcoming(schedule, begin - MILLISECOND, MOST_OF_A_TASK + 1):
            if due >= end:
                return tuple(found)
            found.append(due)
    except TooSparse:
        return None
    return tuple(found) if len(found) <= MOST_OF_A_TASK else None


_remembered = lru_cache(maxsize=REMEMBERED)(_enumerated)
"""Pages are asked for again every few seconds, and the same due times lie ahead for an hour."""
_remembered_spread = lru_cache(maxsize=REMEMBERED // 4)(spread)


def _words(error: Exception) -> str:
    """Why a schedule cannot be read, in words."""
    return error.told if isinstance(error, PunctualError) else f"its schedule makes no sense here ({error})"
