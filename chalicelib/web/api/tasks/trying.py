"""Trying things out before a task is defined: previews of schedules, and the functions there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core import schedule as schedules
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import EPOCH, floor_ms, from_text
from chalicelib.core.people.account import Scope
from chalicelib.core.schedule import Schedule
from chalicelib.core.schedule.preview import preview
from chalicelib.functions import described, registry
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import Body, Call, Reply, endpoint
from chalicelib.web.rendering import preview_json

COUNT = 10

trying = Blueprint(__name__)


@endpoint(trying, "POST", "/api/preview", body=Body.REQUIRED, scope=Scope.READ)
def preview_schedule(call: Call) -> Reply:
    """A schedule in words and its next due times, as though it were defined at `after`."""
    given = schemas.preview(call.body)
    after = from_text(given["after"]) if "after" in given else floor_ms(call.now)
    schedule = _parsed(call, given["schedule"], after)
    shown = preview(schedule, after, given.get("count", COUNT))
    if not shown.due_times and ("after" not in given or schedules.first_from(schedule, EPOCH) is None):
        detail = "never fires: there is no due time from now on"
        raise Invalid(FieldError(pointer="/schedule", code="never_fires", detail=detail))
    return Reply(body=preview_json(schedule, shown))


def _parsed(call: Call, schedule: Mapping[str, Any], after: datetime) -> Schedule:
    """The schedule, with the calendars of who is asking; errors point into the whole document."""
    calendars = system().catalog.named_calendars(call.user.id, schedule)
    try:
        return schedules.parse(schedule, after, calendars=calendars)
    except Invalid as error:
        raise Invalid(*(replace(one, pointer=f"/schedule{one.pointer}") for one in error.errors)) from error


@endpoint(trying, "GET", "/api/functions")
def functions(call: Call) -> Reply:
    """The functions that a task may call, with their signatures."""
    return Reply(body={"items": [described.to_json(known) for known in registry.registered()]})
