"""Responses: pages, redirects and the session cookie."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from chalice.app import Response

from chalicelib.web.frame.headers import PAGE_POLICY
from chalicelib.web.pages import cookies
from chalicelib.web.pages.cookies import Cookie
from chalicelib.web.pages.forms import csrf
from chalicelib.web.pages.looks.templates import rendered
from chalicelib.web.pages.refreshing import is_known, page_etag, with_etag
from chalicelib.web.pages.static import asset_name
from chalicelib.web.pages.visit import Visit

PAGE_HEADERS = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": PAGE_POLICY}


def page(visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
    """A page of these templates, which know `visit`, `now`, `url`, `asset`, `csrf_token` and `shown` (the zone of
    instants that belong to no task) besides the values given.

    Where a script asks again for what it has, and nothing has changed, the answer is 304 and empty.
    """

    def asset(name: str) -> str:
        return visit.url(f"/static/{asset_name(name)}")

    known = {
        "visit": visit,
        "now": visit.now,
        "url": visit.url,
        "asset": asset,
        "csrf_token": csrf.token_of(visit),
        "shown": visit.zones.shown(),
    }
    # What a command printed may hold half a surrogate pair, which no encoding takes.
    body = rendered(template, **known | values).encode("utf-8", "replace").decode()
    headers: dict[str, str | list[str]] = {**PAGE_HEADERS}
    if visit.method == "GET" and status == HTTPStatus.OK:
        etag = page_etag(body)
        headers["ETag"] = etag
        if is_known(etag, visit.headers.get("if-none-match")):
            return Response("", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        body = with_etag(body, etag)
    response = Response(body, status_code=status, headers=headers)
    if visit.secret_is_new:
        kept = cookies.written(Cookie.FORM, visit.system.settings, visit.prefix, visit.secret)
        response.headers["Set-Cookie"] = kept
    return response


def prefers_page(visit: Visit) -> bool:
    """Whether a browser asks, which wants pages, and not a script, which may want something else."""
    return "text/html" in visit.headers.get("accept", "")


def redirect(visit: Visit, path: str, **query: str | None) -> Response:
    """Go on, by GET, at another of these pages."""
    return Response("", status_code=303, headers={**PAGE_HEADERS, "Location": visit.url(path, **query)})


def with_session(visit: Visit, response: Response, text: str, lifetime_seconds: int) -> Response:
    """The response, which makes the browser keep a token; an empty text of no lifetime makes it forget."""
    kept = cookies.written(Cookie.SESSION, visit.system.settings, visit.prefix, text, lifetime_seconds)
    response.headers["Set-Cookie"] = kept
    return response


def lifetime_seconds(expires_at: datetime, now: datetime) -> int:
    """How long the browser should keep what expires then."""
    return max(0, int((expires_at - now).total_seconds()))
