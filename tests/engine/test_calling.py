"""What a function that runs has called later: a run of the same owner, which no list of tasks holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.actions import function as actions
from chalicelib.core.errors import NotFound
from chalicelib.core.instant import to_text
from chalicelib.core.run import Outcome, RunStatus
from chalicelib.core.task import Task
from chalicelib.engine.calling import Calling
from chalicelib.functions import registry
from chalicelib.functions.registry import function
from tests.core.building import START
from tests.engine.conftest import ANN, BOB, Stage

MINUTE = timedelta(minutes=1)
HOURLY = {"type": "interval", "every": 1, "unit": "hours"}


@pytest.fixture
def calling(stage: Stage) -> Calling:
    return Calling(store=stage.world.store, clock=stage.world.clock, shards=1)


def document(at: Any = START, **more: Any) -> dict[str, Any]:
    action = {"type": "function", "name": "print_hello"}
    return {"name": "later", "action": action, "schedule": {"type": "once", "at": to_text(at)}} | more


def kept(stage: Stage, task_id: str) -> Task:
    task = stage.world.store.task(task_id)
    assert task is not None
    return task


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-5), timedelta(seconds=40), timedelta(minutes=10)])
def test_it_runs_once_when_it_is_due_or_with_the_next_pass(stage: Stage, calling: Calling, ahead: timedelta) -> None:
    stage.world.play(START + MINUTE)
    by = stage.create(HOURLY)
    due = stage.world.now + ahead
    task_id = calling.call(by.id, document(due))
    stage.world.play(START + timedelta(minutes=15))
    [run] = stage.runs(kept(stage, task_id))
    assert (run.status, run.owner, run.due_at) == (RunStatus.SUCCEEDED, ANN.id, due)
    [at] = [at for performed, at in stage.performed if performed == task_id]
    assert due <= at <= due + timedelta(seconds=40)


def test_no_list_of_tasks_holds_it_and_the_list_of_runs_does(stage: Stage, calling: Calling) -> None:
    by = stage.create(HOURLY)
    task_id = calling.call(by.id, document())
    stage.world.play(START + 2 * MINUTE)
    listed = stage.world.system.catalog.tasks(ANN, limit=10).items
    assert [task.id for task in listed] == [by.id]
    assert stage.world.system.catalog.task(ANN, task_id).id == task_id
    assert [run.task_id for run in stage.world.store.feed(ANN.id, limit=5, after=None).items] == [task_id]


def test_it_belongs_to_whose_task_asked(stage: Stage, calling: Calling) -> None:
    by = stage.world.system.catalog.create(BOB, document(START + MINUTE))
    assert kept(stage, calling.call(by.id, document())).owner == BOB.id


def test_it_does_not_begin_after_it_expired(stage: Stage, calling: Calling) -> None:
    by = stage.create(HOURLY)
    task_id = calling.call(by.id, document(misfire={"grace_seconds": 10}))
    stage.world.clock.advance(timedelta(minutes=5))
    stage.world.play(START + timedelta(minutes=8))
    runs = stage.runs(kept(stage, task_id))
    assert {run.status for run in runs} == {RunStatus.MISSED}


def test_where_the_task_that_asks_is_gone_nothing_is_kept(calling: Calling) -> None:
    with pytest.raises(NotFound):
        calling.call("gone", document())


def test_a_function_that_runs_has_others_called_in_its_own_name_and_nobody_else_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    asked: list[tuple[str, Mapping[str, Any]]] = []

    @function
    def first() -> str | None:
        later = registry.later.get()
        return None if later is None else later({"name": "second"})

    def later(by: str, task: Mapping[str, Any]) -> str:
        asked.append((by, task))
        return "kept"

    def perform(**more: Any) -> Outcome:
        return actions.perform({"type": "function", "name": "first"}, MINUTE, {"task_id": "t1"}, **more)

    assert perform(later=later).result == "kept"
    assert asked == [("t1", {"name": "second"})]
    assert perform().result is None
    assert registry.later.get() is None
