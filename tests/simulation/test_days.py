"""Days under bad conditions: every due time has one record, none is early, and the same seed gives the same history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from infra.simulation import report
from infra.simulation.conditions import Conditions, Outage
from infra.simulation.play import Actions, History, Play
from infra.simulation.scenario import scenario
from tests.core.building import HELLO, START, at
from tests.simulation.accounting import faults

HOUR = 3600
BAD = Conditions(
    seed=7,
    tick_phase=timedelta(seconds=41),
    tick_jitter=timedelta(seconds=20),
    lost_ticks=0.15,
    doubled_ticks=0.15,
    delivery=timedelta(milliseconds=300),
)
SCHEDULES: list[dict[str, Any]] = [
    {"type": "interval", "every": 10, "unit": "minutes"},
    {"type": "interval", "every": 397, "unit": "seconds"},
    {"type": "cron", "expression": "*/15 * * * *", "time_zone": "Europe/Berlin"},
    {"type": "cron", "expression": "30 2 * * *", "time_zone": "America/New_York"},
    {"type": "cron", "expression": "30 */20 * * * *"},
]
MIXED = [
    {
        "name": f"task {n}",
        "action": HELLO,
        "schedule": SCHEDULES[n % 5],
        "misfire": {"catch_up": ("all", "latest", "none")[n % 3], "grace_seconds": (300, 3600, 604_800)[n % 3]},
    }
    for n in range(20)
]


def played(hours: float, conditions: Conditions, actions: Actions | None = None, items: Any = MIXED) -> History:
    play = Play(
        scenario=scenario(items),
        begin=START,
        end=at(hours * HOUR),
        conditions=conditions,
        actions=actions or Actions(),
        shards=3,
    )
    return play.run()


def test_a_day_of_lost_doubled_and_late_ticks_has_every_due_time_once() -> None:
    history = played(24, BAD)
    assert history.counted.lost > 100 < history.counted.doubled
    assert faults(history) == []
    assert {str(run.status) for run in history.runs} == {"succeeded"}


def test_the_same_seed_gives_the_same_history() -> None:
    first, second = (list(report.as_json(played(3, BAD, Actions(failures=0.2)))) for _ in range(2))
    assert first == second


def test_another_seed_gives_another_history() -> None:
    other = Conditions(seed=8, delivery=BAD.delivery)
    assert list(report.as_json(played(1, BAD))) != list(report.as_json(played(1, other)))


def test_clocks_that_are_wrong_lose_and_double_nothing() -> None:
    skewed = Conditions(seed=3, skew=timedelta(seconds=5), tick_jitter=timedelta(seconds=20), delivery=BAD.delivery)
    assert faults(played(4, skewed, Actions(duration=timedelta(seconds=3))), exact=False) == []


@pytest.mark.parametrize("away", [600, 7 * HOUR, 72 * HOUR])
def test_an_outage_is_recovered_from_by_policy_in_bounded_passes(away: float) -> None:
    outage = Outage(begin=at(HOUR), end=at(HOUR + away))
    history = played(2 + away / HOUR, Conditions(seed=2, outages=(outage,), delivery=BAD.delivery))
    assert faults(history) == []
    assert max(history.counted.dispatched) <= 20 * 500
    during = [run for run in history.runs if outage.begin <= run.due_at < outage.end - timedelta(seconds=90)]
    assert {str(run.status) for run in during} <= {"succeeded", "missed"}
    assert not any(run.started_at and outage.begin < run.started_at < outage.end for run in history.runs)
    after = [run for run in history.runs if run.due_at > outage.end + timedelta(minutes=10)]
    assert {str(run.status) for run in after} == {"succeeded"}


def test_all_that_are_within_their_grace_run_after_an_outage() -> None:
    item = {
        "name": "all",
        "action": HELLO,
        "schedule": {"type": "interval", "every": 60, "unit": "seconds"},
        "misfire": {"catch_up": "all", "grace_seconds": 604_800},
    }
    outage = Outage(begin=at(100), end=at(24 * HOUR))
    history = played(25, Conditions(outages=(outage,)), items=[item])
    assert faults(history) == []
    assert {str(run.status) for run in history.runs} == {"succeeded"}
    assert max(history.counted.dispatched) <= 600  # 1,440 are owed, and no pass takes them all


def test_an_action_that_takes_long_holds_up_nobody() -> None:
    items = [
        {"name": f"t{n}", "action": HELLO, "schedule": {"type": "interval", "every": 60, "unit": "seconds"}}
        for n in range(5)
    ]
    history = played(1, Conditions(), Actions(duration=timedelta(seconds=50)), items=items)
    ended = [run for run in history.runs if run.finished_at]
    assert {run.lateness for run in ended} == {timedelta(0)}
    assert {run.finished_at - run.due_at for run in ended if run.finished_at} == {timedelta(seconds=50)}


def test_a_worker_that_died_in_an_outage_is_succeeded_by_another() -> None:
    item = {"name": "t", "action": HELLO, "schedule": {"type": "interval", "every": 1, "unit": "hours"}}
    outage = Outage(begin=at(HOUR + 10), end=at(HOUR + 40))
    history = played(2, Conditions(outages=(outage,)), Actions(duration=timedelta(seconds=30)), items=[item])
    [run] = history.runs
    assert [str(attempt.status) for attempt in run.attempts] == ["lost", "succeeded"]


def test_what_takes_longer_than_its_timeout_times_out() -> None:
    item = {
        "name": "t",
        "action": HELLO,
        "schedule": {"type": "interval", "every": 10, "unit": "minutes", "max_runs": 1},
        "timeout_seconds": 5,
        "retry": {"max_attempts": 1},
    }
    [run] = played(1, Conditions(), Actions(duration=timedelta(seconds=9)), items=[item]).runs
    assert str(run.status) == "timed_out"
    assert run.finished_at == run.due_at + timedelta(seconds=5)
