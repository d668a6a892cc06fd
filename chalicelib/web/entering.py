"""Entering: registering and logging in, by the API or a page, with what goes with it: the limits, for both the same."""

from __future__ import annotations

from collections.abc import Callable

from chalice.app import Request

from chalicelib.bootstrap import system
from chalicelib.engine.requests.accounts import Issued
from chalicelib.web.limited import source_of


def register(request: Request, make: Callable[[], Issued]) -> Issued:
    """Make an account, unless too many were asked for from where the request comes from."""
    system().limits.registration(source_of(request))
    return make()


def log_in(request: Request, username: str, enter: Callable[[], Issued]) -> Issued:
    """Let somebody in who knows the password, unless too many attempts have failed."""
    return system().limits.log_in(source_of(request), username, enter)
