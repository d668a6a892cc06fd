"""Schedules in code, over the memory system: what deployments make of them, and what they leave alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from chalicelib.core import task as tasks
from chalicelib.core.errors import Invalid
from chalicelib.core.in_code import REMOVED_REASON, Reported, Standing, task_id_of
from chalicelib.core.people.account import Role, User
from chalicelib.core.task import State, Task
from chalicelib.engine.requests.tasks.in_code import InCode
from chalicelib.functions import registry
from chalicelib.functions.declaring import Due, cron, every, once
from chalicelib.functions.registry import function
from tests.core.building import START
from tests.engine.conftest import ANN, BOB, Stage

HOUR = timedelta(hours=1)
Deploy = Callable[..., dict[str, Standing]]


def _work(to: str = "all", count: int = 1) -> None:
    """Send the report.

    And more about it.
    """


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the code says: functions by name, with what stands in their decorators."""
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(registry, "_broken", {})
    return {}


def write(code: dict[str, dict[str, Any]]) -> None:
    vars(registry)["_registered"].clear()
    for name, said in code.items():
        function(name=name, **said)(_work)


@pytest.fixture
def deploy(stage: Stage, code: dict[str, dict[str, Any]]) -> Deploy:
    """Deploys what the code says now; how each schedule stands."""

    def one(*restore: str) -> dict[str, Standing]:
        write(code)
        return standings(stage.world.system.in_code.sync(restore).items)

    return one


def standings(items: Sequence[Reported]) -> dict[str, Standing]:
    return {one.name: one.standing for one in items}


def look(stage: Stage) -> dict[str, Standing]:
    return standings(stage.world.system.in_code.look().items)


def task_of(stage: Stage, name: str) -> Task | None:
    return stage.world.store.task(task_id_of(name))


def the_task(stage: Stage, name: str = "report") -> Task:
    task = task_of(stage, name)
    assert task is not None
    return task


def edit(stage: Stage, **changes: Any) -> None:
    """A person's own change of the task `report`."""
    document = tasks.to_json(the_task(stage).definition) | changes
    stage.world.system.catalog.replace(ANN, task_id_of("report"), document)


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


def test_what_a_person_changed_stays_and_is_shown(stage: Stage, code: dict[str, Any], deploy: Deploy) -> None:
    code["report"] = {"schedule": every(hours=1), "timeout": 30}
    deploy()
    edit(stage, schedule={"type": "interval", "every": 2, "unit": "hours"}, tags=["mine"])
    assert deploy() == {"report": Standing.EDITED}
    [one] = stage.world.system.in_code.look().items
    assert [(each.field, each.task["every"], each.code["every"]) for each in one.differs] == [("schedule", 2, 1)]
    code["report"]["timeout"] = 60
    assert deploy() == {"report": Standing.CHANGED}
    shown = tasks.to_json(the_task(stage).definition)
    assert (shown["timeout_seconds"], shown["schedule"]["every"], shown["tags"]) == (60, 2, ["mine"])
    code["report"]["schedule"] = every(hours=3)
    assert deploy() == {"report": Standing.CHANGED}
    assert tasks.to_json(the_task(stage).definition)["schedule"]["every"] == 3


def test_what_a_person_paused_or_deleted_is_not_brought_back_unless_asked_for(
    stage: Stage, code: dict[str, Any], deploy: Deploy
) -> None:
    code["report"] = {"schedule": every(hours=1)}
    deploy()
    stage.world.system.catalog.pause(ANN, task_id_of("report"), "holidays")
    assert deploy() == {"report": Standing.PAUSED}
    code["report"]["timeout"] = 30
    assert deploy() == {"report": Standing.CHANGED}
    assert not the_task(stage).active
    stage.world.system.catalog.delete(ANN, task_id_of("report"))
    assert deploy() == {"report": Standing.DELETED}
    assert task_of(stage, "report") is None
    assert deploy("report") == {"report": Standing.NEW}
    stage.world.system.catalog.pause(ANN, task_id_of("report"), "holidays")
    assert deploy("report") == {"report": Standing.CHANGED}
    assert the_task(stage).active


def test_what_the_code_says_no_more_is_paused_and_never_deleted(
    stage: Stage, code: dict[str, Any], deploy: Deploy
) -> None:
    code["report"] = {"schedule": every(hours=1)}
    deploy()
    said = code.pop("report")
    assert deploy() == {"report": Standing.REMOVED}
    task = the_task(stage)
    assert (task.active, task.pause_reason) == (False, REMOVED_REASON)
    assert deploy() == {"report": Standing.GONE}
    code["report"] = said
    assert deploy() == {"report": Standing.CHANGED}
    assert the_task(stage).active


def test_another_name_is_another_task_and_the_old_one_is_paused(
    stage: Stage, code: dict[str, Any], deploy: Deploy
) -> None:
    code["report"] = {"schedule": every(hours=1)}
    deploy()
    code["summary"] = code.pop("report")
    assert deploy() == {"report": Standing.REMOVED, "summary": Standing.NEW}
    assert (the_task(stage).active, the_task(stage, "summary").active) == (False, True)


