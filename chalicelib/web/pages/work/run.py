"""The page of a run: each attempt with its output, and what came of it."""

from __future__ import annotations

import json

from chalice.app import Response

from chalicelib.core.errors import NotFound
from chalicelib.core.run import FINAL, Run
from chalicelib.core.task import Task
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit


def show(visit: Visit, run_id: str) -> Response:
    """One run, also after its task was deleted. A run that has not ended yet is shown anew until it has."""
    run = visit.system.reports.run(visit.user, run_id)
    return page(
        visit,
        "work/run.html",
        run=run,
        task=_task(visit, run),
        result=None if run.result is None else json.dumps(run.result, indent=2, ensure_ascii=False, default=str),
        refresh=None if run.status in FINAL else refresh_seconds(visit, [], [run]),
        live=True,
    )


def _task(visit: Visit, run: Run) -> Task | None:
    """The run's task, while there is one."""
    try:
        return visit.system.catalog.task(visit.user, run.task_id)
    except NotFound:
        return None


ROUTES = (Route(path="/run/{run_id}", get=show),)
