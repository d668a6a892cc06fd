"""Schedules in code: what a person did to their tasks stays, and what the code says no more is only paused."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core import task as tasks
from chalicelib.core.errors import Invalid
from chalicelib.core.in_code import REMOVED_REASON, Standing, task_id_of
from chalicelib.functions import registry
from chalicelib.functions.declaring import every
from tests.engine.conftest import ANN, Stage
from tests.engine.in_code.deploying import Deploy, task_of, the_task


def edit(stage: Stage, **changes: Any) -> None:
    """A person's own change of the task `report`."""
    document = tasks.to_json(the_task(stage).definition) | changes
    stage.world.system.catalog.replace(ANN, task_id_of("report"), document)


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


def test_a_name_that_nobody_says_cannot_be_restored(stage: Stage, code: dict[str, Any], deploy: Deploy) -> None:
    code["report"] = {"schedule": every(hours=1)}
    with pytest.raises(Invalid, match="names no_such, which no function says"):
        deploy("no_such")
