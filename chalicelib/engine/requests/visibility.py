"""Visibility: whose things a caller may see."""

from __future__ import annotations

from chalicelib.core.errors import NotFound
from chalicelib.core.people.account import User, may_see
from chalicelib.ports.whole import WholeStore


def visible_owner(store: WholeStore, caller: User, owner: str | None) -> str:
    """Whose list is asked for: the caller's own where nobody is named. One that the caller may not see answers like
    one that does not exist: `NotFound`."""
    if owner is None or owner == caller.id:
        return caller.id
    if not may_see(caller, owner) or store.user(owner) is None:
        raise NotFound("there is no such user")
    return owner
