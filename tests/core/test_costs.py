"""Costs: how often a schedule runs, and what that comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.core.overview import costs
from chalicelib.core.overview.costs import ARM, X86, Load
from chalicelib.core.schedule import parse, upcoming
from chalicelib.core.schedule.frequency import MONTH, runs_per_month
from chalicelib.core.task import State
from tests.adapters.building import START, make_task

YEAR_BEGINS = datetime(2027, 1, 1, tzinfo=UTC)
EXPRESSIONS = (
    *("30 2 * * *", "0 0 1 1 *", "0 0 1 * 1", "0 9-17 * * 1-5", "0 12 31 * *", "5 4 * * sun", "0 0 */2 * 1"),
    *("0 0 L * *", "0 9 * * 1#2", "@hourly", "H 3 * * *", "15,45 6 1-7 3,9 *", "0 0 29 2 *"),
)


def schedule(**data: Any) -> Any:
    return parse(data, START)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_rule_comes_as_often_as_its_due_times_do(expression: str) -> None:
    rule = parse({"type": "cron", "expression": expression}, YEAR_BEGINS, seed="x")
    end = YEAR_BEGINS + timedelta(days=365)
    found = sum(1 for due in upcoming(rule, YEAR_BEGINS - timedelta(seconds=1), 9000) if due < end)
    assert runs_per_month(rule, YEAR_BEGINS) == pytest.approx(found * 30 / 365, rel=0.01)


@pytest.mark.parametrize(
    ("data", "runs"),
    [
        ({"type": "interval", "every": 5, "unit": "minutes"}, 8640),
        ({"type": "interval", "every": 1, "unit": "seconds"}, 2_592_000),
        ({"type": "interval", "every": 2, "unit": "months"}, 6 * 30 / 365),
        ({"type": "interval", "every": 1, "unit": "hours", "max_runs": 10}, 10),
        ({"type": "interval", "every": 1, "unit": "hours", "end_at": "2026-03-03T09:00:00Z"}, 24),
        ({"type": "cron", "expression": "* * * * *", "end_at": "2026-03-02T10:00:00Z"}, 60),
        ({"type": "once", "at": "2026-03-02T09:00:01Z"}, 1),
        ({"type": "once", "at": "2026-03-02T08:00:00Z"}, 0),
    ],
)
def test_runs_of_a_month(data: dict[str, Any], runs: float) -> None:
    assert runs_per_month(parse(data, START - timedelta(days=1) if data["type"] == "once" else START), START) == (
        pytest.approx(runs, rel=0.01)
    )


def test_a_million_light_runs_in_full_batches_by_hand() -> None:
    load = Load(runs=1e6, duration=timedelta(seconds=0.45), feed=False, sent_with=10, received_with=10)
    assert costs.of_runs(load) == pytest.approx(
        {
            "DynamoDB writes": 1.875,
            "DynamoDB reads": 0.2625,
            "SQS requests": 0.12,
            "Lambda requests": 0.02,
            "Lambda time": 100_000 * 0.25 * 0.0000133334,
            "logs": 0.50,
        }
    )


def test_a_command_is_paid_for_in_the_worker_and_in_the_sandbox() -> None:
    load = Load(runs=1000, duration=timedelta(seconds=10), command=True, memory=1024)
    bill = costs.of_runs(load)
    assert bill["Lambda requests"] == pytest.approx(2000 * 0.20 / 1e6)
    assert bill["Lambda time"] == pytest.approx((1000 * 10.55 * 0.25 + 1000 * 10 * 1.0) * 0.0000133334)


def test_the_feed_and_the_architecture_cost_what_they_cost() -> None:
    plain = Load(runs=1e6, duration=timedelta(seconds=1), feed=False)
    feed, x86 = costs.of_runs(replace(plain, feed=True)), costs.of_runs(replace(plain, architecture=X86))
    bill = costs.of_runs(plain)
    assert feed["DynamoDB writes"] - bill["DynamoDB writes"] == pytest.approx(0.625)
    assert x86["Lambda time"] == pytest.approx(bill["Lambda time"] * 1.25)


def test_idling_is_cheap_and_grows_with_the_shards() -> None:
    one, two = (sum(costs.of_idling(shards).values()) for shards in (1, 2))
    assert 1 < one < two < 2 * one < 4
    assert one == pytest.approx(1.475, abs=0.005)  # docs/cost.md says so


def test_a_task_says_what_it_costs_and_what_that_assumes() -> None:
    task = make_task(schedule={"type": "interval", "every": 5, "unit": "minutes"})
    told = costs.estimate(task, START, feed=False, architecture=ARM)
    alone = Load(runs=8640, duration=timedelta(seconds=0.1), feed=False)
    assert told == {
        "usd_per_month": round(sum(costs.of_runs(alone).values()), 6),
        "runs_per_month": 8640,
        "assumes": {
            "seconds": 0.1,
            "memory_mb": 256,
            "attempts": 1,
            "architecture": "arm64",
            "region": "us-east-1",
        },
        "prices_of": "2026-11-01",
    }


def test_a_task_that_is_paused_or_over_costs_nothing() -> None:
    task = make_task()
    paused = replace(task, definition=replace(task.definition, state=State.PAUSED))
    over = make_task(schedule={"type": "once", "at": "2026-03-02T08:59:59Z"})
    for one in (paused, over):
        told = costs.estimate(one, START, feed=True, architecture=ARM)
        assert (told["usd_per_month"], told["runs_per_month"]) == (0, 0)


def test_an_action_is_not_assumed_to_outlast_its_timeout() -> None:
    task = make_task(action={"type": "command", "command": "x"}, timeout_seconds=1)
    shorter = replace(task, definition=replace(task.definition, timeout=timedelta(seconds=0.5)))
    assert costs.estimate(shorter, START, feed=True, architecture=ARM)["assumes"]["seconds"] == 0.5


def test_a_month_has_thirty_days() -> None:
    assert timedelta(days=30) == MONTH
