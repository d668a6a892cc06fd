"""Authentication: whose token a request carries."""

from __future__ import annotations

import re

from chalice.app import Request

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import NotAuthenticated
from chalicelib.engine.requests.people.tokens import Session

SCHEMES = ("token", "bearer")
TOKEN = re.compile(r"[!-~]{1,256}")
"""What a token can look like; anything else is none, and is not looked up."""


def session_of(request: Request) -> Session:
    """Who sends a request, by its Authorization header; `NotAuthenticated` where that proves nothing."""
    return system().tokens.authenticate(token_text(request.headers.get("authorization")))


def token_text(header: str | None) -> str:
    """The token in an Authorization header; its scheme is `Token` or `Bearer`, which mean the same.

    >>> token_text("Token pct_abc"), token_text("bearer pct_abc")
    ('pct_abc', 'pct_abc')
    """
    scheme, _, text = (header or "").strip().partition(" ")
    if scheme.lower() not in SCHEMES or TOKEN.fullmatch(text.strip()) is None:
        raise NotAuthenticated("send your token in the header Authorization: Token <token>")
    return text.strip()
