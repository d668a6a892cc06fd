"""Previews: what a schedule means, in words and in its next due times, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from chalicelib.core.instant import LATEST, MILLISECOND, to_text
from chalicelib.core.schedule.rules import Cron, Interval, Once, Schedule, due_times

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """Something about a schedule that may surprise its owner."""

    code: str
    detail: str
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A schedule in words, its next due times, and warnings. `zone` is the one that local times are shown in."""

    description: str
    due_times: tuple[datetime, ...]
    warnings: tuple[Oddity, ...]
    zone: ZoneInfo


def preview(schedule: Schedule, after: datetime, count: int) -> Preview:
    """The next `count` due times after an instant, and what is worth knowing about them."""
    zone = ZoneInfo(schedule.rule.time_zone if isinstance(schedule, Cron) else "UTC")
    found = tuple(islice(due_times(schedule, after + MILLISECOND, LATEST), count))
    return Preview(
        description=describe(schedule),
        due_times=found,
        warnings=tuple(_warnings(schedule, found, zone)),
        zone=zone,
    )


def describe(schedule: Schedule) -> str:
    """A schedule as a phrase.

    >>> describe(Once(at=datetime(2026, 1, 1, tzinfo=UTC)))
    'once, at 2026-01-01T00:00:00.000Z'
    """
    match schedule:
        case Once():
            return f"once, at {to_text(schedule.at)}"
        case Interval():
            unit = str(schedule.unit)
            return f"every {unit.removesuffix('s')}" if schedule.every == 1 else f"every {schedule.every} {unit}"
        case Cron():
            return f"cron {schedule.given} in {schedule.rule.time_zone}"


def _warnings(schedule: Schedule, found: Sequence[datetime], zone: ZoneInfo) -> Iterator[Oddity]:
    if not found:
        yield Oddity(code="never_fires", detail="there is no due time after this instant")
        return
    if any(later - earlier < MINUTE for earlier, later in pairwise(found)):
        yield Oddity(code="more_than_once_a_minute", detail="fires more than once a minute")
    if isinstance(schedule, Cron):
        yield from _cron_warnings(schedule, found, zone)


def _cron_warnings(schedule: Cron, found: Sequence[datetime], zone: ZoneInfo) -> Iterator[Oddity]:
    day_of_month, _, day_of_week = schedule.rule.expression.split()[-3:]
    if not day_of_month.startswith("*") and not day_of_week.startswith("*"):
        detail = "day of month and day of week are both restricted: it fires when either matches"
        yield Oddity(code="day_fields_or", detail=detail)
    for earlier, later in pairwise(found):
        if earlier.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            yield Oddity(code="clock_change", detail=f"the clock in {zone.key} is changed before this one", at=later)
