"""Headers that every answer carries, page or API: a browser may do as little with it as it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalice.app import Request, Response

from chalicelib.bootstrap.requests import system

EVERYWHERE = {
    # Of an answer that is no page, a browser loads, runs and frames nothing.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with that, browsers send their own forms with an Origin of "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""What a page needs: its style sheet, its icon, its scripts (never one that stands in the page), and to ask and to send
its forms here."""
ENCRYPTED_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
"""For a year, browsers come back by TLS only. The local stage has none."""


def headers_middleware(request: Request | None, get_response: Callable[[Any], Response]) -> Response:
    """Give every answer these headers, errors and Chalice's own refusals included; what a view has set stays."""
    response = get_response(request)
    given = EVERYWHERE if system().settings.local else EVERYWHERE | ENCRYPTED_ONLY
    response.headers = {**given, **response.headers}
    return response
