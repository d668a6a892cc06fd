"""What owners make of a rule: months, jitter, exclusions, AWS's rates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import Invalid
from chalicelib.core.schedule import (
    Interval,
    due_times,
    from_record,
    is_due,
    next_after,
    parse,
    rule_after,
    to_json,
    to_record,
)
from chalicelib.core.schedule.exclusions import WEEKDAYS
from tests.core.building import START, at, every


def upcoming(data: dict[str, Any], count: int, **more: Any) -> list[str]:
    """The next due times after `START`, to the minute."""
    schedule = parse(data, START, **more)
    return [f"{due:%m-%d %H:%M}" for due in islice(due_times(schedule, START, datetime(2100, 1, 1, tzinfo=UTC)), count)]


def months(**more: Any) -> dict[str, Any]:
    return {"type": "interval", "every": 1, "unit": "months", "start_at": "2026-03-31T08:00:00Z"} | more


def test_a_month_later_is_the_last_day_where_there_is_no_such_day() -> None:
    assert upcoming(months(), 4) == ["03-31 08:00", "04-30 08:00", "05-31 08:00", "06-30 08:00"]


def test_a_short_month_can_be_skipped_instead() -> None:
    assert upcoming(months(short_months="skip"), 3) == ["03-31 08:00", "05-31 08:00", "07-31 08:00"]


def test_a_month_later_keeps_the_local_time() -> None:
    data = months(start_at="2026-03-10T08:00:00Z", time_zone="Europe/Paris")
    assert upcoming(data, 3) == ["03-10 08:00", "04-10 07:00", "05-10 07:00"]


@given(every_=st.integers(1, 30), skip=st.booleans(), days=st.integers(0, 20_000))
def test_months_leave_nothing_out_and_never_go_back(every_: int, skip: bool, days: int) -> None:
    schedule = parse(months(every=every_, short_months="skip" if skip else "last_day"), START)
    after = START + timedelta(days=days)
    found = next_after(schedule, after)
    assert found is None or (found > after and is_due(schedule, found))
    assert found is None or next_after(schedule, found - timedelta(days=1)) in (found, next_after(schedule, after))


def test_jitter_is_the_same_whenever_it_is_asked_for_and_within_bounds() -> None:
    schedule = parse(every(60, jitter_seconds=30), START, seed="a")
    dues = list(due_times(schedule, START, at(60 * 200)))
    assert all(is_due(schedule, due) for due in dues)
    assert dues == list(due_times(from_record(to_record(schedule)), START, at(60 * 200)))
    late = [(due - at(60 * n)).total_seconds() for n, due in enumerate(dues)]
    assert all(0 <= seconds < 30 for seconds in late)
    assert len({round(s) for s in late}) > 20


def test_jitter_differs_between_tasks() -> None:
    one, other = (next_after(parse(every(3600, jitter_seconds=600), START, seed=seed), START) for seed in "ab")
    assert one != other


@given(seconds=st.integers(2, 400), jitter=st.integers(1, 399), seed=st.text(max_size=5))
def test_jitter_never_reorders(seconds: int, jitter: int, seed: str) -> None:
    if jitter >= seconds:
        return
    schedule = parse(every(seconds, jitter_seconds=jitter), START, seed=seed)
    dues = list(islice(due_times(schedule, START, at(seconds * 30)), 30))
    assert all(earlier < later for earlier, later in pairwise(dues))


@pytest.mark.parametrize(
    "data",
    [
        every(60, jitter_seconds=60),
        {"type": "cron", "expression": "* * * * *", "jitter_seconds": 60},
        {"type": "cron", "expression": "0,1 3 * * *", "jitter_seconds": 61},
    ],
)
def test_a_jitter_as_long_as_the_interval_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        parse(data, START)
    assert [error.pointer for error in refused.value.errors] == ["/jitter_seconds"]


def daily(*exclude: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "cron", "expression": "30 10 * * *", "exclude": list(exclude)} | more


def test_an_excluded_date_is_no_due_time() -> None:
    assert upcoming(daily({"date": "2026-03-03"}), 2) == ["03-02 10:30", "03-04 10:30"]


def test_excluded_dates_are_local_ones() -> None:
    data = daily({"date": "2026-03-03"}, expression="30 0 * * *", time_zone="Asia/Tokyo")
    assert upcoming(data, 2) == ["03-03 15:30", "03-04 15:30"]


def test_an_excluded_range_includes_both_ends() -> None:
    assert upcoming(daily({"from": "2026-03-03", "to": "2026-03-05"}), 2) == ["03-02 10:30", "03-06 10:30"]


def test_weekly_hours_are_excluded_over_midnight_as_well() -> None:
    data = {
        "type": "cron",
        "expression": "0 */6 * * *",
        "exclude": [{"weekly": ["mon"], "from": "18:00", "to": "06:00"}],
    }
    assert upcoming(data, 3) == ["03-02 12:00", "03-03 06:00", "03-03 12:00"]


def test_whole_days_are_excluded_weekly() -> None:
    data = daily({"weekly": ["tue", "wed"], "from": "00:00", "to": "24:00"})
    assert upcoming(data, 2) == ["03-02 10:30", "03-05 10:30"]


def test_a_named_calendar_excludes_and_is_kept_with_the_schedule() -> None:
    calendars = {"holidays": ((at(3600), at(7200)),)}
    data = every(1800, exclude=[{"calendar": "holidays"}])
    schedule = parse(data, START, calendars=calendars)
    assert list(due_times(schedule, START, at(9001))) == [at(0), at(1800), at(7200), at(9000)]
    assert from_record(to_record(schedule)) == schedule
    assert to_json(schedule)["exclude"] == [{"calendar": "holidays"}]


def test_an_excluded_second_is_left_in_one_step_however_long_it_lasts() -> None:
    data = every(1, exclude=[{"from": "2026-03-02", "to": "2056-03-02"}])
    schedule = parse(data, START)
    assert next_after(schedule, START) == datetime(2056, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"date": "2026-13-01"}, "write {"),
        ({"date": 7}, "write {"),
        ({"from": "2026-03-05", "to": "2026-03-03"}, "`to` lies before `from`"),
        ({"weekly": ["someday"], "from": "00:00", "to": "01:00"}, "`weekly` lists days"),
        ({"weekly": [], "from": "00:00", "to": "01:00"}, "`weekly` lists days"),
        ({"weekly": ["mon", "mon"], "from": "00:00", "to": "01:00"}, "`weekly` lists days"),
        ({"weekly": ["mon"], "from": "25:00", "to": "01:00"}, "write hours as HH:MM"),
        (
            {"weekly": list(WEEKDAYS), "from": "00:00", "to": "24:00"},
            "all of every week",
        ),
        ({"calendar": "unknown"}, "there is no calendar"),
        ({}, "write {"),
        ({"date": "2026-01-01", "extra": 1}, "write {"),
    ],
)
def test_an_exclusion_that_makes_no_sense_is_refused(item: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(every(60, exclude=[{"date": "2026-12-25"}, item]), START)
    assert [error.pointer for error in refused.value.errors] == ["/exclude/1"]
    assert says in refused.value.errors[0].detail


def test_awss_rate_is_an_interval() -> None:
    schedule = parse({"type": "cron", "expression": "rate(5 minutes)", "max_runs": 2}, START)
    assert isinstance(schedule, Interval)
    assert list(due_times(schedule, START, at(10_000))) == [at(300), at(600)]


def test_the_rule_itself_knows_no_exclusion() -> None:
    schedule = parse(daily({"date": "2026-03-02"}), START)
    assert rule_after(schedule, START) == datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
