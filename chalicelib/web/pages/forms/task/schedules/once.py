"""A single due time on the form."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.web.pages.forms.task.part import Part
from chalicelib.web.pages.forms.task.reader import Document, Reader
from chalicelib.web.pages.forms.task.times import instant, instant_text, zone_or_utc


def _shown(schedule: Document) -> dict[str, str]:
    """In UTC: a time that is stored has no zone of its own."""
    return {"at": instant_text(schedule["at"], ZoneInfo("UTC")), "at_zone": "UTC"}


def _read(reader: Reader) -> dict[str, Any]:
    zone = zone_or_utc(reader, "at_zone")
    return {"at": reader.read("at", lambda text: instant(text, zone))}


ONCE = Part(
    empty={"at": "", "at_zone": "UTC"},
    labels={"at": "Date and time", "at_zone": "In the time zone"},
    fields={"": "at", "/at": "at"},
    shown=_shown,
    read=_read,
)
