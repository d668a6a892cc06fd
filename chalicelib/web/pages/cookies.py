"""Cookies: what a browser keeps for these pages, as far out of others' reach as their address allows."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from chalicelib.settings import Settings


class Cookie(enum.StrEnum):
    """What a browser keeps."""

    SESSION = "session"
    """The token of who is logged in: made when somebody logs in, forgotten when they log out."""
    FORM = "form"
    """What forms are bound to while nobody is logged in: made with the first page, kept until the browser is closed."""
    ZONE = "zone"
    """In which time zone this browser wants to be shown instants."""


def name_of(cookie: Cookie, settings: Settings, prefix: str) -> str:
    """The name it has at an address. Browsers let no other host, and nothing that is not encrypted, set these names.

    `__Host-` is for the whole host, so that it cannot be had below a stage, whose neighbours are other installations.

    >>> name_of(Cookie.SESSION, Settings(stage="prod"), ""), name_of(Cookie.SESSION, Settings(stage="prod"), "/prod")
    ('__Host-session', '__Secure-session')
    """
    if settings.local:
        return str(cookie)
    return f"__Secure-{cookie}" if prefix else f"__Host-{cookie}"


def written(cookie: Cookie, settings: Settings, prefix: str, text: str, lifetime_seconds: int | None = None) -> str:
    """A Set-Cookie: kept by the browser for its lifetime, until it is closed if that is None, not at all if it is 0."""
    age = "" if lifetime_seconds is None else f"; Max-Age={lifetime_seconds}"
    secure = "" if settings.local else "; Secure"
    return f"{name_of(cookie, settings, prefix)}={text}; Path={prefix or '/'}{age}; HttpOnly; SameSite=Lax{secure}"


def read(cookie: Cookie, settings: Settings, prefix: str, headers: Mapping[str, str]) -> str | None:
    """The text that a browser has kept."""
    wanted = name_of(cookie, settings, prefix)
    for pair in headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted and value:
            return value
    return None
