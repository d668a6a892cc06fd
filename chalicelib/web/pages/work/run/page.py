"""The page of a run: what became of it and what to do, its course to scale, each attempt and its output."""

from __future__ import annotations

import json
from dataclasses import dataclass

from chalice.app import Response
from markupsafe import Markup

from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.errors import NotFound, PunctualError
from chalicelib.core.run import FINAL, LEGAL_MOVES, Attempt, Run, RunStatus
from chalicelib.core.schedule.preview import zone_of
from chalicelib.core.task import Task
from chalicelib.core.trials import is_hidden
from chalicelib.web.pages.charts.steps import lanes, steps
from chalicelib.web.pages.looks.colours import numbered
from chalicelib.web.pages.looks.remedies import remedy
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.run.output import chosen

DONE = {
    "cancelled": "The run was cancelled.",
    "retried": "The run is queued for another attempt.",
    "put_back": "The due time counts again: it starts when it comes.",
}


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What may be done with a run as it stands."""

    cancel: bool
    retry: bool
    put_back: bool


def show(visit: Visit, run_id: str) -> Response:
    """One run, also after its task was deleted. A run that has not ended yet is shown anew until it has."""
    run = visit.system.reports.run(visit.user, run_id)
    task, lack = _task(visit, run)
    before, after = visit.system.reports.beside(run)
    attempt = chosen(run, visit.query.get("attempt"))
    return page(
        visit,
        "work/run/page.html",
        run=run,
        task=task,
        lack=lack,
        zone=visit.zones.shown(_zone(task)),
        moves=_moves(visit, run, task),
        remedy=remedy(run.status, run.error),
        before=before,
        after=after,
        lanes=lanes(run, attempt, visit.now),
        steps=steps(run),
        attempt=attempt,
        output=_lines(attempt),
        result=_result(run),
        wrap=visit.query.get("wrap") != "off",
        notice=DONE.get(visit.query.get("done", "")),
        refresh=None if run.status in FINAL else refresh_seconds(visit, [], [run]),
        live=True,
    )


def _task(visit: Visit, run: Run) -> tuple[Task | None, str]:
    """The run's task, while there is one that can be read; otherwise, what it lacks."""
    if is_hidden(run.task_id):
        return None, "in no list"
    try:
        return visit.system.catalog.task(visit.user, run.task_id), ""
    except NotFound:
        return None, "deleted"
    except PunctualError:
        return None, "cannot be read just now"


def _zone(task: Task | None) -> str | None:
    """The name of the zone of a run's task."""
    try:
        return None if task is None else zone_of(task.definition.schedule).key
    except UNPLANNABLE:
        return None


def _moves(visit: Visit, run: Run, task: Task | None) -> Moves:
    """What the table of legal moves lets an owner do; a run whose task is gone is not tried again."""
    legal = LEGAL_MOVES[run.status]
    retry = run.status in FINAL and RunStatus.QUEUED in legal and task is not None
    put_back = retry and run.skipped_by_owner and run.due_at > visit.now
    return Moves(cancel=RunStatus.CANCELLED in legal, retry=retry and not put_back, put_back=put_back)


def _lines(attempt: Attempt | None) -> Markup | None:
    return numbered(attempt.output) if attempt is not None and attempt.output else None


def _result(run: Run) -> Markup | None:
    if run.result is None:
        return None
    return numbered(json.dumps(run.result, indent=2, ensure_ascii=False, default=str))


ROUTES = (Route(path="/run/{run_id}", get=show),)
