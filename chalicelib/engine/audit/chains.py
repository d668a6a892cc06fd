"""Chains: each active task that has anything left to run has an entry ahead of it in the agenda."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.instant import floor_ms
from chalicelib.core.owed.auditing import chain_entry, last_owed, mended, up_to_date
from chalicelib.core.planning import first_entry
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, late_key
from chalicelib.engine.audit.finding import found, unless_newer
from chalicelib.engine.audit.records import recorded
from chalicelib.logs import log
from chalicelib.ports import Clock, Control, LatePartition, Placed, Store

MOST_LATE = 500
"""Late entries of a shard that are read; where there are more, its tasks are looked at another time."""
NEWEST = 1
"""Runs of a task that show how far its chain has led."""


@dataclass(frozen=True, kw_only=True)
class Chains:
    """Holds tasks against the agenda, some at a time."""

    store: Store
    clock: Clock

    def check(self, after: str | None) -> tuple[int, str | None]:
        """Look at some tasks, from after an id on. How many had no entry ahead, or had one to which nobody came before
        they were over; and where to go on, None at the end."""
        now, standing = floor_ms(self.clock.now()), _Standing(self.store)
        page = self.store.tasks_in(None, after=after)
        ahead = list(_ahead(page.items, standing, now))
        doubtful = self.store.absent_entries([placed for _, placed in ahead])
        cut = [task for task, placed in ahead if placed in doubtful and self._is_cut(task, now)]
        over = [task for task, due in self._unrecorded(page.items, now) if not recorded(self.store, task.id, due)]
        return sum(self._mend(task, now) for task in (*cut, *over)), page.after

    def _is_cut(self, task: Task, now: datetime) -> bool:
        """A second look at the task as it is now: a pass may have come in between."""
        again = self.store.task(task.id)
        ahead = [] if again is None else list(_ahead([again], _Standing(self.store), now))
        return bool(self.store.absent_entries([placed for _, placed in ahead]))

    def _unrecorded(self, tasks: Iterable[Task], now: datetime) -> list[tuple[Task, datetime]]:
        """Tasks that have nothing left to run, each with a due time of the last hours that no run was found for."""
        owed = {(task.id, due): task for task in tasks if task.active and (due := _last_owed(task, now)) is not None}
        found = {(run.task_id, run.due_at) for run in self.store.runs_at(list(owed))}
        return [(task, due) for (task_id, due), task in owed.items() if (task_id, due) not in found]

    def _mend(self, task: Task, now: datetime) -> int:
        """Begin a task's chain anew, where its runs end."""
        entry = mended(task, self.store.last_runs([task.id], NEWEST)[task.id], now)
        if entry is None:
            return 0
        self.store.put_entries([Placed(entry=entry, shard=task.shard, late=True)])
        return found("chain_broken", task_id=task.id, mended_from=entry.due_at)


@dataclass
class _Standing:
    """How far the shards have been handled, each read once and before the entries are."""

    store: Store
    known: dict[int, LatePartition] = field(default_factory=dict)

    def through(self, task: Task, now: datetime) -> datetime | None:
        """The last handled window of a task's shard. None where nothing can be said about the task: passes are behind,
        a jump is on its way, or an entry of it is late."""
        late = self._late(task.shard)
        through, hinting = late.control.through, late.control.hinting
        if late.more or hinting is not None or not up_to_date(through, now):
            return None
        return None if any(x.entry.task_id == task.id for x in late.entries) else through

    def _late(self, shard: int) -> LatePartition:
        if shard not in self.known:
            nothing = LatePartition(control=Control(), entries=())
            self.known[shard] = unless_newer(late_key(shard), lambda: self.store.late(shard, MOST_LATE), nothing)
        return self.known[shard]


def _ahead(tasks: Iterable[Task], standing: _Standing, now: datetime) -> Iterator[tuple[Task, Placed]]:
    """The entry that each task has to have."""
    for task in tasks:
        through = standing.through(task, now) if task.active else None
        entry = None if through is None else _entry(task, through, now)
        if entry is not None:
            yield task, Placed(entry=entry, shard=task.shard, late=False)


def _entry(task: Task, through: datetime, now: datetime) -> Entry | None:
    try:
        return chain_entry(task, through, now)
    except UNPLANNABLE as error:
        log("task_broken", logging.ERROR, task_id=task.id, reason=f"{type(error).__name__}: {error}")
        return None


def _last_owed(task: Task, now: datetime) -> datetime | None:
    try:
        return last_owed(task, now) if first_entry(task, now) is None else None
    except UNPLANNABLE:  # the look ahead has told of it
        return None
