"""Endpoints: what every route of the API has in common, so that a view is parse, one engine call, render.

A view takes a `Call` and the path's parameters and returns a `Reply`; an error it raises is answered as a problem.
Chalice checks nothing on these routes (`content_types=[]`), so that every refusal is one of ours.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import FieldError, Invalid, NotAuthenticated, NotFound
from chalicelib.core.instant import EPOCH
from chalicelib.core.people.account import Answer, Scope, User
from chalicelib.engine.requests import acting
from chalicelib.engine.requests.answers import Asked
from chalicelib.engine.requests.people.tokens import Session
from chalicelib.web.frame.auth import session_of
from chalicelib.web.frame.json_text import Malformed, read, write
from chalicelib.web.frame.limited import count_request
from chalicelib.web.frame.problems import HEADERS, BodyTooLarge, WrongMediaType, refusal
from chalicelib.web.frame.recording import TOKEN, record_change

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
CALENDAR = "text/calendar"
ID = re.compile(r"[0-9A-Za-z_-]{1,80}", re.ASCII)
"""What any id looks like; anything else names nothing and is not looked up, but answers like a missing one."""
PREFIX = re.compile(r"(/[\w.~-]+)*", re.ASCII)


class Body(enum.Enum):
    """Whether a route reads a body."""

    NONE = enum.auto()
    """What comes is not looked at."""
    OPTIONAL = enum.auto()
    """An empty one is none."""
    REQUIRED = enum.auto()
    CALENDAR = enum.auto()
    """Not JSON but a calendar file: the view gets its bytes."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, as a view sees it: checked for form, and who sends it. `body` is None where there is none."""

    request: Request
    session: Session | None = None
    body: Any = None
    asked: Asked | None = None
    """Of a request with an idempotency key: what is made for it follows from this."""

    @property
    def user(self) -> User:
        """Who is asking, as far as the token reaches."""
        return self.authenticated.caller

    @property
    def authenticated(self) -> Session:
        if self.session is None:
            raise NotAuthenticated("log in first")
        return self.session

    @property
    def now(self) -> datetime:
        return system().clock.now()

    def header(self, name: str) -> str | None:
        value = self.request.headers.get(name)
        return None if value is None else str(value)

    def query(self, name: str) -> list[str]:
        """All values of a parameter of the query, in their order."""
        given = self.request.query_params
        return given.getlist(name) if given is not None and name in given else []

    def link(self, path: str) -> str:
        """The address of a path of the API from outside: below the stage, where there is one in the address."""
        return prefix_of(self.request.context.get("path", ""), self.request.path) + path


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a view answers: a status, JSON (None for no content), and headers of its own.

    `secrets` are members of the JSON that are shown once: what is kept for an idempotency key has null in their place.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str | None] = field(default_factory=dict)


