"""The auditor finds nothing in a world that works, and finds and repairs whatever was taken out of one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core.run import FINAL, RunStatus
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, Kind, window_key
from chalicelib.engine.audit import auditor
from chalicelib.engine.audit.finding import FOUND
from chalicelib.ports import Placed
from tests.core.building import START, at, every, once
from tests.engine.conftest import ANN, BROKE, Stage

MINUTE = 60.0
HOUR = 3600.0


class Findings(logging.Handler):
    """What the auditor found, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == FOUND:
            self.found.append(vars(record)["fields"])

    def kinds(self) -> list[str]:
        return [one["finding"] for one in self.found]


@pytest.fixture
def findings() -> Iterator[Findings]:
    handler, logger = Findings(), logging.getLogger("punctual")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def audited(stage: Stage, until: float) -> None:
    """Play, with an audit every five minutes."""
    while stage.world.now < at(until):
        stage.world.play(min(at(until), stage.world.now + timedelta(minutes=5)))
        stage.world.system.auditor.audit()


def due(stage: Stage, task: Task) -> list[datetime]:
    return [run.due_at for run in stage.runs(task)]


def test_nothing_is_found_where_nothing_is_wrong(stage: Stage, findings: Findings) -> None:
    stage.outcomes = [BROKE] * 6
    stage.create(every(7))
    stage.create(every(40), overlap="queue")
    stage.create({"type": "cron", "expression": "*/10 * * * *"}, retry={"backoff": "fixed", "delay_seconds": 900})
    changed, deleted = stage.create(every(45)), stage.create(every(50))
    stage.create(once(3 * HOUR))
    stage.create({"type": "cron", "expression": "0 3 * * *"})
    audited(stage, 2000)
    catalog = stage.world.system.catalog
    catalog.pause(ANN, changed.id)
    catalog.delete(ANN, deleted.id)
    catalog.run_now(ANN, changed.id)
    audited(stage, 4000)
    catalog.resume(ANN, changed.id)
    audited(stage, 26 * HOUR)
    assert findings.found == []


def test_nothing_is_found_after_an_outage_that_was_made_up_for(stage: Stage, findings: Findings) -> None:
    stage.create(every(60))
    stage.create(every(900), misfire={"catch_up": "all", "grace_seconds": 86_400})
    audited(stage, 20 * MINUTE)
    stage.world.clock.wait_until(at(9 * HOUR))
    audited(stage, 34 * HOUR)
    assert findings.found == []


def test_a_shard_to_which_no_pass_comes_is_found_and_passed(stage: Stage, findings: Findings) -> None:
    task = stage.create(every(60))
    audited(stage, 5 * MINUTE)
    stage.world.ticking = False
    stage.world.play(at(11 * MINUTE))
    assert stage.world.system.auditor.audit().found == 1
    stage.world.play(at(11 * MINUTE + 1))
    assert findings.kinds() == ["passes_behind"]
    assert due(stage, task)[-1] == at(11 * MINUTE)


def test_a_run_whose_message_vanished_is_made_after_all(stage: Stage, findings: Findings) -> None:
    task = stage.create(every(600), misfire={"catch_up": "all"})
    audited(stage, 10 * MINUTE - 20)
    [message] = stage.world.queue.waiting("light")
    stage.world.queue.delete("light", message.id)
    audited(stage, 16 * MINUTE)
    stage.world.play(at(21 * MINUTE))
    assert due(stage, task) == [at(0), at(600), at(1200)]
    assert findings.found == [{"finding": "run_missing", "task_id": task.id, "due": at(600)}]
    assert {run.status for run in stage.runs(task)} == {RunStatus.SUCCEEDED}


def test_what_is_too_late_when_it_is_found_is_recorded_as_missed(stage: Stage, findings: Findings) -> None:
    task = stage.create(every(600), misfire={"grace_seconds": 60})
    audited(stage, 10 * MINUTE - 20)
    [message] = stage.world.queue.waiting("light")
    stage.world.queue.delete("light", message.id)
    audited(stage, 21 * MINUTE)
    assert [run.status for run in stage.runs(task)] == [RunStatus.SUCCEEDED, RunStatus.MISSED, RunStatus.SUCCEEDED]


def test_a_run_that_nobody_came_back_to_is_found_a_day_later(stage: Stage, findings: Findings) -> None:
    task = stage.create(every(600, max_runs=2))
    audited(stage, 590)
    stage.during = _die
    with pytest.raises(_Gone):
        stage.world.play(at(601))
    stage.during = None
    [message] = stage.world.queue.waiting("light")
    stage.world.queue.delete("light", message.id)
    audited(stage, 19 * HOUR)
    assert stage.runs(task)[-1].status is RunStatus.RUNNING
    audited(stage, 21 * HOUR)
    assert findings.kinds() == ["run_stuck"]
    assert [len(run.attempts) for run in stage.runs(task)] == [1, 2]
    assert stage.runs(task)[-1].status is RunStatus.SUCCEEDED


