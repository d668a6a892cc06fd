"""The page of a task: how it stands, how it has done, what comes next and what was."""

from __future__ import annotations

from datetime import UTC

from chalice.app import Response

from chalicelib.core.task import Task
from chalicelib.web.pages.charts.days import said
from chalicelib.web.pages.forms.field_errors import Errors
from chalicelib.web.pages.looks.words import task_look
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.task import snippets
from chalicelib.web.pages.work.task.ahead import ahead_of
from chalicelib.web.pages.work.task.figures import figures_of
from chalicelib.web.pages.work.task.history import history_of
from chalicelib.web.pages.work.task.told import action_of, cost_of, pause_of
from chalicelib.web.pages.zones import zone_named

DONE = {
    "created": "The task was created.",
    "saved": "The changes were saved.",
    "paused": "The task is paused: nothing starts until you resume it.",
    "resumed": "The task goes on with its next due time.",
    "skipped": "Nothing starts at this due time. It can be put back until then.",
    "backfilled": "The runs are queued, about ten a second: they appear below.",
}


def show(visit: Visit, task_id: str) -> Response:
    """Everything about a task that can be known by a bounded number of reads."""
    return shown(visit, visit.system.catalog.task(visit.user, task_id))


def shown(visit: Visit, task: Task, errors: Errors | None = None, status: int = 200, reason: str = "") -> Response:
    """The page of a task, perhaps with what is wrong with what was typed there."""
    reports = visit.system.reports
    standing = reports.standings(visit.user, [task.id], visit.now)[task.id]
    ahead = ahead_of(task, visit.now, standing.skipped)
    zone = visit.zones.shown(ahead.zone)
    history = history_of(visit, task, zone)
    counted = visit.system.figures.of(task, standing.last_run)
    return page(
        visit,
        "work/task/page.html",
        422 if history.errors else status,
        task=task,
        look=task_look(task, ahead.next_due),
        pause=pause_of(visit, task),
        reason=reason,
        errors=errors or {},
        action=action_of(task),
        ahead=ahead,
        zone=zone,
        zone_name=str(zone),
        own_zone=zone_named(ahead.zone) or UTC,
        said_of_day=said,
        figures=figures_of(counted, zone, visit.now),
        told=reports.told(visit.user, [task]).get(task.id),
        history=history,
        cost=cost_of(visit, task),
        curl=snippets.curl(task.definition),
        punctual=snippets.punctual(task.definition),
        python=snippets.python(task.definition),
        notice=DONE.get(visit.query.get("done", "")),
        refresh=refresh_seconds(visit, [ahead.next_due], [standing.last_run, *history.runs]),
        live=True,
    )


ROUTES = (Route(path="/task/{task_id}", get=show),)
