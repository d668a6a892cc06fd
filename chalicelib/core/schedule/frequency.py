"""How often a schedule asks for a run in a month, about: without looking for due times one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from chalicelib.core.schedule.cron import CronRule
from chalicelib.core.schedule.rules import Cron, Interval, Once, Schedule, Unit

DAY = timedelta(days=1)
MONTH = 30 * DAY
YEAR = 365 * DAY
MONTHS_IN_A_YEAR = 12
ANY_DAY, ANY_WEEKDAY = 31, 7
"""How many values a day field has that restricts nothing."""
SAMPLE = 13
"""Due times from which the pace of a rule is told whose fields do not say it, like the last Friday of each month."""
ORDINARY_YEAR = 2027
"""Its days are counted: as good as any, and no leap year."""


def runs_per_month(schedule: Schedule, now: datetime) -> float:
    """About how many due times lie in the 30 days after an instant, exclusions and a later start apart.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    >>> runs_per_month(Once(at=now + DAY), now), runs_per_month(Once(at=now), now)
    (1.0, 0.0)
    >>> runs_per_month(Interval(every=5, unit=Unit.MINUTES, anchor=now), now)
    8640.0
    """
    if isinstance(schedule, Once):
        return 1.0 if schedule.at > now else 0.0
    limits = [limit for limit in (schedule.shape.end_at, schedule.shape.last) if limit is not None]
    left = min((limit - now for limit in limits), default=MONTH)
    share = min(1.0, max(0.0, left / MONTH))
    return _endless(schedule) * share


def _endless(schedule: Interval | Cron) -> float:
    """A month's runs of a schedule that goes on for ever."""
    if isinstance(schedule, Cron):
        same_for_all = replace(schedule.rule, time_zone="UTC", seed="")
        return _yearly(same_for_all) * (MONTH / YEAR)
    if schedule.unit is Unit.MONTHS:
        return MONTHS_IN_A_YEAR / schedule.every * (MONTH / YEAR)
    return MONTH / schedule.step


@lru_cache(maxsize=4096)
def _yearly(rule: CronRule) -> float:
    """A year's runs of a cron rule: its days, times the times of each."""
    fields = rule.values()
    if fields is None:
        return _sampled(rule)
    minutes, hours, days, months, weekdays, seconds = fields
    matching = _matching_days(days, months, weekdays, rule.day_fields_are_ored)
    return float(matching * len(minutes) * len(hours) * len(seconds))


@lru_cache(maxsize=1024)
def _matching_days(days: frozenset[int], months: frozenset[int], weekdays: frozenset[int], either: bool) -> int:
    """Days of a year that the day fields match."""
    year = (date(ORDINARY_YEAR, 1, 1) + number * DAY for number in range(YEAR.days))
    return sum(day_matches(day, days, months, weekdays, either=either) for day in year)


def day_matches(
    day: date, days: frozenset[int], months: frozenset[int], weekdays: frozenset[int], *, either: bool
) -> bool:
    """Whether a day is one of a rule's: by both of its day fields, or by `either` where both restrict something.

    >>> fields = {"days": frozenset({1}), "months": frozenset(range(1, 13)), "weekdays": frozenset({1})}
    >>> [day_matches(date(2026, 6, day), **fields, either=True) for day in (1, 2, 8)]
    [True, False, True]
    """
    if day.month not in months:
        return False
    by_month, by_week = day.day in days, day.isoweekday() % 7 in weekdays
    ored = either and len(days) < ANY_DAY and len(weekdays) < ANY_WEEKDAY
    return (by_month or by_week) if ored else (by_month and by_week)


def _sampled(rule: CronRule) -> float:
    """From the due times after the beginning of a year."""
    at = first = rule.next_after(datetime(ORDINARY_YEAR, 1, 1, tzinfo=UTC))
    count = 0
    for _ in range(SAMPLE - 1):
        following = None if at is None else rule.next_after(at)
        if following is None:
            break
        at, count = following, count + 1
    if first is None or at is None or count == 0:
        return 0.0
    return count * (YEAR / (at - first))
