"""Responses: pages, redirects and the session cookie, with the headers that every page carries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalice.app import Response

from chalicelib.settings import Settings
from chalicelib.web.pages.looks.templates import rendered
from chalicelib.web.pages.static import asset_name
from chalicelib.web.pages.visit import COOKIE, Visit

PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not "no-referrer": with that, browsers send their own forms with an Origin of "null".
    "Referrer-Policy": "same-origin",
}


def page(visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
    """A page of these templates, which know `visit`, `url` and `asset` besides the values given."""

    def asset(name: str) -> str:
        return visit.url(f"/static/{asset_name(name)}")

    body = rendered(template, visit=visit, now=visit.now, url=visit.url, asset=asset, **values)
    # What a command printed may hold half a surrogate pair, which no encoding takes.
    return Response(body.encode("utf-8", "replace").decode(), status_code=status, headers={**PAGE_HEADERS})


def redirect(visit: Visit, path: str, **query: str | None) -> Response:
    """Go on, by GET, at another of these pages."""
    return Response("", status_code=303, headers={**PAGE_HEADERS, "Location": visit.url(path, **query)})


def with_session(response: Response, settings: Settings, text: str, lifetime_seconds: int) -> Response:
    """The response, which makes the browser keep a token; an empty text of no lifetime makes it forget."""
    secure = "" if settings.local else "; Secure"
    cookie = f"{COOKIE}={text}; Path=/; Max-Age={lifetime_seconds}; HttpOnly; SameSite=Lax{secure}"
    response.headers["Set-Cookie"] = cookie
    return response


def lifetime_seconds(expires_at: datetime, now: datetime) -> int:
    """How long the browser should keep what expires then."""
    return max(0, int((expires_at - now).total_seconds()))
