"""Schedules: `once`, `interval` and `cron`. When a task is due, as pure functions of an instant.

A schedule keeps no position. `next_after` answers for any instant, so two parts that ask the same question get the same
answer, in any order, any number of times.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.cron import CronRule, Fold, Gap, cron_rule, stored_rule
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import LATEST, MILLISECOND, floor_ms, from_ms, from_text, to_ms, to_text

SHORTEST_INTERVAL = timedelta(seconds=1)
LONGEST_INTERVAL = timedelta(days=3650)
MOST_RUNS = 1000
"""A schedule's last due time is found by stepping when it is stored: that has to stay quick."""


class Unit(enum.StrEnum):
    """The units of an interval."""

    MICROSECONDS = "microseconds"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Within which time a recurring schedule is due, as its owner gave it, and `last`: what `max_runs` came to."""

    start_at: datetime | None = None
    end_at: datetime | None = None
    max_runs: int | None = None
    last: datetime | None = None

    def admits(self, due: datetime) -> bool:
        return not any(limit is not None and due > limit for limit in (self.end_at, self.last))


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
    bounds: Bounds

    @property
    def step(self) -> timedelta:
        return timedelta(**{self.unit: self.every})


@dataclass(frozen=True, kw_only=True)
class Cron:
    """Due when the clock of a time zone shows what an expression says. `given` is the expression as it was given."""

    given: str
    rule: CronRule
    bounds: Bounds


Schedule = Once | Interval | Cron


def next_after(schedule: Schedule, instant: datetime) -> datetime | None:
    """The first due time later than an instant, or None when nothing is left.

    >>> from datetime import UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> every = Interval(every=3, unit=Unit.SECONDS, anchor=start, bounds=Bounds())
    >>> next_after(every, start).isoformat()
    '2026-01-01T00:00:03+00:00'
    """
    match schedule:
        case Once():
            return schedule.at if schedule.at > instant else None
        case Interval():
            due = _next_step(schedule, instant)
            return due if due < LATEST and schedule.bounds.admits(due) else None
        case Cron():
            start = schedule.bounds.start_at
            after = instant if start is None else max(instant, start - MILLISECOND)
            match_ = schedule.rule.next_after(after)
            return match_ if match_ is not None and schedule.bounds.admits(match_) else None


def _next_step(schedule: Interval, instant: datetime) -> datetime:
    """Due times are whole milliseconds: the exact step, with what is finer dropped."""
    if instant < schedule.anchor:
        return schedule.anchor
    step, later = schedule.step, floor_ms(instant) + MILLISECOND
    steps = -((schedule.anchor - later) // step)
    return floor_ms(schedule.anchor + steps * step)


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
    >>> every = Interval(every=20, unit=Unit.SECONDS, anchor=start, bounds=Bounds())
    >>> [due.second for due in due_times(every, start, start + timedelta(minutes=1))]
    [0, 20, 40]
    """
    due = first_from(schedule, low)
    while due is not None and due < high:
        yield due
        due = next_after(schedule, due)


def parse(data: Mapping[str, Any], now: datetime, *, keeping: Schedule | None = None) -> Schedule:
    """The schedule that JSON of the contract describes; `Invalid` names every field that is wrong.

    `now` anchors an interval that has no `start_at`: first due one step later. An interval that goes on with the step
    of the one it replaces (`keeping`) keeps its anchor, and an equal schedule is that same schedule.
    """
    schedule: Schedule = _PARSERS[data["type"]](data, now)
    if keeping is not None and to_json(schedule) == to_json(keeping):
        return keeping
    if isinstance(schedule, Interval) and isinstance(keeping, Interval) and _same_rhythm(schedule, keeping):
        schedule = replace(schedule, anchor=keeping.anchor)
    return _with_last(schedule, now)


def _same_rhythm(one: Interval, other: Interval) -> bool:
    return (one.every, one.unit, one.bounds.start_at) == (other.every, other.unit, other.bounds.start_at)


def _parse_once(data: Mapping[str, Any], now: datetime) -> Once:
    return Once(at=_instant(data, "at"))


def _parse_interval(data: Mapping[str, Any], now: datetime) -> Interval:
    bounds = _parse_bounds(data)
    every, unit = data["every"], Unit(data["unit"])
    try:
        step = timedelta(**{unit: every})
    except OverflowError as error:
        raise _wrong("/every", "out_of_range", "longer than 10 years in all") from error
    if not SHORTEST_INTERVAL <= step <= LONGEST_INTERVAL:
        raise _wrong("/every", "out_of_range", "an interval is at least one second and at most 10 years in all")
    return Interval(every=every, unit=unit, anchor=bounds.start_at or floor_ms(now) + floor_step(step), bounds=bounds)


