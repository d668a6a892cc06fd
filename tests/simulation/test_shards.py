"""The number of shards may be raised on a live system, and lowered again: no task is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.bootstrap.whole import System, assemble
from chalicelib.core.errors import Unavailable
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.engine.coordinator import Coordinator
from chalicelib.settings import Settings
from infra.simulation.world import World
from tests.core.building import START, at, definition_json, every
from tests.engine.conftest import ANN, BROKE

DONE = Outcome(status=AttemptStatus.SUCCEEDED)
HOUR = 3600


class Stage:
    """A world with one shard at first; its first attempts may fail."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.world = World(start=START, actions={"function": self._perform})

    def _perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        return BROKE if int(context["attempt"]) <= self.fails else DONE

    def with_shards(self, shards: int) -> System:
        """The system as functions have it that were deployed with another number of shards."""
        world = self.world
        return assemble(
            Settings(shards=shards),
            store=world.store,
            queue=world.queue,
            clock=world.clock,
            actions={"function": self._perform},
        )

    def ticks_with(self, shards: int) -> None:
        """From now on the coordinator that is fired has this number of shards."""
        coordinator = Coordinator(store=self.world.store, queue=self.world.queue, shards=shards)
        object.__setattr__(self.world.system, "coordinator", coordinator)

    def runs(self, task: Task) -> list[Run]:
        return list(self.world.store.runs_of(task.id, limit=1000, after=None, first=None, last=None).items)


def create_in(system: System, shard: int, schedule: dict[str, Any], **more: Any) -> Task:
    """A task that falls into this shard."""
    while True:
        task = system.catalog.create(ANN, definition_json(schedule, **more))
        if task.shard == shard:
            return task
        system.catalog.delete(ANN, task.id)


def due(run: Run) -> datetime:
    return run.due_at


def test_a_task_of_a_new_shard_runs_on_although_ticks_learn_of_it_late() -> None:
    stage = Stage()
    old = stage.world.system.catalog.create(ANN, definition_json(every(20)))
    stage.world.play(at(100))
    task = create_in(stage.with_shards(4), 3, every(20))
    stage.world.play(at(300))
    stage.ticks_with(4)
    stage.world.play(at(600))
    assert sorted(map(due, stage.runs(old))) == [at(20 * n) for n in range(31)]
    found = sorted(map(due, stage.runs(task)))
    assert found[-1] == at(600)
    missed = [run for run in stage.runs(task) if run.status is RunStatus.MISSED]
    covered = {due for run in missed if run.coalesced for due in _every_20(run.coalesced.first, run.coalesced.last)}
    assert {at(20 * n) for n in range(5, 31)} <= {*found, *covered}


def _every_20(first: datetime, last: datetime) -> list[datetime]:
    return [first + timedelta(seconds=20 * n) for n in range((last - first) // timedelta(seconds=20) + 1)]


def test_a_retry_that_stands_in_a_shard_from_before_its_first_pass_is_made() -> None:
    """The API sends the first run itself; its retry lies in a window that no pass has read when passes begin."""
    stage = Stage(fails=1)
    task = create_in(
        stage.with_shards(2),
        1,
        {"type": "interval", "every": HOUR, "unit": "seconds", "start_at": "2026-03-02T09:00:30Z", "max_runs": 1},
        retry={"backoff": "fixed", "delay_seconds": 600},
    )
    stage.world.play(at(2 * HOUR))
    [run] = stage.runs(task)
    assert run.status is RunStatus.RETRYING
    stage.ticks_with(2)
    stage.world.play(at(2 * HOUR + 300))
    [run] = stage.runs(task)
    assert (run.status, len(run.attempts)) == (RunStatus.SUCCEEDED, 2)


def test_fewer_shards_only_stop_new_tasks_from_using_the_upper_ones() -> None:
    stage = Stage()
    stage.ticks_with(3)
    task = create_in(stage.with_shards(3), 2, every(20))
    stage.world.play(at(100))
    stage.ticks_with(1)
    lowered = stage.with_shards(1)
    assert {lowered.catalog.create(ANN, definition_json(every(3600))).shard for _ in range(8)} == {0}
    stage.world.play(at(600))
    assert sorted(map(due, stage.runs(task))) == [at(20 * n) for n in range(31)]
    assert {run.status for run in stage.runs(task)} == {RunStatus.SUCCEEDED}


@pytest.mark.parametrize("shards", [1, 3])
def test_a_tick_goes_on_with_the_shards_it_knows_when_the_store_does_not_answer(
    shards: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage()
    stage.ticks_with(shards)

    def silent(at_least: int) -> int:
        raise Unavailable("no answer")

    monkeypatch.setattr(stage.world.store, "shards_in_use", silent)
    assert stage.world.system.coordinator.tick() == 5 * shards
