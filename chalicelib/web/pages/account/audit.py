"""The audit log: who did what to what, from where and when, newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from chalice.app import Response

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.people.acts import KEPT, Act
from chalicelib.web.api.document.operations import OPERATIONS
from chalicelib.web.api.people.audit import owner_asked
from chalicelib.web.frame.endpoint import Call
from chalicelib.web.frame.paging import after_of, cursor_for
from chalicelib.web.pages.forms.field_errors import Errors, by_field
from chalicelib.web.pages.looks.acts import ACT_WORDS
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

HERE, LISTING = "/audit", "audit page"
ACTS_SHOWN = 50
FIELDS = {"/from": "from", "/to": "to", "/cursor": "", "/owner": "owner"}
WRONG = "must be a date and a time, like 2026-01-31T09:00"
PLACES = re.compile(r"/(?:api/)?(tasks?|runs?|calendars|secrets|members|users)/([^/]+)")
PAGES = {"task": "/task/", "tasks": "/task/", "run": "/run/", "runs": "/run/", "calendars": "/calendars/"}
PAGES |= {"secrets": "/secrets/", "members": "/members/", "users": "/members/"}
"""Where things are to be seen, by how the path of an act names them."""
OWN = ("calendars", "secrets")
"""What nobody sees of others."""
SAID = {f"{one.method} {one.path}": one.does for one in OPERATIONS} | ACT_WORDS


@dataclass(frozen=True, kw_only=True)
class Line:
    """An act in words, and the page of what it was done to, where it may still be seen."""

    act: Act
    words: str
    link: str | None


def show(visit: Visit) -> Response:
    """What the caller did, or for an admin what any `owner` did."""
    call = Call(request=visit.request, session=visit.session)
    try:
        owner, since, until = owner_asked(call), _instant(visit, "from"), _instant(visit, "to")
        after = after_of(call, LISTING)
    except Invalid as error:
        return _page(visit, (), by_field(error, FIELDS), status=422)
    found = visit.system.audit_log.acts(
        visit.user, limit=ACTS_SHOWN, owner=owner, after=after, since=since, until=until
    )
    lines = tuple(_line(visit, act) for act in found.items)
    return _page(visit, lines, {}, older=cursor_for(call, LISTING, found.after), later=after is not None)


def _page(
    visit: Visit,
    lines: tuple[Line, ...],
    errors: Errors,
    *,
    older: str | None = None,
    later: bool = False,
    status: int = 200,
) -> Response:
    owner = visit.query.get("owner") or None
    return page(
        visit,
        "account/audit.html",
        status,
        lines=lines,
        older=older,
        later_page=later,
        owner=owner,
        whose=_named(visit, owner, lines),
        kept_days=KEPT.days,
        typed={name: visit.query.get(name, "") for name in ("from", "to")},
        errors=errors,
    )


def _named(visit: Visit, owner: str | None, lines: tuple[Line, ...]) -> str | None:
    """Whose log it is, where it is somebody else's: their name, as far as their own acts tell it."""
    if owner is None or owner == visit.user.id:
        return None
    return next((line.act.actor_name for line in lines if line.act.actor == owner and line.act.actor_name), owner)


def _instant(visit: Visit, name: str) -> datetime | None:
    """An instant of the query: with an offset, or by the clock that the pages show."""
    text = visit.query.get(name, "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo is not None else at.replace(tzinfo=visit.zones.shown())).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(FieldError(pointer=f"/{name}", code="wrong_form", detail=WRONG)) from error


def _line(visit: Visit, act: Act) -> Line:
    found = PLACES.match(act.target)
    seen = found is not None and (found[1] not in OWN or act.owner == visit.user.id)
    link = visit.url(PAGES[found[1]] + found[2]) if found is not None and seen else None
    return Line(act=act, words=SAID.get(act.action, ""), link=link)


ROUTES = (Route(path=HERE, get=show),)
