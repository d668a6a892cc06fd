"""Schedules in code: what deployments make of them."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from typing import Any, cast

import pytest

from chalicelib.core import task as tasks
from chalicelib.core.in_code import Standing
from chalicelib.functions.declaring import Due, cron, every, once
from tests.core.building import START
from tests.engine.conftest import ANN, Stage
from tests.engine.in_code.deploying import Deploy, standings, task_of, the_task, write

HOUR = timedelta(hours=1)


def look(stage: Stage) -> dict[str, Standing]:
    return standings(stage.world.system.in_code.look().items)


def test_a_schedule_becomes_the_first_admins_task_with_what_the_function_says(
    stage: Stage, code: dict[str, Any], deploy: Deploy
) -> None:
    code["report"] = {"schedule": cron("30 2 * * *", tz="Europe/Paris", args=["ann"]), "retries": 1, "timeout": 30}
    assert deploy() == {"report": Standing.NEW}
    task = the_task(stage)
    shown = tasks.to_json(task.definition)
    assert (task.owner, shown["name"], shown["description"]) == (ANN.id, "report", "Send the report.")
    assert shown["action"] == {"type": "function", "name": "report", "args": ["ann"]}
    assert shown["schedule"] == {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"}
    assert (shown["timeout_seconds"], shown["retry"]["max_attempts"], shown["overlap"]) == (30, 2, "allow")
    assert deploy() == {"report": Standing.AS_SAID}
    assert the_task(stage) == task


def test_what_was_deployed_runs(stage: Stage, code: dict[str, Any], deploy: Deploy) -> None:
    code["report"] = {"schedule": [every(minutes=1), once(START + timedelta(seconds=90), name="first")]}
    deploy()
    stage.world.play(START + timedelta(minutes=4, seconds=30))
    assert [run.due_at - START for run in stage.runs(the_task(stage))] == [timedelta(minutes=n) for n in (1, 2, 3, 4)]
    assert len(stage.runs(the_task(stage, "report.first"))) == 1
    assert deploy() == {"report": Standing.AS_SAID, "report.first": Standing.AS_SAID}


def test_a_schedule_that_changes_is_an_edit_that_loses_no_due_time(
    stage: Stage, code: dict[str, Any], deploy: Deploy
) -> None:
    code["report"] = {"schedule": every(minutes=1)}
    deploy()
    stage.world.play(START + timedelta(minutes=2, seconds=30))
    code["report"] = {"schedule": cron("*/2 * * * *")}
    assert deploy() == {"report": Standing.CHANGED}
    stage.world.play(START + timedelta(minutes=7))
    task = the_task(stage)
    starts = sorted(round((at - START).total_seconds() / 60) for at in stage.starts())
    assert starts == [1, 2, 4, 6]
    assert task.superseded is not None
    assert deploy() == {"report": Standing.AS_SAID}


def test_an_interval_that_is_deployed_again_keeps_its_beat(stage: Stage, code: dict[str, Any], deploy: Deploy) -> None:
    code["report"] = {"schedule": every(hours=1)}
    deploy()
    stage.world.clock.advance(timedelta(minutes=40))
    code["report"]["timeout"] = 30
    assert deploy() == {"report": Standing.CHANGED}
    assert the_task(stage).next_due(stage.world.now) == START + HOUR


NESTED: list[Any] = reduce(lambda inner, _: [inner], range(20_000), [])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"schedule": cron("61 * * * *")}, "/schedule/expression"),
        ({"schedule": cron("0 9 * * *", tz="Mars/Base")}, "/schedule/time_zone"),
        ({"schedule": cron("0 0 30 2 *")}, "never fires"),
        ({"schedule": once("2001-01-01T00:00:00Z")}, "in the past"),
        ({"schedule": once("tomorrow")}, "/schedule"),
        ({"schedule": every(hours=1, exclude=["never"])}, "/schedule"),
        ({"schedule": every(hours=1, exclude=5)}, "/schedule"),
        ({"schedule": every(hours=1, exclude=[5])}, "/schedule"),
        ({"schedule": every(hours=1, exclude=[{"calendar": 5}])}, "/schedule"),
        ({"schedule": every(hours=1, jitter_seconds="x")}, "/schedule"),
        ({"schedule": every(hours=1, start_at=5)}, "/schedule"),
        ({"schedule": every(hours=10**9)}, "10 years"),
        ({"schedule": cron(cast(Any, 5))}, "/schedule"),
        ({"schedule": cron("0 9 * * *", tz=cast(Any, 5))}, "/schedule"),
        ({"schedule": cron("0 9 * * *", dst_gap="never")}, "/schedule"),
        ({"schedule": once(cast(Any, 5))}, "/schedule"),
        ({"schedule": every(hours=1, start_at={1, 2})}, "/schedule holds what is no JSON"),
        ({"schedule": every(hours=1, args=[5])}, "/action/args/0 must be a text"),
        ({"schedule": every(hours=1, args=[1, 2, 3])}, "too many positional"),
        ({"schedule": every(hours=1, kwargs={"to": {1}})}, "is a set, and arguments must be JSON"),
        ({"schedule": every(hours=1, args=["\ud800"])}, "holds half of a surrogate pair"),
        ({"schedule": cron("\ud800")}, "/schedule holds what is no JSON"),
        pytest.param({"schedule": every(hours=1, args=["a", 10**5000])}, "more than 64 bits", id="digits"),
        pytest.param({"schedule": every(hours=1, args=[NESTED])}, "nested deeper than 24 levels", id="nested"),
    ],
)
def test_what_makes_no_sense_is_told_and_stops_nothing_else(
    stage: Stage, code: dict[str, Any], deploy: Deploy, said: dict[str, Any], words: str
) -> None:
    code["good"], code["wrong"] = {"schedule": every(hours=1)}, said
    write(code)
    good, wrong = stage.world.system.in_code.sync().items
    assert (good.standing, wrong.standing) == (Standing.NEW, Standing.REFUSED)
    assert words in wrong.detail
    assert task_of(stage, "wrong") is None
    assert [one.name for one in stage.world.store.schedules_in_code()] == ["good"]


def test_a_bad_edit_in_the_code_leaves_the_task_as_it_is(stage: Stage, code: dict[str, Any], deploy: Deploy) -> None:
    code["report"] = {"schedule": every(hours=1)}
    deploy()
    before = the_task(stage)
    code["report"] = {"schedule": cron("nonsense")}
    assert deploy() == {"report": Standing.REFUSED}
    assert the_task(stage) == before


def test_looking_changes_nothing(stage: Stage, code: dict[str, Any], deploy: Deploy) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    assert look(stage) == {"report": Standing.NEW}
    assert task_of(stage, "report") is None
    deploy()
    code["report"]["timeout"] = 30
    write(code)
    before = the_task(stage)
    assert look(stage) == {"report": Standing.CHANGED}
    code.clear()
    write(code)
    assert look(stage) == {"report": Standing.REMOVED}
    assert the_task(stage) == before


def test_several_schedules_of_one_function_are_several_tasks(
    stage: Stage, code: dict[str, Any], deploy: Deploy
) -> None:
    due: list[Due] = [every(hours=1), every(hours=2, name="slow", kwargs={"count": 2})]
    code["report"] = {"schedule": due}
    assert deploy() == {"report": Standing.NEW, "report.slow": Standing.NEW}
    assert the_task(stage, "report.slow").definition.action["kwargs"] == {"count": 2}
    code["report"]["schedule"] = due[:1]
    assert deploy() == {"report": Standing.AS_SAID, "report.slow": Standing.REMOVED}