def test_a_leftover_that_a_person_deletes_is_forgotten(stage: Stage, code: dict[str, Any], deploy: Deploy) -> None:
    code["report"] = {"schedule": every(hours=1)}
    deploy()
    said = code.pop("report")
    deploy()
    stage.world.system.catalog.delete(ANN, task_id_of("report"))
    assert deploy() == {}
    assert stage.world.store.schedules_in_code() == []
    code["report"] = said
    assert deploy() == {"report": Standing.NEW}


def test_a_module_that_cannot_be_loaded_takes_nothing_away(
    stage: Stage, code: dict[str, Any], deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    code["report"], code["other"] = {"schedule": every(hours=1)}, {"schedule": every(hours=1)}
    deploy()
    said = code.pop("report")
    monkeypatch.setattr(registry, "_broken", {"chalicelib.functions.mine": "ModuleNotFoundError: No module"})
    code["other"]["timeout"] = 30
    assert deploy() == {"report": Standing.UNKNOWN, "other": Standing.CHANGED}
    assert the_task(stage).active
    monkeypatch.setattr(registry, "_broken", {})
    code["report"] = said
    assert deploy() == {"report": Standing.AS_SAID, "other": Standing.AS_SAID}


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


def test_a_name_that_nobody_says_cannot_be_restored(stage: Stage, code: dict[str, Any], deploy: Deploy) -> None:
    code["report"] = {"schedule": every(hours=1)}
    with pytest.raises(Invalid, match="names no_such, which no function says"):
        deploy("no_such")


# Whose tasks they are


def in_code_of(stage: Stage, owner: str) -> InCode:
    return replace(stage.world.system.in_code, code_owner=owner)


def test_a_setting_says_whose_tasks_they_become(stage: Stage, code: dict[str, Any]) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    in_code_of(stage, "BOB").sync()
    assert the_task(stage).owner == BOB.id


def test_a_task_keeps_its_owner_when_the_setting_changes(stage: Stage, code: dict[str, Any]) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    in_code_of(stage, "bob").sync()
    code["report"]["timeout"] = 30
    write(code)
    [one] = in_code_of(stage, "ann").sync().items
    assert (one.standing, the_task(stage).owner) == (Standing.CHANGED, BOB.id)


def test_where_there_is_nobody_yet_they_wait(stage: Stage, code: dict[str, Any]) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    report = in_code_of(stage, "cleo").sync()
    [one] = report.items
    assert (report.owner, one.standing, one.done) == (None, Standing.NEW, False)
    assert "waits for the account" in one.detail
    assert task_of(stage, "report") is None


def user(name: str, role: Role = Role.MEMBER) -> User:
    return replace(ANN, id=name, username=name, role=role)


def test_they_become_tasks_when_whose_they_are_registers(stage: Stage, code: dict[str, Any]) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    cleos = in_code_of(stage, "cleo")
    for name in ("dan", "Cleo"):
        assert stage.world.store.create_user(user(name))
        cleos.joined(user(name))
        assert (task_of(stage, "report") is not None) is (name == "Cleo")


# Two at once


def test_two_deployments_at_once_make_one_task(
    stage: Stage, code: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    in_code = stage.world.system.in_code
    read = stage.world.store.tasks

    def read_and_let_another_deploy(ids: Any) -> Any:
        monkeypatch.setattr(stage.world.store, "tasks", read)
        found = read(ids)
        in_code.sync()
        stage.world.clock.advance(timedelta(seconds=1))
        return found

    monkeypatch.setattr(stage.world.store, "tasks", read_and_let_another_deploy)
    [one] = in_code.sync().items
    assert one.standing is Standing.AS_SAID
    assert len(stage.world.store.tasks_of(ANN.id, limit=10, after=None).items) == 1
    assert the_task(stage).version == 1
    assert len(stage.world.store.schedules_in_code()) == 1


def test_a_deployment_that_died_before_it_remembered_is_gone_on_with(
    stage: Stage, code: dict[str, Any], deploy: Deploy
) -> None:
    code["report"] = {"schedule": every(hours=1)}
    deploy()
    stage.world.store.drop_schedule_in_code("report")
    assert deploy() == {"report": Standing.AS_SAID}
    assert [one.name for one in stage.world.store.schedules_in_code()] == ["report"]


def test_a_pause_that_comes_between_is_kept(
    stage: Stage, code: dict[str, Any], deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    code["report"] = {"schedule": every(hours=1)}
    deploy()
    code["report"]["timeout"] = 30
    read = stage.world.store.tasks

    def read_and_pause(ids: Any) -> Any:
        found = read(ids)
        stage.world.system.catalog.pause(ANN, task_id_of("report"))
        return found

    monkeypatch.setattr(stage.world.store, "tasks", read_and_pause)
    assert deploy() == {"report": Standing.CHANGED}
    assert the_task(stage).definition.state is State.PAUSED
    assert the_task(stage).definition.timeout == timedelta(seconds=30)


def test_several_schedules_of_one_function_are_several_tasks(
    stage: Stage, code: dict[str, Any], deploy: Deploy
) -> None:
    due: list[Due] = [every(hours=1), every(hours=2, name="slow", kwargs={"count": 2})]
    code["report"] = {"schedule": due}
    assert deploy() == {"report": Standing.NEW, "report.slow": Standing.NEW}
    assert the_task(stage, "report.slow").definition.action["kwargs"] == {"count": 2}
    code["report"]["schedule"] = due[:1]
    assert deploy() == {"report": Standing.AS_SAID, "report.slow": Standing.REMOVED}
