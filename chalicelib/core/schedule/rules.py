"""What schedules are: `once`, `interval` and `cron`, the shape that their owner gives them, and when they are due.

A schedule keeps no position. `next_after` answers for any instant, so two parts that ask the same question get the same
answer, in any order, any number of times.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.core.instant import LATEST, MILLISECOND, floor_ms, to_ms
from chalicelib.core.schedule.cron import CronRule
from chalicelib.core.schedule.exclusions import Exclusion, Named, Spans
from chalicelib.core.schedule.months import ShortMonths, next_month_step

NO_TIME = timedelta(0)
MOST_JUMPS = 1000
"""Excluded times that are left behind in search of one due time. A schedule whose next lies further off has none."""
MOST_LOOKS = 20_000
"""Of those, times the number of exclusions that each is held against: many exclusions allow fewer jumps."""
MOST_JUMPS_TOGETHER = 3000
"""Jumps in search of many due times, likewise: half a second's work."""


class Unit(enum.StrEnum):
    """The units of an interval."""

    MICROSECONDS = "microseconds"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a recurring schedule's owner makes of its rule.

    `last` is what `max_runs` came to. A due time lies up to `jitter` after the rule's instant, by a hash of `seed` and
    that instant: the same whenever it is asked for.
    """

    start_at: datetime | None = None
    end_at: datetime | None = None
    max_runs: int | None = None
    last: datetime | None = None
    jitter: timedelta = NO_TIME
    seed: str = ""
    exclude: tuple[Exclusion, ...] = field(default_factory=tuple)

    def admits(self, due: datetime) -> bool:
        return not any(limit is not None and due > limit for limit in (self.end_at, self.last))

    def excluded_by(self, instant: datetime) -> tuple[Exclusion, datetime] | None:
        """What excludes an instant, and until when; None where nothing does."""
        for exclusion in self.exclude:
            end = exclusion.until(instant)
            if end is not None:
                return exclusion, end
        return None


@dataclass(frozen=True, kw_only=True)
class Once:
    """Due one time, at `at`."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Due at `anchor` and every step after it: no drift, because each due time is counted from the anchor."""

    every: int
    unit: Unit
    anchor: datetime
    shape: Shape = field(default_factory=Shape)
    time_zone: str = "UTC"
    short_months: ShortMonths = ShortMonths.LAST_DAY

    @property
    def step(self) -> timedelta:
        """Its length; not for months, which have none."""
        return timedelta(**{self.unit: self.every})


@dataclass(frozen=True, kw_only=True)
class Cron:
    """Due when the clock of a time zone shows what an expression says. `given` is the expression as it was given."""

    given: str
    rule: CronRule
    shape: Shape = field(default_factory=Shape)


Schedule = Once | Interval | Cron


def rule_after(schedule: Schedule, instant: datetime) -> datetime | None:
    """The first instant of the rule itself later than an instant: no bounds at the end, no exclusion, no jitter."""
    match schedule:
        case Once():
            return schedule.at if schedule.at > instant else None
        case Interval():
            step = _next_step(schedule, instant)
            return step if step is not None and step < LATEST else None
        case Cron():
            start = schedule.shape.start_at
            return schedule.rule.next_after(instant if start is None else max(instant, start - MILLISECOND))


