"""A task that is paused, changed, deleted, resumed or run now, on its way through the system."""

from __future__ import annotations

from chalicelib.core.run import RunStatus, Trigger
from chalicelib.core.task import to_json
from tests.core.building import at, every, once
from tests.engine.conftest import ANN, Stage


def test_a_task_paused_just_before_it_is_due_does_not_run(stage: Stage) -> None:
    task = stage.create(once(20))
    stage.world.play(at(17))
    stage.world.system.catalog.pause(ANN, task.id, "holiday")
    stage.world.play(at(200))
    assert stage.performed == []
    run = stage.runs(task)[0]
    assert (run.status, run.error and run.error.code) == (RunStatus.SKIPPED, "paused")


def test_an_edited_task_does_not_run_at_its_old_due_time(stage: Stage) -> None:
    task = stage.create(once(20))
    stage.world.play(at(17))
    stage.world.system.catalog.replace(ANN, task.id, to_json(task.definition) | {"schedule": once(25)})
    stage.world.play(at(200))
    assert stage.starts() == [at(25)]
    assert [(run.status, run.error and run.error.code) for run in stage.runs(task)] == [
        (RunStatus.SKIPPED, "edited"),
        (RunStatus.SUCCEEDED, None),
    ]


def test_a_rename_changes_nothing(stage: Stage) -> None:
    task = stage.create(every(10))
    stage.world.play(at(17))
    renamed = stage.world.system.catalog.replace(ANN, task.id, to_json(task.definition) | {"name": "other"})
    stage.world.play(at(55))
    assert stage.starts() == [at(10 * n) for n in range(6)]
    assert (renamed.version, renamed.changed_at) == (2, task.changed_at)


def test_a_deleted_task_does_not_run_and_its_history_stays(stage: Stage) -> None:
    task = stage.create(every(10))
    stage.world.play(at(17))
    stage.world.system.catalog.delete(ANN, task.id)
    stage.world.play(at(200))
    assert stage.starts() == [at(0), at(10)]
    codes = [run.error.code for run in stage.runs(task) if run.error]
    assert set(codes) == {"deleted"}
    assert all(run.owner == "ann" for run in stage.runs(task))


def test_a_resumed_task_goes_on_with_the_next_due_time(stage: Stage) -> None:
    task = stage.create(every(60))
    catalog = stage.world.system.catalog
    stage.world.play(at(130))
    catalog.pause(ANN, task.id)
    stage.world.play(at(1000))
    catalog.resume(ANN, task.id)
    stage.world.play(at(1150))
    assert stage.starts() == [at(0), at(60), at(120), at(1020), at(1080), at(1140)]


def test_pausing_and_resuming_within_a_moment_neither_loses_nor_doubles(stage: Stage) -> None:
    task = stage.create(every(10))
    catalog = stage.world.system.catalog
    stage.world.play(at(44))
    for _ in range(3):
        catalog.pause(ANN, task.id)
        catalog.resume(ANN, task.id)
    stage.world.play(at(301))
    assert stage.starts() == [at(10 * n) for n in range(31)]


def test_run_now_runs_at_once_also_when_paused(stage: Stage) -> None:
    task = stage.create(once(10_000), state="paused")
    stage.world.play(at(7))
    queued = stage.world.system.catalog.run_now(ANN, task.id)
    assert (queued.status, queued.due_at) == (RunStatus.QUEUED, at(7))
    stage.world.play(at(8))
    assert [(run.trigger, run.status) for run in stage.runs(task)] == [(Trigger.MANUAL, RunStatus.SUCCEEDED)]


def test_run_now_twice_in_one_millisecond_is_two_runs(stage: Stage) -> None:
    task = stage.create(once(10_000))
    runs = {stage.world.system.catalog.run_now(ANN, task.id).id for _ in range(3)}
    stage.world.play(at(100))
    assert len(runs) == 3
    assert len(stage.performed) == 3


def test_editing_the_action_moves_a_dispatched_run_to_the_right_queue(stage: Stage) -> None:
    task = stage.create(once(20))
    stage.world.play(at(10))
    changed = {"action": {"type": "command", "command": "true"}, "timeout_seconds": 600}
    stage.world.system.catalog.replace(ANN, task.id, to_json(task.definition) | changed)
    stage.world.play(at(120))
    run = stage.runs(task)[0]
    assert (run.status, len(run.attempts)) == (RunStatus.SUCCEEDED, 1)
