"""Schedules as they are written: the contract's JSON, and what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import LATEST, MILLISECOND, floor_ms, from_ms, from_text, to_ms, to_text
from chalicelib.core.schedule.aws_text import rate_of
from chalicelib.core.schedule.cron import CronRule, Fold, Gap, check_zone, cron_rule, stored_rule
from chalicelib.core.schedule.exclusions import Spans, parse_exclusions
from chalicelib.core.schedule.months import MONTHS_IN_A_YEAR, ShortMonths, next_month_step
from chalicelib.core.schedule.rules import (
    NO_TIME,
    Cron,
    Interval,
    Once,
    Schedule,
    Shape,
    TooSparse,
    Unit,
    calendars_of,
    floor_to_ms,
    rule_after,
    upcoming,
)

SHORTEST_INTERVAL = timedelta(seconds=1)
LONGEST_INTERVAL = timedelta(days=3650)
MOST_MONTHS = 10 * MONTHS_IN_A_YEAR
MOST_JITTER = timedelta(days=1)
SAMPLE = 100
"""Gaps of a cron rule that a jitter is held against."""


def parse(
    data: Mapping[str, Any],
    now: datetime,
    *,
    seed: str = "",
    keeping: Schedule | None = None,
    calendars: Mapping[str, Spans] | None = None,
) -> Schedule:
    """The schedule that JSON of the contract describes; `Invalid` names every field that is wrong.

    `now` anchors an interval that has no `start_at`: first due one step later. An interval that goes on with the step
    of the one it replaces (`keeping`) keeps its anchor, and an equal schedule is that same schedule. `seed` (the task's
    id) makes jitter and `H` its own; `calendars` are those that its owner has.
    """
    data = _read_rate(data)
    schedule = _PARSERS[data["type"]](data, now, seed, calendars or {})
    if keeping is not None and _but_for_anchor(schedule) == _but_for_anchor(keeping):
        return keeping
    if isinstance(schedule, Interval) and isinstance(keeping, Interval) and _same_rhythm(schedule, keeping):
        schedule = replace(schedule, anchor=keeping.anchor)
    return _with_last(schedule, now)


def _read_rate(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """AWS's rate(…) stands where a cron expression does, and is an interval."""
    rate = rate_of(data["expression"]) if data["type"] == "cron" else None
    if rate is None:
        return data
    rest = {name: value for name, value in data.items() if name not in ("expression", "dst_gap", "dst_fold")}
    return rest | {"type": "interval", "every": rate[0], "unit": rate[1]}


def _but_for_anchor(schedule: Schedule) -> Schedule:
    """The schedule as its owner gave it: without what was worked out from the time of its definition."""
    if isinstance(schedule, Once):
        return schedule
    bare = replace(schedule, shape=replace(schedule.shape, last=None))
    return replace(bare, anchor=LATEST) if isinstance(bare, Interval) else bare


def _same_rhythm(one: Interval, other: Interval) -> bool:
    return all(getattr(one, x) == getattr(other, x) for x in ("every", "unit", "time_zone", "short_months")) and (
        one.shape.start_at == other.shape.start_at
    )


def _parse_once(data: Mapping[str, Any], now: datetime, seed: str, calendars: Mapping[str, Spans]) -> Once:
    return Once(at=_instant(data, "at"))


def _parse_interval(data: Mapping[str, Any], now: datetime, seed: str, calendars: Mapping[str, Spans]) -> Interval:
    zone = data.get("time_zone", "UTC")
    check_zone(zone)
    shape = _parse_shape(data, seed, zone, calendars)
    schedule = Interval(
        every=data["every"],
        unit=Unit(data["unit"]),
        anchor=now,
        shape=shape,
        time_zone=zone,
        short_months=ShortMonths(data.get("short_months", ShortMonths.LAST_DAY)),
    )
    _check_length(schedule)
    anchored = replace(schedule, anchor=shape.start_at or _one_step_later(schedule, floor_ms(now)))
    _check_jitter(anchored)
    return anchored


def _check_length(schedule: Interval) -> None:
    if schedule.unit is Unit.MONTHS:
        if not 1 <= schedule.every <= MOST_MONTHS:
            raise _wrong("/every", "out_of_range", "an interval is at most 10 years: 1 to 120 months")
        return
    try:
        step = schedule.step
    except OverflowError as error:
        raise _wrong("/every", "out_of_range", "longer than 10 years in all") from error
    if not SHORTEST_INTERVAL <= step <= LONGEST_INTERVAL:
        raise _wrong("/every", "out_of_range", "an interval is at least one second and at most 10 years in all")


def _one_step_later(schedule: Interval, now: datetime) -> datetime:
    if schedule.unit is not Unit.MONTHS:
        return now + floor_to_ms(schedule.step)
    later = next_month_step(now, schedule.every, schedule.time_zone, schedule.short_months, after=now)
    return later if later is not None else LATEST


def _parse_cron(data: Mapping[str, Any], now: datetime, seed: str, calendars: Mapping[str, Spans]) -> Cron:
    schedule = _cron(data, seed, cron_rule, calendars)
    _check_jitter(schedule)
    return schedule


def _cron(
    data: Mapping[str, Any],
    seed: str,
    rule: Callable[[str, str, Gap, Fold, str], CronRule],
    calendars: Mapping[str, Spans],
) -> Cron:
    given, zone = data["expression"], data.get("time_zone", "UTC")
    gap, fold = Gap(data.get("dst_gap", Gap.RUN)), Fold(data.get("dst_fold", Fold.ONCE))
    return Cron(given=given, rule=rule(given, zone, gap, fold, seed), shape=_parse_shape(data, seed, zone, calendars))


