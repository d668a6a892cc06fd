"""Moments of an iCalendar file: local times with the zone that they are in."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.adapters.icalendar_file.lines import Line, library, wrong

FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_EXDATES = 20_000
Moment = tuple[datetime, ZoneInfo, bool]
"""A local time, its zone, and whether it is a whole day."""


def moments(line: Line, default: ZoneInfo) -> list[Moment]:
    """The local times that a property lists."""
    texts = line.value.split(",")
    if len(texts) > MOST_EXDATES:
        raise wrong(f"takes more than {MOST_EXDATES:,} times away from one event")
    return [moment_of(replace(line, value=text), default) for text in texts]


def moment_of(line: Line, default: ZoneInfo) -> Moment:
    """The local time that a property gives, with its zone."""
    given = value_in(line.value, f"a date or a time in {line.name}")
    if not isinstance(given, date) or not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise wrong(f"has {line.value[:40]!r} in {line.name}, which is no date from {FIRST_YEAR} to {LAST_YEAR}")
    if not isinstance(given, datetime):
        return datetime.combine(given, time(0)), default, True
    if given.tzinfo is not None:
        return given.replace(tzinfo=None), ZoneInfo("UTC"), False
    name = line.params.get("TZID")
    return given, default if name is None else zone_called(str(name)), False


def value_in(text: str, wanted: str) -> Any:
    """A date, a time, a duration or a period, where that is wanted."""
    try:
        return library().prop.vDDDTypes.from_ical(text.strip())
    except (ValueError, OverflowError, TypeError) as error:
        raise wrong(f"has {text[:40]!r} where {wanted} belongs") from error


def in_zone(local: datetime, zone: ZoneInfo, other: ZoneInfo) -> datetime:
    """The local time of one zone in another."""
    return local if zone.key == other.key else local.replace(tzinfo=zone).astimezone(other).replace(tzinfo=None)


def zone_called(name: str) -> ZoneInfo:
    """A zone by its name, as the time zone database has it, or Windows."""
    known = importlib.import_module("icalendar.timezone.windows_to_olson").WINDOWS_TO_OLSON
    plain = name.strip().strip('"')
    for key in (plain, known.get(plain, ""), "/".join(plain.split("/")[-2:])):
        try:
            return ZoneInfo(key)
        except (LookupError, ValueError, OSError):
            continue
    raise wrong(f"names a time zone {plain[:60]!r} that nobody knows: use an IANA name like Europe/Paris")
