"""Cron expressions on the form."""

from __future__ import annotations

from typing import Any

from chalicelib.web.pages.forms.task.part import Part
from chalicelib.web.pages.forms.task.reader import Document, Reader
from chalicelib.web.pages.forms.task.schedules import bounds, clock_changes
from chalicelib.web.pages.forms.task.times import known_zone


def _shown(schedule: Document) -> dict[str, str]:
    zone = schedule.get("time_zone", "UTC")
    own = {"expression": schedule["expression"], "time_zone": zone}
    return own | clock_changes.shown(schedule) | bounds.shown(schedule, known_zone(zone))


def _read(reader: Reader) -> dict[str, Any]:
    zone = reader.text("time_zone") or "UTC"  # whether there is such a zone is for the schema to say
    own = {"expression": reader.text("expression"), "time_zone": zone}
    return own | clock_changes.read(reader) | bounds.read(reader, known_zone(zone))


CRON = Part(
    empty={"expression": "", "time_zone": "UTC", **clock_changes.EMPTY, **bounds.EMPTY},
    labels={
        "expression": "Cron expression",
        "time_zone": "Time zone of the expression",
        **clock_changes.LABELS,
        **bounds.LABELS,
    },
    fields={
        "": "expression",
        "/expression": "expression",
        "/time_zone": "time_zone",
        **clock_changes.FIELDS,
        **bounds.FIELDS,
    },
    shown=_shown,
    read=_read,
)