class _Gone(BaseException):
    pass


def _die(context: object) -> None:
    raise _Gone


def test_a_chain_that_was_cut_is_mended_within_two_hours(stage: Stage, findings: Findings) -> None:
    task = stage.create(every(7200), misfire={"catch_up": "all", "grace_seconds": 86_400})
    other = stage.create(every(7200))
    audited(stage, 30 * MINUTE)
    windows = vars(stage.world.store)["_windows"]
    for key, entry in list(windows[window_key(at(7200), 0)].items()):
        if entry.task_id == task.id:
            del windows[window_key(at(7200), 0)][key]
    audited(stage, 7 * HOUR)
    assert due(stage, task) == due(stage, other) == [at(0), at(7200), at(14_400), at(21_600)]
    assert [(one["finding"], one["task_id"]) for one in findings.found] == [("chain_broken", task.id)]


def test_a_chain_that_was_cut_long_ago_leaves_a_record_of_what_did_not_run(stage: Stage, findings: Findings) -> None:
    task = stage.create(every(600), misfire={"catch_up": "latest"})
    audited(stage, 5 * MINUTE)
    vars(stage.world.store)["_windows"][window_key(at(600), 0)].clear()
    stage.world.play(at(90 * MINUTE))
    audited(stage, 3 * HOUR)
    missed = [run for run in stage.runs(task) if run.status is RunStatus.MISSED]
    assert missed[0].coalesced is not None
    assert missed[0].coalesced.first == at(600)
    assert due(stage, task)[-1] == at(3 * HOUR)


def test_an_audit_that_runs_out_of_time_is_gone_on_with(
    stage: Stage, findings: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = stage.create(every(30), misfire={"catch_up": "all", "grace_seconds": 86_400})
    audited(stage, 5 * MINUTE)
    stage.world.play(at(7 * MINUTE - 20))
    stage.world.queue.delete("light", stage.world.queue.waiting("light")[0].id)
    stage.world.play(at(40 * MINUTE))
    monkeypatch.setattr(auditor, "LIMIT", timedelta(seconds=-1))
    steps = 0
    while not findings.found:
        stage.world.system.auditor.audit()
        steps += 1
        assert steps < 200
    assert steps > 2
    stage.world.play(at(41 * MINUTE))
    assert len(due(stage, task)) == 41 * 2 + 1


def test_windows_are_not_held_against_the_runs_while_an_outage_is_made_up_for(stage: Stage, findings: Findings) -> None:
    task = stage.create(every(60))
    audited(stage, 10 * MINUTE)
    before = stage.world.store.audited().recorded
    hint = Entry(start=START - timedelta(hours=1), task_id=task.id, kind=Kind.SCHEDULE, due_at=START)
    stage.world.store.put_entries([Placed(entry=hint, shard=0, late=True)])
    stage.world.clock.advance(timedelta(minutes=2))
    stage.world.system.auditor.audit()
    assert stage.world.store.audited().recorded == before
    audited(stage, 20 * MINUTE)
    assert stage.world.store.audited().recorded != before
    assert findings.found == []


def test_a_window_in_which_very_much_is_missing_does_not_hold_up_the_audit(
    stage: Stage, findings: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each second look takes ten seconds, and there are forty to be taken: one audit has no time for them all."""
    tasks = [stage.create(every(600, max_runs=2)) for _ in range(40)]
    audited(stage, 10 * MINUTE - 20)
    for message in stage.world.queue.waiting("light"):
        stage.world.queue.delete("light", message.id)
    stage.world.play(at(17 * MINUTE))
    began, before, read = stage.world.clock.elapsed(), stage.world.store.audited(), stage.world.store.task

    def slow(task_id: str) -> Task | None:
        stage.world.clock.advance(timedelta(seconds=10))
        return read(task_id)

    monkeypatch.setattr(stage.world.store, "task", slow)
    stage.world.system.auditor.audit()
    monkeypatch.undo()
    assert stage.world.clock.elapsed() - began < timedelta(seconds=300)
    assert stage.world.store.audited().recorded != before.recorded
    assert set(findings.kinds()) == {"run_missing", "window_left"}
    audited(stage, 24 * HOUR)  # the look at yesterday finds the rest
    assert {len(stage.runs(task)) for task in tasks} == {2}


def test_a_run_that_has_ended_is_not_stuck(stage: Stage, findings: Findings) -> None:
    task = stage.create(every(600, max_runs=1))
    audited(stage, 23 * HOUR)
    assert [run.status in FINAL for run in stage.runs(task)] == [True]
    assert findings.found == []
