"""Cancelling and retrying single runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.run import AttemptStatus, RunStatus
from tests.core.building import at, every, once
from tests.engine.conftest import ANN, BOB, BROKE, Stage


def test_a_cancelled_run_that_waits_for_its_retry_is_not_tried_again(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(5))
    stage.world.play(at(10))
    stage.world.system.control.cancel(ANN, stage.runs(task)[0].id)
    stage.world.play(at(200))
    assert len(stage.performed) == 1
    run = stage.runs(task)[0]
    assert (run.status, run.error and run.error.code) == (RunStatus.CANCELLED, "cancelled")


def test_of_a_cancelled_run_at_work_nothing_more_is_recorded(stage: Stage) -> None:
    task = stage.create(once(5))
    stage.during = lambda context: stage.world.system.control.cancel(ANN, context["run_id"])
    stage.outcomes = [BROKE]
    stage.world.play(at(200))
    run = stage.runs(task)[0]
    assert (run.status, len(stage.performed)) == (RunStatus.CANCELLED, 1)
    assert run.attempts[0].status is AttemptStatus.CANCELLED
    assert run.error is not None
    assert "ends by itself or by its timeout" in run.error.detail


def test_what_has_ended_cannot_be_cancelled(stage: Stage) -> None:
    task = stage.create(once(5))
    stage.world.play(at(10))
    with pytest.raises(Conflict):
        stage.world.system.control.cancel(ANN, stage.runs(task)[0].id)
    assert stage.runs(task)[0].status is RunStatus.SUCCEEDED


def test_a_failed_run_is_tried_again_when_its_owner_asks(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(5), retry={"max_attempts": 1}, misfire={"grace_seconds": 10})
    stage.world.play(at(400))
    queued = stage.world.system.control.retry(ANN, stage.runs(task)[0].id)
    assert queued.status is RunStatus.QUEUED
    stage.world.play(at(410))
    run = stage.runs(task)[0]
    assert (run.status, [a.number for a in run.attempts], run.error) == (RunStatus.SUCCEEDED, [1, 2], None)


def test_a_missed_run_of_a_paused_task_runs_when_its_owner_asks(stage: Stage) -> None:
    task = stage.create(once(5), misfire={"catch_up": "none"})
    stage.world.clock.wait_until(at(300))
    stage.world.play(at(340))
    assert stage.runs(task)[0].status is RunStatus.MISSED
    stage.world.system.catalog.pause(ANN, task.id)
    stage.world.system.control.retry(ANN, stage.runs(task)[0].id)
    stage.world.play(at(350))
    assert stage.runs(task)[0].status is RunStatus.SUCCEEDED


def test_a_retry_whose_message_is_lost_is_found_by_a_pass(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(5), retry={"max_attempts": 1})
    stage.world.play(at(20))
    stage.world.system.control.retry(ANN, stage.runs(task)[0].id)
    for message in stage.world.queue.waiting("light"):
        stage.world.queue.delete("light", message.id)
    stage.world.play(at(90))
    assert stage.runs(task)[0].status is RunStatus.SUCCEEDED


def test_what_succeeded_or_is_somebody_elses_cannot_be_retried(stage: Stage) -> None:
    task = stage.create(every(10))
    stage.world.play(at(5))
    control, run = stage.world.system.control, stage.runs(task)[0]
    with pytest.raises(Conflict):
        control.retry(ANN, run.id)
    for verb in (control.retry, control.cancel):
        with pytest.raises(NotFound):
            verb(BOB, run.id)
    assert stage.runs(task)[0] == run


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.RETRYING])
def test_what_has_not_ended_cannot_be_retried(stage: Stage, status: RunStatus) -> None:
    """A second attempt beside one at work would perform the action twice at once."""
    task = stage.create(once(700))
    run = stage.world.system.catalog.run_now(ANN, task.id)
    if status is not RunStatus.QUEUED:
        run = replace(run, status=status, token="at work")
        assert stage.world.store.replace_run(run, token=stage.runs(task)[0].token) is None
    with pytest.raises(Conflict, match="has not ended"):
        stage.world.system.control.retry(ANN, run.id)
    assert stage.runs(task) == [run]


def test_a_due_time_that_was_skipped_ahead_waits_for_it_when_it_is_asked_for_again(stage: Stage) -> None:
    task = stage.create(once(700))
    stage.world.play(at(5))
    skipped = stage.world.system.due_times.skip(ANN, task.id, at(700))
    stage.world.system.control.retry(ANN, skipped.id)
    stage.world.play(at(800))
    assert stage.starts() == [at(700)]
