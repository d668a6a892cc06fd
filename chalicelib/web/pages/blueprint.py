"""The blueprint: every page's path, and what happens before and after its view.

A view takes the visit and what stands in the path, and gives a response. What it raises becomes a page that says what
happened, with the request's id and a way back; no trace of the code leaves.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from chalice.app import Blueprint, Response

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import Invalid, NotAllowed, NotAuthenticated, NotFound, PunctualError
from chalicelib.engine.requests import acting
from chalicelib.engine.requests.people.tokens import FOR_COOKIES, Session
from chalicelib.logs import log
from chalicelib.web.frame.auth import token_text
from chalicelib.web.frame.endpoint import ID
from chalicelib.web.frame.limited import count_request
from chalicelib.web.frame.problems import retry_after, status_of
from chalicelib.web.frame.recording import SESSION, record_change
from chalicelib.web.pages import about, account, cookies, work, zone_choice, zones
from chalicelib.web.pages.cookies import Cookie
from chalicelib.web.pages.forms import csrf
from chalicelib.web.pages.forms.field_errors import by_field
from chalicelib.web.pages.looks.words import capitalised, sentence
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route, View
from chalicelib.web.pages.static import asset_response
from chalicelib.web.pages.visit import HOME, Visit, visit_of

TITLES = {
    400: "That could not be read",
    401: "Not logged in",
    403: "Not allowed",
    404: "Not found",
    405: "Only by a button",
    409: "It changed meanwhile",
    413: "Too large",
    415: "That is no form",
    422: "That cannot be",
    429: "Too much at once",
    500: "Something broke",
    503: "Not available just now",
}
"""Of every status that a page can have which is none of the views' own."""
OUR_FAILURE = "Something broke on our side, and nothing you did caused it: try again in a moment."
NO_PAGE = "this address does something and shows nothing, so nothing was done: use the button on the page before"
_ABOUT = re.compile(r"/(task|run|group)/[0-9a-z-]+(?=/)")
"""The page of what a path does something with."""


MODULES = (*account.MODULES, *work.MODULES, *about.MODULES, zone_choice)
ROUTES: tuple[Route, ...] = tuple(route for module in MODULES for route in module.ROUTES)


def blueprint() -> Blueprint:
    """A new blueprint with every page, for one app."""
    made = Blueprint(__name__)
    for route in ROUTES:
        for method, view in (("GET", route.get), ("POST", route.post)):
            if view is not None or method == "GET":
                # Without `content_types=[]` Chalice refuses forms; what is no form is refused here, by a page.
                made.route(route.path, methods=[method], content_types=[])(_answering(made, route, view or _no_page))
    made.route("/static/{name}", methods=["GET"], content_types=[])(_serving(made))
    return made


def _answering(made: Blueprint, route: Route, view: View) -> Callable[..., Response]:
    def answer(**parameters: str) -> Response:
        visit = visit_of(made.current_request, system())
        return _guarded(visit, lambda: _recognised(visit, route, view, parameters))

    return answer


def _no_page(visit: Visit, **parameters: str) -> Response:
    """Of what only a form does, there is nothing to see: somebody has typed its address, or gone back to it."""
    response = _refused(visit, HTTPStatus.METHOD_NOT_ALLOWED, capitalised(NO_PAGE) + ".", _page_of(parameters) or HOME)
    response.headers["Allow"] = "POST"
    return response


def _serving(made: Blueprint) -> Callable[..., Response]:
    """Static files are for anybody: who asks is not even looked up."""

    def serve(name: str) -> Response:
        return _guarded(visit_of(made.current_request, system()), lambda: asset_response(name))

    return serve


def _guarded(visit: Visit, answer: Callable[[], Response]) -> Response:
    """An answer, or the page that says why there is none."""
    try:
        return answer()
    except Exception as error:
        return _refusal(visit, error)


def _recognised(visit: Visit, route: Route, view: View, parameters: dict[str, str]) -> Response:
    known = _identified(visit)
    return _guarded(known, lambda: _admitted(known, route, view, parameters))


