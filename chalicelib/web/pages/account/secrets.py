"""Secrets: their names, a value for one, and deleting it. A value is taken and never shown, not to its giver either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalice.app import Response

from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound
from chalicelib.core.secrets.naming import NAME, RIGHT_NAME, KeptSecret
from chalicelib.core.task import Task
from chalicelib.web import schemas
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.csrf import SAY_IT_AGAIN
from chalicelib.web.pages.forms.field_errors import Errors, by_field
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

HERE = "/secrets"
FIELDS = {"/name": "name", "/value": "value"}
EMPTY = "must not be empty: a secret without a value is none"
DONE = {
    "kept": "The value is kept. Runs that begin a minute from now use it; nobody can read it here.",
    "deleted": "The secret was deleted.",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One secret as it is listed, and the tasks that name it."""

    secret: KeptSecret
    users: list[Task]


def show_all(visit: Visit) -> Response:
    """The names of the caller's secrets, and a form for a value."""
    return _list(visit, {}, {})


def _list(visit: Visit, typed: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    surveyed = visit.system.survey.of(visit.user)
    users = surveyed.by_secret()
    rows = [Row(secret=one, users=users.get(one.name, [])) for one in visit.system.secrets.names(visit.user)]
    return page(
        visit,
        "account/secrets.html",
        status,
        rows=rows,
        complete=surveyed.complete,
        typed={"name": typed.get("name", "")},
        errors=errors,
        notice=DONE.get(visit.query.get("done", "")),
    )


def keep(visit: Visit) -> Response:
    """Give a secret its value."""
    typed = fields(visit)
    name = typed.get("name", "").strip()
    try:
        visit.system.secrets.put(visit.user, name, _given(name, typed.get("value", "")))
    except Invalid as error:
        return _list(visit, typed, by_field(error, FIELDS), 422)
    except Conflict as error:
        return _list(visit, typed, {"": [sentence(error)]}, 409)
    return redirect(visit, f"{HERE}/{name}", done="kept")


def _given(name: str, value: str) -> str:
    """The value, unless it or the name cannot be taken."""
    wrong: list[FieldError] = []
    if NAME.fullmatch(name) is None:
        wrong.append(FieldError(pointer="/name", code="wrong_form", detail=RIGHT_NAME))
    if not value:
        wrong.append(FieldError(pointer="/value", code="missing", detail=EMPTY))
    if wrong:
        raise Invalid(*wrong)
    return str(schemas.secret({"value": value})["value"])


def keep_again(visit: Visit) -> Response:
    """The form with the name, because it was made for an earlier visit. The value has to be typed once more."""
    return _list(visit, fields(visit), {"": [SAY_IT_AGAIN]}, 403)


def show(visit: Visit, name: str) -> Response:
    """When a secret was given its value, and which tasks name it."""
    secret, surveyed = _kept(visit, name), visit.system.survey.of(visit.user)
    return page(
        visit,
        "account/secret.html",
        secret=secret,
        users=surveyed.by_secret().get(name, []),
        complete=surveyed.complete,
        typed={"name": name},
        errors={},
        notice=DONE.get(visit.query.get("done", "")),
    )


def _kept(visit: Visit, name: str) -> KeptSecret:
    known = {one.name: one for one in visit.system.secrets.names(visit.user)}
    if name not in known:
        raise NotFound("there is no such secret")
    return known[name]


def delete_page(visit: Visit, name: str) -> Response:
    """Ask before a secret is deleted, and say which tasks stand in the way."""
    return _asked(visit, name)


def _asked(visit: Visit, name: str, refused: str | None = None, status: int = 200) -> Response:
    secret, users = _kept(visit, name), visit.system.survey.of(visit.user).by_secret().get(name, [])
    return page(visit, "account/secret_delete.html", status, secret=secret, users=users, refused=refused)


def delete(visit: Visit, name: str) -> Response:
    """Delete a secret that no task names."""
    try:
        visit.system.secrets.delete(visit.user, name)
    except Conflict as error:
        return _asked(visit, name, sentence(error), 409)
    return redirect(visit, HERE, done="deleted")


ROUTES = (
    Route(path=HERE, get=show_all, post=keep, again=keep_again),
    Route(path=f"{HERE}/{{name}}", get=show),
    Route(path=f"{HERE}/{{name}}/delete", get=delete_page, post=delete),
)
