"""Deletion: which due times a task takes with it that no pass has come for: there are some where passes are late."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import chain, islice

from chalicelib.core.instant import MILLISECOND
from chalicelib.core.planning import as_one, record_of
from chalicelib.core.run import Coalesced, Run, RunError, RunStatus
from chalicelib.core.schedule import due_times
from chalicelib.core.task import Task
from chalicelib.core.window import HORIZON, WINDOW

MOST = 10_000
"""Due times that are looked at: some hundred milliseconds."""
LATELY = 2 * HORIZON
"""For so long a due time may be on its way although its window has been handled: late, or in a queue."""
DELETED = RunError(code="deleted", detail="the task was deleted before the scheduler could start this")


def unhandled(task: Task, through: datetime | None, now: datetime) -> list[datetime]:
    """The due times until now that may not have been handled, by the definition and the one before it. `through` is the
    last window of the task's shard that has been: None, where no pass has ever come."""
    begin = task.created_at if through is None else min(through + WINDOW, now - LATELY)
    return list(islice(chain(_of_the_old(task, begin), _of_its_own(task, begin, now)), MOST))


def unknown(task: Task, through: datetime | None) -> list[Run]:
    """A record for what was due by definitions that nobody knows any more: passes have not come since before the last
    two changes of the task."""
    old, begin = task.superseded, task.created_at if through is None else through + WINDOW
    if old is None or begin >= old.since:
        return []
    last = old.since - MILLISECOND
    several = Coalesced(first=begin, last=last, count=1)
    return [record_of(task, last, RunStatus.SKIPPED, DELETED, several)]


def _of_the_old(task: Task, begin: datetime) -> Iterator[datetime]:
    old = task.superseded
    if old is not None and old.active:
        yield from due_times(old.schedule, max(begin, old.since), old.until)


def _of_its_own(task: Task, begin: datetime, now: datetime) -> Iterator[datetime]:
    if task.active:
        yield from due_times(task.definition.schedule, max(begin, task.changed_at), now)


def taken_away(task: Task, dues: Collection[datetime], now: datetime) -> list[Run]:
    """The records of due times that have no run when their task is deleted: one for all that are old, and one each for
    the latest, whose runs may just be beginning."""
    old = [due for due in dues if due < now - LATELY]
    new = [record_of(task, due, RunStatus.SKIPPED, DELETED) for due in dues if due >= now - LATELY]
    return [*as_one(task, old, RunStatus.SKIPPED, DELETED), *new]
