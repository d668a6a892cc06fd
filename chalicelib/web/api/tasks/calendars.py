"""Named calendars: times that tasks leave out, given as iCalendar files."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.calendars.spans import NAME
from chalicelib.core.errors import FieldError, Invalid, NotFound
from chalicelib.web.frame.endpoint import Body, Call, Reply, endpoint
from chalicelib.web.rendering import calendar_json

calendars = Blueprint(__name__)


@endpoint(calendars, "GET", "/api/calendars")
def list_calendars(call: Call) -> Reply:
    """The caller's calendars, by name."""
    now = call.now
    items = [calendar_json(each, now) for each in system().calendars.calendars(call.user)]
    return Reply(body={"items": items, "next_cursor": None})


@endpoint(calendars, "GET", "/api/calendars/{name}")
def read_calendar(call: Call, name: str) -> Reply:
    """One calendar."""
    return Reply(body=calendar_json(system().calendars.calendar(call.user, _known(name)), call.now))


@endpoint(calendars, "PUT", "/api/calendars/{name}", body=Body.CALENDAR)
def put_calendar(call: Call, name: str) -> Reply:
    """Keep an iCalendar file's events under a name; tasks that name it leave them out from now on."""
    if NAME.fullmatch(name) is None:
        raise Invalid(
            FieldError(pointer="/name", code="wrong_form", detail="must be 1 to 64 of letters, digits, . _ -")
        )
    calendar, new = system().calendars.put(call.user, name, call.body)
    return Reply(body=calendar_json(calendar, call.now), status=201 if new else 200)


@endpoint(calendars, "DELETE", "/api/calendars/{name}")
def delete_calendar(call: Call, name: str) -> Reply:
    """Delete a calendar that no task names."""
    system().calendars.delete(call.user, _known(name))
    return Reply(status=204)


def _known(name: str) -> str:
    """A name that a calendar can have; any other is not looked up, and answers like a missing one."""
    if NAME.fullmatch(name) is None:
        raise NotFound("there is no such calendar")
    return name
