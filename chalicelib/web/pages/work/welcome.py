"""The welcome page: what Punctual does in three lines, and three samples to see it do so."""

from __future__ import annotations

from typing import Any

from chalice.app import Response

from chalicelib.core.errors import NotFound, PunctualError
from chalicelib.core.task import Task
from chalicelib.web.frame.problems import retry_after, status_of
from chalicelib.web.frame.recording import record_one
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work import samples

HERE = "/welcome"
DELETE = "delete"
DONE = {
    "made": "The task is made. Its first run is due within twenty seconds: this page shows it as it comes.",
    "deleted": "The samples are deleted. What they ran stays readable.",
}


def show(visit: Visit) -> Response:
    """How far the visitor has come with the samples."""
    return page(visit, "work/welcome.html", **_shown(visit), notice=DONE.get(visit.query.get("done", "")))


def _shown(visit: Visit) -> dict[str, Any]:
    steps = samples.steps(visit)
    made = [step for step in steps if step.task is not None]
    return {
        "steps": steps,
        "made": bool(made),
        "refresh": refresh_seconds(visit, [step.next_due for step in made], [step.last_run for step in made]),
        "live": visit.method == "GET",
    }


def act(visit: Visit) -> Response:
    """Make a sample, or delete them all."""
    asked = fields(visit).get("sample", "")
    try:
        done = _done(visit, asked)
    except PunctualError as error:
        response = page(
            visit, "work/welcome.html", int(status_of(error)), **_shown(visit), problem=sentence(error), notice=None
        )
        response.headers.update(retry_after(error))
        return response
    return redirect(visit, HERE, done=done)


def _done(visit: Visit, asked: str) -> str:
    if asked == DELETE:
        for task in samples.delete(visit):
            _record(visit, "POST /task/{task_id}/delete", task)
        return "deleted"
    sample = next((one for one in samples.offered(visit.user) if one.key == asked), None)
    if sample is None:
        raise NotFound("there is no such sample: choose one of those on this page")
    _record(visit, "POST /task/create", samples.make(visit, sample))
    return "made"


def _record(visit: Visit, action: str, task: Task) -> None:
    if visit.session is not None:
        record_one(visit.request, visit.session, action, f"/task/{task.id}")


ROUTES = (Route(path=HERE, get=show, post=act),)
