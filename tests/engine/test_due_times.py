"""Single due times: backfilled, or skipped ahead of time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.core.run import Coalesced, Run, RunStatus, Trigger
from chalicelib.core.task import Task
from tests.core.building import SECOND, START, at, every, once
from tests.engine.conftest import ANN, BOB, Stage

MINUTE = timedelta(minutes=1)


def old(stage: Stage, seconds: int = 60, **more: object) -> Task:
    """A task whose due times began a day before the world did."""
    begin = (START - timedelta(days=1)).isoformat()
    return stage.create({"type": "interval", "every": seconds, "unit": "seconds", "start_at": begin}, **more)


def told(runs: list[Run]) -> list[tuple[float, str, str]]:
    return [((run.due_at - START).total_seconds(), str(run.trigger), str(run.status)) for run in runs]


def test_past_due_times_run_once_each_and_repeating_it_changes_nothing(stage: Stage) -> None:
    task = old(stage)
    ask = stage.world.system.due_times
    asked = ask.backfill(ANN, task.id, at(-300), at(-60), dry_run=False)
    assert (told(list(asked.runs)), asked.queued) == ([(s, "backfill", "queued") for s in (-300, -240, -180, -120)], 4)
    stage.world.play(at(30))
    again = ask.backfill(ANN, task.id, at(-300), at(-60), dry_run=False)
    stage.world.play(at(45))
    done = [(s, "backfill", "succeeded") for s in (-300, -240, -180, -120)]
    assert (told(list(again.runs)), again.queued) == (done, 0)
    assert told(stage.runs(task)) == [*done, (0, "schedule", "succeeded")]
    assert len(stage.performed) == 5


def test_a_dry_run_says_what_would_run_and_stores_nothing(stage: Stage) -> None:
    task = old(stage, state="paused")
    dry = stage.world.system.due_times.backfill(ANN, task.id, at(-300), at(-60), dry_run=True)
    assert (len(dry.runs), dry.queued) == (4, 4)
    assert stage.runs(task) == []
    assert stage.world.queue.waiting("light") == []
    real = stage.world.system.due_times.backfill(ANN, task.id, at(-300), at(-60), dry_run=False)
    assert [run.id for run in real.runs] == [run.id for run in dry.runs]
    assert stage.world.system.due_times.backfill(ANN, task.id, at(-300), at(-60), dry_run=True).queued == 0


def test_a_paused_task_is_backfilled_as_well_and_the_future_is_not(stage: Stage) -> None:
    task = old(stage, state="paused")
    asked = stage.world.system.due_times.backfill(ANN, task.id, at(-60), at(3600), dry_run=False)
    stage.world.play(at(120))
    assert [run.due_at for run in asked.runs] == [at(-60), at(0)]
    assert told(stage.runs(task)) == [(-60, "backfill", "succeeded"), (0, "backfill", "succeeded")]


def test_a_backfill_is_paced_and_live_runs_stay_on_time(stage: Stage) -> None:
    task, live = old(stage), stage.create(every(1, start_at=START.isoformat()))
    stage.world.system.due_times.backfill(ANN, task.id, at(-60_000), at(-60), dry_run=False)
    stage.world.play(at(240))
    starts = [started for task_id, started in stage.performed if task_id == task.id and started < at(99.95)]
    assert len(starts) > 990
    assert max(sum(second <= start < second + SECOND for start in starts) for second in starts) <= 12
    assert all(run.lateness == timedelta(0) for run in stage.runs(live))
    backfilled = [run for run in stage.runs(task) if run.trigger is Trigger.BACKFILL]
    assert [run.status for run in backfilled] == [RunStatus.SUCCEEDED] * 999
    assert all(len(run.attempts) == 1 for run in backfilled)


def test_a_thousand_at_once_and_not_one_more(stage: Stage) -> None:
    task = old(stage)
    ask = stage.world.system.due_times
    with pytest.raises(Invalid, match="1,001 due times"):
        ask.backfill(ANN, task.id, at(-60 * 1000), at(1), dry_run=False)
    secondly = old(stage, 1)
    with pytest.raises(Invalid, match="more than 4,999"):
        ask.backfill(ANN, secondly.id, at(-86_400), at(0), dry_run=True)
    assert stage.runs(task) == []
    assert len(ask.backfill(ANN, task.id, at(-60 * 999), at(1), dry_run=False).runs) == 1000


def test_what_was_missed_runs_when_its_owner_wants_it(stage: Stage) -> None:
    task = stage.create(every(60, start_at=START.isoformat()), misfire={"catch_up": "none"})
    stage.world.play(at(200))
    stage.world.ticking = False
    stage.world.play(at(1000))
    stage.world.ticking = True
    stage.world.play(at(1100))
    missed = [run for run in stage.runs(task) if run.status is RunStatus.MISSED]
    assert missed
    (record,) = [run for run in missed if run.coalesced is not None]
    coalesced = record.coalesced
    assert coalesced is not None
    before, first = coalesced.first, coalesced.first + 2 * MINUTE
    asked = stage.world.system.due_times.backfill(ANN, task.id, first, coalesced.last + SECOND, dry_run=False)
    assert asked.queued == len(asked.runs) == coalesced.count - 2
    stage.world.play(at(1200))
    runs = {run.due_at: run for run in stage.runs(task)}
    assert all(runs[run.due_at].status is RunStatus.SUCCEEDED for run in asked.runs)
    assert runs[coalesced.last].coalesced is None
    left = runs[before + MINUTE]
    assert (left.status, left.coalesced) == (
        RunStatus.MISSED,
        Coalesced(first=before, last=before + MINUTE, count=2),
    )


def test_one_due_time_is_skipped_and_the_others_are_not(stage: Stage) -> None:
    task = stage.create(every(60))
    ask = stage.world.system.due_times
    run = ask.skip(ANN, task.id, at(120))
    assert (run.status, run.skipped_by_owner) == (RunStatus.CANCELLED, True)
    assert ask.skip(ANN, task.id, at(120)) == run
    stage.world.play(at(200))
    assert stage.starts() == [at(0), at(60), at(180)]
    assert told(stage.runs(task))[2] == (120, "schedule", "cancelled")


def test_a_skipped_due_time_is_not_the_next_nor_the_last_run(stage: Stage) -> None:
    task = stage.create(every(60))
    stage.world.play(at(5))
    for seconds in (60, 120, 240):
        stage.world.system.due_times.skip(ANN, task.id, at(seconds))
    standing = stage.world.system.reports.standings(ANN, [task.id], at(5))[task.id]
    assert standing.last_run is not None
    assert (standing.last_run.due_at, standing.skipped) == (START, frozenset({at(60), at(120), at(240)}))
    assert task.next_due(at(5), standing.skipped) == at(180)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 20])
def test_however_many_last_runs_are_asked_for_none_of_them_is_still_to_come(stage: Stage, count: int) -> None:
    task = stage.create(every(60))
    stage.world.play(at(65))
    for seconds in (120, 180, 300):
        stage.world.system.due_times.skip(ANN, task.id, at(seconds))
    standing = stage.world.system.reports.standings(ANN, [task.id], at(65), count)[task.id]
    assert [run.due_at for run in standing.last_runs] == [at(60), at(0)][:count]
    assert standing.skipped == {at(120), at(180), at(300)}


def test_only_a_due_time_that_is_still_to_come_can_be_skipped(stage: Stage) -> None:
    task = stage.create(every(60))
    ask = stage.world.system.due_times
    stage.world.play(at(90))
    for due in (at(60), at(90), at(100)):
        with pytest.raises(Invalid):
            ask.skip(ANN, task.id, due)
    assert len(stage.runs(task)) == 2


def test_a_worker_that_claimed_first_wins(stage: Stage) -> None:
    task = stage.create(every(60))
    stage.world.play(at(60))
    stage.world.clock.set(at(59))  # whoever skips it has a clock that is a second behind
    with pytest.raises(Conflict):
        stage.world.system.due_times.skip(ANN, task.id, at(60))
    assert told(stage.runs(task))[1] == (60, "schedule", "succeeded")


def test_a_once_that_is_skipped_never_starts(stage: Stage) -> None:
    task = stage.create(once(30))
    stage.world.system.due_times.skip(ANN, task.id, at(30))
    stage.world.play(at(300))
    assert stage.starts() == []
    assert told(stage.runs(task)) == [(30, "schedule", "cancelled")]


def test_due_times_of_others_are_not_to_be_had(stage: Stage) -> None:
    task = old(stage)
    with pytest.raises(NotFound):
        stage.world.system.due_times.backfill(BOB, task.id, at(-300), at(0), dry_run=False)
    with pytest.raises(NotFound):
        stage.world.system.due_times.skip(BOB, task.id, at(60))
    assert stage.runs(task) == []


def test_a_calendar_that_changes_takes_due_times_away_and_gives_them_back(stage: Stage) -> None:
    calendars = stage.world.system.calendars
    put = stage.world.store.put_calendar
    put(Calendar(owner="ann", name="quiet", spans=(), updated_at=START))
    task = stage.create(every(60, exclude=[{"calendar": "quiet"}], max_runs=6))
    stage.world.play(at(130))
    quiet = Calendar(owner="ann", name="quiet", spans=((at(150), at(400)),), updated_at=at(130))
    assert stage.world.system.catalog.take_calendar(ANN, task.id, quiet)
    assert not stage.world.system.catalog.take_calendar(ANN, task.id, quiet)
    stage.world.play(at(900))
    # six runs are six runs: three before the change, three after the quiet time
    assert stage.starts() == [at(0), at(60), at(120), at(420), at(480), at(540)]
    assert [each.name for each in calendars.calendars(ANN)] == ["quiet"]
