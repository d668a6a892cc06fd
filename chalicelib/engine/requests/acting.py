"""Acting: what somebody does to what is not theirs leaves a trace."""

from __future__ import annotations

from chalicelib.core.account import User
from chalicelib.logs import log


def acted(caller: User, owner: str, verb: str, thing: str) -> None:
    """Tell that a caller did something to a thing of an account's; one's own things are one's own business."""
    if owner != caller.id:
        log("admin_acted", admin=caller.id, owner=owner, verb=verb, id=thing)
