"""Tasks whose runs must not overlap: actions here take longer than the time between two due times."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest

from chalicelib.core.run import AttemptStatus, Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, Kind
from chalicelib.engine.turns import Turns
from tests.core.building import START, at, every, once
from tests.engine.conftest import ANN, BROKE, Stage


def slow(stage: Stage, seconds: float, spans: list[tuple[datetime, datetime]]) -> None:
    """Let actions take time while the world goes on."""

    def during(context: object) -> None:
        began = stage.world.now
        stage.world.play(began + timedelta(seconds=seconds))
        spans.append((began, stage.world.now))

    stage.during = during


def outcomes(stage: Stage, task: Task) -> list[tuple[float, str]]:
    return [((run.due_at - START).total_seconds(), str(run.status)) for run in stage.runs(task)]


def assert_apart(spans: list[tuple[datetime, datetime]]) -> None:
    ordered = sorted(spans)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(ordered))


def test_runs_may_overlap_unless_the_task_says_otherwise(stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 25, spans)
    stage.create(every(20, max_runs=3))
    stage.world.play(at(200))
    assert len(spans) == 3
    with pytest.raises(AssertionError):
        assert_apart(spans)


def test_skip_leaves_out_what_overlaps(stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 25, spans)
    task = stage.create(every(20, max_runs=4), overlap="skip")
    stage.world.play(at(200))
    assert outcomes(stage, task) == [(0, "succeeded"), (20, "skipped"), (40, "succeeded"), (60, "skipped")]
    assert {run.error.code for run in stage.runs(task) if run.error} == {"overlap"}
    assert_apart(spans)


def test_queue_lets_one_wait_and_leaves_out_the_others(stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 50, spans)
    task = stage.create(every(20, max_runs=4), overlap="queue")
    stage.world.play(at(500))
    assert outcomes(stage, task) == [(0, "succeeded"), (20, "succeeded"), (40, "skipped"), (60, "succeeded")]
    starts = [run.started_at for run in stage.runs(task) if run.started_at]
    assert starts == sorted(starts)  # who waits is not overtaken
    assert_apart(spans)


def test_who_waited_long_is_no_misfire(stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 120, spans)
    task = stage.create(every(20, max_runs=2), overlap="queue", misfire={"catch_up": "none", "grace_seconds": 60})
    stage.world.play(at(500))
    assert outcomes(stage, task) == [(0, "succeeded"), (20, "succeeded")]
    assert_apart(spans)


def test_replace_ends_the_run_at_work(stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 25, spans)
    task = stage.create(every(20, max_runs=3), overlap="replace")
    stage.world.play(at(300))
    assert outcomes(stage, task) == [(0, "cancelled"), (20, "cancelled"), (40, "succeeded")]
    assert {run.error.code for run in stage.runs(task) if run.error} == {"replaced"}


def test_a_run_that_is_tried_again_keeps_its_turn(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(every(10, max_runs=3), overlap="skip")
    stage.world.play(at(300))
    assert outcomes(stage, task) == [(0, "succeeded"), (10, "skipped"), (20, "skipped")]
    assert [a.status for a in stage.runs(task)[0].attempts] == [AttemptStatus.FAILED, AttemptStatus.SUCCEEDED]


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
def test_duplicated_messages_do_no_harm(overlap: str, stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 5, spans)
    task = stage.create(every(20, max_runs=4), overlap=overlap)
    for n in range(4):
        for seconds in (n * 20, n * 20 + 3, n * 20 + 17, 150):
            repeat = Entry(start=at(seconds), task_id=task.id, kind=Kind.SCHEDULE, due_at=at(20 * n))
            stage.world.at(at(seconds), partial(stage.send, task, repeat))
    stage.world.play(at(400))
    assert outcomes(stage, task) == [(20 * n, "succeeded") for n in range(4)]
    assert len(spans) == 4
    assert_apart(spans)


def test_the_slot_of_a_worker_that_died_is_taken_after_its_lease(stage: Stage) -> None:
    task = stage.create(every(60, max_runs=5), overlap="skip", retry={"max_attempts": 1})

    def die(context: object) -> None:
        stage.during = None
        raise KeyboardInterrupt  # nothing after this point happens in this worker

    stage.during = die
    with pytest.raises(KeyboardInterrupt):
        stage.world.play(at(1))
    stage.world.play(at(600))
    assert outcomes(stage, task) == [
        (0, "lost"),
        (60, "skipped"),
        (120, "skipped"),
        (180, "succeeded"),
        (240, "succeeded"),
    ]


def test_who_waits_for_a_worker_that_died_runs_after_its_lease(stage: Stage) -> None:
    task = stage.create(every(60, max_runs=2), overlap="queue", retry={"max_attempts": 1})

    def die(context: object) -> None:
        stage.during = None
        raise KeyboardInterrupt

    stage.during = die
    with pytest.raises(KeyboardInterrupt):
        stage.world.play(at(1))
    stage.world.play(at(600))
    assert outcomes(stage, task) == [(0, "lost"), (60, "succeeded")]


def test_only_tasks_that_do_not_allow_overlap_have_a_slot(stage: Stage) -> None:
    plain, careful = stage.create(once(5)), stage.create(once(5), overlap="skip")
    seen: list[bool] = []
    stage.during = lambda context: seen.append(stage.world.store.slot(context["task_id"]) is not None)
    stage.world.play(at(60))
    assert dict(zip([task_id for task_id, _ in stage.performed], seen, strict=True)) == {
        plain.id: False,
        careful.id: True,
    }
    assert stage.world.store.slot(careful.id) is None


def test_run_now_keeps_to_the_policy_too(stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 10, spans)
    task = stage.create(once(5), overlap="skip")
    stage.world.at(at(8), lambda: stage.world.system.catalog.run_now(ANN, task.id))
    stage.world.play(at(100))
    assert [run.status for run in stage.runs(task)] == [RunStatus.SUCCEEDED, RunStatus.SKIPPED]


def test_no_start_follows_a_pause_that_was_acknowledged_while_the_slot_was_taken(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = stage.create(once(5), overlap="skip")
    turns = type(stage.world.system.worker.turns)
    enter = turns.enter

    def enter_slowly(self: Turns, task: Task, run: Run) -> object:
        entered = enter(self, task, run)
        stage.world.system.catalog.pause(ANN, task.id)
        return entered

    monkeypatch.setattr(turns, "enter", enter_slowly)
    stage.world.play(at(60))
    assert (outcomes(stage, task), stage.performed) == ([(5, "skipped")], [])
    assert stage.world.store.slot(task.id) is None


@pytest.mark.parametrize("ending", ["cancel", "pause"])
def test_the_slot_is_not_kept_for_a_run_that_was_ended_while_it_waited(ending: str, stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 50, spans)
    task = stage.create(every(20, max_runs=2), overlap="queue")
    system = stage.world.system

    def end() -> None:
        if ending == "cancel":
            system.control.cancel(ANN, stage.runs(task)[1].id)
        else:
            system.catalog.pause(ANN, task.id)

    stage.world.at(at(40), end)
    stage.world.at(at(110), lambda: system.catalog.run_now(ANN, task.id))
    stage.world.play(at(200))
    assert [status for _, status in outcomes(stage, task)][2:] == ["succeeded"]
    assert len(spans) == 2


def test_a_run_that_was_cancelled_while_it_was_called_to_its_slot_passes_it_on(stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 30, spans)
    task = stage.create(every(20, max_runs=2), overlap="queue")
    system = stage.world.system
    stage.world.at(at(30.5), lambda: system.control.cancel(ANN, stage.runs(task)[1].id))
    stage.world.at(at(110), lambda: system.catalog.run_now(ANN, task.id))
    stage.world.play(at(200))
    assert outcomes(stage, task)[1:] == [(20, "cancelled"), (110, "succeeded")]


def test_nobody_stands_behind_a_run_that_was_cancelled_while_it_waited(stage: Stage) -> None:
    spans: list[tuple[datetime, datetime]] = []
    slow(stage, 70, spans)
    task = stage.create(every(30, max_runs=3), overlap="queue")
    stage.world.at(at(40), lambda: stage.world.system.control.cancel(ANN, stage.runs(task)[1].id))
    stage.world.play(at(400))
    assert outcomes(stage, task) == [(0, "succeeded"), (30, "cancelled"), (60, "succeeded")]
    assert_apart(spans)
