"""What runs come to, held against the definitions of the figures for any runs there may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.overview.statistics import (
    BAD,
    EDGES,
    GOOD,
    WORST_FIRST,
    Point,
    days,
    histogram,
    percentile,
    point_of,
    success_rate,
)
from chalicelib.core.run import Attempt, AttemptStatus, Coalesced, RunStatus, Trigger
from tests.core.building import at, make_run

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
lengths = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000))
dues = st.integers(0, 110 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
points = st.builds(Point, due_at=dues, status=st.sampled_from(RunStatus), count=st.integers(1, 9))


@given(st.lists(lengths, min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values: Sequence[timedelta], share: int) -> None:
    found = percentile(values, share)
    assert found is not None
    assert found in values
    assert sum(value <= found for value in values) * 100 >= share * len(values)
    assert sum(value < found for value in values) * 100 < share * len(values)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 50) is None


@given(st.lists(lengths))
def test_a_histogram_holds_every_value_once_in_a_bin_that_fits(values: Sequence[timedelta]) -> None:
    bins = histogram(values)
    assert sum(one.count for one in bins) == len(values)
    assert all(earlier.high == later.low for earlier, later in pairwise(bins))
    for one in bins:
        assert one.count == sum(one.low <= value and (one.high is None or value < one.high) for value in values)
    assert not bins or (bins[0].count and bins[-1].count)


def test_bins_grow_by_about_three_and_are_never_many() -> None:
    assert all(2 <= later / earlier <= 3.4 for earlier, later in pairwise(EDGES))
    assert len(EDGES) < 30


def test_what_started_before_its_due_time_by_a_clock_that_is_ahead_is_in_the_first_bin() -> None:
    [one] = histogram([timedelta(milliseconds=-3)])
    assert (one.low, one.count) == (timedelta(0), 1)


@given(st.lists(points))
def test_a_success_rate_leaves_out_what_came_to_no_end_of_its_own(some: Sequence[Point]) -> None:
    judged = [point for point in some if point.status in GOOD | BAD]
    rate = success_rate(some)
    assert rate == success_rate(judged)
    assert (rate is None) is (not judged)
    assert rate is None or 0 <= rate <= 1
    assert rate != 1 or all(point.status in GOOD for point in judged)


@given(st.lists(points), st.integers(1, 120))
def test_each_due_time_of_the_last_days_is_counted_on_its_day(some: Sequence[Point], count: int) -> None:
    found = days(some, PARIS, NOW, count)
    assert [day.date for day in found] == [NOW.date() - timedelta(days=back) for back in range(count - 1, -1, -1)]
    first = found[0].date
    for day in found:
        own = [point for point in some if point.due_at.astimezone(PARIS).date() == day.date]
        assert day.total == sum(point.count for point in own)
        assert day.worst == min((point.status for point in own), key=WORST_FIRST.index, default=None)
    assert sum(day.total for day in found) == sum(
        point.count for point in some if point.due_at.astimezone(PARIS).date() >= first
    )


def test_every_status_has_a_place_among_the_worst() -> None:
    assert sorted(WORST_FIRST) == sorted(RunStatus)


def test_days_before_those_that_were_counted_in_full_are_not_taken_for_empty() -> None:
    since = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)  # in Paris it is the 20th already
    assert [day.counted for day in days([], PARIS, NOW, 3, since)] == [False, False, True]
    assert all(day.counted for day in days([], PARIS, NOW, 3))


def test_days_of_a_zone_are_of_its_midnight_on_the_day_when_clocks_change() -> None:
    before = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # 00:30 on the 25th, of 25 hours
    after = before + timedelta(hours=24)  # 23:30 on the same day
    found = days(
        [Point(due_at=due, status=RunStatus.FAILED) for due in (before, after)],
        PARIS,
        datetime(2026, 10, 26, 12, tzinfo=UTC),
        2,
    )
    assert [day.total for day in found] == [2, 0]


@pytest.mark.parametrize(
    ("status", "trigger", "late", "took"),
    [
        (RunStatus.SUCCEEDED, Trigger.SCHEDULE, 1.0, 2.0),
        (RunStatus.FAILED, Trigger.MANUAL, 1.0, 2.0),
        (RunStatus.SUCCEEDED, Trigger.BACKFILL, None, 2.0),
        (RunStatus.RETRYING, Trigger.SCHEDULE, 1.0, None),
    ],
)
def test_a_run_counts_its_first_start_and_its_last_attempt(
    status: RunStatus, trigger: Trigger, late: float | None, took: float | None
) -> None:
    tries = (
        Attempt(number=1, started_at=at(1), finished_at=at(1.5), status=AttemptStatus.FAILED),
        Attempt(number=2, started_at=at(30), finished_at=at(32), status=AttemptStatus.SUCCEEDED),
    )
    point = point_of(make_run(at(0), status, trigger=trigger, attempts=tries))
    assert point.late == (None if late is None else timedelta(seconds=late))
    assert point.took == (None if took is None else timedelta(seconds=took))


def test_one_record_of_many_due_times_counts_as_many() -> None:
    many = Coalesced(first=at(-60), last=at(0), count=7)
    assert point_of(make_run(at(0), RunStatus.MISSED, coalesced=many)) == Point(
        due_at=at(0), status=RunStatus.MISSED, count=7
    )
