"""Plain cron expressions: fields of numbers, names, ranges and steps, read and stepped through here.

Nearly every expression is plain. croniter needs half a millisecond to read one, and a tenth to take a step, and a pass
asks for thousands; it reads the others, and a test holds the two against each other.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chalicelib.core.instant import LATEST
from chalicelib.core.schedule.cron_text import MONTHS, WEEKDAYS

SECOND = timedelta(seconds=1)
NO_NAMES: Mapping[str, int] = {}
UNIX_FIELDS, DECEMBER = 5, 12
_PART = re.compile(r"(?P<low>\w+)(?:-(?P<high>\w+))?(?:/(?P<step>[1-9]\d?))?", re.ASCII)
_STARRED = re.compile(r"\*(?:/(?P<step>[1-9]\d?))?", re.ASCII)

Values = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class PlainCron:
    """What each field of an expression stands for, in order. Of the days, one field is enough where `either_day`."""

    seconds: Values
    minutes: Values
    hours: Values
    days: Values
    months: Values
    weekdays: Values
    """Sunday is 0."""
    either_day: bool

    def next_after(self, wall: datetime) -> datetime | None:
        """The first wall time later than the given one that matches; None if there is none before 2100.

        >>> noon_of_a_leap_monday = plain_cron("0 12 29 2 1", either_day=False)
        >>> noon_of_a_leap_monday.next_after(datetime.fromisoformat("2026-01-01T00:00")).isoformat()
        '2044-02-29T12:00:00'
        """
        begin = wall.replace(microsecond=0) + SECOND
        day = self._day(begin.date())
        if day == begin.date():
            clock = self._clock(begin.hour, begin.minute, begin.second)
            if clock is not None:
                return datetime.combine(day, time(*clock))
            day = self._day(day + timedelta(days=1))
        if day is None:
            return None
        return datetime.combine(day, time(self.hours[0], self.minutes[0], self.seconds[0]))

    def _clock(self, hour: int, minute: int, second: int) -> tuple[int, int, int] | None:
        """The first time of day that matches, no earlier than the given one."""
        for one in self.hours[bisect_left(self.hours, hour) :]:
            if one > hour:
                return one, self.minutes[0], self.seconds[0]
            for other in self.minutes[bisect_left(self.minutes, minute) :]:
                if other > minute:
                    return one, other, self.seconds[0]
                at = bisect_left(self.seconds, second)
                if at < len(self.seconds):
                    return one, other, self.seconds[at]
        return None

    def _day(self, first: date) -> date | None:
        """The first day that matches, no earlier than the given one."""
        year, month, begin = first.year, first.month, first.day
        while year < LATEST.year:
            if month in self.months and (found := self._day_in(year, month, begin)) is not None:
                return date(year, month, found)
            year, month, begin = (year + 1, 1, 1) if month == DECEMBER else (year, month + 1, 1)
        return None

    def _day_in(self, year: int, month: int, begin: int) -> int | None:
        """The first day of a month that matches, no earlier than the given one."""
        monday_first, length = calendar.monthrange(year, month)
        for day in range(begin, length + 1):
            of_month, of_week = day in self.days, (monday_first + day) % 7 in self.weekdays
            if (of_month or of_week) if self.either_day else (of_month and of_week):
                return day
        return None


def plain_cron(expression: str, *, either_day: bool) -> PlainCron | None:
    """What an expression in its normal form says; None where it is not plain, or nothing that croniter would take.

    >>> plain_cron("*/20 9-17 * * mon-fri", either_day=False).hours
    (9, 10, 11, 12, 13, 14, 15, 16, 17)
    >>> plain_cron("0 0 L * *", either_day=False) is None
    True
    """
    fields = expression.lower().split()
    second, *unix = fields if len(fields) == UNIX_FIELDS + 1 else ["0", *fields]
    if len(unix) != UNIX_FIELDS:
        return None
    minute, hour, day, month, weekday = unix
    seconds, minutes, hours = _values(second, 0, 59), _values(minute, 0, 59), _values(hour, 0, 23)
    days, months, weekdays = _values(day, 1, 31), _values(month, 1, 12, MONTHS), _values(weekday, 0, 6, WEEKDAYS)
    if not (seconds and minutes and hours and days and months and weekdays):
        return None
    return PlainCron(
        seconds=seconds,
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=weekdays,
        either_day=either_day,
    )


def _values(field: str, least: int, most: int, names: Mapping[str, int] = NO_NAMES) -> Values:
    """The numbers that a field stands for, in order; none where it is not plain."""
    if starred := _STARRED.fullmatch(field):
        return tuple(range(least, most + 1, int(starred["step"] or 1)))
    found: set[int] = set()
    for part in field.split(","):
        numbers = _numbers(part, least, most, names)
        if not numbers:
            return ()
        found.update(numbers)
    return tuple(sorted(found))


def _numbers(part: str, least: int, most: int, names: Mapping[str, int]) -> range:
    """The numbers of a part of a list; an empty range where it is not plain."""
    written = _PART.fullmatch(part)
    low = None if written is None else _number(written["low"], names)
    if written is None or low is None or (written["step"] and not written["high"]):
        return range(0)
    high = _number(written["high"], names) if written["high"] else low
    if high is None or not least <= low <= high <= most:
        return range(0)
    return range(low, high + 1, int(written["step"] or 1))


def _number(text: str, names: Mapping[str, int]) -> int | None:
    return int(text) if text.isdecimal() else names.get(text)
