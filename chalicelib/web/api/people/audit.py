"""The audit log: who did what."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import to_text
from chalicelib.core.people.acts import Act
from chalicelib.web.frame.endpoint import ID, Call, Reply, endpoint
from chalicelib.web.frame.paging import after_of, cursor_for, limit_of

LISTING = "audit"

audit = Blueprint(__name__)


@endpoint(audit, "GET", "/api/audit")
def list_acts(call: Call) -> Reply:
    """What the caller did, or for an admin what any `owner` did, newest first."""
    limit, after = limit_of(call), after_of(call, LISTING)
    page = system().audit_log.acts(call.user, limit=limit, owner=owner_asked(call), after=after)
    body = {"items": [act_json(act) for act in page.items], "next_cursor": cursor_for(call, LISTING, page.after)}
    return Reply(body=body)


def owner_asked(call: Call) -> str | None:
    """Whose log is wanted: `owner`, the id of an account; None for the caller's own."""
    given = call.query("owner")
    if not given:
        return None
    if ID.fullmatch(given[-1]) is None:
        detail = "must be the id of an account"
        raise Invalid(FieldError(pointer="/owner", code="wrong_form", detail=detail))
    return given[-1]


def act_json(act: Act) -> dict[str, Any]:
    """An act as the API tells it."""
    return {
        "id": act.id,
        "at": to_text(act.at),
        "owner": act.owner,
        "actor": None if act.actor is None else {"id": act.actor, "username": act.actor_name},
        "action": act.action,
        "target": act.target or None,
        "status": act.status,
        "source": act.origin.source,
        "by": act.origin.by,
        "token_id": act.origin.token_id,
        "request_id": act.origin.request_id,
    }