_Parser = Callable[[Mapping[str, Any], datetime, str, Mapping[str, Spans]], Schedule]
_PARSERS: dict[str, _Parser] = {"once": _parse_once, "interval": _parse_interval, "cron": _parse_cron}


def _parse_shape(data: Mapping[str, Any], seed: str, zone: str, calendars: Mapping[str, Spans]) -> Shape:
    start = _instant(data, "start_at") if data.get("start_at") is not None else None
    end = _instant(data, "end_at") if data.get("end_at") is not None else None
    if start is not None and end is not None and end < start:
        raise _wrong("/end_at", "before_start", "`end_at` lies before `start_at`")
    return Shape(
        start_at=start,
        end_at=end,
        max_runs=data.get("max_runs"),
        jitter=timedelta(seconds=data.get("jitter_seconds", 0)),
        seed=seed,
        exclude=parse_exclusions(data.get("exclude", ()), zone, calendars),
    )


def _check_jitter(schedule: Interval | Cron) -> None:
    """A jitter is shorter than the shortest time between two due times: it may spread them, not mix them up."""
    jitter = schedule.shape.jitter
    if jitter == NO_TIME:
        return
    instants = list(islice(_rule_instants(schedule), SAMPLE))
    shortest = min((later - earlier for earlier, later in pairwise(instants)), default=MOST_JITTER + MILLISECOND)
    if jitter >= shortest:
        detail = f"must be shorter than the interval, which is {shortest.total_seconds():g} s at its shortest"
        raise _wrong("/jitter_seconds", "out_of_range", detail)


def _rule_instants(schedule: Interval | Cron) -> Any:
    at = rule_after(schedule, from_ms(0) if isinstance(schedule, Cron) else schedule.anchor - MILLISECOND)
    while at is not None:
        yield at
        at = rule_after(schedule, at)


def _with_last(schedule: Schedule, now: datetime) -> Schedule:
    """`max_runs` turned into the due time of the last run, counted from now on."""
    if isinstance(schedule, Once) or schedule.shape.max_runs is None:
        return schedule
    try:
        counted = list(upcoming(schedule, floor_ms(now) - MILLISECOND, schedule.shape.max_runs))
    except TooSparse as error:
        raise _wrong("/exclude", "too_sparse", "so much is excluded that `max_runs` cannot be counted out") from error
    return replace(schedule, shape=replace(schedule.shape, last=counted[-1] if counted else None))


def to_json(schedule: Schedule) -> dict[str, Any]:
    """The schedule as the contract writes it; what was left out and has its usual value is left out again."""
    match schedule:
        case Once():
            return {"type": "once", "at": to_text(schedule.at)}
        case Interval():
            own: dict[str, Any] = {"type": "interval", "every": schedule.every, "unit": str(schedule.unit)}
            unusual = {
                "time_zone": schedule.time_zone if schedule.time_zone != "UTC" else None,
                "short_months": str(schedule.short_months)
                if schedule.short_months is not ShortMonths.LAST_DAY
                else None,
            }
        case Cron():
            rule = schedule.rule
            own = {"type": "cron", "expression": schedule.given, "time_zone": rule.time_zone}
            unusual = {
                "dst_gap": str(rule.gap) if rule.gap is not Gap.RUN else None,
                "dst_fold": str(rule.fold) if rule.fold is not Fold.ONCE else None,
            }
    return own | {name: value for name, value in unusual.items() if value is not None} | _shape_json(schedule.shape)


def _shape_json(shape: Shape) -> dict[str, Any]:
    given = {
        "start_at": None if shape.start_at is None else to_text(shape.start_at),
        "end_at": None if shape.end_at is None else to_text(shape.end_at),
        "max_runs": shape.max_runs,
        "jitter_seconds": int(shape.jitter.total_seconds()) or None,
        "exclude": [exclusion.to_json() for exclusion in shape.exclude] or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def to_record(schedule: Schedule) -> dict[str, Any]:
    """The schedule as it is stored: its JSON, and what was worked out when it was defined."""
    record = to_json(schedule)
    if isinstance(schedule, Once):
        return record
    shape = schedule.shape
    calendars = {name: _span_record(spans) for name, spans in calendars_of(schedule).items()}
    worked_out = {
        "anchor": to_ms(schedule.anchor) if isinstance(schedule, Interval) else None,
        "last": None if shape.last is None else to_ms(shape.last),
        "seed": shape.seed or None,
        "calendars": calendars or None,
    }
    return record | {name: value for name, value in worked_out.items() if value is not None}


def _span_record(spans: Spans) -> list[list[int]]:
    return [[to_ms(begin), to_ms(end)] for begin, end in spans]


def from_record(record: Mapping[str, Any]) -> Schedule:
    """The schedule that `to_record` wrote; it was checked then."""
    if record["type"] == "once":
        return Once(at=_instant(record, "at"))
    seed = record.get("seed", "")
    calendars = {
        name: tuple((from_ms(begin), from_ms(end)) for begin, end in spans)
        for name, spans in record.get("calendars", {}).items()
    }
    last = from_ms(record["last"]) if "last" in record else None
    if record["type"] == "cron":
        cron = _cron(record, seed, stored_rule, calendars)
        return replace(cron, shape=replace(cron.shape, last=last))
    zone = record.get("time_zone", "UTC")
    return Interval(
        every=record["every"],
        unit=Unit(record["unit"]),
        anchor=from_ms(record["anchor"]),
        shape=replace(_parse_shape(record, seed, zone, calendars), last=last),
        time_zone=zone,
        short_months=ShortMonths(record.get("short_months", ShortMonths.LAST_DAY)),
    )


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
