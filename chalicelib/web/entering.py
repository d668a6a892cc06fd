"""Entering: registering and logging in, by the API or a page, with the limits and the audit log that go with it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from chalice.app import Request

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import NotAuthenticated
from chalicelib.engine.requests.people.tokens import Issued
from chalicelib.web.frame.limited import source_of
from chalicelib.web.frame.recording import record_entered, record_refused


def register(request: Request, make: Callable[[], Issued]) -> Issued:
    """Make an account, unless too many were asked for from where the request comes from."""
    system().limits.registration(source_of(request))
    issued = make()
    record_entered(request, issued, HTTPStatus.CREATED)
    return issued


def log_in(request: Request, username: str, enter: Callable[[], Issued]) -> Issued:
    """Let somebody in who knows the password, unless too many attempts have failed."""
    try:
        issued = system().limits.log_in(source_of(request), username, enter)
    except NotAuthenticated:
        record_refused(request, username)
        raise
    record_entered(request, issued, HTTPStatus.OK)
    return issued


def show_password(request: Request, username: str, enter: Callable[[], Issued]) -> Issued:
    """Let somebody who is logged in change the password; whoever guesses it meets the limits of logging in."""
    return system().limits.log_in(source_of(request), username, enter)
