"""Named tokens: what its owner makes for scripts."""

from __future__ import annotations

from datetime import timedelta

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.instant import from_text
from chalicelib.core.people.account import Scope
from chalicelib.engine.requests.people.tokens import DEFAULT_OVERLAP, Issued
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import Body, Call, Reply, endpoint
from chalicelib.web.rendering import token_json

tokens = Blueprint(__name__)


@endpoint(tokens, "GET", "/api/tokens")
def list_tokens(call: Call) -> Reply:
    """The caller's named tokens, the oldest first."""
    now = call.now
    items = [token_json(token, now) for token in system().tokens.named(call.authenticated)]
    return Reply(body={"items": items, "next_cursor": None})


@endpoint(tokens, "POST", "/api/tokens", body=Body.REQUIRED)
def create_token(call: Call) -> Reply:
    """Make a token; its text is in this answer and nowhere else."""
    given = schemas.new_token(call.body)
    ends = given.get("expires_at")
    issued = system().tokens.create(
        call.authenticated,
        given["name"],
        frozenset(Scope(scope) for scope in given["scopes"]),
        None if ends is None else from_text(ends),
    )
    return _shown_once(call, issued, status=201)


@endpoint(tokens, "POST", "/api/tokens/{token_id}/rotate", body=Body.OPTIONAL)
def rotate_token(call: Call, token_id: str) -> Reply:
    """Another text for a token; the one before counts for a while."""
    given = schemas.rotation(call.body)
    overlap = timedelta(seconds=given["overlap_seconds"]) if "overlap_seconds" in given else DEFAULT_OVERLAP
    return _shown_once(call, system().tokens.rotate(call.authenticated, token_id, overlap))


@endpoint(tokens, "DELETE", "/api/tokens/{token_id}")
def delete_token(call: Call, token_id: str) -> Reply:
    """The token is dead afterwards."""
    system().tokens.revoke(call.authenticated, token_id)
    return Reply(status=204)


def _shown_once(call: Call, issued: Issued, *, status: int = 200) -> Reply:
    return Reply(body=token_json(issued.token, call.now), status=status, secrets={"token": issued.text})
