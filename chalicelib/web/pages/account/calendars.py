"""Calendars: the list, a new one, what one leaves out next, and deleting it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from chalice.app import Response

from chalicelib.core.calendars.spans import NAME, Calendar, Span
from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound
from chalicelib.core.task import Task
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.csrf import SAY_IT_AGAIN
from chalicelib.web.pages.forms.field_errors import Errors, by_field
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

HERE = "/calendars"
SPANS_SHOWN = 20
RIGHT_NAME = "must be 1 to 64 of letters, digits, . _ -"
NO_FILE = "must be an iCalendar file: choose one, or paste its text"
DONE = {
    "kept": "The calendar is kept. Tasks that name it leave these times out from now on.",
    "deleted": "The calendar was deleted.",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One calendar as it is listed: how many of its times are to come, the next of them, and the tasks that name it."""

    calendar: Calendar
    ahead: int
    next: Span | None
    users: list[Task]


def show_all(visit: Visit) -> Response:
    """The caller's calendars, and a form for another."""
    return _list(visit, {}, {})


def _list(visit: Visit, typed: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    surveyed = visit.system.survey.of(visit.user)
    users = surveyed.by_calendar()
    rows = [_row(each, users, visit.now) for each in visit.system.calendars.calendars(visit.user)]
    notice = DONE.get(visit.query.get("done", ""))
    return page(
        visit,
        "account/calendars.html",
        status,
        rows=rows,
        complete=surveyed.complete,
        typed=typed,
        errors=errors,
        notice=notice,
    )


def _row(calendar: Calendar, users: Mapping[str, list[Task]], now: datetime) -> Row:
    ahead = [span for span in calendar.spans if span[1] > now]
    return Row(calendar=calendar, ahead=len(ahead), next=next(iter(ahead), None), users=users.get(calendar.name, []))


def keep(visit: Visit) -> Response:
    """Keep a file under a name, over what is there."""
    typed = fields(visit)
    name, text = typed.get("name", "").strip(), typed.get("ics", "")
    try:
        calendar, _ = visit.system.calendars.put(visit.user, _right_name(name), _file(text))
    except Invalid as error:
        return _list(visit, typed, by_field(_placed(error), {"/name": "name", "/ics": "ics"}), 422)
    return redirect(visit, f"{HERE}/{calendar.name}", done="kept")


def _right_name(name: str) -> str:
    if NAME.fullmatch(name) is None:
        raise Invalid(FieldError(pointer="/name", code="wrong_form", detail=RIGHT_NAME))
    return name


def _file(text: str) -> bytes:
    if not text.strip():
        raise Invalid(FieldError(pointer="/ics", code="missing", detail=NO_FILE))
    return text.encode()


def _placed(error: Invalid) -> Invalid:
    """What is wrong with the file as a whole, said beside its field."""
    return Invalid(*(one if one.pointer else _at_file(one) for one in error.errors))


def _at_file(one: FieldError) -> FieldError:
    return FieldError(pointer="/ics", code=one.code, detail=one.detail)


def keep_again(visit: Visit) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    return _list(visit, fields(visit), {"": [SAY_IT_AGAIN]}, 403)


def show(visit: Visit, name: str) -> Response:
    """What a calendar leaves out next, and which tasks name it."""
    calendar = visit.system.calendars.calendar(visit.user, _known(name))
    surveyed = visit.system.survey.of(visit.user)
    ahead = [span for span in calendar.spans if span[1] > visit.now]
    return page(
        visit,
        "account/calendar.html",
        calendar=calendar,
        spans=list(islice(ahead, SPANS_SHOWN)),
        ahead=len(ahead),
        users=surveyed.by_calendar().get(name, []),
        complete=surveyed.complete,
        typed={"name": name},
        errors={},
        notice=DONE.get(visit.query.get("done", "")),
    )


def _known(name: str) -> str:
    """A name that a calendar can have; any other is not looked up, and answers like a missing one."""
    if NAME.fullmatch(name) is None:
        raise NotFound("there is no such calendar")
    return name


def delete_page(visit: Visit, name: str) -> Response:
    """Ask before a calendar is deleted, and say which tasks stand in the way."""
    return _asked(visit, name)


def _asked(visit: Visit, name: str, refused: str | None = None, status: int = 200) -> Response:
    calendar = visit.system.calendars.calendar(visit.user, _known(name))
    surveyed = visit.system.survey.of(visit.user)
    users = surveyed.by_calendar().get(name, [])
    return page(visit, "account/calendar_delete.html", status, calendar=calendar, users=users, refused=refused)


def delete(visit: Visit, name: str) -> Response:
    """Delete a calendar that no task names."""
    try:
        visit.system.calendars.delete(visit.user, _known(name))
    except Conflict as error:
        return _asked(visit, name, sentence(error), 409)
    return redirect(visit, HERE, done="deleted")


ROUTES = (
    Route(path=HERE, get=show_all, post=keep, again=keep_again),
    Route(path=f"{HERE}/{{name}}", get=show),
    Route(path=f"{HERE}/{{name}}/delete", get=delete_page, post=delete),
)
