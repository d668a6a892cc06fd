"""Schedules that are refused: all that is wrong is told, and nothing is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from chalicelib.core.schedule.exclusions import Weekly
from tests.web.building import Caller, World, check_refused, faults, in_, task

ONCE = {"type": "once", "at": in_(60)}
CRON = {"type": "cron", "expression": "* * * * *"}
INTERVAL = {"type": "interval", "every": 5, "unit": "seconds"}


def _hour(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


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
    (schedule(ONCE, jitter_seconds=5), {"/schedule/jitter_seconds": "unknown_field"}),
    (
        schedule(INTERVAL, jitter_seconds=86_401, exclude="never"),
        {"/schedule/jitter_seconds": "out_of_range", "/schedule/exclude": "wrong_type"},
    ),
    (schedule(INTERVAL, jitter_seconds=1.5), {"/schedule/jitter_seconds": "wrong_type"}),
    (schedule(INTERVAL, jitter_seconds=0), {"/schedule/jitter_seconds": "out_of_range"}),
    (schedule(INTERVAL, jitter_seconds=5), {"/schedule/jitter_seconds": "out_of_range"}),
    (schedule(INTERVAL, jitter_seconds=int("9" * 4000)), {"/schedule/jitter_seconds": "out_of_range"}),
    (schedule(CRON, jitter_seconds=60), {"/schedule/jitter_seconds": "out_of_range"}),
    (schedule(INTERVAL, exclude=[{"date": "2026-12-25"}] * 101), {"/schedule/exclude": "wrong_length"}),
    (
        schedule(INTERVAL, exclude=["2026-12-25", {}, {"date": "2026-12-25", "from": "x"}, {"date": "2026-02-30"}]),
        {"/schedule/exclude/0": "wrong_type"},
    ),
    (
        schedule(
            INTERVAL,
            exclude=[
                {},
                {"date": "2026-12-25"},
                {"date": "10000-01-01"},
                {"date": "9999-12-31"},
                {"date": 5},
                {"from": "2026-12-25", "to": "2026-12-24"},
                {"from": "2026-12-25", "to": "9999-12-31"},
                {"weekly": "mon", "from": "01:00", "to": "02:00"},
                {"weekly": {"mon": 1}, "from": "01:00", "to": "02:00"},
                {"weekly": [["mon"]], "from": "01:00", "to": "02:00"},
                {"weekly": ["mon"], "from": "22+01", "to": "1:0"},
                {"calendar": []},
                {"calendar": "\x00"},
            ],
        ),
        {f"/schedule/exclude/{n}": "invalid_exclusion" for n in (0, *range(2, 12))},
    ),
    (schedule(INTERVAL, exclude=[{"calendar": "holidays"}]), {"/schedule/exclude/0": "invalid_exclusion"}),
    (schedule(INTERVAL, exclude=[{"calendar": f"c{n}"} for n in range(5)]), {"/schedule/exclude": "too_many"}),
    (schedule(INTERVAL, exclude=[{"from": "2026-01-01", "to": "2100-01-01"}]), {"/schedule": "never_fires"}),
    (schedule(INTERVAL, time_zone="Mars/Olympus"), {"/schedule/time_zone": "unknown_time_zone"}),
    (schedule(INTERVAL, unit="months", every=121), {"/schedule/every": "out_of_range"}),
    (schedule(INTERVAL, unit="months", short_months="leap"), {"/schedule/short_months": "unknown_value"}),
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
        CRON | {"expression": "cron(15 10 ? * 6L 2026-2030)"},
        INTERVAL | {"jitter_seconds": 4, "exclude": [{"date": "2026-12-25"}] * 100},
        INTERVAL | {"unit": "days", "jitter_seconds": 86_400},
        INTERVAL | {"unit": "months", "every": 120, "time_zone": "Europe/Paris", "short_months": "skip"},
        INTERVAL | {"exclude": [{"weekly": ["mon", "sun"], "from": "22:00", "to": "06:00"}]},
    ],
)
def test_the_limits_themselves_are_within_them(ann: Caller, given: dict[str, Any]) -> None:
    shown = ann.created(schedule=given)["schedule"]
    assert {name: shown[name] for name in given} == given


def test_awss_rate_is_kept_as_the_interval_that_it_is(ann: Caller) -> None:
    shown = ann.created(schedule=CRON | {"expression": "rate(5 minutes)"})
    assert shown["schedule"] == {"type": "interval", "every": 5, "unit": "minutes"}


@pytest.mark.parametrize("raw", [b"9" * 5000, b"1e308", b"-1e999", b'"\\u0000"', b"[]"])
@pytest.mark.parametrize("field", ["every", "jitter_seconds", "max_runs"])
def test_a_number_that_is_none_is_refused_by_its_field(ann: Caller, field: str, raw: bytes) -> None:
    given = b'{"type": "interval", "unit": "hours", "every": 1, "%s": %s}' % (field.encode(), raw)
    given = given.replace(b'"every": 1, ', b"") if field == "every" else given
    response = ann.post(
        "/api/tasks", b'{"name": "x", "action": {"type": "function", "name": "print_hello"}, "schedule": %s}' % given
    )
    assert (response.status_code, list(faults(response))) == (422, [f"/schedule/{field}"])


@pytest.mark.parametrize("overlap", ["allow", "skip", "queue", "replace"])
def test_every_overlap_policy_is_taken(ann: Caller, overlap: str) -> None:
    assert ann.created(overlap=overlap)["overlap"] == overlap


BLOCKS = [
    {"weekly": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": _hour(14 * n), "to": _hour(14 * n + 13)}
    for n in range(100)
]
"""A hundred blocks of thirteen minutes a day, with a minute between each two."""


def test_looking_for_due_times_between_many_exclusions_is_bounded_work(
    ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[datetime] = []
    until = Weekly.until

    def counted(self: Weekly, instant: datetime) -> datetime | None:
        looked.append(instant)
        return until(self, instant)

    monkeypatch.setattr(Weekly, "until", counted)
    sparse = CRON | {"exclude": BLOCKS, "max_runs": 1000}
    assert faults(ann.post("/api/tasks", task(schedule=sparse))) == {"/schedule/exclude": "too_sparse"}
    ann.post("/api/preview", {"schedule": CRON | {"exclude": BLOCKS}, "count": 100})
    assert len(looked) < 200_000
