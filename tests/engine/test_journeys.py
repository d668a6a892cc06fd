"""From a definition to its runs, through coordinator, dispatcher and worker, on a clock of our own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.message import decode_run
from chalicelib.core.run import AttemptStatus, Outcome, RunError, RunStatus
from chalicelib.core.task import Channel
from tests.core.building import at, once
from tests.engine.conftest import BROKE, Stage


def test_a_task_due_in_five_seconds_runs_on_its_second(stage: Stage) -> None:
    task = stage.create(once(5))
    stage.world.play(at(60))
    assert stage.performed == [(task.id, at(5))]
    run = stage.runs(task)[0]
    assert (run.status, run.lateness, run.attempts[0].output) == (RunStatus.SUCCEEDED, timedelta(0), "hello\n")


def test_an_interval_runs_every_time_once_and_never_drifts(stage: Stage) -> None:
    task = stage.create({"type": "interval", "every": 3, "unit": "seconds"})
    stage.world.play(at(600.5))
    assert stage.starts() == [at(3 * n) for n in range(1, 201)]
    assert stage.statuses(task) == [(3 * n, "succeeded") for n in range(1, 201)]


def test_cron_with_seconds_runs_on_them(stage: Stage) -> None:
    stage.create({"type": "cron", "expression": "30 * * * * *"})
    stage.world.play(at(200))
    assert stage.starts() == [at(30), at(90), at(150)]


def test_a_far_task_runs_on_time(stage: Stage) -> None:
    stage.create(once(3600.25))
    stage.world.play(at(4000))
    assert stage.starts() == [at(3600.25)]


@pytest.mark.parametrize("lead", [0, 1, 29, 30, 44, 45, 46, 74, 75, 76, 89, 90, 91, 120])
def test_whatever_the_lead_it_runs_once_and_on_time(lead: int, stage: Stage) -> None:
    stage.world.play(at(17))
    stage.create(once(17 + lead))
    stage.world.play(at(300))
    assert stage.starts() == [at(17 + lead)]


def test_a_failing_command_is_tried_again_in_the_next_window(stage: Stage) -> None:
    stage.outcomes = [BROKE, BROKE]
    task = stage.create(once(5), action={"type": "command", "command": "exit 3"}, retry={"max_attempts": 2})
    stage.world.play(at(120))
    run = stage.runs(task)[0]
    assert (run.status, [a.exit_code for a in run.attempts]) == (RunStatus.FAILED, [3, 3])
    assert at(30) <= run.attempts[1].started_at < at(60)


def test_a_retry_that_succeeds_ends_well(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(5))
    stage.world.play(at(120))
    assert stage.statuses(task) == [(5, "succeeded")]


@pytest.mark.parametrize("wait", [5, 89, 300])
def test_a_fixed_delay_between_attempts_is_kept_or_rounded_up_to_a_pass(wait: int, stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(5), retry={"backoff": "fixed", "delay_seconds": wait})
    stage.world.play(at(600))
    second = stage.runs(task)[0].attempts[1].started_at
    assert at(5 + wait) <= second <= at(5 + wait + 31)


def test_a_permanent_failure_is_not_tried_again(stage: Stage) -> None:
    gone = RunError(code="unknown_function", detail="there is none of this name", permanent=True)
    stage.outcomes = [Outcome(status=AttemptStatus.FAILED, error=gone)]
    task = stage.create(once(5))
    stage.world.play(at(200))
    assert stage.statuses(task) == [(5, "failed")]
    assert len(stage.performed) == 1


def test_a_thousand_tasks_in_one_window_all_run_once(stage: Stage) -> None:
    ids = [stage.create(once(120 + n % 30)).id for n in range(1000)]
    stage.world.play(at(200))
    assert sorted(task_id for task_id, _ in stage.performed) == sorted(ids)
    assert all(at(120) <= seen < at(150) for seen in stage.starts())


def test_a_worker_whose_lease_ended_cannot_overwrite_its_successor(stage: Stage) -> None:
    task = stage.create(once(5))

    def stall(context: object) -> None:
        stage.during = None
        stage.world.clock.wait_until(at(150))  # past the lease of 140 s: another worker takes over
        message = stage.world.queue.receive("light", visibility=timedelta(seconds=190))
        assert message == []
        entry = stage.world.store.run(task.id, at(5))
        assert entry is not None
        stage.world.play(at(400))

    stage.during = stall
    stage.world.play(at(500))
    run = stage.runs(task)[0]
    assert [a.status for a in run.attempts] == [AttemptStatus.LOST, AttemptStatus.SUCCEEDED]


def test_a_broken_action_is_a_failed_attempt(stage: Stage) -> None:
    def explode(context: object) -> None:
        raise RuntimeError("boom")

    stage.during = explode
    task = stage.create(once(5), retry={"max_attempts": 1})
    stage.world.play(at(30))
    run = stage.runs(task)[0]
    assert (run.status, run.error and run.error.code) == (RunStatus.FAILED, "action_broke")


def test_a_message_that_is_delivered_twice_at_once_is_not_lost_with_the_worker_that_took_it_first(
    stage: Stage,
) -> None:
    """Both deliveries count as the first; the second deletes the message, which nobody could deliver again then."""
    task = stage.create(once(10), retry={"max_attempts": 5})
    stage.world.play(at(9))
    [first, *others] = stage.world.queue.waiting("light")
    for other in others:
        stage.world.queue.delete("light", other.id)

    class Died(BaseException):
        pass

    def die(_: object) -> None:
        stage.during = None
        worker.handle(message, redelivered=False, delivery=first.id)
        stage.world.queue.delete("light", first.id)
        raise Died

    stage.during = die
    worker, message = stage.world.system.worker, decode_run(first.body, Channel.LIGHT)
    with pytest.raises(Died):
        worker.handle(message, redelivered=False, delivery=first.id)
    stage.world.play(at(400))
    assert [(run.status, len(run.attempts)) for run in stage.runs(task)] == [(RunStatus.SUCCEEDED, 2)]
