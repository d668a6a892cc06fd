"""Rules of an iCalendar file: how an event recurs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from chalicelib.adapters.icalendar_file.lines import Line, library, wrong
from chalicelib.adapters.icalendar_file.moments import FIRST_YEAR, LAST_YEAR
from chalicelib.core.calendars.recurrence import Frequency, Recurrence
from chalicelib.core.calendars.spans import Event, Repeat

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_INTERVAL = 1000
UNKNOWN_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND", "BYWEEKNO", "BYEASTER", "RSCALE", "SKIP")


def repeat_of(line: Line, event: Event) -> Repeat:
    """How an event recurs by a rule."""
    try:
        parts = dict(library().prop.vRecur.from_ical(line.value))
    except (ValueError, OverflowError, TypeError) as error:
        raise wrong(f"has a rule that cannot be read: {line.value[:80]!r}") from error
    unknown = [name for name in UNKNOWN_PARTS if parts.get(name)]
    if unknown:
        raise wrong(f"has a rule with {unknown[0]}, which is not taken: {line.value[:80]!r}")
    frequency = str(next(iter(parts.get("FREQ", ())), "")).upper()
    if frequency not in list(Frequency):
        raise wrong(f"has a rule that is not DAILY, WEEKLY, MONTHLY or YEARLY: {line.value[:80]!r}")
    return Repeat(rule=_rule(parts, Frequency(frequency), line.value), until=_until(parts, event))


def _rule(parts: Mapping[str, list[Any]], frequency: Frequency, text: str) -> Recurrence:
    interval, count = _first(parts, "INTERVAL", 1), _first(parts, "COUNT", None)
    if not 1 <= interval <= MOST_INTERVAL or (count is not None and count < 1):
        raise wrong(f"has a rule whose INTERVAL or COUNT is out of range: {text[:80]!r}")
    weekdays = tuple({_weekday(str(one)): None for one in parts.get("BYDAY", ())})
    if any(ordinal for ordinal, _ in weekdays) and frequency in (Frequency.DAILY, Frequency.WEEKLY):
        raise wrong(f"has a rule that counts weekdays of a day or a week: {text[:80]!r}")
    return Recurrence(
        frequency=frequency,
        interval=interval,
        count=count,
        months=_numbers(parts, "BYMONTH"),
        month_days=_numbers(parts, "BYMONTHDAY"),
        year_days=_numbers(parts, "BYYEARDAY"),
        weekdays=weekdays,
        positions=_numbers(parts, "BYSETPOS"),
        week_start=WEEKDAYS.index(str(_first(parts, "WKST", "MO")).upper()),
    )


def _first(parts: Mapping[str, list[Any]], name: str, usual: Any) -> Any:
    return next(iter(parts.get(name, ())), usual)


def _numbers(parts: Mapping[str, list[Any]], name: str) -> tuple[int, ...]:
    return tuple({int(number): None for number in parts.get(name, ())})


def _weekday(text: str) -> tuple[int, int]:
    """-1FR is the last Friday: (-1, 4)."""
    day, ordinal = text[-2:].upper(), text[:-2]
    return int(ordinal) if ordinal else 0, WEEKDAYS.index(day)


def _until(parts: Mapping[str, list[Any]], event: Event) -> datetime | None:
    """The last local time of a rule; a date lets that whole day in."""
    given = _first(parts, "UNTIL", None)
    if given is None:
        return None
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise wrong(f"has a rule that ends outside {FIRST_YEAR} to {LAST_YEAR}")
    if not isinstance(given, datetime):
        return datetime.combine(given, time.max)
    return given if given.tzinfo is None else given.astimezone(event.zone).replace(tzinfo=None)
