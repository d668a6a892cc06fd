"""Visits: one request to a page, with who is asking and where the pages begin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from chalice.app import Request

from chalicelib.bootstrap.requests import Requests
from chalicelib.core.errors import NotAllowed, NotAuthenticated
from chalicelib.core.people.account import User
from chalicelib.engine.requests.people.tokens import Session
from chalicelib.web.frame.endpoint import prefix_of
from chalicelib.web.frame.problems import request_id_of
from chalicelib.web.pages.zones import Zones

HOME = "/dashboard"
IN_UTC = Zones()
LONGEST_WAY = 2000
"""Characters of an address to go on to: an answer's headers have to fit through every gateway."""
_LOCAL = re.compile(r"/(?!/)[!-\[\]-~]*")
"""A path of this host, in ASCII as addresses are written: no second slash, no backslash (browsers read it as a slash),
no white space or control character (browsers drop it)."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request. `path` begins after `prefix`, which is the stage's part of the address and empty without one."""

    request: Request
    system: Requests
    request_id: str
    now: datetime
    method: str
    prefix: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    session: Session | None = None
    secret: str = ""
    """What the visitor's forms are bound to; the browser has it in a cookie."""
    secret_is_new: bool = False
    """The browser does not have it yet."""
    zones: Zones = IN_UTC
    """In which time zone instants are shown."""

    @property
    def user(self) -> User:
        """Who is asking; `NotAuthenticated` where nobody is logged in."""
        return self.authenticated.caller

    @property
    def authenticated(self) -> Session:
        """By what who is asking proved it; `NotAuthenticated` where nobody is logged in."""
        if self.session is None:
            raise NotAuthenticated("log in first")
        return self.session

    @property
    def is_json(self) -> bool:
        """Whether a script posts JSON, instead of a browser a form."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"

    def url(self, path: str, **query: str | int | None) -> str:
        """The address of a page, below the prefix. A parameter that is None is left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return self.prefix + path + (f"?{urlencode(given)}" if given else "")

    def address(self, path: str, **query: str | int | None) -> str:
        """The whole address of a page, to be used elsewhere than in this browser."""
        scheme = "http" if self.system.settings.local else "https"
        return f"{scheme}://{self.headers.get('host', 'localhost')}{self.url(path, **query)}"

    @property
    def here(self) -> str:
        """This page with its query, as a form says where to come back to; what was just done there is left out."""
        return self._asked()

    def with_query(self, **changes: str | None) -> str:
        """The address of this page with some parameters of its query changed, or left out where they are None."""
        return self.prefix + self._asked(**changes)

    def _asked(self, **changes: str | None) -> str:
        asked, gone = self.request.query_params, {"done", *changes}
        given: list[tuple[str, str]] = []
        if asked is not None:
            given = [(name, value) for name in asked if name not in gone for value in asked.getlist(name)]
        given += [(name, value) for name, value in changes.items() if value is not None]
        return self.path + (f"?{urlencode(given)}" if given else "")

    def refuse_other_sites(self) -> None:
        """`NotAllowed` where a browser says that another site made it send this.

        Browsers tell with Sec-Fetch-Site, older ones with Origin. What sends neither is no browser, and has no cookie
        that another site could borrow.
        """
        site = self.headers.get("sec-fetch-site")
        if site in ("same-origin", "none"):
            return
        if site is not None or ("origin" in self.headers and not self._is_own_origin()):
            raise NotAllowed("this form was sent from another site, so nothing was done: repeat it on the page itself")

    @property
    def is_from_own_page(self) -> bool:
        """Whether a browser says that one of these pages sent this; what was typed there may be shown again."""
        site = self.headers.get("sec-fetch-site")
        return self._is_own_origin() if site is None else site == "same-origin"

    def _is_own_origin(self) -> bool:
        return self.headers.get("origin", "").partition("://")[2] == self.headers.get("host")


def visit_of(request: Request, system: Requests) -> Visit:
    """The visit that a request is, nobody logged in yet."""
    asked = request.context["path"]
    prefix = _prefix(asked, request.path)
    return Visit(
        request=request,
        system=system,
        request_id=request_id_of(request),
        now=system.clock.now(),
        method=request.method,
        prefix=prefix,
        path=asked[len(prefix) :].rstrip("/") or "/",
        headers=request.headers,
        query=dict(request.query_params or {}),
    )


def _prefix(asked: str, route: str) -> str:
    """What stands before the route in the address asked for: `/api` for a stage, mostly nothing.

    >>> _prefix("/api/task/7/", "/task/{task_id}"), _prefix("/dashboard", "/dashboard"), _prefix("/api/", "/")
    ('/api', '', '/api')
    """
    return prefix_of(asked, route) if route != "/" else prefix_of(asked.rstrip("/") + "/-", "/-")


def local_path(given: str | None) -> str:
    """Where to go next, if it is a path of these pages; otherwise the dashboard. Nothing leads to another site.

    >>> local_path("/task/7?page=2"), local_path("//evil.example"), local_path("https://evil.example"), local_path(None)
    ('/task/7?page=2', '/dashboard', '/dashboard', '/dashboard')
    """
    return given if given is not None and len(given) <= LONGEST_WAY and _LOCAL.fullmatch(given) else HOME
