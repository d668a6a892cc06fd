"""A time of the day on some days of the week: a cron expression that nobody has to know how to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import Any

from chalicelib.core.schedule.cron_text import WEEKDAYS as NUMBERS
from chalicelib.core.schedule.cron_text import normal_form
from chalicelib.core.schedule.exclusions import WEEKDAYS
from chalicelib.web.pages.forms.task.part import Part
from chalicelib.web.pages.forms.task.reader import Document, Reader, Unreadable
from chalicelib.web.pages.forms.task.schedules import bounds, clock_changes
from chalicelib.web.pages.forms.task.times import known_zone, zone_or_utc

SUNDAY = 7
"""Also 0 in an expression."""
EVERY_DAY = frozenset(range(1, SUNDAY + 1))
RUN_OF_DAYS = 3
"""So many days in a row, or more, are written as a range."""
DAYS: dict[str, str] = {f"day_{day}": day for day in WEEKDAYS}
"""The field of each day; they begin with Monday."""
DAY_WORDS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBER = re.compile(r"\d{1,2}", re.ASCII)
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:([0-5]\d))?", re.ASCII)
"""What a browser's input for a time can hold."""


@dataclass(frozen=True, kw_only=True)
class Daily:
    """A local time, and the days of the week it is meant for, by ISO's numbers (Monday is 1)."""

    at: time
    days: frozenset[int]

    @property
    def expression(self) -> str:
        """The cron expression that means it.

        >>> Daily(at=time(2, 30), days=frozenset({1, 2, 3, 4, 5})).expression
        '30 2 * * 1-5'
        >>> Daily(at=time(8, 0, 15), days=frozenset({6, 7})).expression
        '15 0 8 * * 0,6'
        """
        seconds = f"{self.at.second} " if self.at.second else ""
        return f"{seconds}{self.at.minute} {self.at.hour} * * {_written(self.days)}"

    @property
    def clock(self) -> str:
        """The time as an input takes it."""
        return f"{self.at:%H:%M:%S}" if self.at.second else f"{self.at:%H:%M}"


def daily_of(expression: str) -> Daily | None:
    """What an expression means, where it is a fixed time on some days of the week; None otherwise.

    >>> daily_of("30 2 * * MON-FRI") == daily_of("30 2 * * 1-5"), daily_of("*/5 * * * *"), daily_of("0 0 1 * *")
    (True, None, None)
    """
    fields = normal_form(expression).split(" ")
    seconds, fields = ("0", fields) if len(fields) == 5 else (fields[0], fields[1:])
    if len(fields) != 5 or fields[2:4] != ["*", "*"]:
        return None
    clock = [seconds, fields[0], fields[1]]
    days = _days(fields[4])
    if days is None or not all(_NUMBER.fullmatch(part) for part in clock):
        return None
    second, minute, hour = map(int, clock)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return Daily(at=time(hour, minute, second), days=days)


def _days(field: str) -> frozenset[int] | None:
    if field == "*":
        return EVERY_DAY
    found = [_range(part) for part in field.split(",")]
    return None if None in found else frozenset(day for days in found if days for day in days)


def _range(part: str) -> set[int] | None:
    """The days of one part of the field, by ISO's numbers."""
    first, dash, last = part.partition("-")
    low, high = _day(first), _day(last if dash else first)
    if low is None or high is None or low > high:
        return None
    return {day or SUNDAY for day in range(low, high + 1)}


def _day(text: str) -> int | None:
    number = NUMBERS.get(text.lower()) if not text.isdecimal() else int(text) if text.isascii() else None
    return number if number is not None and number <= SUNDAY else None


def _written(days: frozenset[int]) -> str:
    """The field of a cron expression: from Sunday, which is 0."""
    if len(days) == len(WEEKDAYS):
        return "*"
    return ",".join(_rows(sorted(day % SUNDAY for day in days)))


def _rows(days: list[int]) -> Iterator[str]:
    ends = [at for at, (one, other) in enumerate(pairwise(days), start=1) if other != one + 1]
    for begin, end in pairwise([0, *ends, len(days)]):
        row = days[begin:end]
        yield f"{row[0]}-{row[-1]}" if len(row) >= RUN_OF_DAYS else ",".join(map(str, row))


def _shown(schedule: Document) -> dict[str, str]:
    daily, zone = daily_of(schedule["expression"]), schedule.get("time_zone", "UTC")
    assert daily is not None, "only what can be shown so is"
    chosen = {field: "yes" if at in daily.days else "" for at, field in enumerate(DAYS, start=1)}
    own = {"daily_at": daily.clock, "daily_zone": zone, **chosen}
    return own | clock_changes.shown(schedule) | bounds.shown(schedule, known_zone(zone))


def _read(reader: Reader) -> dict[str, Any]:
    zone = zone_or_utc(reader, "daily_zone")
    days = frozenset(at for at, field in enumerate(DAYS, start=1) if reader.typed[field])
    if not days:
        reader.errors.setdefault("day_mon", []).append("Choose a day of the week at least.")
    at = reader.read("daily_at", _clock)
    meant = Daily(at=at, days=days or EVERY_DAY).expression if isinstance(at, time) else ""
    own = {"expression": meant, "time_zone": zone.key}
    return own | clock_changes.read(reader) | bounds.read(reader, zone)


def _clock(text: str) -> time:
    found = CLOCK.fullmatch(text if text[1:2] != ":" else f"0{text}")
    if found is None:
        raise Unreadable("write a time of the day, like 08:30")
    return time(int(found[1]), int(found[2]), int(found[4] or 0))


DAILY = Part(
    empty={
        "daily_at": "09:00",
        "daily_zone": "UTC",
        **dict.fromkeys(DAYS, "yes"),
        **clock_changes.EMPTY,
        **bounds.EMPTY,
    },
    labels={
        "daily_at": "Time of the day",
        "daily_zone": "Time zone of the time",
        **{field: f"On {word}s" for field, word in zip(DAYS, DAY_WORDS, strict=True)},
        **clock_changes.LABELS,
        **bounds.LABELS,
    },
    fields={
        "": "daily_at",
        "/expression": "daily_at",
        "/time_zone": "daily_zone",
        **clock_changes.FIELDS,
        **bounds.FIELDS,
    },
    shown=_shown,
    read=_read,
)