def _next_step(schedule: Interval, instant: datetime) -> datetime | None:
    """Due times are whole milliseconds: the exact step, with what is finer dropped."""
    if instant < schedule.anchor:
        return schedule.anchor
    if schedule.unit is Unit.MONTHS:
        return next_month_step(
            schedule.anchor, schedule.every, schedule.time_zone, schedule.short_months, after=instant
        )
    later = floor_ms(instant) + MILLISECOND
    steps = -((schedule.anchor - later) // schedule.step)
    return floor_ms(schedule.anchor + steps * schedule.step)


def next_after(schedule: Schedule, instant: datetime) -> datetime | None:
    """The first due time later than an instant, or None when nothing is left.

    >>> from datetime import UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> next_after(Interval(every=3, unit=Unit.SECONDS, anchor=start), start).isoformat()
    '2026-01-01T00:00:03+00:00'
    """
    return _search(schedule, instant)[0]


def _search(schedule: Schedule, instant: datetime) -> tuple[datetime | None, int]:
    """The first due time later than an instant, and how many excluded times were left behind on the way."""
    if isinstance(schedule, Once):
        return rule_after(schedule, instant), 0
    shape, jumps = schedule.shape, 0
    most = min(MOST_JUMPS, MOST_LOOKS // max(1, len(shape.exclude)))
    at = rule_after(schedule, instant - shape.jitter)
    while at is not None and shape.admits(at) and jumps < most:
        excluded = shape.excluded_by(at)
        if excluded is not None:
            jumps += 1
            at = rule_after(schedule, excluded[1] - MILLISECOND)
            continue
        due = at if shape.jitter == NO_TIME else at + _jitter(schedule, at)
        if due > instant:
            return (due if shape.admits(due) else None), jumps
        at = rule_after(schedule, at)
    return None, jumps


class TooSparse(Exception):
    """So much is excluded that looking for the due times asked for would take too long."""


def upcoming(schedule: Schedule, after: datetime, count: int) -> Iterator[datetime]:
    """Up to so many due times later than an instant. `TooSparse` where too much excluded time lies between them."""
    due, jumps = _search(schedule, after)
    exclusions = 0 if isinstance(schedule, Once) else len(schedule.shape.exclude)
    most, all_jumps = min(MOST_JUMPS_TOGETHER, 3 * MOST_LOOKS // max(1, exclusions)), jumps
    for _ in range(count):
        if due is None:
            return
        yield due
        if all_jumps > most:
            raise TooSparse
        due, jumps = _search(schedule, due)
        all_jumps += jumps


def _jitter(schedule: Interval | Cron, at: datetime) -> timedelta:
    """Spread evenly over the jitter, and always before the rule's next instant, so that it reorders nothing."""
    digest = hashlib.sha256(f"{schedule.shape.seed}#{to_ms(at)}".encode()).digest()
    spread = int.from_bytes(digest[:6], "big") % (schedule.shape.jitter // MILLISECOND) * MILLISECOND
    following = rule_after(schedule, at)
    return spread if following is None else min(spread, following - at - MILLISECOND)


def floor_to_ms(duration: timedelta) -> timedelta:
    """A duration without anything finer than a millisecond."""
    return duration // MILLISECOND * MILLISECOND


def is_due(schedule: Schedule, instant: datetime) -> bool:
    """Whether an instant is a due time of a schedule."""
    return next_after(schedule, instant - MILLISECOND) == instant


def first_from(schedule: Schedule, instant: datetime) -> datetime | None:
    """The first due time at or after an instant."""
    return next_after(schedule, instant - MILLISECOND)


def due_times(schedule: Schedule, low: datetime, high: datetime) -> Iterator[datetime]:
    """Every due time in [low, high), in order.

    >>> from datetime import UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> every = Interval(every=20, unit=Unit.SECONDS, anchor=start)
    >>> [due.second for due in due_times(every, start, start + timedelta(minutes=1))]
    [0, 20, 40]
    """
    due = first_from(schedule, low) if low < high else None
    while due is not None and due < high:
        yield due
        due = next_after(schedule, due)


def due_times_and_next(schedule: Schedule, low: datetime, high: datetime) -> tuple[list[datetime], datetime | None]:
    """Every due time in [low, high), in order, and the first that is neither among them nor before them.

    >>> from datetime import UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> every, end = Interval(every=40, unit=Unit.SECONDS, anchor=start), start + timedelta(minutes=1)
    >>> due, following = due_times_and_next(every, start, end)
    >>> [one.second for one in due], following.isoformat()
    ([0, 40], '2026-01-01T00:01:20+00:00')
    """
    found: list[datetime] = []
    due = first_from(schedule, low)
    while due is not None and due < high:
        found.append(due)
        due = next_after(schedule, due)
    return found, due


def with_calendars(schedule: Schedule, calendars: Mapping[str, Spans], now: datetime) -> Schedule:
    """The schedule with its calendars as they now are; as many runs are left to it as before."""
    if isinstance(schedule, Once):
        return schedule
    exclude = tuple(
        replace(x, spans=calendars[x.name]) if isinstance(x, Named) and x.name in calendars else x
        for x in schedule.shape.exclude
    )
    if exclude == schedule.shape.exclude:
        return schedule
    changed = replace(schedule, shape=replace(schedule.shape, exclude=exclude))
    most = schedule.shape.max_runs
    return changed if most is None else _with_as_many_left(changed, schedule, most, now)


def _with_as_many_left(changed: Interval | Cron, schedule: Interval | Cron, most: int, now: datetime) -> Schedule:
    """The changed schedule, ended where as many runs are over as were left to the one before."""
    unbounded = replace(changed, shape=replace(changed.shape, last=None))
    try:
        left = sum(1 for _ in upcoming(schedule, now, most))
        ahead = list(upcoming(unbounded, now, left))
    except TooSparse:
        return changed
    return replace(changed, shape=replace(changed.shape, last=ahead[-1])) if ahead else changed


def calendars_of(schedule: Schedule) -> dict[str, Spans]:
    """The named calendars that a schedule leaves out, as it knows them."""
    if isinstance(schedule, Once):
        return {}
    return {x.name: x.spans for x in schedule.shape.exclude if isinstance(x, Named)}
