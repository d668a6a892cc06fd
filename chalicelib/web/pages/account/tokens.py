"""Tokens: those of one's scripts, made, renewed and revoked. A token's text is on one answer and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from chalice.app import Response

from chalicelib.core.errors import Conflict, Invalid, NotAllowed, NotFound
from chalicelib.core.instant import floor_ms, to_text
from chalicelib.core.people.account import Scope, Token
from chalicelib.engine.requests.people.tokens import DEFAULT_OVERLAP, Issued
from chalicelib.web import schemas
from chalicelib.web.frame.problems import status_of
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.csrf import SAY_IT_AGAIN
from chalicelib.web.pages.forms.field_errors import Errors, by_field
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

HERE = "/tokens"
FIELDS = {"/name": "name", "/scopes": "scopes", "/expires_at": "ends"}
SCOPES: Mapping[Scope, str] = {
    Scope.READ: "look at tasks, runs and calendars",
    Scope.RUN: "start, cancel, retry, backfill and skip",
    Scope.WRITE: "define, change and delete (and look)",
    Scope.ADMIN: "do what you may do as an admin",
}
ENDS = (("", "never"), ("7", "in 7 days"), ("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"))
"""Days from now, and what that is called."""
OVERLAPS = (("0", "not at all"), ("3600", "for an hour"), ("86400", "for a day"), ("604800", "for a week"))
"""Seconds for which the text before still counts."""
DONE = {"revoked": "The token is dead: whoever uses it is turned away from now on."}


def show_all(visit: Visit) -> Response:
    """The caller's named tokens, and a form for another."""
    return _list(visit, {"ends": "90", "scope_read": "yes"}, {})


def _list(visit: Visit, typed: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    return page(
        visit,
        "account/tokens.html",
        status,
        tokens=visit.system.tokens.named(visit.authenticated),
        scopes=[(scope, words) for scope, words in SCOPES.items() if scope in visit.user.scopes],
        ends=ENDS,
        typed={"ends": "", **typed},
        errors=errors,
        notice=DONE.get(visit.query.get("done", "")),
    )


def create(visit: Visit) -> Response:
    """Make a token; its text is in this answer and nowhere else."""
    typed = fields(visit)
    scopes = [str(scope) for scope in SCOPES if typed.get(f"scope_{scope}")]
    try:
        given = schemas.new_token({"name": typed.get("name", "").strip(), "scopes": scopes} | _ends(typed, visit.now))
        issued = visit.system.tokens.create(
            visit.authenticated, given["name"], frozenset(map(Scope, scopes)), _end(typed, visit.now)
        )
    except Invalid as error:
        return _list(visit, typed, by_field(error, FIELDS), 422)
    except (Conflict, NotAllowed) as error:
        return _list(visit, typed, {"": [sentence(error)]}, int(status_of(error)))
    return _shown_once(visit, issued, status=201)


def _ends(typed: Mapping[str, str], now: datetime) -> dict[str, str]:
    end = _end(typed, now)
    return {} if end is None else {"expires_at": to_text(end)}


def _end(typed: Mapping[str, str], now: datetime) -> datetime | None:
    """When it ends; a choice that is not offered is none."""
    days = typed.get("ends", "")
    return floor_ms(now) + timedelta(days=int(days)) if days in dict(ENDS) and days else None


def create_again(visit: Visit) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    return _list(visit, fields(visit), {"": [SAY_IT_AGAIN]}, 403)


def _shown_once(visit: Visit, issued: Issued, overlap: timedelta | None = None, status: int = 200) -> Response:
    return page(visit, "account/token_shown.html", status, token=issued.token, text=issued.text, overlap=overlap)


def rotate_page(visit: Visit, token_id: str) -> Response:
    """Ask how long the text before should still count."""
    return _asked_to_rotate(visit, token_id)


def _asked_to_rotate(visit: Visit, token_id: str, refused: str | None = None, status: int = 200) -> Response:
    seconds = str(int(DEFAULT_OVERLAP.total_seconds()))
    return page(
        visit,
        "account/token_rotate.html",
        status,
        token=_own(visit, token_id),
        overlaps=OVERLAPS,
        typed={"overlap_seconds": seconds},
        errors={} if refused is None else {"": [refused]},
    )


def rotate(visit: Visit, token_id: str) -> Response:
    """Another text for a token, in this answer and nowhere else."""
    chosen = fields(visit).get("overlap_seconds", "")
    overlap = timedelta(seconds=int(chosen)) if chosen in dict(OVERLAPS) else DEFAULT_OVERLAP
    try:
        issued = visit.system.tokens.rotate(visit.authenticated, token_id, overlap)
    except (Conflict, NotAllowed) as error:
        return _asked_to_rotate(visit, token_id, sentence(error), int(status_of(error)))
    return _shown_once(visit, issued, overlap)


def revoke_page(visit: Visit, token_id: str) -> Response:
    """Ask before a token is revoked."""
    return page(visit, "account/token_revoke.html", token=_own(visit, token_id))


def revoke(visit: Visit, token_id: str) -> Response:
    """The token is dead afterwards."""
    visit.system.tokens.revoke(visit.authenticated, token_id)
    return redirect(visit, HERE, done="revoked")


def _own(visit: Visit, token_id: str) -> Token:
    found = next((token for token in visit.system.tokens.named(visit.authenticated) if token.id == token_id), None)
    if found is None:
        raise NotFound("there is no such token")
    return found


ROUTES = (
    Route(path=HERE, get=show_all, post=create, again=create_again),
    Route(path=f"{HERE}/{{token_id}}/rotate", get=rotate_page, post=rotate),
    Route(path=f"{HERE}/{{token_id}}/revoke", get=revoke_page, post=revoke),
)