def floor_step(step: timedelta) -> timedelta:
    """A step without anything finer than a millisecond."""
    return step // MILLISECOND * MILLISECOND


def _parse_cron(data: Mapping[str, Any], now: datetime) -> Cron:
    return _cron(data, cron_rule)


def _cron(data: Mapping[str, Any], rule: Callable[[str, str, Gap, Fold], CronRule]) -> Cron:
    given = data["expression"]
    gap, fold = Gap(data.get("dst_gap", Gap.RUN)), Fold(data.get("dst_fold", Fold.ONCE))
    return Cron(given=given, rule=rule(given, data.get("time_zone", "UTC"), gap, fold), bounds=_parse_bounds(data))


_PARSERS: dict[str, Callable[[Mapping[str, Any], datetime], Schedule]] = {
    "once": _parse_once,
    "interval": _parse_interval,
    "cron": _parse_cron,
}


def _parse_bounds(data: Mapping[str, Any]) -> Bounds:
    start = _instant(data, "start_at") if data.get("start_at") is not None else None
    end = _instant(data, "end_at") if data.get("end_at") is not None else None
    if start is not None and end is not None and end < start:
        raise _wrong("/end_at", "before_start", "`end_at` lies before `start_at`")
    return Bounds(start_at=start, end_at=end, max_runs=data.get("max_runs"))


def _with_last(schedule: Schedule, now: datetime) -> Schedule:
    """`max_runs` turned into the due time of the last run, counted from now on."""
    if isinstance(schedule, Once) or schedule.bounds.max_runs is None:
        return schedule
    due: datetime | None = None
    for _ in range(schedule.bounds.max_runs):
        later = next_after(schedule, due or floor_ms(now))
        if later is None:
            break
        due = later
    return replace(schedule, bounds=replace(schedule.bounds, last=due))


def to_json(schedule: Schedule) -> dict[str, Any]:
    """The schedule as the contract writes it."""
    match schedule:
        case Once():
            return {"type": "once", "at": to_text(schedule.at)}
        case Interval():
            own = {"type": "interval", "every": schedule.every, "unit": str(schedule.unit)}
            return own | _bounds_json(schedule.bounds)
        case Cron():
            rule = schedule.rule
            zone = {"type": "cron", "expression": schedule.given, "time_zone": rule.time_zone}
            unusual = {"dst_gap": str(rule.gap)} if rule.gap is not Gap.RUN else {}
            unusual |= {"dst_fold": str(rule.fold)} if rule.fold is not Fold.ONCE else {}
            return zone | unusual | _bounds_json(schedule.bounds)


def _bounds_json(bounds: Bounds) -> dict[str, Any]:
    given = {
        "start_at": None if bounds.start_at is None else to_text(bounds.start_at),
        "end_at": None if bounds.end_at is None else to_text(bounds.end_at),
        "max_runs": bounds.max_runs,
    }
    return {name: value for name, value in given.items() if value is not None}


def to_record(schedule: Schedule) -> dict[str, Any]:
    """The schedule as it is stored: its JSON, and what was worked out when it was defined."""
    record = to_json(schedule)
    if isinstance(schedule, Interval):
        record["anchor"] = to_ms(schedule.anchor)
    if not isinstance(schedule, Once) and schedule.bounds.last is not None:
        record["last"] = to_ms(schedule.bounds.last)
    return record


def from_record(record: Mapping[str, Any]) -> Schedule:
    """The schedule that `to_record` wrote."""
    if record["type"] == "cron":
        schedule: Schedule = _cron(record, stored_rule)
    else:
        schedule = _PARSERS[record["type"]](record, LATEST - LONGEST_INTERVAL)
    if isinstance(schedule, Interval):
        schedule = replace(schedule, anchor=from_ms(record["anchor"]))
    if not isinstance(schedule, Once) and "last" in record:
        schedule = replace(schedule, bounds=replace(schedule.bounds, last=from_ms(record["last"])))
    return schedule


def _instant(data: Mapping[str, Any], field: str) -> datetime:
    try:
        instant = from_text(data[field])
    except ValueError as error:
        detail = "not an instant: write RFC 3339 with an offset, like 2026-01-01T09:00:00Z"
        raise _wrong(f"/{field}", "invalid_instant", detail) from error
    if not from_ms(0) <= instant <= LATEST:
        raise _wrong(f"/{field}", "out_of_range", "outside 1970-01-01 to 2100-01-01")
    return instant


def _wrong(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(FieldError(pointer=pointer, code=code, detail=detail))
