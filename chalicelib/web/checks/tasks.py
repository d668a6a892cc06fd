"""What a task must be beyond the shape of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from chalicelib.core import schedule as schedules
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import EPOCH, LATEST, from_text
from chalicelib.settings import Settings
from chalicelib.web.checks.actions import action_errors, size
from chalicelib.web.checks.collecting import errors_in
from chalicelib.web.checks.notifying import notify_errors
from chalicelib.web.checks.shapes.tasks import Task

METADATA_LIMIT = 4 * 1024
"""Bytes as JSON."""
LONGEST_HTTP_SECONDS = 120
MOST_CALENDARS = 4
"""A task keeps the spans of its calendars, and those of the schedule before: 30 KB each, and 400 KB is all there is."""
INSTANTS = ("at", "start_at", "end_at")
RIGHT_INSTANT = "must be an RFC 3339 instant with an offset, like 2026-01-01T09:00:00Z"


def task_errors(task: Any, settings: Settings) -> Iterator[FieldError]:
    """Everything that is wrong with a task: with the shape of each part, and with each part whose shape is right."""
    wrong = list(errors_in(task, Task))
    yield from wrong
    if not isinstance(task, dict):
        return
    sound = task.keys() - {error.pointer.split("/")[1] for error in wrong}
    if "action" in sound:
        yield from _below("/action", action_errors(task["action"], settings.aws_actions_allowed))
    if "schedule" in sound:
        yield from _below("/schedule", schedule_errors(task["schedule"]))
    if "notify" in sound:
        yield from _below("/notify", notify_errors(task["notify"], settings))
    yield from _own_errors({name: task[name] for name in sound})


def schedule_errors(schedule: Mapping[str, Any]) -> Iterator[FieldError]:
    """What is wrong with a schedule whose shape is right; pointers begin at the schedule.

    Whether it ever fires depends on the time, and whether its calendars are there on who is asking: that is for the
    engine to say.
    """
    given = [name for name in INSTANTS if name in schedule]
    wrong = list(chain.from_iterable(instant_errors(schedule[name], f"/{name}") for name in given))
    yield from wrong
    if wrong and schedule["type"] == "once":
        return
    calendars = dict.fromkeys(schedules.calendar_names(schedule), ())
    if len(calendars) > MOST_CALENDARS:
        yield _error("/exclude", "too_many", f"must name {MOST_CALENDARS} calendars at most")
    # Counting `max_runs` out takes long and is never wrong; wrong instants have been told of.
    apart = {"max_runs", *(given if wrong else ())}
    try:
        schedules.parse(
            {name: value for name, value in schedule.items() if name not in apart}, EPOCH, calendars=calendars
        )
    except Invalid as error:
        yield from error.errors


def instant_errors(text: str, pointer: str) -> Iterator[FieldError]:
    """What is wrong with the text of an instant."""
    try:
        instant = from_text(text)
    except ValueError:
        yield _error(pointer, "invalid_instant", RIGHT_INSTANT)
        return
    if not EPOCH <= instant <= LATEST:
        yield _error(pointer, "out_of_range", "must lie between 1970-01-01 and 2100-01-01")


def _own_errors(task: Mapping[str, Any]) -> Iterator[FieldError]:
    if size(task.get("metadata", {})) > METADATA_LIMIT:
        yield _error("/metadata", "too_large", "must have 4 KB at most")
    if task.get("timeout_seconds", 0) > LONGEST_HTTP_SECONDS and task.get("action", {}).get("type") == "http":
        yield _error("/timeout_seconds", "out_of_range", "must be a number from 1 to 120 for an http action")


def _below(pointer: str, errors: Iterator[FieldError]) -> Iterator[FieldError]:
    return (replace(error, pointer=pointer + error.pointer) for error in errors)


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
