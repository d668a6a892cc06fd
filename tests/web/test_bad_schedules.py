"""Schedules that are refused: all that is wrong is told, and nothing is stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.building import Caller, World, check_refused, in_, task

ONCE = {"type": "once", "at": in_(60)}
CRON = {"type": "cron", "expression": "* * * * *"}
INTERVAL = {"type": "interval", "every": 5, "unit": "seconds"}


def schedule(kind: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return task(schedule=kind | changes)


BAD: list[tuple[Any, dict[str, str]]] = [
    (schedule(INTERVAL, start_at=None, max_runs=None), {"/schedule/start_at": "null", "/schedule/max_runs": "null"}),
    (task(schedule="hourly"), {"/schedule": "wrong_type"}),
    (task(schedule={"type": "daily"}), {"/schedule/type": "unknown_value"}),
    (task(schedule={"type": "interval"}), {"/schedule/every": "required", "/schedule/unit": "required"}),
    (schedule(ONCE, at="tomorrow"), {"/schedule/at": "invalid_instant"}),
    (schedule(ONCE, at="2030-01-01T00:00:00"), {"/schedule/at": "invalid_instant"}),
    (schedule(ONCE, at="2030-13-01T00:00:00Z"), {"/schedule/at": "invalid_instant"}),
    (schedule(ONCE, at="10000-01-01T00:00:00Z"), {"/schedule/at": "invalid_instant"}),
    (schedule(ONCE, at="0001-01-01T00:00:00+23:59"), {"/schedule/at": "invalid_instant"}),
    (schedule(ONCE, at="2100-01-01T00:00:01Z"), {"/schedule/at": "out_of_range"}),
    (schedule(ONCE, at="1969-12-31T23:59:59Z"), {"/schedule/at": "out_of_range"}),
    (schedule(ONCE, at=1_893_456_000), {"/schedule/at": "wrong_type"}),
    (schedule(ONCE, at=in_(-3601)), {"/schedule/at": "past"}),
    (schedule(ONCE, start_at=in_(0)), {"/schedule/start_at": "unknown_field"}),
    (schedule(INTERVAL, every=0), {"/schedule/every": "out_of_range"}),
    (schedule(INTERVAL, every=-5), {"/schedule/every": "out_of_range"}),
    (schedule(INTERVAL, every=1.5), {"/schedule/every": "wrong_type"}),
    (schedule(INTERVAL, every="5"), {"/schedule/every": "wrong_type"}),
    (schedule(INTERVAL, every=999_999, unit="microseconds"), {"/schedule/every": "out_of_range"}),
    (schedule(INTERVAL, every=3651, unit="days"), {"/schedule/every": "out_of_range"}),
    (schedule(INTERVAL, every=2**62, unit="weeks"), {"/schedule/every": "out_of_range"}),
    (schedule(INTERVAL, unit="fortnights"), {"/schedule/unit": "unknown_value"}),
    (schedule(INTERVAL, start_at=in_(60), end_at=in_(30)), {"/schedule/end_at": "before_start"}),
    (
        schedule(INTERVAL, start_at="x", end_at="2030-01-01"),
        {"/schedule/start_at": "invalid_instant", "/schedule/end_at": "invalid_instant"},
    ),
    (schedule(INTERVAL, end_at=in_(-60)), {"/schedule": "never_fires"}),
    (schedule(INTERVAL, max_runs=0), {"/schedule/max_runs": "out_of_range"}),
    (schedule(INTERVAL, max_runs=1001), {"/schedule/max_runs": "out_of_range"}),
    (
        schedule(CRON, jitter_seconds=5, exclude=[]),
        {"/schedule/jitter_seconds": "not_available_yet", "/schedule/exclude": "not_available_yet"},
    ),
    (schedule(CRON, expression="0 0 30 2 *"), {"/schedule": "never_fires"}),
    (schedule(CRON, expression=5), {"/schedule/expression": "wrong_type"}),
    (
        schedule(CRON, expression="61 * * * *", time_zone="Mars/Olympus"),
        {"/schedule/expression": "invalid_cron", "/schedule/time_zone": "unknown_time_zone"},
    ),
    (
        schedule(CRON, start_at="x", expression="61 * * * *"),
        {"/schedule/start_at": "invalid_instant", "/schedule/expression": "invalid_cron"},
    ),
    (
        schedule(CRON, dst_gap="maybe", dst_fold="thrice"),
        {"/schedule/dst_gap": "unknown_value", "/schedule/dst_fold": "unknown_value"},
    ),
    (schedule(INTERVAL, unit="months"), {"/schedule/unit": "not_available_yet"}),
]
BAD_EXPRESSIONS = [
    "",
    "* * * *",
    "61 * * * *",
    "nonsense",
    "0 10 ? * MON *",
    "* * * * * * *",
    "\x00 * * * *",
    "9" * 300,
    "1 " * 5000,
]
BAD_ZONES = ["Mars/Olympus", "", "../../etc/passwd", "Europe", "x" * 5000, "a\x00b"]


@pytest.mark.parametrize(("body", "expected"), BAD)
def test_a_bad_schedule_is_refused(world: World, ann: Caller, body: Any, expected: dict[str, str]) -> None:
    check_refused(world, ann, body, expected)


@pytest.mark.parametrize("expression", BAD_EXPRESSIONS)
def test_what_cron_does_not_know_is_no_expression(world: World, ann: Caller, expression: str) -> None:
    check_refused(world, ann, schedule(CRON, expression=expression), {"/schedule/expression": "invalid_cron"})


@pytest.mark.parametrize("zone", BAD_ZONES)
def test_what_no_map_knows_is_no_time_zone(world: World, ann: Caller, zone: str) -> None:
    check_refused(world, ann, schedule(CRON, time_zone=zone), {"/schedule/time_zone": "unknown_time_zone"})


@pytest.mark.parametrize(
    "given",
    [
        INTERVAL | {"every": 3650, "unit": "days", "max_runs": 1},
        INTERVAL | {"every": 1_000_000, "unit": "microseconds", "max_runs": 1000},
        ONCE | {"at": "2099-12-31T23:59:59.999Z"},
        CRON | {"expression": "*/5 * * * * *"},
    ],
)
def test_the_limits_themselves_are_within_them(ann: Caller, given: dict[str, Any]) -> None:
    shown = ann.created(schedule=given)["schedule"]
    assert {name: shown[name] for name in given} == given
