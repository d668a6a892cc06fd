"""The band's geometry: nothing lies outside, what matters most is drawn, and bars are at one scale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.run import RunStatus
from chalicelib.web.pages.charts.band import FLOOR, LANES, SHORTEST, TALLEST, WIDTH, Dot, Slot, Strip, strip
from chalicelib.web.pages.looks.marks import DUE, RUN_MARKS

BEGIN = datetime(2026, 11, 21, tzinfo=UTC)
END = BEGIN + timedelta(hours=12)
SLOT = timedelta(minutes=5)
STATUSES = st.sampled_from(list(RunStatus))
MINUTES = st.integers(0, 719)


def drawn(*dots: Dot, slots: tuple[Slot, ...] = (), zone: str = "UTC") -> Strip:
    return strip(dots, slots, BEGIN, END, peak=max((slot.count for slot in slots), default=0), zone=ZoneInfo(zone))


def dot(minute: float, status: RunStatus = RunStatus.SUCCEEDED) -> Dot:
    return Dot(at=BEGIN + timedelta(minutes=minute), mark=RUN_MARKS[status], name="hello")


@given(st.lists(st.tuples(MINUTES, STATUSES)))
def test_every_mark_lies_within_and_those_without_room_are_counted(given_dots: list[tuple[int, RunStatus]]) -> None:
    found = drawn(*(dot(*one) for one in given_dots))
    assert all(0 < mark.x < WIDTH and 0 < mark.y < FLOOR for mark in found.marks)
    assert len(found.marks) + found.hidden == len(given_dots)
    places = [(mark.x, mark.y) for mark in found.marks]
    by_column = {(int(x // 10), y) for x, y in places}
    assert len(by_column) == len(places)


def test_where_there_is_no_room_for_all_what_failed_is_shown() -> None:
    found = drawn(*(dot(60) for _ in range(20)), dot(60, RunStatus.FAILED), dot(60, RunStatus.MISSED))
    assert found.hidden == 22 - LANES
    assert {RUN_MARKS[RunStatus.FAILED], RUN_MARKS[RunStatus.MISSED]} <= {mark.dot.mark for mark in found.marks}


def test_bars_stand_on_the_floor_at_one_scale_and_one_run_can_be_seen() -> None:
    slots = (
        Slot(begin=BEGIN, end=BEGIN + SLOT, count=1000, troubled=250),
        Slot(begin=BEGIN + SLOT, end=BEGIN + 2 * SLOT, count=1, troubled=1),
    )
    high, low = drawn(slots=slots).bars
    assert (high.height, low.height) == (TALLEST, SHORTEST)
    assert high.troubled_height == TALLEST / 4
    assert low.troubled_height == SHORTEST
    assert all(bar.y + bar.height == FLOOR == bar.troubled_y + bar.troubled_height for bar in (high, low))


def test_labels_are_hours_of_the_clock_that_is_shown() -> None:
    assert [tick.label for tick in drawn(zone="Europe/Paris").ticks if tick.label] == [
        "03:00",
        "06:00",
        "09:00",
        "12:00",
    ]
    half = drawn(zone="Asia/Kolkata").ticks
    assert [tick.label for tick in half if tick.label] == ["06:00", "09:00", "12:00", "15:00"]
    assert half[0].x == WIDTH / 24


def test_each_state_has_a_shape_of_its_own() -> None:
    shapes = [mark.shape for mark in (*RUN_MARKS.values(), DUE)]
    assert len(set(shapes)) == len(shapes)
