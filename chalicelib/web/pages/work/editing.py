"""Creating and editing a task: one form, which keeps what was typed until it is right."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.core import task as tasks
from chalicelib.core.errors import Invalid, NotAllowed, PunctualError, QuotaReached, VersionConflict
from chalicelib.core.task import State, Task
from chalicelib.functions import registry
from chalicelib.web import schemas
from chalicelib.web.json_text import Malformed
from chalicelib.web.pages.forms import csrf
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.field_errors import Errors, Unacceptable, by_field, task_fields
from chalicelib.web.pages.forms.task_document import Reading, read
from chalicelib.web.pages.forms.task_fields import EMPTY, LABELS, Document, fields_of
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.problems import status_of

Typed = dict[str, str]


def create_page(visit: Visit) -> Response:
    """The empty form."""
    return _form(visit, EMPTY)


def create(visit: Visit) -> Response:
    """Store a new task and show it."""
    typed = _typed(visit, EMPTY)
    try:
        task = _create(visit, _checked(typed, read(typed)))
    except (Unacceptable, Invalid, NotAllowed, QuotaReached) as error:
        return _refused(visit, typed, error)
    return redirect(visit, f"/task/{task.id}", done="created")


def _create(visit: Visit, document: Document) -> Task:
    visit.system.quotas.admit_new(visit.user, document)
    return visit.system.catalog.create(visit.user, document)


def create_again(visit: Visit) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    return _form(visit, _typed(visit, EMPTY), {"": [csrf.SAY_IT_AGAIN]}, 403)


def update_page(visit: Visit, task_id: str) -> Response:
    """The form with what the task is now."""
    task = visit.system.catalog.task(visit.user, task_id)
    return _form(visit, fields_of(tasks.to_json(task.definition), task.version), task=task)


def update(visit: Visit, task_id: str) -> Response:
    """Store what was changed, if nobody changed the task since the form was shown."""
    task = visit.system.catalog.task(visit.user, task_id)
    stored = tasks.to_json(task.definition)
    typed = _typed(visit, fields_of(stored, task.version))
    try:
        _replace(visit, task, typed, stored)
    except VersionConflict:
        return _lost_race(visit, task_id, typed)
    except (Unacceptable, Invalid, NotAllowed, QuotaReached) as error:
        return _refused(visit, typed, error, task)
    return redirect(visit, f"/task/{task_id}", done="saved")


def update_again(visit: Visit, task_id: str) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    task = visit.system.catalog.task(visit.user, task_id)
    typed = _typed(visit, fields_of(tasks.to_json(task.definition), task.version))
    return _form(visit, typed, {"": [csrf.SAY_IT_AGAIN]}, 403, task=task)


def _replace(visit: Visit, task: Task, typed: Typed, stored: Document) -> None:
    document = _checked(typed, read(typed, stored))
    visit.system.quotas.admit_change(task, document)
    still_paused = document["state"] == State.PAUSED
    visit.system.catalog.replace(
        visit.user,
        task.id,
        document,
        version=_version(typed),
        reason=task.pause_reason if still_paused else "",
    )


def _version(typed: Typed) -> int:
    if not (typed["version"].isascii() and typed["version"].isdecimal() and len(typed["version"]) < 10):
        raise Malformed("the form does not say which version of the task it was made from: open it again")
    return int(typed["version"])


def _typed(visit: Visit, shown: Typed) -> Typed:
    """What was sent, over what the form showed; fields that no form here has are left out."""
    sent = fields(visit)
    return {name: sent.get(name, text) for name, text in shown.items()}


def _checked(typed: Typed, reading: Reading) -> Document:
    """The document, if the form could be read and the contract's schema lets it pass; otherwise all that is wrong."""
    try:
        checked = schemas.task(reading.document)
    except Invalid as error:
        raise Unacceptable(by_field(error, task_fields(typed)) | reading.errors) from error
    if reading.errors:
        raise Unacceptable(reading.errors)
    return checked


def _refused(visit: Visit, typed: Typed, error: PunctualError, task: Task | None = None) -> Response:
    """The form again, with what was typed and what is wrong with it."""
    if isinstance(error, Unacceptable):
        return _form(visit, typed, error.errors, 422, task=task)
    if isinstance(error, Invalid):
        return _form(visit, typed, by_field(error, task_fields(typed)), 422, task=task)
    return _form(visit, typed, {"": [sentence(error)]}, int(status_of(error)), task=task)


def _lost_race(visit: Visit, task_id: str, typed: Typed) -> Response:
    """The form with what was typed beside what somebody else stored meanwhile; saving again stores what was typed."""
    task = visit.system.catalog.task(visit.user, task_id)
    theirs = fields_of(tasks.to_json(task.definition), task.version)
    differing = [(LABELS[name], theirs[name], typed[name]) for name in LABELS if theirs[name] != typed[name]]
    return _form(visit, typed | {"version": theirs["version"]}, {}, 409, task=task, differing=differing)


def _form(
    visit: Visit,
    typed: Typed,
    errors: Errors | None = None,
    status: int = 200,
    *,
    task: Task | None = None,
    differing: list[tuple[str, str, str]] | None = None,
) -> Response:
    functions = registry.registered()
    return page(
        visit,
        "work/task_form.html",
        status,
        typed=typed,
        errors=errors or {},
        task=task,
        differing=differing,
        functions=functions,
        function_options=[("", "Choose one"), *((one.name, one.name) for one in functions)],
    )


ROUTES = (
    Route(path="/task/create", get=create_page, post=create, again=create_again),
    Route(path="/task/{task_id}/update", get=update_page, post=update, again=update_again),
)
