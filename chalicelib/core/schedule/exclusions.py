"""Exclusions: when a schedule is not due although its rule says so.

Each one answers for an instant until when it is excluded, so that a long one is left in one step.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import EPOCH, LATEST

DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0)
_HOURS = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", re.ASCII)

Spans = tuple[tuple[datetime, datetime], ...]
"""Times that a calendar leaves out, in order: from, and up to."""


@dataclass(frozen=True, kw_only=True)
class Days:
    """Whole local days, from the first to the last."""

    first: date
    last: date
    zone: str

    def until(self, instant: datetime) -> datetime | None:
        """The end of the excluded time that an instant lies in, or None where it lies in none."""
        day = instant.astimezone(ZoneInfo(self.zone)).date()
        return _midnight(self.last + DAY, self.zone) if self.first <= day <= self.last else None

    def to_json(self) -> dict[str, Any]:
        if self.first == self.last:
            return {"date": self.first.isoformat()}
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


@dataclass(frozen=True, kw_only=True)
class Weekly:
    """Local hours on some days of the week, [begin, end); an end that is not later lies on the next day."""

    days: tuple[str, ...]
    begin: time
    end: time
    zone: str

    def until(self, instant: datetime) -> datetime | None:
        """The end of the excluded time that an instant lies in, or None where it lies in none."""
        today = instant.astimezone(ZoneInfo(self.zone)).date()
        for day in (today - DAY, today):
            if WEEKDAYS[day.weekday()] in self.days:
                begin, end = _hours_on(day, self.begin, self.end, self.zone)
                if begin <= instant < end:
                    return end
        return None

    def to_json(self) -> dict[str, Any]:
        return {"weekly": list(self.days), "from": f"{self.begin:%H:%M}", "to": f"{self.end:%H:%M}"}


@lru_cache(maxsize=4096)
def _hours_on(day: date, begin: time, end: time, zone: str) -> tuple[datetime, datetime]:
    """The instants between which the clock shows certain hours of a day."""
    known, last_day = ZoneInfo(zone), day + DAY if end <= begin else day
    return (
        datetime.combine(day, begin, known).astimezone(UTC),
        datetime.combine(last_day, end, known).astimezone(UTC),
    )


@dataclass(frozen=True, kw_only=True)
class Named:
    """A named calendar of the task's owner, as it stood when it was last given: spans of time, in order, apart."""

    name: str
    spans: Spans = ()

    def until(self, instant: datetime) -> datetime | None:
        """The end of the excluded time that an instant lies in, or None where it lies in none."""
        at = bisect_right(self.spans, instant, key=lambda span: span[0]) - 1
        return self.spans[at][1] if at >= 0 and instant < self.spans[at][1] else None

    def to_json(self) -> dict[str, Any]:
        return {"calendar": self.name}


Exclusion = Days | Weekly | Named


def calendar_names(schedule: Mapping[str, Any]) -> set[str]:
    """The named calendars that the JSON of a schedule leaves out, whether or not it is sound.

    >>> calendar_names({"exclude": [{"calendar": "holidays"}, {"date": "2026-12-25"}, 5]})
    {'holidays'}
    """
    given = schedule.get("exclude", ())
    items = [item for item in given if isinstance(item, Mapping)] if isinstance(given, list | tuple) else []
    return {item["calendar"] for item in items if isinstance(item.get("calendar"), str)}


def parse_exclusions(
    data: Iterable[Mapping[str, Any]], zone: str, calendars: Mapping[str, Spans]
) -> tuple[Exclusion, ...]:
    """The exclusions that JSON describes; `Invalid` names every one that is wrong. Local times are in `zone`.

    >>> parse_exclusions([{"date": "2026-12-25"}], "UTC", {})
    (Days(first=datetime.date(2026, 12, 25), last=datetime.date(2026, 12, 25), zone='UTC'),)
    """
    found: list[Exclusion] = []
    problems: list[FieldError] = []
    for n, item in enumerate(data):
        try:
            found.append(_parse(item, zone, calendars))
        except (ValueError, TypeError) as error:
            detail = str(error) if isinstance(error, _Wrong) else _FORMS
            problems.append(FieldError(pointer=f"/exclude/{n}", code="invalid_exclusion", detail=detail))
    if problems:
        raise Invalid(*problems)
    return tuple(found)


class _Wrong(ValueError):
    """Something about an exclusion, in a sentence."""


_FORMS = (
    'write {"date": "2026-12-25"}, {"from": "2026-12-24", "to": "2027-01-01"}, '
    '{"weekly": ["sat", "sun"], "from": "22:00", "to": "06:00"} or {"calendar": "name"}'
)


def _parse(item: Mapping[str, Any], zone: str, calendars: Mapping[str, Spans]) -> Exclusion:
    match sorted(item):
        case ["date"]:
            day = _day(item["date"])
            return Days(first=day, last=day, zone=zone)
        case ["from", "to"]:
            first, last = _day(item["from"]), _day(item["to"])
            if last < first:
                raise _Wrong("`to` lies before `from`")
            return Days(first=first, last=last, zone=zone)
        case ["from", "to", "weekly"]:
            return _parse_weekly(item, zone)
        case ["calendar"]:
            if item["calendar"] not in calendars:
                raise _Wrong(f"there is no calendar named {item['calendar']!r}: put it first")
            return Named(name=item["calendar"], spans=calendars[item["calendar"]])
        case _:
            raise _Wrong(_FORMS)


def _parse_weekly(item: Mapping[str, Any], zone: str) -> Weekly:
    if not isinstance(item["weekly"], list | tuple):
        raise _Wrong(_FORMS)
    days = tuple(day for day in WEEKDAYS if day in item["weekly"])
    if not days or len(days) != len(item["weekly"]):
        raise _Wrong(f"`weekly` lists days, each once, out of {', '.join(WEEKDAYS)}")
    begin, end = _clock(item["from"]), _clock(item["to"])
    if len(days) == len(WEEKDAYS) and begin == end:
        raise _Wrong("excludes all of every week")
    return Weekly(days=days, begin=begin, end=end, zone=zone)


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not EPOCH.date() <= day <= LATEST.date():
        raise _Wrong("outside 1970-01-01 to 2100-01-01")
    return day


def _clock(text: str) -> time:
    if _HOURS.fullmatch(text) is None:
        raise _Wrong("write hours as HH:MM")
    return time(0) if text == "24:00" else time.fromisoformat(text)


def _midnight(day: date, zone: str) -> datetime:
    """The instant at which a local day begins."""
    return datetime.combine(day, MIDNIGHT, ZoneInfo(zone)).astimezone(UTC)
