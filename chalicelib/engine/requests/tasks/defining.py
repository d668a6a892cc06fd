"""Defining: what a task is to be, and from when on its due times are owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.core import task as tasks
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.schedule import Once, Schedule, Spans, first_from
from chalicelib.core.task import Definition, Task


def definition_of(
    data: Mapping[str, Any],
    now: datetime,
    task_id: str,
    calendars: Mapping[str, Spans],
    keeping: Schedule | None = None,
) -> Definition:
    """The definition, with errors that point into the whole document."""
    try:
        return tasks.from_json(data, now, seed=task_id, keeping=keeping, calendars=calendars)
    except Invalid as error:
        raise Invalid(*(replace(e, pointer=f"/schedule{e.pointer}") for e in error.errors)) from error


def redefined(old: Task, definition: Definition, now: datetime, reason: str) -> Task:
    """The task with a new definition; a schedule that is new must have something left to run."""
    new = old.redefined(definition, now, reason)
    if definition.schedule == old.definition.schedule:
        return new
    return replace(new, changed_at=first_owed(definition, now))


def first_owed(definition: Definition, now: datetime) -> datetime:
    """From when on a new schedule's due times are owed: now, or earlier for a `once` that is still within its grace."""
    schedule = definition.schedule
    if isinstance(schedule, Once):
        if schedule.at < now - definition.misfire.grace:
            raise _never(
                "/schedule/at",
                "past",
                "lies further in the past than `misfire.grace_seconds`: give a later time, or a longer grace",
            )
        return min(schedule.at, now)
    if first_from(schedule, now) is None:
        raise _never("/schedule", "never_fires", "never fires: there is no due time from now on")
    return now


def _never(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(FieldError(pointer=pointer, code=code, detail=detail))
