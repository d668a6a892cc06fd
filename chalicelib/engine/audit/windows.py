"""Windows that are over: what they say should have run is held against the runs."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.instant import floor_ms
from chalicelib.core.message import RunMessage
from chalicelib.core.owed.auditing import call, expected, owed, recall, stuck
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.core.window import Entry
from chalicelib.engine.audit.finding import found
from chalicelib.engine.audit.records import recorded
from chalicelib.engine.audit.unstarted import Unstarted
from chalicelib.logs import log
from chalicelib.ports import Clock, Queue, Store

PAGE = 500
"""Entries read at once."""
Occurrence = tuple[str, datetime]
"""A task's id and a due time: the key of a run."""


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Looks into windows that are over, and lets workers make up for what is missing. After `end`, by the clock's
    `elapsed`, nothing is looked at twice: a window in which very much is missing must not hold up the audit."""

    store: Store
    queue: Queue
    clock: Clock
    end: timedelta

    def check(self, start: datetime, shard: int, *, ended: bool) -> int:
        """Whether everything in a window has been recorded and, if `ended`, come to an end. How much has not."""
        after, count = None, 0
        while True:
            entries = self.store.window(start, shard, after=after, limit=PAGE)
            count += self._check(entries, start, ended=ended)
            if len(entries) < PAGE:
                return count
            after = entries[-1].key

    def _check(self, entries: Sequence[Entry], start: datetime, *, ended: bool) -> int:
        if not entries:
            return 0
        tasks = self.store.tasks({entry.task_id for entry in entries})
        wanted = {(e.task_id, due) for e in entries for due in _due(e, tasks.get(e.task_id), start)}
        others = {(e.task_id, e.due_at) for e in entries} if ended else set[Occurrence]()
        runs = {(run.task_id, run.due_at): run for run in self.store.runs_at(sorted(wanted | others))}
        missing = sorted(wanted - runs.keys())
        if missing and not ended:  # what owners are told of is of minutes ago, not of yesterday
            Unstarted(store=self.store).note(missing, tasks)
        calls = list(self._missing(missing))
        if ended:
            calls += self._stuck(runs.values(), tasks)
        self.queue.send_runs(calls, self.clock.now())
        return len(calls)

    def _missing(self, occurrences: Sequence[Occurrence]) -> Iterable[RunMessage]:
        """Calls for what a second, consistent look does not find either."""
        for number, (task_id, due) in enumerate(occurrences):
            if self.clock.elapsed() > self.end:
                found("window_left", left=len(occurrences) - number, next=task_id, due=due)
                return
            task = self.store.task(task_id)
            if task is not None and owed(task, due) and not recorded(self.store, task_id, due):
                found("run_missing", task_id=task_id, due=due)
                yield call(task, due)

    def _stuck(self, runs: Iterable[Run], tasks: Mapping[str, Task | None]) -> Iterable[RunMessage]:
        """Calls for runs that stand still. That of a deleted task is ended by whoever comes for it."""
        now = floor_ms(self.clock.now())
        for run in runs:
            task = tasks.get(run.task_id)
            if stuck(run, task, now):
                found("run_stuck", run_id=run.id, status=run.status, since=run.lease_until or run.due_at)
                yield recall(run, task, now)


def _due(entry: Entry, task: Task | None, start: datetime) -> list[datetime]:
    if task is None:
        return []
    try:
        return expected(entry, task, start)
    except UNPLANNABLE as error:
        log("task_broken", logging.ERROR, task_id=task.id, reason=f"{type(error).__name__}: {error}")
        return []
