"""From a definition to its runs, through coordinator, dispatcher and worker, on a clock of our own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.errors import Invalid, NotAllowed, NotFound, VersionConflict
from chalicelib.core.message import decode_run
from chalicelib.core.run import AttemptStatus, Outcome, RunError, RunStatus, Trigger
from chalicelib.core.task import Channel, Task, to_json
from tests.core.building import START, at, definition_json, every, make_run, once
from tests.engine.conftest import ANN, BOB, BROKE, Stage


def statuses(stage: Stage, task: Task) -> list[tuple[float, str]]:
    """Each run's due time in seconds after `START`, and how it stands."""
    return [((run.due_at - START).total_seconds(), str(run.status)) for run in stage.runs(task)]


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
    assert statuses(stage, task) == [(3 * n, "succeeded") for n in range(1, 201)]


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
    assert statuses(stage, task) == [(5, "succeeded")]


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
    assert statuses(stage, task) == [(5, "failed")]
    assert len(stage.performed) == 1


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


def test_stopped_for_ten_minutes_the_newest_misfire_runs_and_the_others_are_recorded(stage: Stage) -> None:
    task = stage.create(every(60))
    stage.world.play(at(130))
    stage.world.clock.wait_until(at(730))  # nobody is there: no ticks, no workers
    stage.world.play(at(800))
    late = [seen for seen in stage.starts() if seen >= at(730)]
    found = statuses(stage, task)
    assert len(late) == len({due for due, status in found if status == "succeeded" and due >= 180}) == 4
    recorded = [run.coalesced for run in stage.runs(task) if run.status is RunStatus.MISSED]
    assert [(c.first, c.count) for c in recorded if c] == [(at(180), 7)]
    assert max(due for due, _ in found) == 780


def test_lost_ticks_are_not_noticed(stage: Stage) -> None:
    task = stage.create(every(10))
    stage.world.play(at(65))
    stage.world.ticking = False
    stage.world.play(at(125))  # the tick at 120 s does not come
    stage.world.ticking = True
    stage.world.play(at(400))
    assert stage.starts() == [at(10 * n) for n in range(41)]
    assert all(run.lateness == timedelta(0) for run in stage.runs(task))


def test_days_without_a_tick_are_jumped_and_the_policy_decides(stage: Stage) -> None:
    hourly = stage.create(every(3600), misfire={"catch_up": "all", "grace_seconds": 7 * 3600})
    never = stage.create(once(40_000), misfire={"catch_up": "none"})
    stage.world.play(at(100))
    stage.world.clock.wait_until(at(86_400))
    stage.world.play(at(86_400 + 300))
    ran = [due for due, status in statuses(stage, hourly) if status == "succeeded"]
    assert ran == [0.0, *(3600.0 * n for n in range(17, 25))]
    assert statuses(stage, never) == [(40_000, "missed")]


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


def test_editing_the_action_moves_a_dispatched_run_to_the_right_queue(stage: Stage) -> None:
    task = stage.create(once(20))
    stage.world.play(at(10))
    changed = {"action": {"type": "command", "command": "true"}, "timeout_seconds": 600}
    stage.world.system.catalog.replace(ANN, task.id, to_json(task.definition) | changed)
    stage.world.play(at(120))
    run = stage.runs(task)[0]
    assert (run.status, len(run.attempts)) == (RunStatus.SUCCEEDED, 1)


def test_the_past_is_accepted_within_the_grace_only(stage: Stage) -> None:
    stage.create(once(-3600), misfire={"grace_seconds": 3600})
    with pytest.raises(Invalid) as refused:
        stage.create(once(-3601), misfire={"grace_seconds": 3600})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/schedule/at", "past")]
    stage.world.play(at(40))
    assert len(stage.performed) == 1


@pytest.mark.parametrize(
    "schedule",
    [
        {"type": "cron", "expression": "0 0 30 2 *"},
        every(5, end_at="2026-03-02T08:59:59Z", start_at="2026-03-01T00:00:00Z"),
    ],
)
def test_a_schedule_that_never_fires_is_refused_and_nothing_is_stored(schedule: dict[str, Any], stage: Stage) -> None:
    with pytest.raises(Invalid) as refused:
        stage.create(schedule)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/schedule", "never_fires")]
    assert stage.world.system.catalog.tasks(ANN, limit=10).items == ()


def test_what_belongs_to_another_is_not_found(stage: Stage) -> None:
    task = stage.create(once(5))
    stage.world.play(at(10))
    run = stage.runs(task)[0]
    catalog, reports = stage.world.system.catalog, stage.world.system.reports
    for verb in (catalog.task, catalog.delete, catalog.pause, catalog.resume, catalog.run_now):
        with pytest.raises(NotFound):
            verb(BOB, task.id)
    with pytest.raises(NotFound):
        catalog.replace(BOB, task.id, to_json(task.definition))
    with pytest.raises(NotFound):
        reports.run(BOB, run.id)
    with pytest.raises(NotFound):
        reports.runs_of(BOB, task.id, limit=10)
    assert reports.feed(BOB, limit=10).items == ()
    assert reports.run(ANN, run.id) == run


def test_who_may_not_run_commands_cannot_define_one(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        stage.world.system.catalog.create(BOB, definition_json(once(5), action={"type": "command", "command": "id"}))


def test_a_version_that_was_overtaken_is_refused(stage: Stage) -> None:
    task = stage.create(once(50))
    catalog = stage.world.system.catalog
    catalog.replace(ANN, task.id, to_json(task.definition) | {"name": "one"}, version=1)
    with pytest.raises(VersionConflict):
        catalog.replace(ANN, task.id, to_json(task.definition) | {"name": "two"}, version=1)
    with pytest.raises(VersionConflict):
        catalog.delete(ANN, task.id, version=1)
    assert catalog.task(ANN, task.id).definition.name == "one"


def test_a_missed_range_is_recorded_though_its_last_due_time_has_run(stage: Stage) -> None:
    task = stage.create(every(60), misfire={"catch_up": "none"})
    stage.world.play(at(10))
    stage.world.clock.wait_until(at(900))
    taken = make_run(at(780), RunStatus.SUCCEEDED, task_id=task.id, token="other")
    stage.world.store.insert_run(taken)
    stage.world.play(at(960))
    ranges = [(run.coalesced.first, run.coalesced.count) for run in stage.runs(task) if run.coalesced]
    assert ranges == [(at(120), 11)]
    assert stage.world.store.run(task.id, at(780)) == taken


def test_what_no_pass_came_for_is_recorded_when_its_task_is_deleted(stage: Stage) -> None:
    task = stage.create(every(60), retention_days=1)
    stage.world.play(at(30))
    stage.world.ticking = False
    stage.world.play(at(1000))
    ran = len(stage.runs(task))
    stage.world.system.catalog.delete(ANN, task.id)
    first, *latest = stage.runs(task)[ran:]
    assert {(run.status, run.error and run.error.code) for run in (first, *latest)} == {(RunStatus.SKIPPED, "deleted")}
    assert first.coalesced is not None
    assert stage.runs(task)[ran - 1].due_at + timedelta(seconds=60) == first.coalesced.first
    assert [first.coalesced.last, *(run.due_at for run in latest)] == [at(780), at(840), at(900), at(960)]


def test_deleting_what_passes_have_come_for_records_nothing(stage: Stage) -> None:
    task = stage.create(every(60))
    stage.world.play(at(300))
    before = stage.runs(task)
    stage.world.system.catalog.delete(ANN, task.id)
    assert stage.runs(task) == before


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
