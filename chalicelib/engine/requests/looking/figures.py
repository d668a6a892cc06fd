"""Figures: what the newest runs of a task come to, counted anew when there is a newer one.

A page that looks every few seconds does not read a thousand runs each time: what was counted is remembered for a
minute, as long as the task's newest run is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.core.instant import EPOCH
from chalicelib.core.overview.statistics import Point, point_of
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore

COUNTED_FOR = timedelta(days=90)
MOST_COUNTED = 1000
"""Runs: 40 read units where they said little, and a tenth of a second."""
REMEMBERED_FOR = timedelta(minutes=1)
MOST_REMEMBERED = 16
"""Tasks, each with some hundred bytes for each of its runs."""

Newest = tuple[str, RunStatus] | None


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The runs of a task that were counted, the newest first. From `since` on these are all that there were; `more`:
    there are older ones that were left out because they are too many."""

    points: tuple[Point, ...]
    since: datetime
    more: bool


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Counts the runs of tasks that the caller was found to see."""

    store: WholeStore
    clock: Clock
    _remembered: dict[str, tuple[Newest, timedelta, Counted]] = field(default_factory=dict)

    def of(self, task: Task, newest: Run | None) -> Counted:
        """The runs of a task that were due in the last 90 days, at most the newest 1,000 of them. `newest` is the
        newest that whoever asks has seen: where it is the same as a moment ago, nothing is read."""
        seen, elapsed = None if newest is None else (newest.id, newest.status), self.clock.elapsed()
        known = self._remembered.get(task.id)
        if known is not None and known[0] == seen and elapsed < known[1]:
            return known[2]
        counted = self._counted(task)
        self._forget(elapsed)
        self._remembered[task.id] = (seen, elapsed + REMEMBERED_FOR, counted)
        return counted

    def _counted(self, task: Task) -> Counted:
        now = self.clock.now()
        kept = max(now - COUNTED_FOR, _kept_since(task, now))
        page = self.store.recent_runs(task.id, limit=MOST_COUNTED, first=now - COUNTED_FOR)
        points = tuple(point_of(run) for run in page.items if run.due_at <= now)
        oldest = page.items[-1].due_at if page.after is not None else kept
        return Counted(points=points, since=max(kept, oldest), more=page.after is not None)

    def _forget(self, elapsed: timedelta) -> None:
        """Drop what is too old, and the oldest where there are many. Other threads may be at it too."""
        for task_id, (_, until, _) in list(self._remembered.items()):
            if until <= elapsed:
                self._remembered.pop(task_id, None)
        for task_id in list(self._remembered)[: -MOST_REMEMBERED + 1]:
            self._remembered.pop(task_id, None)


def _kept_since(task: Task, now: datetime) -> datetime:
    """From when on the runs of a task are there: of one that is younger than its retention, all are."""
    since = now - task.definition.retention
    return since if task.created_at < since else EPOCH
