"""Every so often, on the form."""

from __future__ import annotations

from typing import Any

from chalicelib.web.pages.forms.task.part import Part
from chalicelib.web.pages.forms.task.reader import Document, Reader, whole
from chalicelib.web.pages.forms.task.schedules import bounds
from chalicelib.web.pages.forms.task.times import known_zone, zone_or_utc

LAST_DAY = "last_day"


def _shown(schedule: Document) -> dict[str, str]:
    zone = schedule.get("time_zone", "UTC")
    return {
        "every": str(schedule["every"]),
        "unit": schedule["unit"],
        "every_zone": zone,
        "short_months": schedule.get("short_months", LAST_DAY),
        **bounds.shown(schedule, known_zone(zone)),
    }


def _read(reader: Reader) -> dict[str, Any]:
    zone = zone_or_utc(reader, "every_zone")
    months = reader.typed["short_months"]
    return {
        "every": reader.read("every", whole),
        "unit": reader.typed["unit"],
        **({} if zone.key == "UTC" else {"time_zone": zone.key}),
        **({} if months == LAST_DAY else {"short_months": months}),
        **bounds.read(reader, zone),
    }


INTERVAL = Part(
    empty={"every": "5", "unit": "minutes", "every_zone": "UTC", "short_months": LAST_DAY, **bounds.EMPTY},
    labels={
        "every": "Every",
        "unit": "Unit",
        "every_zone": "Time zone of the interval",
        "short_months": "In months that are too short",
        **bounds.LABELS,
    },
    fields={
        "": "every",
        "/every": "every",
        "/unit": "unit",
        "/time_zone": "every_zone",
        "/short_months": "short_months",
        **bounds.FIELDS,
    },
    shown=_shown,
    read=_read,
)
