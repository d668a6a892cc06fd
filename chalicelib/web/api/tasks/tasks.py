"""Tasks: defining, reading, changing and running them."""

from __future__ import annotations

from collections.abc import Sequence

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core import task as definitions
from chalicelib.core.errors import Conflict, NotFound, VersionConflict
from chalicelib.core.instant import from_text
from chalicelib.core.people.account import Scope
from chalicelib.core.task import Task
from chalicelib.web import schemas
from chalicelib.web.api.tasks.merge_patch import merged
from chalicelib.web.api.tasks.selecting import selection_of
from chalicelib.web.frame import etags
from chalicelib.web.frame.endpoint import ID, Body, Call, Reply, endpoint
from chalicelib.web.frame.paging import after_of, cursor_for, limit_of, owner_of
from chalicelib.web.rendering import backfill_json, run_json, task_json

TRIES = 5
"""A patch without If-Match that met another change is made again on the new version this often."""
LISTING = "tasks"

tasks = Blueprint(__name__)


@endpoint(tasks, "GET", "/api/tasks")
def list_tasks(call: Call) -> Reply:
    """The caller's tasks, newest first; for an admin also somebody else's."""
    owner = owner_of(call)
    listing = LISTING if owner is None else f"{LISTING} of owner {owner}"
    limit, after, selection = limit_of(call), after_of(call, listing), selection_of(call)
    page = selection.page(system().catalog, call.user, limit=limit, after=after, now=call.now, owner=owner)
    return Reply(body={"items": _shown(call, page.items), "next_cursor": cursor_for(call, listing, page.after)})


@endpoint(tasks, "POST", "/api/tasks", body=Body.REQUIRED)
def create(call: Call) -> Reply:
    """Define a task."""
    data = schemas.task(call.body)
    system().quotas.admit_new(call.user, data)
    task = system().catalog.create(call.user, data, asked=call.asked)
    return _task(call, task, status=201, location=call.link(f"/api/tasks/{task.id}"))


@endpoint(tasks, "POST", "/api/tasks/check", body=Body.REQUIRED, scope=Scope.READ)
def check(call: Call) -> Reply:
    """What a task would be stored as, every default filled in; with an `id`, what that task would be changed to."""
    data, known = schemas.task(call.body), call.body.get("id")
    if known is not None and (not isinstance(known, str) or ID.fullmatch(known) is None):
        raise NotFound("there is no such task")
    return Reply(body=definitions.to_json(system().catalog.checked(call.user, data, known)))


@endpoint(tasks, "GET", "/api/tasks/{task_id}")
def read(call: Call, task_id: str) -> Reply:
    """One task."""
    return _task(call, system().catalog.task(call.user, task_id))


@endpoint(tasks, "PUT", "/api/tasks/{task_id}", body=Body.REQUIRED)
def replace(call: Call, task_id: str) -> Reply:
    """Define a task anew."""
    data, old = schemas.task(call.body), system().catalog.task(call.user, task_id)
    if_match = call.header("if-match")
    version = None if if_match is None else etags.check(if_match, old)
    system().quotas.admit_change(old, data)
    return _task(call, system().catalog.replace(call.user, task_id, data, version=version))


@endpoint(tasks, "PATCH", "/api/tasks/{task_id}", body=Body.REQUIRED)
def patch(call: Call, task_id: str) -> Reply:
    """Change some of a task."""
    change = schemas.change(call.body)
    for _ in range(TRIES):
        task = system().catalog.task(call.user, task_id)
        version = etags.check(call.header("if-match"), task)
        data = schemas.task(merged(definitions.to_json(task.definition), change))
        system().quotas.admit_change(task, data)
        try:
            return _task(call, system().catalog.replace(call.user, task_id, data, version=task.version))
        except VersionConflict:
            if version is not None:
                raise
    raise Conflict("the task is being changed by others all the time: try again")


@endpoint(tasks, "DELETE", "/api/tasks/{task_id}")
def delete(call: Call, task_id: str) -> Reply:
    """Delete a task. Its runs stay readable."""
    system().catalog.delete(call.user, task_id, version=_version(call, task_id))
    return Reply(status=204)


@endpoint(tasks, "POST", "/api/tasks/{task_id}/pause", body=Body.OPTIONAL)
def pause(call: Call, task_id: str) -> Reply:
    """No start from now on."""
    return _task(call, system().catalog.pause(call.user, task_id, schemas.reason(call.body).get("reason", "")))


@endpoint(tasks, "POST", "/api/tasks/{task_id}/resume", body=Body.OPTIONAL)
def resume(call: Call, task_id: str) -> Reply:
    """Go on with the next due time."""
    return _task(call, system().catalog.resume(call.user, task_id, schemas.reason(call.body).get("reason", "")))


@endpoint(tasks, "POST", "/api/tasks/{task_id}/run", body=Body.OPTIONAL, scope=Scope.RUN)
def run_now(call: Call, task_id: str) -> Reply:
    """Run a task now, also when it is paused."""
    schemas.nothing(call.body)
    run = system().catalog.run_now(call.user, task_id, asked=call.asked)
    return Reply(body=run_json(run), status=202, headers={"Location": call.link(f"/api/runs/{run.id}")})


@endpoint(tasks, "POST", "/api/tasks/{task_id}/backfill", body=Body.REQUIRED, scope=Scope.RUN)
def backfill(call: Call, task_id: str) -> Reply:
    """Run due times of the past, also of a paused task."""
    given = schemas.backfill(call.body)
    first, end = from_text(given["from"]), from_text(given["to"])
    dry_run = given.get("dry_run", False)
    return Reply(
        body=backfill_json(system().due_times.backfill(call.user, task_id, first, end, dry_run=dry_run)), status=202
    )


@endpoint(tasks, "POST", "/api/tasks/{task_id}/skip", body=Body.REQUIRED, scope=Scope.RUN)
def skip(call: Call, task_id: str) -> Reply:
    """Leave out one due time that is still to come."""
    due_at = from_text(schemas.skip(call.body)["due_at"])
    run = system().due_times.skip(call.user, task_id, due_at)
    return Reply(body=run_json(run), status=202, headers={"Location": call.link(f"/api/runs/{run.id}")})


def _version(call: Call, task_id: str) -> int | None:
    """The version that a change must find, where the request says one."""
    if_match = call.header("if-match")
    return None if if_match is None else etags.check(if_match, system().catalog.task(call.user, task_id))


def _task(call: Call, task: Task, *, status: int = 200, location: str | None = None) -> Reply:
    headers = {"ETag": etags.etag(task)} | ({} if location is None else {"Location": location})
    (body,) = _shown(call, [task])
    return Reply(body=body, status=status, headers=headers)


def _shown(call: Call, shown: Sequence[Task]) -> list[dict[str, object]]:
    now = call.now
    standings = system().reports.standings(call.user, [task.id for task in shown], now)
    told, feed = system().reports.told(call.user, shown), system().settings.run_feed
    return [task_json(task, now, standings[task.id], told.get(task.id), feed=feed) for task in shown]
