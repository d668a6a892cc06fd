"""What is done from the page of a task: run now, pause, resume, skip a due time, delete."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.core.errors import Invalid
from chalicelib.core.instant import from_text
from chalicelib.web import schemas
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.field_errors import by_field
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import HOME, Visit
from chalicelib.web.pages.work.task.page import shown


def pause(visit: Visit, task_id: str) -> Response:
    """Nothing starts from now on. Whoever pauses may say why."""
    typed = fields(visit).get("reason", "").strip()
    try:
        reason = schemas.reason({"reason": typed})["reason"]
    except Invalid as error:
        task = visit.system.catalog.task(visit.user, task_id)
        return shown(visit, task, by_field(error, {"/reason": "reason"}), 422, typed)
    return _back(visit, visit.system.catalog.pause(visit.user, task_id, reason).id, "paused")


def resume(visit: Visit, task_id: str) -> Response:
    """Go on with the next due time."""
    return _back(visit, visit.system.catalog.resume(visit.user, task_id).id, "resumed")


def skip(visit: Visit, task_id: str) -> Response:
    """Leave out one due time that is still to come."""
    try:
        _skip(visit, task_id, fields(visit).get("due_at", ""))
    except Invalid as error:
        task = visit.system.catalog.task(visit.user, task_id)
        return shown(visit, task, by_field(error, {"/due_at": "due_at"}), 422)
    return _back(visit, task_id, "skipped")


def _skip(visit: Visit, task_id: str, typed: str) -> None:
    due_at = from_text(schemas.skip({"due_at": typed})["due_at"])
    visit.system.due_times.skip(visit.user, task_id, due_at)


def _back(visit: Visit, task_id: str, done: str) -> Response:
    return redirect(visit, f"/task/{task_id}", done=done)


def run_now(visit: Visit, task_id: str) -> Response:
    """Start a run and look at it; a paused task runs as well."""
    return redirect(visit, f"/run/{visit.system.catalog.run_now(visit.user, task_id).id}")


def delete_page(visit: Visit, task_id: str) -> Response:
    """Ask before a task is deleted."""
    return page(visit, "work/delete.html", task=visit.system.catalog.task(visit.user, task_id))


def delete(visit: Visit, task_id: str) -> Response:
    """Delete a task for good."""
    visit.system.catalog.delete(visit.user, task_id)
    return redirect(visit, HOME, done="deleted")


ROUTES = (
    Route(path="/task/{task_id}/delete", get=delete_page, post=delete),
    Route(path="/task/{task_id}/pause", post=pause),
    Route(path="/task/{task_id}/resume", post=resume),
    Route(path="/task/{task_id}/run", post=run_now),
    Route(path="/task/{task_id}/skip", post=skip),
)
