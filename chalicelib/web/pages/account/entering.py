"""Register, log in, log out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalice.app import Response

from chalicelib.core.errors import Conflict, Invalid, NotAllowed, NotAuthenticated, PunctualError, TooMany
from chalicelib.core.people.account import TokenKind
from chalicelib.engine.requests.people.tokens import Issued
from chalicelib.settings import Registration
from chalicelib.web import entering, schemas
from chalicelib.web.api.people.accounts import login as api_login
from chalicelib.web.api.people.accounts import register as api_register
from chalicelib.web.frame.endpoint import PUBLIC, Body, respond
from chalicelib.web.frame.problems import retry_after, status_of
from chalicelib.web.pages.forms import csrf
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.field_errors import ACCOUNT_FIELDS, Errors, by_field
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import lifetime_seconds, page, redirect, with_session
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import HOME, Visit, local_path

CLOSED = "Registration is closed on this installation: ask its admin for an invitation."


def register_page(visit: Visit) -> Response:
    """The form for a new account."""
    if visit.session is not None:
        return redirect(visit, HOME)
    text = visit.query.get("invitation", "")
    closed = visit.system.settings.registration is Registration.CLOSED and not text
    errors = {"": [CLOSED]} if closed else {}
    return page(visit, "account/register.html", typed={"invitation": text}, errors=errors, invited=_invited(visit))


def _invited(visit: Visit) -> bool:
    """Whether the form asks for an invitation: where not everybody gets in without."""
    return visit.system.settings.registration is not Registration.OPEN or "invitation" in visit.query


def register(visit: Visit) -> Response:
    """Make an account and log it in. JSON is answered as by the API."""
    if visit.is_json:
        return respond(visit.request, api_register, admission=PUBLIC, body=Body.REQUIRED)
    return _entered(visit, "account/register.html", _registered)


def _registered(visit: Visit, typed: Mapping[str, str]) -> Issued:
    names = ("username", "password", "email", *(("invitation",) if typed.get("invitation") else ()))
    given = schemas.registration({name: typed.get(name, "") for name in names})
    return entering.register(
        visit.request,
        lambda: visit.system.accounts.register(
            given["username"],
            given["password"],
            given["email"],
            invitation=given.get("invitation"),
            kind=TokenKind.SESSION,
        ),
    )


def login_page(visit: Visit) -> Response:
    """The form for the password; who is logged in already goes on."""
    if visit.session is not None:
        return redirect(visit, local_path(visit.query.get("next")))
    return page(visit, "account/login.html", typed={}, errors={}, next=visit.query.get("next"))


def login(visit: Visit) -> Response:
    """Let in who knows the password, and lead them where they wanted to go. JSON is answered as by the API."""
    if visit.is_json:
        return respond(visit.request, api_login, admission=PUBLIC, body=Body.REQUIRED)
    return _entered(visit, "account/login.html", _known)


def _known(visit: Visit, typed: Mapping[str, str]) -> Issued:
    given = schemas.credentials({name: typed.get(name, "") for name in ("username", "password")})
    return entering.log_in(
        visit.request,
        given["username"],
        lambda: visit.system.accounts.login(given["username"], given["password"], kind=TokenKind.SESSION),
    )


def _entered(visit: Visit, form: str, enter: Callable[[Visit, Mapping[str, str]], Issued]) -> Response:
    """Try to enter; what is refused is said on the form, which keeps everything but the password."""
    typed = fields(visit)
    next_ = typed.get("next") or visit.query.get("next")
    try:
        issued = enter(visit, typed)
    except (Invalid, Conflict, NotAllowed, NotAuthenticated, TooMany) as error:
        status, errors = _refused(error)
        invited = _is_invited(visit, typed)
        response = page(visit, form, status, typed=_shown(typed), errors=errors, next=next_, invited=invited)
        response.headers.update(retry_after(error))
        return response
    if visit.session is not None:  # somebody who was logged in here before is not any more
        visit.system.tokens.end(visit.session)
    left = lifetime_seconds(issued.token.expires_at or visit.now, visit.now)
    return with_session(visit, redirect(visit, local_path(next_)), issued.text, left)


def register_again(visit: Visit) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    return _again(visit, "account/register.html")


def login_again(visit: Visit) -> Response:
    """The form with the name that was typed, because it was made for an earlier visit."""
    return _again(visit, "account/login.html")


def _again(visit: Visit, form: str) -> Response:
    typed = _shown(fields(visit))
    next_ = typed.get("next") or visit.query.get("next")
    errors = {"": [csrf.SAY_IT_AGAIN]}
    return page(visit, form, 403, typed=typed, errors=errors, next=next_, invited=_is_invited(visit, typed))


def _shown(typed: Mapping[str, str]) -> dict[str, str]:
    """What of it is shown again: everything but the password."""
    return {name: value for name, value in typed.items() if name != "password"}


def _is_invited(visit: Visit, typed: Mapping[str, str]) -> bool:
    return _invited(visit) or bool(typed.get("invitation"))


def _refused(error: PunctualError) -> tuple[int, Errors]:
    """The status of a refusal, and what it says beside which field."""
    if isinstance(error, Invalid):
        return 422, by_field(error, ACCOUNT_FIELDS)
    said = [sentence(error)]
    if isinstance(error, Conflict):
        return 409, {"username": said}
    return int(status_of(error)), {"": said}


def logout_page(visit: Visit) -> Response:
    """Ask before logging out: a link that another page loads must not do it."""
    return page(visit, "account/logout.html")


def logout(visit: Visit) -> Response:
    """The token is dead, and the browser forgets it."""
    if visit.session is not None:
        visit.system.tokens.end(visit.session)
    return with_session(visit, redirect(visit, "/login"), "", 0)


def logout_again(visit: Visit) -> Response:
    """Ask once more; where nobody is logged in any more, there is nothing to ask."""
    return redirect(visit, "/login") if visit.session is None else page(visit, "account/logout.html", 403)


ROUTES = (
    Route(path="/register", get=register_page, post=register, again=register_again, public=True),
    Route(path="/login", get=login_page, post=login, again=login_again, public=True),
    Route(path="/logout", get=logout_page, post=logout, again=logout_again, public=True),
)
