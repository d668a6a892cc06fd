"""The password: another one for who knows the current one. Whoever else was logged in is not any more."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.core.errors import Conflict, Invalid, NotAllowed, TooMany
from chalicelib.web import entering, schemas
from chalicelib.web.frame.problems import retry_after, status_of
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.csrf import SAY_IT_AGAIN
from chalicelib.web.pages.forms.field_errors import Errors, by_field
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import lifetime_seconds, page, redirect, with_session
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

HERE = "/password"
FIELDS = {"/current": "current", "/new": "new"}


def ask(visit: Visit) -> Response:
    """The form. What is typed into it is never shown again."""
    return _form(visit, {})


def _form(visit: Visit, errors: Errors, status: int = 200) -> Response:
    return page(visit, "account/password.html", status, typed={}, errors=errors)


def change(visit: Visit) -> Response:
    """Another password. This browser stays logged in, and no other does."""
    typed = fields(visit)
    try:
        given = schemas.password({name: typed.get(name, "") for name in ("current", "new")}, visit.user.username)
        issued = entering.show_password(
            visit.request,
            visit.user.username,
            lambda: visit.system.accounts.change_password(visit.authenticated, given["current"], given["new"]),
        )
    except Invalid as error:
        return _form(visit, by_field(error, FIELDS), 422)
    except (Conflict, NotAllowed, TooMany) as error:
        response = _form(visit, {"": [sentence(error)]}, int(status_of(error)))
        response.headers.update(retry_after(error))
        return response
    left = lifetime_seconds(issued.token.expires_at or visit.now, visit.now)
    return with_session(visit, redirect(visit, "/settings", done="password"), issued.text, left)


def change_again(visit: Visit) -> Response:
    """The form once more, because it was made for an earlier visit."""
    return _form(visit, {"": [SAY_IT_AGAIN]}, 403)


ROUTES = (Route(path=HERE, get=ask, post=change, again=change_again),)
