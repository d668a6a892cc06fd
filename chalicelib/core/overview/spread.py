"""Spread: about how many due times of a schedule lie in each of some spans, without looking for them one by one.

For schedules that are due so often that their due times are drawn together: what is worked out from a rule's fields
knows neither jitter nor what Debian's cron does where the clock is changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.core.schedule import Cron, Interval, Once, Schedule, Unit
from chalicelib.core.schedule.cron import CronRule
from chalicelib.core.schedule.frequency import MONTH, day_matches, runs_per_month

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def spread(schedule: Schedule, edges: Sequence[datetime]) -> tuple[float, ...]:
    """About how many due times lie between each edge and the next.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> spread(Interval(every=7, unit=Unit.MINUTES, anchor=nine), [nine, nine + HOUR, nine + 2 * HOUR])
    (9.0, 9.0)
    """
    spans = list(pairwise(edges))
    if isinstance(schedule, Once):
        return tuple(float(begin <= schedule.at < end) for begin, end in spans)
    found = _endless(schedule, spans)
    return tuple(count if count and _open(schedule, *span) else 0.0 for count, span in zip(found, spans, strict=True))


def _open(schedule: Interval | Cron, begin: datetime, end: datetime) -> bool:
    """Whether a span lies within a schedule's bounds, and outside of what it excludes."""
    shape = schedule.shape
    if shape.start_at is not None and end <= shape.start_at:
        return False
    return shape.admits(begin) and shape.excluded_by(begin + (end - begin) / 2) is None


def _endless(schedule: Interval | Cron, spans: Sequence[tuple[datetime, datetime]]) -> list[float]:
    if isinstance(schedule, Interval) and schedule.unit is not Unit.MONTHS:
        return [_steps(schedule, begin, end) for begin, end in spans]
    fields = schedule.rule.values() if isinstance(schedule, Cron) else None
    if isinstance(schedule, Cron) and fields is not None:
        clock = _Clock(schedule.rule, fields)
        return [clock.count(begin, end) for begin, end in spans]
    pace = runs_per_month(schedule, spans[0][0]) / MONTH.total_seconds() if spans else 0.0
    return [pace * (end - begin).total_seconds() for begin, end in spans]


def _steps(schedule: Interval, begin: datetime, end: datetime) -> float:
    """How many steps of an interval lie in [begin, end)."""
    before = max(0, -((schedule.anchor - begin) // schedule.step))
    through = max(0, -((schedule.anchor - end) // schedule.step))
    return float(through - before)


class _Clock:
    """What a cron expression's fields say of stretches of time in its zone."""

    def __init__(self, rule: CronRule, fields: tuple[frozenset[int], ...]) -> None:
        minutes, self._hours, self._days, self._months, self._weekdays, seconds = fields
        self._minutes = sorted(minutes)
        self._seconds = len(seconds)
        self._either = rule.day_fields_are_ored
        self._zone = ZoneInfo(rule.time_zone)
        self._known: dict[date, bool] = {}

    def count(self, begin: datetime, end: datetime) -> float:
        """About how many due times lie in [begin, end), whose bounds are whole minutes."""
        total, at = 0, begin
        while at < end:
            local = at.astimezone(self._zone)
            left = min((end - at) // MINUTE, 60 - local.minute)
            if local.hour in self._hours and self._on(local.date()):
                low = bisect_left(self._minutes, local.minute)
                total += bisect_left(self._minutes, local.minute + left) - low
            at += max(1, left) * MINUTE
        return float(total * self._seconds)

    def _on(self, day: date) -> bool:
        known = self._known.get(day)
        if known is None:
            known = day_matches(day, self._days, self._months, self._weekdays, either=self._either)
            self._known[day] = known
        return known
