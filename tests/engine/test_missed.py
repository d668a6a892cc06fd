"""Due times that no pass came for: what of them runs, and what is recorded."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.run import RunStatus
from tests.core.building import at, every, make_run, once
from tests.engine.conftest import ANN, Stage


def test_stopped_for_ten_minutes_the_newest_misfire_runs_and_the_others_are_recorded(stage: Stage) -> None:
    task = stage.create(every(60))
    stage.world.play(at(130))
    stage.world.clock.wait_until(at(730))  # nobody is there: no ticks, no workers
    stage.world.play(at(800))
    late = [seen for seen in stage.starts() if seen >= at(730)]
    found = stage.statuses(task)
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
    ran = [due for due, status in stage.statuses(hourly) if status == "succeeded"]
    assert ran == [0.0, *(3600.0 * n for n in range(17, 25))]
    assert stage.statuses(never) == [(40_000, "missed")]


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
