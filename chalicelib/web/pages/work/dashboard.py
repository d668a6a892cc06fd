"""The dashboard: what needs attention first, then every task with its last run and its next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalice.app import Response

from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.engine.requests.reports import Standing
from chalicelib.web.endpoint import Call
from chalicelib.web.pages.looks.words import COMPLETED, PAUSED, Look, task_look
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import HOME, Visit
from chalicelib.web.paging import after_of, cursor_for

TASKS_SHOWN = 50
ATTENTION_SHOWN = 8
DONE = {"deleted": "The task was deleted. Its runs stay readable until their retention ends."}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task as the table shows it."""

    task: Task
    look: Look
    next_due: datetime | None
    last_run: Run | None


def root(visit: Visit) -> Response:
    """The dashboard is the first page."""
    return redirect(visit, HOME)


def show(visit: Visit) -> Response:
    """A page of the caller's tasks, newest first, below what needs attention."""
    call = Call(request=visit.request, session=visit.session)
    after = after_of(call, "tasks")
    found = visit.system.catalog.tasks(visit.user, limit=TASKS_SHOWN, after=after)
    rows = _rows(visit, found.items)
    attention = visit.system.reports.attention(visit.user, limit=ATTENTION_SHOWN)
    return page(
        visit,
        "work/dashboard.html",
        rows=rows,
        paused=sum(row.look is PAUSED for row in rows),
        completed=sum(row.look is COMPLETED for row in rows),
        attention=attention.items,
        more_attention=attention.after is not None,
        older=cursor_for(call, "tasks", found.after),
        later_page=after is not None,
        notice=DONE.get(visit.query.get("done", "")),
        refresh=refresh_seconds(visit, [row.next_due for row in rows], [row.last_run for row in rows]),
        live=True,
    )


def _rows(visit: Visit, tasks: tuple[Task, ...]) -> list[Row]:
    standings = visit.system.reports.standings(visit.user, [task.id for task in tasks], visit.now)
    return [_row(task, standings[task.id], visit.now) for task in tasks]


def _row(task: Task, standing: Standing, now: datetime) -> Row:
    next_due = task.next_due(now, standing.skipped)
    return Row(task=task, look=task_look(task, next_due), next_due=next_due, last_run=standing.last_run)


ROUTES = (
    Route(path="/", get=root),
    Route(path="/dashboard", get=show),
)
