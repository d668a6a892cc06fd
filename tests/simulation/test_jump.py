"""A watermark that is older than six hours jumps: nothing of what stands in the windows between may be lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfoNotFoundError

import pytest

from chalicelib.adapters.memory import tasks as memory_tasks
from chalicelib.core import planning
from chalicelib.core.run import RunStatus
from chalicelib.core.task import Task
from chalicelib.core.window import Entry
from chalicelib.engine.shards import jump
from chalicelib.ports import Page
from tests.core.building import START, at, every, once
from tests.engine.conftest import ANN, BROKE, Stage

HOUR = 3600.0


def sleep(stage: Stage, begin: float, end: float) -> None:
    """Nobody is there for a while: no ticks, no passes, no workers."""
    stage.world.play(at(begin))
    stage.world.clock.wait_until(at(end))


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize("backoff", ["fixed", "exponential"])
def test_a_retry_that_was_jumped_over_is_made_after_all(backoff: str, stage: Stage) -> None:
    stage.outcomes = [BROKE]
    policy = {"backoff": backoff, "delay_seconds": 5 * HOUR, "max_delay_seconds": 5 * HOUR}
    task = stage.create(once(10), retry=policy)
    sleep(stage, 60, 24 * HOUR)
    stage.world.play(at(24 * HOUR + 600))
    [run] = stage.runs(task)
    assert (run.status, len(run.attempts)) == (RunStatus.SUCCEEDED, 2)


def test_one_pass_looks_into_so_many_windows_and_the_next_goes_on(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(10), retry={"backoff": "fixed", "delay_seconds": 40 * HOUR})
    sleep(stage, 60, 72 * HOUR)
    left: list[int] = []
    end = at(72 * HOUR + 600)
    while stage.world.now < end:
        stage.world.play(stage.world.now + timedelta(seconds=30))
        skipped = stage.world.store.late(0, 1).control.skipped
        left.append(0 if skipped is None else (skipped[1] - skipped[0]) // timedelta(seconds=30) + 1)
    steps = [before - after for before, after in pairwise(left) if before]
    assert max(steps) <= 2 * jump.SWEPT_AT_ONCE  # two passes may come within thirty seconds
    assert left[0] > left[1] > 0 == left[-1]
    assert [run.status for run in stage.runs(task)] == [RunStatus.SUCCEEDED]


def test_tasks_that_one_pass_has_no_time_to_hint_at_are_hinted_at_by_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [stage.create(once(3 * HOUR), misfire={"grace_seconds": 86_400}) for _ in range(12)]
    sleep(stage, 60, 10 * HOUR)
    monkeypatch.setattr(memory_tasks, "READ_AT_ONCE", 1)
    read, store = stage.world.store.tasks_in, stage.world.store
    begun: list[str | None] = []
    passes: set[str | None] = set()

    def slow(shard: int | None, *, after: str | None) -> Page[Task]:
        begun.append(after)
        passes.add(store.late(0, 1).control.token)
        stage.world.clock.advance(timedelta(seconds=15))
        return read(shard, after=after)

    monkeypatch.setattr(store, "tasks_in", slow)
    stage.world.play(at(10 * HOUR + 900))
    assert len(passes) > 1
    assert len(begun) == len(set(begun)) == 12
    assert [[run.status for run in stage.runs(task)] for task in tasks] == [[RunStatus.SUCCEEDED]] * 12
    assert store.late(0, 1).control.hinting is None


def test_a_task_whose_zone_is_unknown_keeps_nobody_from_being_hinted_at(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = stage.create(once(3 * HOUR))
    task = stage.create(once(3 * HOUR + 1), misfire={"grace_seconds": 86_400})
    sleep(stage, 60, 10 * HOUR)

    def first_entry(one: Task, from_: datetime) -> Entry | None:
        if one.id == broken.id:
            raise ZoneInfoNotFoundError("Mars/Olympus")
        return planning.first_entry(one, from_)

    monkeypatch.setattr(jump, "first_entry", first_entry)
    stage.world.play(at(10 * HOUR + 120))
    assert [run.status for run in stage.runs(task)] == [RunStatus.SUCCEEDED]
    assert stage.runs(broken) == []


def test_who_waits_for_a_slot_is_called_after_the_jump(stage: Stage) -> None:
    def die(context: object) -> None:
        stage.during = None
        raise KeyboardInterrupt

    task = stage.create(every(60, max_runs=2), overlap="queue", misfire={"catch_up": "all", "grace_seconds": 86_400})
    stage.during = die
    with pytest.raises(KeyboardInterrupt):
        stage.world.play(at(1))
    sleep(stage, 70, 24 * HOUR)
    stage.world.play(at(24 * HOUR + 600))
    assert [run.status for run in stage.runs(task)] == [RunStatus.SUCCEEDED, RunStatus.SUCCEEDED]


@pytest.mark.parametrize(("do", "code"), [("pause", "paused"), ("edit", "edited")])
def test_a_change_during_the_outage_is_no_silent_loss(do: str, code: str, stage: Stage) -> None:
    task = stage.create(every(3600), misfire={"catch_up": "all", "grace_seconds": 604_800})
    sleep(stage, 60, 10 * HOUR + 60)
    catalog = stage.world.system.catalog
    if do == "pause":
        catalog.pause(ANN, task.id)
    else:
        document = {"name": "hello", "action": dict(task.definition.action), "schedule": once(23 * HOUR)}
        catalog.replace(ANN, task.id, document)
    stage.world.clock.wait_until(at(24 * HOUR))
    stage.world.play(at(24 * HOUR + 600))
    skipped = [run for run in stage.runs(task) if run.status is RunStatus.SKIPPED]
    assert {run.error.code for run in skipped if run.error} == {code}
    assert min(run.due_at for run in skipped) == at(HOUR)
    assert sum(run.coalesced.count if run.coalesced else 1 for run in skipped) == 10


def test_windows_that_were_jumped_over_twice_are_looked_into_once_more(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(10), retry={"backoff": "fixed", "delay_seconds": 30 * HOUR})
    sleep(stage, 60, 48 * HOUR)
    stage.world.play(at(48 * HOUR + 20))  # the sweep has only begun
    assert stage.world.store.late(0, 1).control.skipped is not None
    stage.world.clock.wait_until(at(60 * HOUR))
    stage.world.play(at(60 * HOUR + 900))
    assert [run.status for run in stage.runs(task)] == [RunStatus.SUCCEEDED]
    assert stage.world.store.late(0, 1).control.skipped is None


def test_an_ordinary_hour_has_nothing_to_look_into(stage: Stage) -> None:
    stage.create(every(60))
    stage.world.play(START + timedelta(hours=1))
    assert stage.world.store.late(0, 1).control.skipped is None
