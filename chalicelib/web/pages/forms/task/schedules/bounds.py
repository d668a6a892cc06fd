"""What an owner makes of a recurring schedule on the form: from when, until when, how often, spread, left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.core.calendars.spans import NAME
from chalicelib.core.errors import PunctualError
from chalicelib.core.schedule.exclusions import WEEKDAYS
from chalicelib.web.frame import json_text
from chalicelib.web.pages.forms.task.reader import Document, Reader, Unreadable, whole
from chalicelib.web.pages.forms.task.texts import json_line
from chalicelib.web.pages.forms.task.times import instant, instant_text

EMPTY: Mapping[str, str] = {"start_at": "", "end_at": "", "max_runs": "", "jitter_seconds": "", "exclude": ""}
LABELS: Mapping[str, str] = {
    "start_at": "Not before",
    "end_at": "Not after",
    "max_runs": "At most so many runs",
    "jitter_seconds": "Spread over",
    "exclude": "Leave out",
}
FIELDS: Mapping[str, str] = {f"/{name}": name for name in EMPTY}

_DAY = r"\d{4}-\d\d-\d\d"
_DATE = re.compile(_DAY, re.ASCII)
_RANGE = re.compile(rf"({_DAY}) +to +({_DAY})", re.ASCII)
_WEEKLY = re.compile(rf"((?:{'|'.join(WEEKDAYS)})(?:[ ,]+(?:{'|'.join(WEEKDAYS)}))*) +(\S+) +to +(\S+)", re.IGNORECASE)
_CALENDAR = re.compile(rf"calendar +({NAME.pattern})", re.ASCII)
_FORMS = "write 2026-12-25, 2026-12-24 to 2027-01-01, sat sun 22:00 to 06:00, or calendar and the name of one of yours"


def shown(schedule: Document, zone: ZoneInfo) -> dict[str, str]:
    """What the fields hold; local times are those of the schedule's zone."""
    own = {name: str(schedule[name]) for name in ("max_runs", "jitter_seconds") if name in schedule}
    own |= {name: instant_text(schedule[name], zone) for name in ("start_at", "end_at") if name in schedule}
    return own | {"exclude": "\n".join(exclusion_line(one) for one in schedule.get("exclude", ()))}


def read(reader: Reader, zone: ZoneInfo) -> dict[str, Any]:
    """The members that were given."""
    return {
        **reader.given("start_at", "start_at", lambda text: instant(text, zone)),
        **reader.given("end_at", "end_at", lambda text: instant(text, zone)),
        **reader.given("max_runs", "max_runs", whole),
        **reader.given("jitter_seconds", "jitter_seconds", whole),
        **reader.given("exclude", "exclude", _exclusions),
    }


def exclusion_line(exclusion: Document) -> str:
    """What is left out, as one line.

    >>> exclusion_line({"weekly": ["sat", "sun"], "from": "22:00", "to": "06:00"})
    'sat sun 22:00 to 06:00'
    """
    match exclusion:
        case {"date": day, **rest} if not rest:
            line = str(day)
        case {"weekly": list(days), "from": begin, "to": end, **rest} if not rest:
            line = f"{' '.join(map(str, days))} {begin} to {end}"
        case {"from": first, "to": last, **rest} if not rest:
            line = f"{first} to {last}"
        case {"calendar": name, **rest} if not rest:
            line = f"calendar {name}"
        case _:
            line = ""
    return line if _line_or_none(line) == exclusion else json_line(exclusion)


def _exclusions(text: str) -> list[Any]:
    lines = [(at, line.strip()) for at, line in enumerate(text.split("\n"), start=1) if line.strip()]
    return [_exclusion(at, line) for at, line in lines]


def _exclusion(at: int, line: str) -> Any:
    found = _line_or_none(line)
    if found is None:
        raise Unreadable(f"line {at} says nothing to leave out: {_FORMS}")
    return found


def _line_or_none(line: str) -> Any:
    if _DATE.fullmatch(line):
        return {"date": line}
    if found := _RANGE.fullmatch(line):
        return {"from": found[1], "to": found[2]}
    if found := _WEEKLY.fullmatch(line):
        return {"weekly": re.split(r"[ ,]+", found[1].lower()), "from": found[2], "to": found[3]}
    if found := _CALENDAR.fullmatch(line):
        return {"calendar": found[1]}
    return _object(line) if line.startswith("{") else None


def _object(line: str) -> Any:
    try:
        return json_text.read(line.encode("utf-8", "replace"))
    except PunctualError:
        return None
