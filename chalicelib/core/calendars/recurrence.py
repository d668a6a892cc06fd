"""Recurrences of calendar events: the days that an RFC 5545 rule names, in bounded work.

Libraries step through a rule until the year 9999 in search of a day that never comes. Here every candidate that is
looked at is counted, and who asks says how many may be. Rules finer than days are not known.
"""

from __future__ import annotations

import calendar
import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

DAY = timedelta(days=1)
PARTS_AT_ONCE = 8
"""A candidate that is held against as many parts of a rule counts twice."""
DAYS_IN_A_WEEK, MONTHS_IN_A_YEAR = 7, 12


class Frequency(enum.StrEnum):
    """How long a rule's period is."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """A rule without its end date. `weekdays` are pairs: which one of its month or year (0: each), and Monday = 0."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def parts(self) -> int:
        """How much each candidate is held against."""
        lists = (self.months, self.month_days, self.year_days, self.weekdays, self.positions)
        return sum(len(each) for each in lists)


class TooMuchWork(ValueError):
    """More candidates would have to be looked at than may be."""


@dataclass
class Effort:
    """How many more candidates may be looked at."""

    left: int

    def spend(self, candidates: int) -> None:
        """Count some; `TooMuchWork` where they are too many."""
        self.left -= candidates
        if self.left < 0:
            raise TooMuchWork("it would take too long to work out when its events recur")


def days_of(rule: Recurrence, first: date, low: date, high: date, effort: Effort) -> Iterator[date]:
    """The days within [low, high] of a recurrence that begins on `first`, in order.

    >>> last_fridays = Recurrence(frequency=Frequency.MONTHLY, weekdays=((-1, 4),))
    >>> [str(day) for day in days_of(last_fridays, date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1), Effort(1000))]
    ['2026-03-27', '2026-04-24']
    """
    rule, counted = _completed(rule, first), 0
    for start in _periods(rule, first, low if rule.count is None else first, high, effort):
        candidates = list(_candidates(rule, start, effort))
        effort.spend(len(candidates) * rule.parts // PARTS_AT_ONCE)
        for day in _chosen(rule, [day for day in candidates if _fits(rule, day)]):
            if day < first:
                continue
            counted += 1
            if day > high or (rule.count is not None and counted > rule.count):
                return
            if day >= low:
                yield day


def _completed(rule: Recurrence, first: date) -> Recurrence:
    """The rule with what its first day says where it says nothing itself."""
    if rule.month_days or rule.year_days or rule.weekdays:
        return rule
    match rule.frequency:
        case Frequency.YEARLY:
            return replace(rule, months=rule.months or (first.month,), month_days=(first.day,))
        case Frequency.MONTHLY:
            return replace(rule, month_days=(first.day,))
        case Frequency.WEEKLY:
            return replace(rule, weekdays=((0, first.weekday()),))
        case Frequency.DAILY:
            return rule


def _periods(rule: Recurrence, first: date, low: date, high: date, effort: Effort) -> Iterator[date]:
    """The first days of the rule's periods, from the one before `low` at the latest up to `high`."""
    match rule.frequency:
        case Frequency.DAILY | Frequency.WEEKLY:
            weekly = rule.frequency is Frequency.WEEKLY
            begin = first - DAY * ((first.weekday() - rule.week_start) % DAYS_IN_A_WEEK) if weekly else first
            step = DAY * rule.interval * (DAYS_IN_A_WEEK if weekly else 1)
            begin += max(0, (low - begin) // step - 1) * step
            while begin <= high:
                effort.spend(1)
                yield begin
                begin += step
        case Frequency.MONTHLY | Frequency.YEARLY:
            monthly = rule.frequency is Frequency.MONTHLY
            step_months = rule.interval * (1 if monthly else MONTHS_IN_A_YEAR)
            month = first.year * MONTHS_IN_A_YEAR + (first.month - 1 if monthly else 0)
            passed = low.year * MONTHS_IN_A_YEAR + low.month - 1 - month
            month += max(0, passed // step_months - 1) * step_months
            while month <= high.year * MONTHS_IN_A_YEAR + high.month - 1:
                effort.spend(1)
                yield date(month // MONTHS_IN_A_YEAR, month % MONTHS_IN_A_YEAR + 1, 1)
                month += step_months


def _candidates(rule: Recurrence, start: date, effort: Effort) -> Iterator[date]:
    match rule.frequency:
        case Frequency.DAILY:
            yield start
        case Frequency.WEEKLY:
            effort.spend(DAYS_IN_A_WEEK)
            yield from (start + n * DAY for n in range(DAYS_IN_A_WEEK))
        case Frequency.MONTHLY:
            yield from _of_month(rule, start.year, start.month, effort)
        case Frequency.YEARLY:
            for month in sorted(set(rule.months)) or range(1, MONTHS_IN_A_YEAR + 1):
                yield from _of_month(rule, start.year, month, effort)


def _of_month(rule: Recurrence, year: int, month: int, effort: Effort) -> Iterator[date]:
    length = calendar.monthrange(year, month)[1]
    named = {n if n > 0 else length + 1 + n for n in rule.month_days}
    numbers = sorted(n for n in named if 1 <= n <= length) if named else range(1, length + 1)
    effort.spend(len(numbers) + 1)
    yield from (date(year, month, n) for n in numbers)


def _fits(rule: Recurrence, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days and not _among(rule.month_days, day.day, calendar.monthrange(day.year, day.month)[1]):
        return False
    number, year_length = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
    if rule.year_days and not _among(rule.year_days, number, year_length):
        return False
    return not rule.weekdays or any(_is_weekday(rule, day, ordinal, weekday) for ordinal, weekday in rule.weekdays)


def _among(named: tuple[int, ...], number: int, length: int) -> bool:
    """Whether a day is named, counted from the front or from the back."""
    return number in named or number - length - 1 in named


def _is_weekday(rule: Recurrence, day: date, ordinal: int, weekday: int) -> bool:
    if day.weekday() != weekday or ordinal == 0:
        return day.weekday() == weekday
    of_month = rule.frequency is Frequency.MONTHLY or bool(rule.months)
    number = day.day if of_month else day.timetuple().tm_yday
    length = calendar.monthrange(day.year, day.month)[1] if of_month else 365 + calendar.isleap(day.year)
    return ordinal in ((number - 1) // DAYS_IN_A_WEEK + 1, -((length - number) // DAYS_IN_A_WEEK + 1))


def _chosen(rule: Recurrence, days: list[date]) -> list[date]:
    """Those of a period's days that stand at the rule's positions; all where it names none."""
    if not rule.positions:
        return days
    return [day for at, day in enumerate(days) if at + 1 in rule.positions or at - len(days) in rule.positions]
