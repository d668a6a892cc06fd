"""Trials: what a draft does, tried once by the workers that will do it, and nowhere to be seen afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.errors import Invalid, NotAllowed, NotFound
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.task import to_json
from chalicelib.core.trials import is_trial
from tests.core.building import START, at
from tests.engine.conftest import ANN, BOB, BROKE, Stage

HELLO = {"type": "function", "name": "print_hello"}


def begin(stage: Stage, action: dict[str, Any] | None = None, timeout: float = 60) -> Run:
    return stage.world.system.trials.begin(ANN, ANN.id, "a draft", action or HELLO, timeout)


def test_a_trial_runs_at_once_and_is_recorded_with_its_output(stage: Stage) -> None:
    asked = begin(stage)
    assert asked.status is RunStatus.QUEUED
    stage.world.play(at(5))
    ended = stage.world.system.reports.run(ANN, asked.id)
    assert (ended.status, ended.attempts[0].output, ended.due_at) == (RunStatus.SUCCEEDED, "hello\n", START)
    assert len(stage.performed) == 1


def test_a_trial_whose_message_is_lost_runs_by_its_entry(stage: Stage) -> None:
    asked = begin(stage)
    (message,) = stage.world.queue.receive("light", visibility=timedelta(minutes=1))
    stage.world.queue.delete("light", message.id)
    stage.world.play(at(120))
    assert stage.world.system.reports.run(ANN, asked.id).status is RunStatus.SUCCEEDED


def test_a_trial_is_in_no_list_and_no_path_leads_to_it(stage: Stage) -> None:
    stage.outcomes.append(BROKE)
    asked = begin(stage)
    stage.world.play(at(120))
    system, store = stage.world.system, stage.world.store
    assert stage.world.system.reports.run(ANN, asked.id).status is RunStatus.FAILED
    assert len(stage.performed) == 1  # a trial is not tried again
    assert system.catalog.tasks(ANN, limit=10).items == ()
    assert system.reports.attention(ANN, limit=10).items == ()
    assert store.feed(ANN.id, limit=10, after=None).items == ()
    assert is_trial(asked.task_id)
    for ask in (system.catalog.task, system.catalog.resume, system.catalog.run_now, system.catalog.delete):
        with pytest.raises(NotFound):
            ask(ANN, asked.task_id)


def test_a_trial_is_not_the_business_of_others(stage: Stage) -> None:
    asked = stage.world.system.trials.begin(BOB, BOB.id, "a draft", HELLO, 60)
    stage.world.play(at(5))
    assert stage.world.system.reports.run(BOB, asked.id).status is RunStatus.SUCCEEDED
    carol = BOB.__class__(**vars(BOB) | {"id": "carol", "username": "carol"})
    with pytest.raises(NotFound):
        stage.world.system.reports.run(carol, asked.id)


def test_who_may_not_run_commands_may_not_try_one(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        stage.world.system.trials.begin(BOB, BOB.id, "a draft", {"type": "command", "command": "ls"}, 60)
    with pytest.raises(NotAllowed):  # nor may an admin in his name
        stage.world.system.trials.begin(ANN, BOB.id, "a draft", {"type": "command", "command": "ls"}, 60)
    stage.world.play(at(5))
    assert stage.performed == []


def test_a_trial_that_names_an_unknown_secret_is_refused(stage: Stage) -> None:
    with pytest.raises(Invalid):
        begin(stage, {"type": "function", "name": "print_hello", "kwargs": {"name": {"secret": "gone"}}})


def test_a_trial_asks_for_nothing_but_its_action(stage: Stage) -> None:
    task = stage.world.store.task(begin(stage, timeout=2.5).task_id)
    assert task is not None
    definition = to_json(task.definition)
    assert (definition["state"], definition["timeout_seconds"], definition["retry"]["max_attempts"]) == (
        "paused",
        2.5,
        1,
    )
    assert "notify" not in definition