def _admitted(visit: Visit, route: Route, view: View, parameters: dict[str, str]) -> Response:
    """What the view answers, unless another site sent this, a stranger wants what is not public, or a form is not the
    visitor's own."""
    if visit.method == "POST":
        visit.refuse_other_sites()
    if visit.session is None and not route.public:
        back = visit.path if visit.method == "GET" else HOME
        return redirect(visit, "/login", next=None if back in ("/", HOME) else back)
    if not all(ID.fullmatch(value) for name, value in parameters.items() if name.endswith("_id")):
        raise NotFound("there is no such thing")
    if visit.method == "POST" and not _is_scripted(visit, route) and not csrf.is_proven(visit):
        return _unproven(visit, route, parameters)
    if visit.session is not None:
        count_request(visit.request, visit.user)
    acting.begin()
    response = view(visit, **parameters)
    status, location = response.status_code, response.headers.get("Location", "")
    record_change(visit.request, visit.session, SESSION, parameters, status=status, location=str(location))
    return response


def _is_scripted(visit: Visit, route: Route) -> bool:
    """Whether JSON is sent where the API answers it. No form of another site can send it, nor a script without being
    allowed to, and the answer sets no cookie."""
    return route.path in ("/register", "/login") and visit.is_json


def _unproven(visit: Visit, route: Route, parameters: dict[str, str]) -> Response:
    """The form once more where one of these pages has sent it; otherwise, that nothing was done. What another site may
    have typed is never shown with a proof beside it."""
    if route.again is not None and visit.is_from_own_page:
        return route.again(visit, **parameters)
    return _refusal(visit, NotAllowed(csrf.DO_IT_AGAIN), back=_page_of(parameters) or visit.path)


def _page_of(parameters: dict[str, str]) -> str | None:
    """The page of the task, run or group that an address is about, where the buttons of its deeds are."""
    places = (f"/{kind}/{parameters[f'{kind}_id']}" for kind in ("task", "run", "group") if f"{kind}_id" in parameters)
    return next(places, None)


def _identified(visit: Visit) -> Visit:
    """The visit with who is logged in, what the visitor's forms are bound to, and which time zone they chose."""
    kept = cookies.read(Cookie.ZONE, visit.system.settings, visit.prefix, visit.headers)
    visit = replace(visit, zones=zones.read(kept))
    text = cookies.read(Cookie.SESSION, visit.system.settings, visit.prefix, visit.headers)
    session = None if text is None else _session(visit, text)
    if session is not None and text is not None:
        return replace(visit, session=session, secret=text)
    kept = cookies.read(Cookie.FORM, visit.system.settings, visit.prefix, visit.headers)
    if kept is not None and csrf.is_secret(kept):
        return replace(visit, secret=kept)
    return replace(visit, secret=csrf.new_secret(), secret_is_new=True)


def _session(visit: Visit, text: str) -> Session | None:
    try:
        return visit.system.tokens.authenticate(token_text(f"Token {text}"), FOR_COOKIES)
    except NotAuthenticated:
        return None


def _refusal(visit: Visit, error: Exception, back: str | None = None) -> Response:
    """A page that says what happened. What is our own failure is logged, and only its request id told."""
    status = status_of(error)
    said = _said(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log("page_failed", logging.ERROR, failure=error, request_id=visit.request_id, path=visit.path)
    response = _refused(visit, status, said, back or _way_back(visit, status))
    response.headers.update(retry_after(error))
    return response


def _way_back(visit: Visit, status: HTTPStatus) -> str:
    """Where who pressed a button has come from: the page of what it is about, if there is such a thing."""
    about = _ABOUT.match(visit.path) if visit.method == "POST" and status != HTTPStatus.NOT_FOUND else None
    return HOME if about is None else about[0]


def _said(error: Exception) -> str:
    """What an error says, in sentences."""
    if isinstance(error, Invalid):
        return " ".join(f"{said}." for said in by_field(error, {})[""])
    return sentence(error) if isinstance(error, PunctualError) else OUR_FAILURE


def _refused(visit: Visit, status: HTTPStatus, said: str, back: str) -> Response:
    title = TITLES.get(status, status.phrase)
    return page(visit, "error.html", int(status), title=title, sentence=said, number=int(status), back=back)
