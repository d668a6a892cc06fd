"""Schedules as pure functions of an instant."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import Invalid
from chalicelib.core.instant import MILLISECOND, floor_ms
from chalicelib.core.schedule import (
    Interval,
    due_times,
    first_from,
    from_record,
    is_due,
    next_after,
    parse,
    to_json,
    to_record,
)
from tests.core.building import START, at, every, once


def test_once_is_due_one_time() -> None:
    schedule = parse(once(5), START)
    assert next_after(schedule, START) == at(5)
    assert next_after(schedule, at(5)) is None


def test_an_interval_without_start_is_first_due_one_step_after_creation() -> None:
    schedule = parse({"type": "interval", "every": 3, "unit": "seconds"}, START)
    assert list(due_times(schedule, START, at(10))) == [at(3), at(6), at(9)]


def test_an_interval_with_start_is_due_at_its_start() -> None:
    assert list(due_times(parse(every(4), at(-100)), at(-50), at(9))) == [at(0), at(4), at(8)]


@pytest.mark.parametrize(
    ("unit", "every_", "step"),
    [
        ("microseconds", 1_000_000, timedelta(seconds=1)),
        ("seconds", 2, timedelta(seconds=2)),
        ("minutes", 2, timedelta(minutes=2)),
        ("hours", 2, timedelta(hours=2)),
        ("days", 2, timedelta(days=2)),
        ("weeks", 2, timedelta(weeks=2)),
    ],
)
def test_every_unit_of_the_contract(unit: str, every_: int, step: timedelta) -> None:
    schedule = parse({"type": "interval", "every": every_, "unit": unit}, START)
    assert next_after(schedule, START) == START + step


@given(microseconds=st.integers(1_000_000, 10_000_000), steps=st.integers(0, 10_000))
def test_an_interval_never_drifts(microseconds: int, steps: int) -> None:
    schedule = parse({"type": "interval", "every": microseconds, "unit": "microseconds"}, START)
    assert isinstance(schedule, Interval)
    exact = schedule.anchor + steps * timedelta(microseconds=microseconds)
    assert is_due(schedule, floor_ms(exact))
    assert first_from(schedule, floor_ms(exact)) == floor_ms(exact)


@given(seconds=st.integers(1, 500), offset=st.integers(-5_000_000, 5_000_000))
def test_next_after_is_the_least_later_due_time(seconds: int, offset: int) -> None:
    schedule = parse(every(seconds), START)
    after = START + offset * MILLISECOND
    found = next_after(schedule, after)
    assert found is not None
    assert found > after
    assert is_due(schedule, found)
    earlier = list(due_times(schedule, after + MILLISECOND, found))
    assert earlier == []


def test_bounds_admit_their_own_instants_and_nothing_outside() -> None:
    schedule = parse(every(10, end_at="2026-03-02T09:00:20Z"), START)
    assert list(due_times(schedule, at(-100), at(100))) == [at(0), at(10), at(20)]
    assert next_after(schedule, at(20)) is None


def test_cron_begins_at_its_start() -> None:
    data = {"type": "cron", "expression": "* * * * *", "start_at": "2026-03-02T10:00:00Z"}
    assert next_after(parse(data, START), START) == at(3600)


def test_max_runs_becomes_the_due_time_of_the_last_run() -> None:
    schedule = parse({"type": "interval", "every": 5, "unit": "seconds", "max_runs": 3}, START)
    assert list(due_times(schedule, START, at(100))) == [at(5), at(10), at(15)]


@pytest.mark.parametrize(
    "data",
    [
        once(5),
        every(3, max_runs=4),
        {"type": "interval", "every": 1_500_001, "unit": "microseconds"},
        {
            "type": "cron",
            "expression": "30 2 * * *",
            "time_zone": "Europe/Paris",
            "dst_gap": "skip",
            "dst_fold": "twice",
        },
        {"type": "cron", "expression": "@hourly", "time_zone": "UTC", "max_runs": 2},
    ],
)
def test_what_is_stored_is_what_was_defined(data: dict[str, Any]) -> None:
    schedule = parse(data, START)
    assert from_record(to_record(schedule)) == schedule
    assert data.items() <= to_json(schedule).items() | {("start_at", "2026-03-02T09:00:00.000Z")}


def test_a_schedule_that_is_sent_back_unchanged_stays_itself() -> None:
    schedule = parse({"type": "interval", "every": 7, "unit": "seconds"}, START)
    assert parse(to_json(schedule), at(1000), keeping=schedule) is schedule


def test_an_interval_that_only_gets_an_end_keeps_its_rhythm() -> None:
    schedule = parse({"type": "interval", "every": 7, "unit": "seconds"}, START)
    ended = parse(to_json(schedule) | {"end_at": "2026-03-02T10:00:00Z"}, at(1000), keeping=schedule)
    assert next_after(ended, at(1000)) == next_after(schedule, at(1000))


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"type": "once", "at": "2026-03-02T09:00:00"}, "/at"),
        ({"type": "once", "at": "tomorrow"}, "/at"),
        ({"type": "once", "at": "2026-02-30T00:00:00Z"}, "/at"),
        ({"type": "once", "at": "1969-12-31T00:00:00Z"}, "/at"),
        ({"type": "once", "at": "9999-12-31T23:59:59-23:59"}, "/at"),
        ({"type": "interval", "every": 999_999, "unit": "microseconds"}, "/every"),
        ({"type": "interval", "every": 10**30, "unit": "weeks"}, "/every"),
        ({"type": "interval", "every": 522, "unit": "weeks"}, "/every"),
        (every(1, end_at="2026-03-02T08:00:00Z"), "/end_at"),
        ({"type": "cron", "expression": "* * * * *", "start_at": "now"}, "/start_at"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(data: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(data, START)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_due_times_are_in_order_and_distinct() -> None:
    schedule = parse({"type": "interval", "every": 1_000_001, "unit": "microseconds"}, START)
    found = list(due_times(schedule, START, at(5000)))
    assert all(earlier < later for earlier, later in pairwise(found))
    assert len(found) == 4999