View = Callable[..., Reply]


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Who gets in: anybody where it is `public`, otherwise who has a token, with a scope where one is asked for."""

    public: bool = False
    scope: Scope | None = None


PUBLIC = Admission(public=True)
WITH_ANY_TOKEN = Admission()
ADMISSIONS: dict[tuple[str, str], Admission] = {}
"""Who gets in, by method and path, as the endpoints declare it: the OpenAPI document tells it."""


def endpoint(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    body: Body = Body.NONE,
    scope: Scope | None = None,
    admission: Admission | None = None,
    keyed: bool = True,
) -> Callable[[View], View]:
    """Register a view for a method of a path. The view stays the plain function that it is.

    Who asks needs a scope: the one that is given, otherwise `read` for a GET and `write` for anything else. `admission`
    is for the few routes that need none. `keyed` is false where an Idempotency-Key is not looked at: its request would
    leave a trace of a password.
    """
    needed = scope or (Scope.READ if method == "GET" else Scope.WRITE)
    admitted = ADMISSIONS[method, path] = admission or Admission(scope=needed)

    def decorate(view: View) -> View:
        def route(**parameters: str) -> Response:
            return respond(
                blueprint.current_request, view, admission=admitted, body=body, keyed=keyed, parameters=parameters
            )

        route.__name__ = view.__name__
        blueprint.route(path, methods=[method], content_types=[])(route)
        return view

    return decorate


def respond(
    request: Request,
    view: View,
    *,
    admission: Admission,
    body: Body = Body.NONE,
    keyed: bool = True,
    parameters: Mapping[str, str] | None = None,
) -> Response:
    """A view's answer to a request; errors become problems. Steps:

    1. the size of the body (413), then who is asking (401) and with what scope (403): nobody else learns more; and how
       often they do (429);
    2. media type (415) and JSON (400);
    3. the view, once for each Idempotency-Key.
    """
    try:
        return _answer(request, view, admission, body=body, keyed=keyed, parameters=parameters or {})
    except Exception as error:
        return refusal(error, request)


def prefix_of(asked: str, route: str) -> str:
    """What stands before a route in the address asked for: the stage, where API Gateway has it there.

    >>> prefix_of("/prod/api/tasks/7", "/api/tasks/{task_id}"), prefix_of("/api/tasks/", "/api/tasks")
    ('/prod', '')
    >>> prefix_of("//evil.example/api/tasks", "/api/tasks")
    ''
    """
    own = route.strip("/").count("/") + 1
    parts = asked.rstrip("/").split("/")
    prefix = "/".join(parts[: len(parts) - own])
    return prefix if PREFIX.fullmatch(prefix) else ""


def _answer(
    request: Request, view: View, admission: Admission, *, body: Body, keyed: bool, parameters: Mapping[str, str]
) -> Response:
    raw = _raw_body(request, system().settings.max_body_bytes)
    session = None if admission.public else session_of(request)
    if session is not None and admission.scope is not None:
        session.require(admission.scope)
    if session is not None:
        count_request(request, session.user)
    call = Call(request=request, session=session, body=_body(request, raw, body))
    for name, value in parameters.items():
        if name.endswith("_id") and ID.fullmatch(value) is None:
            raise NotFound(f"there is no such {name.removesuffix('_id')}")
    key = call.header("idempotency-key")
    if session is None or key is None or not keyed or request.method != "POST":
        return _response(_made(_done(call, view, parameters)))
    return _answered_once(view, call, session, key, raw, parameters)


def _answered_once(
    view: View, call: Call, session: Session, key: str, raw: bytes, parameters: Mapping[str, str]
) -> Response:
    """The answer that an idempotency key has. Who asked first sees its secrets, and nobody after."""
    asked = f"POST {call.request.path} {sorted(parameters.items())}\n".encode() + raw
    shown: list[Reply] = []

    def answer(once: Asked) -> Answer:
        shown.append(_done(replace(call, asked=once), view, parameters))
        return _made(replace(shown[0], secrets=dict.fromkeys(shown[0].secrets)))

    kept = system().answers.once(session.user, key, asked, answer)
    return _response(_made(shown[0]) if shown else kept)


def _done(call: Call, view: View, parameters: Mapping[str, str]) -> Reply:
    """What the view answers; what it changed is in the audit log then."""
    acting.begin()
    reply = view(call, **parameters)
    location = reply.headers.get("Location", "")
    record_change(call.request, call.session, TOKEN, parameters, status=reply.status, location=location)
    return reply


def _raw_body(request: Request, limit: int) -> bytes:
    try:
        raw = request.raw_body
    except UnicodeEncodeError as error:
        raise Malformed("the body is not UTF-8") from error
    if len(raw) > limit:
        raise BodyTooLarge(f"the body has {len(raw):,} bytes: {limit:,} at most are taken")
    return raw if isinstance(raw, bytes) else raw.encode()


def _body(request: Request, raw: bytes, body: Body) -> Any:
    if body is Body.NONE or (body is Body.OPTIONAL and not raw):
        return None
    kinds = (JSON, MERGE_PATCH) if request.method == "PATCH" else (JSON,)
    kinds = (CALENDAR,) if body is Body.CALENDAR else kinds
    given = request.headers.get("content-type")
    if given is not None and not _is_taken(given, kinds):
        raise WrongMediaType(f"{given[:100]!r} is not taken here: send {' or '.join(kinds)}, in UTF-8")
    if body is Body.CALENDAR:
        return raw
    if not raw.strip():
        raise Malformed("the body is empty: send JSON")
    value = read(raw)
    if value is None:  # not the same as no body
        raise Invalid(FieldError(pointer="", code="wrong_type", detail="must be an object, not null"))
    return value


def _is_taken(content_type: str, kinds: tuple[str, ...]) -> bool:
    """Whether a media type is one of some; a charset may be given, if it is the one that JSON has."""
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset=")]
    return kind in kinds and all(charset in ("utf-8", "utf8") for charset in charsets)


def _made(reply: Reply) -> Answer:
    kind = {} if reply.body is None else {"Content-Type": JSON}
    body = "" if reply.body is None else write({**reply.body, **reply.secrets} if reply.secrets else reply.body)
    return Answer(key="", digest="", status=reply.status, begun_at=EPOCH, body=body, headers=kind | dict(reply.headers))


def _response(answer: Answer) -> Response:
    return Response(answer.body, status_code=answer.status, headers={**HEADERS, **answer.headers})
