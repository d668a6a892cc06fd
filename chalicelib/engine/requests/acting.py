"""Acting: what somebody does to what is not theirs leaves a trace, in the log and with whom it concerns."""

from __future__ import annotations

from contextvars import ContextVar

from chalicelib.core.people.account import User
from chalicelib.logs import log

_concerned: ContextVar[str | None] = ContextVar("concerned", default=None)
"""Of the request that is being answered: the account whose thing was acted on, where that is not the caller's own."""


def begin() -> None:
    """A request begins: nobody is concerned by it yet."""
    _concerned.set(None)


def acted(caller: User, owner: str, verb: str, thing: str) -> None:
    """Tell that a caller did something to a thing of an account's; one's own things are one's own business."""
    if owner != caller.id:
        _concerned.set(owner)
        log("admin_acted", admin=caller.id, owner=owner, verb=verb, id=thing)


def concerned() -> str | None:
    """The account that the request concerns besides the caller's, if there is one."""
    return _concerned.get()
