"""Schedules in code: deployments that something comes between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.in_code import Standing, task_id_of
from chalicelib.core.task import State
from chalicelib.functions.declaring import every
from tests.engine.conftest import ANN, Stage
from tests.engine.in_code.deploying import Deploy, the_task, write


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
