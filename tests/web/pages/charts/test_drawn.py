"""What charts draw: everything within its frame, to scale, and seen however little it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.overview.statistics import Bin, Day, histogram, percentile
from chalicelib.core.run import Attempt, AttemptStatus, RunStatus
from chalicelib.web.pages.charts import bins, days, steps
from chalicelib.web.pages.looks.words import RUN_LOOKS
from tests.core.building import at, make_run

counts = st.dictionaries(st.sampled_from(RunStatus), st.integers(1, 5000), max_size=5)
lengths = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30))
seconds = st.floats(0, 5000, allow_nan=False).map(lambda number: round(number, 3))


@given(st.lists(counts, min_size=1, max_size=90))
def test_columns_of_days_lie_within_their_frame_and_show_all_there_was(some: list[dict[RunStatus, int]]) -> None:
    drawn = days.columns([Day(date=date(2026, 1, 1), counts=one) for one in some])
    for column, count in zip(drawn, some, strict=True):
        assert column.empty is (not count)
        assert {piece.tone for piece in column.pieces} == {RUN_LOOKS[status].tone for status in count}
        assert all(piece.height >= days.LEAST for piece in column.pieces)
        assert all(days.ROOM - 1 <= piece.y <= days.HEIGHT - days.LEAST for piece in column.pieces)
        assert all(abs(low.y - high.y - high.height) < 0.11 for low, high in pairwise(column.pieces))
        assert all(f"{number:,} {RUN_LOOKS[status].word}" in column.words for status, number in count.items())


def test_days_are_told_apart_without_their_colours() -> None:
    marks = [days.columns([Day(date=date(2026, 1, 1), counts={one: 1})])[0].mark for one in RunStatus]
    by_tone = {RUN_LOOKS[one].tone: mark for one, mark in zip(RunStatus, marks, strict=True)}
    assert len(set(by_tone.values())) == len(by_tone) == 5


@given(st.lists(lengths, min_size=1))
def test_a_histogram_lies_within_its_frame_and_marks_values_where_they_are(values: list[timedelta]) -> None:
    found, half = histogram(values), percentile(values, 50)
    assert half is not None
    drawn = bins.drawn(found, {"p50": half})
    assert all(bar.x >= 0 and bar.x + bar.width <= 100.1 for bar in drawn.bars)
    assert all(bar.y >= bins.TOP and bar.y + bar.height <= bins.TOP + bins.HEIGHT + 0.1 for bar in drawn.bars)
    assert all((bar.height == 0) is (bar.count == 0) for bar in drawn.bars)
    [line] = drawn.lines
    [holding] = [bar for bar, one in zip(drawn.bars, found, strict=True) if _holds(one, half)]
    step = 100 / len(found)
    assert holding.x - step / 10 <= line.x <= holding.x + step * 1.05


def _holds(one: Bin, value: timedelta) -> bool:
    return one.low <= value and (one.high is None or value < one.high)


@given(seconds, st.floats(0, 900), st.floats(0, 60), st.integers(1, 20))
def test_the_lanes_of_a_run_are_to_scale_and_end_where_it_ends(
    late: float, took: float, ready: float, count: int
) -> None:
    tries, begin = [], at(late)
    for number in range(1, count + 1):
        end = begin + timedelta(seconds=took)
        tries.append(
            Attempt(
                number=number,
                started_at=begin,
                dispatched_at=begin - timedelta(seconds=40),
                begun_at=min(end, begin + timedelta(seconds=ready)),
                finished_at=end,
                status=AttemptStatus.FAILED,
            )
        )
        begin = end + timedelta(seconds=30)
    run = make_run(at(0), RunStatus.FAILED, attempts=tuple(tries))
    lanes = steps.lanes(run, tries[-1], at(10**6))
    assert len(lanes) == (1 + count if count <= steps.MOST_LANES else 2)
    for lane in lanes:
        assert all(part.x >= 0 and part.x + part.width <= 100.01 for part in lane.segments)
        assert all(0 <= mark.x <= 100 for mark in lane.marks)
        assert 2 <= len(lane.ticks) <= 6
        assert all(0 <= x <= 100 for x, _ in lane.ticks)
    whole = lanes[0]
    for part, one in zip(whole.segments[1:], tries, strict=True):
        exact = 100 * timedelta(seconds=took) / whole.length
        assert abs(part.width - max(exact, steps.LEAST)) < 0.05, one


def test_a_run_at_work_reaches_until_now_and_says_what_it_does_not_know() -> None:
    run = make_run(at(0), RunStatus.RUNNING, attempts=(Attempt(number=1, started_at=at(1)),))
    whole, own = steps.lanes(run, None, at(11))
    assert whole.length == timedelta(seconds=11)
    assert own.segments[-1].words == "at work for 10 s"
    assert [step.name for step in steps.steps(run)] == ["due", "claimed"]


def test_the_table_of_steps_is_in_the_order_of_time() -> None:
    attempt = Attempt(
        number=1,
        dispatched_at=at(-40),
        started_at=at(0.1),
        begun_at=at(0.112),
        finished_at=at(2),
        status=AttemptStatus.SUCCEEDED,
    )
    table = steps.steps(make_run(at(0), RunStatus.SUCCEEDED, attempts=(attempt,)))
    assert [step.name for step in table] == ["dispatched", "due", "claimed", "started", "finished"]
    assert [step.from_due.total_seconds() for step in table] == [-40, 0, 0.1, 0.112, 2]
    assert [step.from_before and step.from_before.total_seconds() for step in table] == [None, 40, 0.1, 0.012, 1.888]


def test_a_run_without_attempts_has_no_lanes() -> None:
    assert steps.lanes(make_run(at(0), RunStatus.MISSED), None, datetime(2027, 1, 1, tzinfo=UTC)) == ()
