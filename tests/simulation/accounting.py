"""Accounting: whether a history has every due time exactly once, none of them early, and no start after a change.

Due times are worked out anew, from the definitions as they stood after each acknowledged change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.run import Run, Trigger
from chalicelib.core.schedule import due_times, is_due
from chalicelib.core.task import Task
from infra.simulation.play import Change, History

CHANGED = {"edited", "paused", "deleted"}


@dataclass(frozen=True, kw_only=True)
class Period:
    """How a task stood from one change to the next."""

    task_id: str
    begin: datetime
    end: datetime
    task: Task | None

    def due_times(self, begin: datetime) -> Iterator[datetime]:
        if self.task is None or not self.task.active:
            return iter(())
        return due_times(self.task.definition.schedule, max(self.begin, begin), self.end)


def faults(history: History, *, exact: bool = True) -> list[str]:
    """Everything in a history that ought not to be. `exact`: no clock was wrong."""
    found: list[str] = []
    for task_id, periods in _periods(history).items():
        runs = [run for run in history.runs if run.task_id == task_id and run.trigger is Trigger.SCHEDULE]
        found += _unaccounted(history, periods, runs)
        found += [f"early: {run.id}" for run in runs if run.started_at is not None and run.started_at < run.due_at]
        found += _started_after_change(periods, runs) if exact else []
    return found


def _periods(history: History) -> dict[str, list[Period]]:
    by_task: dict[str, list[Change]] = {}
    for change in history.changes:
        by_task.setdefault(change.task_id, []).append(change)
    return {
        task_id: [
            Period(task_id=task_id, begin=one.at, end=following, task=one.task)
            for one, following in zip(changes, [*(x.at for x in changes[1:]), history.end], strict=True)
        ]
        for task_id, changes in by_task.items()
    }


def _unaccounted(history: History, periods: list[Period], runs: list[Run]) -> Iterator[str]:
    """Due times that are recorded not once. What a deletion took away before it was dispatched is nobody's."""
    deleted = periods[-1].task is None
    owed = [due for period in periods for due in period.due_times(history.begin)]
    waiting = {x.due_at for x in history.waiting if x.task.id == periods[0].task_id}
    recorded: Counter[datetime] = Counter(run.due_at for run in runs if run.coalesced is None)
    ranges = [run.coalesced for run in runs if run.coalesced is not None and run.coalesced.count > 1]
    vague = [
        run.coalesced for run in runs if run.coalesced is not None and run.coalesced.count == 1
    ]  # see decisions.md
    for due in owed:
        times = recorded[due] + sum(x.first <= due <= x.last for x in ranges) + (due in waiting)
        known = deleted or any(x.first <= due <= x.last for x in vague)
        if times > 1 or (times == 0 and not known):
            yield f"recorded {times} times: {due.isoformat()}"
    for run in runs:
        if run.due_at not in owed and not _explained(run, periods):
            yield f"no due time: {run.id} {run.status}"


def _explained(run: Run, periods: list[Period]) -> bool:
    """Due times of a pause are recorded where they had been sent before it."""
    if run.error is not None and run.error.code in CHANGED:
        return True
    return any(period.task is not None and period.task.is_due(run.due_at) for period in periods)


def _started_after_change(periods: list[Period], runs: list[Run]) -> Iterator[str]:
    for run in runs:
        for attempt in run.attempts:
            if not any(_allows(period, run.due_at, attempt.started_at) for period in periods):
                yield f"started at {attempt.started_at.isoformat()} although it was changed: {run.id}"


def _allows(period: Period, due: datetime, start: datetime) -> bool:
    """A start at the very instant of a change may have come before it."""
    if not period.begin <= start <= period.end or period.task is None or not period.task.active:
        return False
    return is_due(period.task.definition.schedule, due)
