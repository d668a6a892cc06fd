"""Recording: what goes into the audit log. Every change that succeeded, by the API or a page, and every log-in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalice.app import Request

from chalicelib.bootstrap.requests import system
from chalicelib.core.people.acts import Origin
from chalicelib.engine.requests.acting import concerned
from chalicelib.engine.requests.people.tokens import Issued, Session
from chalicelib.web.frame.limited import LOOKING, READING, source_of
from chalicelib.web.frame.problems import request_id_of

CHANGES_NOTHING = ("/api/preview", "/zone", *LOOKING)
RECORDED_AS_ENTERED = ("/login", "/register")
"""Pages that lead to `entered`; who was logged in before has done nothing by it."""
RECORDED_ONE_BY_ONE = ("/tasks", "/welcome")
"""Pages whose forms concern several tasks: `record_one` says what became of each."""
TOKEN, SESSION, PASSWORD = "token", "session", "password"
DONE = 303
"""What a form of a page is answered with where it was done."""


def record_change(
    request: Request,
    session: Session | None,
    by: str,
    parameters: Mapping[str, str],
    *,
    status: int,
    location: str = "",
) -> None:
    """Record a request that was answered, if it changed something and somebody known had sent it."""
    elsewhere = (*CHANGES_NOTHING, *RECORDED_AS_ENTERED, *RECORDED_ONE_BY_ONE)
    silent = request.method in READING or request.path in elsewhere
    if session is None or silent or status >= 400:
        return
    origin = Origin(source=source_of(request), by=by, token_id=session.token.id, request_id=request_id_of(request))
    target = target_of(request.path, parameters, location)
    system().audit_log.record(origin, session.user, _action(request), target, status, owner=concerned())


def record_one(request: Request, session: Session, action: str, target: str) -> None:
    """Record one of several things that a form asked for, and that was done, as though it had been asked for alone."""
    origin = Origin(source=source_of(request), by=SESSION, token_id=session.token.id, request_id=request_id_of(request))
    system().audit_log.record(origin, session.user, action, target, DONE, owner=concerned())


def record_entered(request: Request, issued: Issued, status: int) -> None:
    """Record that somebody registered or logged in."""
    origin = Origin(source=source_of(request), by=PASSWORD, token_id=issued.token.id, request_id=request_id_of(request))
    system().audit_log.record(origin, issued.user, _action(request), "", status)


def record_refused(request: Request, username: str) -> None:
    """Record that somebody tried to log in and did not know the password."""
    origin = Origin(source=source_of(request), by=PASSWORD, request_id=request_id_of(request))
    system().audit_log.refused(origin, username, _action(request))


def target_of(route: str, parameters: Mapping[str, str], location: str) -> str:
    """What a request was about: the path down to what it names, or where what it made is to be found.

    >>> target_of("/api/tasks/{task_id}/run", {"task_id": "7"}, "/api/runs/7-0")
    '/api/tasks/7'
    >>> target_of("/api/tasks", {}, "/prod/api/tasks/7"), target_of("/task/create", {}, "/api/task/7?done=created")
    ('/api/tasks/7', '/task/7')
    >>> target_of("/api/logout", {}, ""), target_of("/password", {}, "/prod/settings?done=password")
    ('', '')
    """
    if parameters:
        named = route[: route.rindex("}") + 1]
        return re.sub(r"{(\w+)}", lambda found: parameters[found[1]], named)
    place, thing = route.removesuffix("/create"), location.partition("?")[0]
    before, _, made = thing.rpartition("/")
    return f"{place}/{made}" if made and before.endswith(place) else ""


def _action(request: Request) -> str:
    return f"{request.method} {request.path}"
