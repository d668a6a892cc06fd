"""Trying things out before a task is defined: previews of schedules, and the functions there are."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.core import schedule as schedules
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import EPOCH, floor_ms, from_text
from chalicelib.core.schedule.preview import preview
from chalicelib.functions import registry
from chalicelib.web import schemas
from chalicelib.web.endpoint import Body, Call, Reply, endpoint
from chalicelib.web.rendering import preview_json

COUNT = 10

trying = Blueprint(__name__)


@endpoint(trying, "POST", "/api/preview", body=Body.REQUIRED)
def preview_schedule(call: Call) -> Reply:
    """A schedule in words and its next due times, as though it were defined at `after`."""
    given = schemas.preview(call.body)
    after = from_text(given["after"]) if "after" in given else floor_ms(call.now)
    schedule = schedules.parse(given["schedule"], after)
    shown = preview(schedule, after, given.get("count", COUNT))
    if not shown.due_times and ("after" not in given or schedules.first_from(schedule, EPOCH) is None):
        detail = "never fires: there is no due time from now on"
        raise Invalid(FieldError(pointer="/schedule", code="never_fires", detail=detail))
    return Reply(body=preview_json(shown))


@endpoint(trying, "GET", "/api/functions")
def functions(call: Call) -> Reply:
    """The functions that a task may call, with their signatures."""
    return Reply(body={"items": [known.to_json() for known in registry.registered()]})
