"""Runs: what became of due times."""

from __future__ import annotations

from collections.abc import Callable

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.people.account import Scope
from chalicelib.core.run import Run
from chalicelib.ports import Page
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import Body, Call, Reply, endpoint
from chalicelib.web.frame.json_text import write
from chalicelib.web.frame.paging import after_of, cursor_for, instant_of, limit_of, owner_of, statuses_of
from chalicelib.web.rendering import run_json

LARGEST_PAGE = 4 * 1024 * 1024
"""Bytes. A Lambda function may answer 6 MB; a page of runs that printed a lot holds fewer of them instead."""

runs = Blueprint(__name__)


@endpoint(runs, "GET", "/api/tasks/{task_id}/runs")
def runs_of_task(call: Call, task_id: str) -> Reply:
    """A task's runs, newest due time first; readable after the task is deleted."""
    listing = f"runs of {task_id}"
    after, statuses = after_of(call, listing), statuses_of(call)
    first, last = instant_of(call, "from"), instant_of(call, "to")
    if first is not None and last is not None and last < first:
        raise Invalid(FieldError(pointer="/to", code="before_from", detail="must not lie before `from`"))

    def read(limit: int) -> Page[Run]:
        return system().reports.runs_of(
            call.user, task_id, limit=limit, after=after, statuses=statuses, first=first, last=last
        )

    return _page(call, listing, read, limit_of(call))


@endpoint(runs, "GET", "/api/runs")
def runs_of_caller(call: Call) -> Reply:
    """The caller's runs across tasks, newest due time first; for an admin also somebody else's."""
    owner = owner_of(call)
    listing = "runs" if owner is None else f"runs of owner {owner}"
    after, statuses = after_of(call, listing), statuses_of(call)
    for name in ("from", "to"):
        if call.query(name):
            detail = "is for the runs of one task: ask GET /api/tasks/{id}/runs"
            raise Invalid(FieldError(pointer=f"/{name}", code="not_here", detail=detail))

    def read(limit: int) -> Page[Run]:
        return system().reports.feed(call.user, limit=limit, after=after, statuses=statuses, owner=owner)

    return _page(call, listing, read, limit_of(call))


@endpoint(runs, "GET", "/api/runs/{run_id}")
def read_run(call: Call, run_id: str) -> Reply:
    """One run, also after its task was deleted."""
    return Reply(body=run_json(system().reports.run(call.user, run_id)))


@endpoint(runs, "POST", "/api/runs/{run_id}/cancel", body=Body.OPTIONAL, scope=Scope.RUN)
def cancel_run(call: Call, run_id: str) -> Reply:
    """End a run that has not ended."""
    schemas.nothing(call.body)
    return Reply(status=202, body=run_json(system().control.cancel(call.user, run_id)))


@endpoint(runs, "POST", "/api/runs/{run_id}/retry", body=Body.OPTIONAL, scope=Scope.RUN)
def retry_run(call: Call, run_id: str) -> Reply:
    """Try a run again that ended without success."""
    schemas.nothing(call.body)
    return Reply(status=202, body=run_json(system().control.retry(call.user, run_id)))


@endpoint(runs, "POST", "/api/runs/redrive", body=Body.OPTIONAL, scope=Scope.RUN)
def redrive_runs(call: Call) -> Reply:
    """Try everything again whose message ended in a dead-letter queue."""
    schemas.nothing(call.body)
    redriven = [run.id for run in system().control.redrive(call.user)]
    return Reply(status=202, body={"runs": redriven, "count": len(redriven)})


def _page(call: Call, listing: str, read: Callable[[int], Page[Run]], limit: int) -> Reply:
    """A page of complete runs, of as many as an answer can hold."""
    page = read(limit)
    items = [run_json(run) for run in page.items]
    if len(items) > 1 and len(write(items).encode()) > LARGEST_PAGE:
        return _page(call, listing, read, max(1, len(items) // 2))
    return Reply(body={"items": items, "next_cursor": cursor_for(call, listing, page.after)})
