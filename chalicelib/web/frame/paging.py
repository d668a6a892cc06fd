"""Paging: what a request says about which part of a list it wants."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import FieldError, Invalid, NotFound
from chalicelib.core.instant import from_text
from chalicelib.core.run import RunStatus
from chalicelib.engine.requests.signatures import SIZE
from chalicelib.web.checks.tasks import instant_errors
from chalicelib.web.frame.endpoint import ID, Call

DEFAULT_LIMIT = 50
LIMIT = 100
LONGEST_CURSOR = 2048
CURSORS = "cursor"
FILTERS = ("state", "tag", "q", "status", "from", "to", "owner")
"""Parameters that say what a list leaves out: a cursor goes on with the same ones only."""
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)\Z", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)

T = TypeVar("T")


def limit_of(call: Call) -> int:
    """How many items are wanted: `limit`, from 1 to 100."""
    given = call.query("limit")
    if not given:
        return DEFAULT_LIMIT
    if _NUMBER.fullmatch(given[-1]) is None or not 1 <= int(given[-1]) <= LIMIT:
        raise _wrong("/limit", "out_of_range", f"must be a whole number from 1 to {LIMIT}")
    return int(given[-1])


def cursor_for(call: Call, listing: str, after: str | None) -> str | None:
    """A text for where a list goes on. Nobody else can use it, make it or change it: it is signed, together with who
    asks, the list and what the query leaves out."""
    if after is None:
        return None
    signature = system().signatures.sign(CURSORS, _signed(call, listing, after))
    return base64.urlsafe_b64encode(signature + after.encode()).decode().rstrip("=")


def after_of(call: Call, listing: str) -> str | None:
    """Where the list goes on after, from the `cursor` that its previous page gave."""
    given = call.query("cursor")
    if not given:
        return None
    known = _decoded(given[-1])
    if known is None or not system().signatures.holds(known[0], CURSORS, _signed(call, listing, known[1])):
        detail = "must be the `next_cursor` of a page of this very list, with the same filters"
        raise _wrong("/cursor", "invalid_cursor", detail)
    return known[1]


def _signed(call: Call, listing: str, after: str) -> str:
    """All that a cursor is bound to, as one text that nothing else has."""
    return json.dumps([listing, call.user.id, [sorted(call.query(name)) for name in FILTERS], after])


def _decoded(cursor: str) -> tuple[bytes, str] | None:
    """What a cursor consists of: a signature, and what may be signed by it."""
    if len(cursor) > LONGEST_CURSOR:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return raw[:SIZE], raw[SIZE:].decode()
    except (binascii.Error, ValueError):
        return None


def one_of(call: Call, name: str, known: Callable[[str], T], listed: str) -> frozenset[T]:
    """The values of a parameter that may repeat, each one that `known` takes; none where it is not given."""
    try:
        return frozenset(known(value) for value in call.query(name))
    except ValueError as error:
        raise _wrong(f"/{name}", "unknown_value", f"must be one of {listed}") from error


def statuses_of(call: Call) -> frozenset[RunStatus]:
    """The statuses of runs that are wanted: `status`, which may repeat."""
    return one_of(call, "status", RunStatus, ", ".join(RunStatus))


def owner_of(call: Call) -> str | None:
    """Whose list is wanted: `owner`, the id of an account; None for the caller's own."""
    given = call.query("owner")
    if not given or given[-1] == call.user.id:
        return None
    if ID.fullmatch(given[-1]) is None:
        raise NotFound("there is no such user")
    return given[-1]


def instant_of(call: Call, name: str) -> datetime | None:
    """An instant of the query. A + that was not written as %2B has become a space on its way."""
    given = call.query(name)
    if not given:
        return None
    text = _LOST_PLUS.sub(r"+\1", given[-1])
    errors = list(instant_errors(text, f"/{name}"))
    if errors:
        raise Invalid(*errors)
    return from_text(text)


def _wrong(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(FieldError(pointer=pointer, code=code, detail=detail))
