"""What is ahead: exact where a task is due seldom, told by its pace where it is due often, and bounded in any case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.overview.ahead import MOST_OF_A_TASK, MOST_OF_ALL, Ahead, Broken, ahead, next_due
from chalicelib.core.overview.spread import HOUR, spread
from chalicelib.core.schedule import Cron, due_times
from chalicelib.core.task import Task
from tests.core.building import START, every, make_task, once

DAY = timedelta(days=1)
HOURS = tuple(START + n * HOUR for n in range(13))
SPRING = datetime(2026, 3, 29, tzinfo=UTC)
"""In Paris the clock jumps from 02:00 to 03:00 at 01:00 UTC."""
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)
"""In Paris the clock shows 02:00 to 03:00 twice, from 00:00 UTC to 02:00 UTC."""


def cron(expression: str, zone: str = "UTC", **more: Any) -> dict[str, Any]:
    return {"type": "cron", "expression": expression, "time_zone": zone} | more


def numbered(count: int, schedule: dict[str, Any]) -> list[Task]:
    return [make_task(schedule, task_id=f"task{n:04}") for n in range(count)]


def broken_task(name: str = "broken") -> Task:
    """A task whose time zone is not known on this machine any more."""
    task = make_task(cron("0 3 * * *"), task_id=name)
    schedule = task.definition.schedule
    assert isinstance(schedule, Cron)
    gone = replace(schedule, rule=replace(schedule.rule, time_zone="Mars/Olympus"))
    return replace(task, definition=replace(task.definition, schedule=gone))


def total(found: Ahead) -> float:
    return len(found.due) + sum(found.slots)


def test_due_times_of_several_tasks_stand_in_order_each_with_its_task() -> None:
    tasks = [make_task(every(3 * 3600), task_id="a"), make_task(once(3600), task_id="b")]
    found = ahead(tasks, HOURS)
    assert [(one.task.id, (one.at - START) / HOUR) for one in found.due] == [
        ("a", 0),
        ("b", 1),
        ("a", 3),
        ("a", 6),
        ("a", 9),
    ]
    assert (sum(found.slots), found.frequent, found.broken) == (0, (), ())


def test_a_paused_task_is_not_ahead() -> None:
    assert ahead([make_task(every(3600), state="paused")], HOURS).due == ()


def test_what_its_owner_skipped_is_not_ahead() -> None:
    found = ahead([make_task(every(4 * 3600))], HOURS, frozenset({("task", START + 4 * HOUR)}))
    assert [(one.at - START) / HOUR for one in found.due] == [0, 8]


def test_a_frequent_task_is_told_by_how_many_lie_in_each_slot() -> None:
    found = ahead([make_task(every(60))], HOURS)
    assert found.due == ()
    assert found.slots == (60.0,) * 12
    assert [task.id for task in found.frequent] == ["task"]


def test_a_task_with_just_few_enough_due_times_is_exact() -> None:
    fewest = int(12 * 3600 / MOST_OF_A_TASK)
    assert len(ahead([make_task(every(fewest))], HOURS).due) == MOST_OF_A_TASK
    assert ahead([make_task(every(fewest - 1))], HOURS).due == ()


def test_a_thousand_tasks_are_looked_for_within_bounds_and_none_is_forgotten() -> None:
    tasks = [*numbered(400, every(3600)), make_task(once(1800), task_id="once")]
    found = ahead(tasks, HOURS)
    assert len(found.due) <= MOST_OF_ALL + MOST_OF_A_TASK
    assert "once" in {one.task.id for one in found.due}
    assert total(found) == pytest.approx(400 * 12 + 1)


def test_a_task_that_cannot_be_read_is_told_and_hides_no_other() -> None:
    found = ahead([broken_task(), make_task(every(3600))], HOURS)
    assert len(found.due) == 12
    (one,) = found.broken
    assert one.task.id == "broken"
    assert "Mars/Olympus" in one.reason


def test_the_next_due_time_of_a_task_that_cannot_be_read_is_the_reason() -> None:
    found = next_due(broken_task(), START)
    assert isinstance(found, Broken)
    assert next_due(make_task(every(3600)), START) == START + HOUR


def test_a_slot_that_has_begun_counts_as_a_whole() -> None:
    found = ahead([make_task(every(60)), make_task(once(600), task_id="once")], HOURS)
    assert found.count(START, START + HOUR) == 61
    assert found.count(START + HOUR / 2, START + HOUR) == 60
    assert found.count(START + HOUR / 2, START + 3 * HOUR / 2) == 60
    assert found.count(HOURS[-1], HOURS[-1] + HOUR) == 0


def test_exclusions_leave_slots_empty() -> None:
    task = make_task(every(60, exclude=[{"weekly": ["mon"], "from": "10:00", "to": "12:00"}]))
    assert ahead([task], HOURS).slots[:4] == (60.0, 0.0, 0.0, 60.0)


def test_many_tasks_with_exclusions_are_not_each_looked_into() -> None:
    found = ahead(numbered(100, every(3600, exclude=[{"weekly": ["tue"], "from": "10:00", "to": "12:00"}])), HOURS)
    assert 0 < len({one.task.id for one in found.due}) < 100
    assert total(found) == pytest.approx(1200)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_an_hourly_slot_of_a_day_on_which_the_clock_changes_has_its_own_count(day: datetime, hours: int) -> None:
    begin = day - timedelta(hours=1 if day is SPRING else 2)
    edges = [begin + n * HOUR for n in range(hours + 1)]
    slots = spread(make_task(cron("*/5 * * * *", "Europe/Paris")).definition.schedule, edges)
    assert slots == (12.0,) * hours


def test_hours_are_those_of_the_tasks_zone() -> None:
    begin = datetime(2026, 3, 30, tzinfo=UTC)
    slots = spread(
        make_task(cron("*/5 9 * * *", "Europe/Paris")).definition.schedule, [begin + n * HOUR for n in range(25)]
    )
    assert [hour for hour, count in enumerate(slots) if count] == [7]


@given(
    minute=st.sampled_from(["*", "*/5", "*/7", "0", "15,45", "10-20"]),
    hour=st.sampled_from(["*", "9-17", "*/3", "0", "3"]),
    day=st.sampled_from(["* * *", "* * 1-5", "1 * *", "13 * 5", "*/2 * 1"]),
    zone=st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"]),
    shift=st.integers(0, 90 * 24),
)
def test_what_is_spread_adds_up_to_what_is_due_away_from_clock_changes(
    minute: str, hour: str, day: str, zone: str, shift: int
) -> None:
    begin = datetime(2026, 5, 1, tzinfo=UTC) + shift * HOUR
    edges = [begin + n * HOUR for n in range(49)]
    schedule = make_task(cron(f"{minute} {hour} {day}", zone)).definition.schedule
    exact = list(due_times(schedule, edges[0], edges[-1]))
    told = spread(schedule, edges)
    assert told == tuple(float(sum(low <= due < high for due in exact)) for low, high in pairwise(edges))


@given(every_seconds=st.integers(1, 100_000), offset=st.integers(0, 10**6), length=st.integers(1, 7200))
def test_steps_of_an_interval_are_counted_as_they_are(every_seconds: int, offset: int, length: int) -> None:
    begin = START + timedelta(seconds=offset)
    edges = [begin + n * timedelta(seconds=length) for n in range(5)]
    schedule = make_task(every(every_seconds)).definition.schedule
    known = sum(spread(schedule, edges))
    steps = range(0, offset + 5 * length + every_seconds, every_seconds)
    assert known == sum(offset <= step < offset + 4 * length for step in steps)
