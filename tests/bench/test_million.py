"""A crowd that is worked out in two stages starts as it does in one world, message by message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.cold import cold_start
from bench.million import both_ways, conditions_of, crowd, figures, main
from chalicelib.core.window import WINDOW
from infra.simulation.conditions import Ramp

SLOW = Ramp(first=2, a_minute=60, most=6)
"""So few batches that a small crowd is a backlog, and comes to the most."""


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize(("tasks", "shards", "over"), [(900, 1, 0), (900, 2, 0), (960, 3, 8)])
def test_two_stages_come_to_what_one_world_comes_to(tasks: int, shards: int, over: int, warm: bool) -> None:
    conditions = conditions_of(warm=warm, ramp=SLOW, handling=timedelta(seconds=0.3))
    world, stages = both_ways(tasks, shards, over, conditions)
    assert world.pop("way") != stages.pop("way")
    # over some seconds the shards' full messages and their remainders come in another order
    assert stages == (pytest.approx(world, abs=0.03) if over else world)
    assert world["runs"] == stages["runs"]
    assert world["p99"] > 0.5


def test_a_cold_start_holds_up_a_first_batch_and_no_other() -> None:
    warm, cold = (figures(40, 1, 0, conditions_of(warm=warm)) for warm in (True, False))
    assert warm["max"] < 0.5  # forty runs, one behind the other for the processor
    assert warm["max"] < cold["max"] <= warm["max"] + cold_start("light").total_seconds()
    again = figures(600, 1, 60, conditions_of())
    assert again["p50"] < 0.2 < again["max"]


def test_a_shard_that_has_more_to_plan_sends_later() -> None:
    few, many = (figures(4000, shards, 0, conditions_of()) for shards in (4, 1))
    assert few["all_sent_after_s"] <= many["all_sent_after_s"]
    assert few["runs"] == many["runs"] == 4000


def test_a_crowd_over_some_seconds_is_as_large_as_one_at_once() -> None:
    for over in (0, 1, 7, 60):
        assert sum(owner.tasks for owner in crowd(1003, over)) == 1003
    assert len(crowd(1003, WINDOW.seconds)) == WINDOW.seconds


def test_the_command_prints_a_line_for_each_number_of_shards(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--runs", "60", "--shards", "1", "2", "--over", "5"])
    assert [line.count('"runs": 60') for line in capsys.readouterr().out.splitlines()] == [1, 1]


def test_conditions_say_whose_processor_it_is() -> None:
    assert conditions_of(whole_processor=True).planning < conditions_of().planning
    assert replace(conditions_of(), cold=timedelta(0)) == conditions_of(warm=True)
