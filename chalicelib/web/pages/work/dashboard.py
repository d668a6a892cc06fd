"""The dashboard: what needs attention first; then a day in numbers, the hours around now, and what is due next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalice.app import Response

from chalicelib.core.instant import MILLISECOND
from chalicelib.core.overview.ahead import Broken
from chalicelib.core.overview.past import Tally
from chalicelib.core.run import FINAL, Run
from chalicelib.core.task import Task
from chalicelib.web.pages.looks.words import COMPLETED, PAUSED, Look, task_look
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import HOME, Visit
from chalicelib.web.pages.work import samples
from chalicelib.web.pages.work.account_view import DAY, HOUR, AccountView, account_view, zone_name
from chalicelib.web.pages.work.attention import UNREADABLE, attention
from chalicelib.web.pages.work.hours import band

TASKS_SHOWN = 50
NEXT_SHOWN = 10
ATTENTION_SHOWN = 10
FREQUENT_SHOWN = 60
"""The most frequent tasks, of which one is likely to be next."""
DONE = {"deleted": "The task was deleted. Its runs stay readable until their retention ends."}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task as the table shows it."""

    task: Task
    look: Look
    zone: str | None
    next_due: datetime | None
    last_run: Run | None


@dataclass(frozen=True, kw_only=True)
class Counters:
    """The past day and the coming hour in numbers. `since` is when the day begins, later where a bound was met."""

    day: Tally
    due: int
    about: bool
    """Whether some of what is due is told by its pace."""
    since: datetime
    cut: bool
    feed: bool


def root(visit: Visit) -> Response:
    """The dashboard is the first page."""
    return redirect(visit, HOME)


def show(visit: Visit) -> Response:
    """What needs attention, the day, the hours, and the newest tasks."""
    seen = account_view(visit, named=TASKS_SHOWN)
    health = visit.system.overview.health(visit.now)
    rows = _rows(visit, seen)
    lines = attention(seen, health)
    return page(
        visit,
        "work/dashboard.html",
        seen=seen,
        health=health,
        attention=[line for line in lines if line.recovered_at is None][:ATTENTION_SHOWN],
        more_attention=max(0, sum(line.recovered_at is None for line in lines) - ATTENTION_SHOWN),
        recovered=[line for line in lines if line.recovered_at is not None][:ATTENTION_SHOWN],
        counters=_counters(seen),
        band=band(seen, visit.zones.shown()),
        due_next=_due_next(seen, rows),
        rows=rows,
        paused=sum(row.look is PAUSED for row in rows),
        completed=sum(row.look is COMPLETED for row in rows),
        untried=samples.untried(visit.user),
        notice=DONE.get(visit.query.get("done", "")),
        refresh=refresh_seconds(visit, [row.next_due for row in rows], _under_way(seen, rows)),
        live=True,
    )


def _rows(visit: Visit, seen: AccountView) -> list[Row]:
    """The newest tasks, with the last run that is known of each."""
    tasks = seen.tasks[:TASKS_SHOWN]
    last = _last_runs(visit, seen, tasks)
    return [_row(task, seen.next_due(task), last.get(task.id)) for task in tasks]


def _last_runs(visit: Visit, seen: AccountView, tasks: Sequence[Task]) -> dict[str, Run]:
    """The last run of each task within the past day, or that still needs attention; where there is no feed, whenever it
    was."""
    if not seen.past.feed:
        standings = visit.system.reports.standings(visit.user, [task.id for task in tasks], visit.now)
        return {task_id: one.last_run for task_id, one in standings.items() if one.last_run is not None}
    newest, read = seen.past.newest, seen.past.read
    keys = {task.id: (task.id, newest[task.id]) for task in tasks if task.id in newest}
    return {task_id: read[key] for task_id, key in keys.items() if key in read}


def _row(task: Task, next_due: datetime | Broken | None, last_run: Run | None) -> Row:
    if isinstance(next_due, Broken):
        return Row(task=task, look=UNREADABLE, zone=None, next_due=None, last_run=last_run)
    return Row(task=task, look=task_look(task, next_due), zone=zone_name(task), next_due=next_due, last_run=last_run)


def _counters(seen: AccountView) -> Counters:
    begin = seen.now - DAY
    return Counters(
        day=seen.past.tally(begin, seen.now),
        due=seen.ahead.count(seen.now, seen.now + HOUR + MILLISECOND),  # what is due in an hour to the moment counts
        about=bool(seen.ahead.frequent),
        since=max(begin, seen.past.since),
        cut=seen.past.more,
        feed=seen.past.feed,
    )


def _due_next(seen: AccountView, rows: Sequence[Row]) -> list[Row]:
    """The tasks that are due next, each once: frequent ones, those of the coming hours, and of the newest tasks those
    that are due later."""
    known = {row.task.id: row for row in rows}
    coming = dict.fromkeys(one.task.id for one in seen.ahead.due if one.at > seen.now)
    wanted = {*list(coming)[:NEXT_SHOWN], *(task.id for task in seen.ahead.frequent[-FREQUENT_SHOWN:])}
    for task in seen.tasks:
        if task.id in wanted and task.id not in known:
            known[task.id] = _row(task, seen.next_due(task), None)
    due = [(row.next_due, row.task.id, row) for row in known.values() if row.next_due is not None]
    return [row for _, _, row in sorted(due, key=lambda one: one[:2])[:NEXT_SHOWN]]


def _under_way(seen: AccountView, rows: Sequence[Row]) -> list[Run | None]:
    """Runs that may change at any moment."""
    return [run for run in seen.past.read.values() if run.status not in FINAL] or [row.last_run for row in rows]


ROUTES = (
    Route(path="/", get=root),
    Route(path="/dashboard", get=show),
)
