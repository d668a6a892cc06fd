"""Previews: the next due times of a schedule, what is excluded between them, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.core.instant import MILLISECOND, to_text
from chalicelib.core.schedule.cron_text import HASHED
from chalicelib.core.schedule.exclusions import Exclusion, Named
from chalicelib.core.schedule.rules import Cron, Interval, Once, Schedule, TooSparse, next_after, rule_after, upcoming

MINUTE = timedelta(minutes=1)
MOST_EXCLUDED = 100
"""Excluded instants that are listed; a calendar may exclude years."""


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """An instant of the rule that is no due time, and what excludes it, in words."""

    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """Something about a schedule that may surprise its owner; `at` is where it shows."""

    code: str
    detail: str
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A schedule's next due times, what is excluded before the last of them, and warnings.

    `zone` is the one that its local times are of.
    """

    due_times: tuple[datetime, ...]
    excluded: tuple[Excluded, ...]
    warnings: tuple[Oddity, ...]
    zone: ZoneInfo


def preview(schedule: Schedule, after: datetime, count: int) -> Preview:
    """The next `count` due times after an instant, and what is worth knowing about them."""
    zone = zone_of(schedule)
    due_times, cut_short = _next(schedule, after, count)
    excluded = tuple(_excluded(schedule, after, due_times))
    return Preview(
        due_times=due_times,
        excluded=excluded,
        warnings=(*cut_short, *_oddities(schedule, after, due_times, zone), *_first_of_each(excluded)),
        zone=zone,
    )


def zone_of(schedule: Schedule) -> ZoneInfo:
    """The time zone that a schedule's owner thinks in."""
    match schedule:
        case Once():
            return ZoneInfo("UTC")
        case Interval():
            return ZoneInfo(schedule.time_zone)
        case Cron():
            return ZoneInfo(schedule.rule.time_zone)


def _next(schedule: Schedule, after: datetime, count: int) -> tuple[tuple[datetime, ...], tuple[Oddity, ...]]:
    """The next due times, as many as can be found in bounded work; and a warning where they are fewer for that."""
    found: list[datetime] = []
    try:
        for due in upcoming(schedule, after, count):
            found.append(due)
    except TooSparse:
        detail = f"so much is excluded that only the next {len(found)} were looked for"
        return tuple(found), (Oddity(code="too_sparse", detail=detail, at=found[-1]),)
    return tuple(found), ()


def _excluded(schedule: Schedule, after: datetime, due_times: tuple[datetime, ...]) -> Iterator[Excluded]:
    """Instants of the rule up to the last due time shown that are excluded; of a long row, the first ones."""
    if isinstance(schedule, Once) or not schedule.shape.exclude or not due_times:
        return
    at, found = rule_after(schedule, after), 0
    while at is not None and at < due_times[-1] and found < MOST_EXCLUDED:
        excluded = schedule.shape.excluded_by(at)
        if excluded is not None:
            yield Excluded(at=at, by=_words(excluded[0]))
            found += 1
        at = rule_after(schedule, at)


def _words(exclusion: Exclusion) -> str:
    if isinstance(exclusion, Named):
        return f"calendar {exclusion.name}"
    return ", ".join(
        f"{name} {' '.join(value) if isinstance(value, list) else value}" for name, value in exclusion.to_json().items()
    )


def _first_of_each(excluded: tuple[Excluded, ...]) -> Iterator[Oddity]:
    named: set[str] = set()
    for one in excluded:
        if one.by not in named:
            named.add(one.by)
            yield Oddity(code="excluded", detail=f"excluded by {one.by}", at=one.at)


def _oddities(schedule: Schedule, after: datetime, due_times: tuple[datetime, ...], zone: ZoneInfo) -> Iterator[Oddity]:
    if not due_times:
        yield Oddity(code="never_fires", detail="there is no due time after this instant")
        return
    if next_after(schedule, due_times[-1]) is None and not isinstance(schedule, Once):
        detail = f"the last due time is {to_text(due_times[-1])}"
        yield Oddity(code="never_fires_after", detail=detail, at=due_times[-1])
    close = next((later for earlier, later in pairwise(due_times) if later - earlier < MINUTE), None)
    if close is not None:
        yield Oddity(code="more_than_once_a_minute", detail="fires more than once a minute", at=close)
    if isinstance(schedule, Cron):
        yield from _cron_oddities(schedule, due_times, zone)


def _cron_oddities(schedule: Cron, due_times: tuple[datetime, ...], zone: ZoneInfo) -> Iterator[Oddity]:
    rule = schedule.rule
    if rule.day_fields_are_ored:
        detail = "day of month and day of week are both restricted: it fires when either matches"
        yield Oddity(code="day_fields_or", detail=detail)
    if HASHED.search(rule.expression) and not rule.seed:
        detail = "`H` is chosen by the id of each task; these are the times of none in particular"
        yield Oddity(code="hashed", detail=detail)
    for due in due_times:
        at = due.astimezone(zone)
        if rule.caught_up(due - schedule_jitter(schedule, due)):
            detail = (
                f"the clock in {zone.key} jumps over the time that was meant: it runs at {at:%H:%M:%S}, after the gap"
            )
            yield Oddity(code="dst_gap", detail=detail, at=due)
        elif rule.shown_twice(due):
            detail = (
                f"the clock in {zone.key} shows {at:%H:%M:%S} twice; this is the {'second' if at.fold else 'first'}"
            )
            yield Oddity(code="dst_fold", detail=detail, at=due)


def schedule_jitter(schedule: Cron, due: datetime) -> timedelta:
    """How long after the rule's instant a due time lies."""
    if not schedule.shape.jitter:
        return timedelta(0)
    at = rule_after(schedule, due - schedule.shape.jitter - MILLISECOND)
    while at is not None and (following := rule_after(schedule, at)) is not None and following <= due:
        at = following
    return timedelta(0) if at is None else due - at
