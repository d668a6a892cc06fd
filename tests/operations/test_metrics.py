"""What the functions measure, through the handlers that Lambda calls: one line of CloudWatch's format each."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.core.message import encode_run
from chalicelib.core.planning import entry_message
from chalicelib.core.window import Entry, Kind
from chalicelib.metrics import Metric, emit
from chalicelib.settings import from_environment
from tests.core.building import at, definition_json, every, once
from tests.engine.conftest import ANN
from tests.operations.front_door import FAILED, STAGE, FrontDoor, at_trial_stage, measured, units

Captured = pytest.CaptureFixture[str]


def ticked(door: FrontDoor, captured: Captured) -> str:
    """One pass of the shard; what was written before is put away."""
    door.fire("coordinator")
    captured.readouterr()
    return door.waiting("passes")[0]


def test_a_tick_is_measured(door: FrontDoor, capsys: Captured) -> None:
    door.fire("coordinator")
    assert measured(capsys.readouterr().out) == {"Ticks": [1]}


def test_an_idle_pass_says_that_it_came_and_writes_one_line_of_each_kind(door: FrontDoor, capsys: Captured) -> None:
    body = ticked(door, capsys)
    door.deliver("dispatcher", [body])
    capsys.readouterr()
    door.deliver("dispatcher", [body])
    written = capsys.readouterr().out
    assert len(written.splitlines()) == 1
    assert measured(written) == {"Passes": [1], "WatermarkAge": [0]}


def test_a_pass_says_how_much_it_dispatched(door: FrontDoor, capsys: Captured) -> None:
    door.system.catalog.create(ANN, definition_json(every(10)))
    body = ticked(door, capsys)
    door.later(60)
    door.deliver("dispatcher", [body])
    written = capsys.readouterr().out
    found = measured(written)
    assert found["Dispatched"][0] > 5
    assert units(written) == {"Passes": "Count", "WatermarkAge": "Seconds", "Dispatched": "Count"}


def test_a_shard_whose_pass_is_left_to_another_shows_its_age(door: FrontDoor, capsys: Captured) -> None:
    body = ticked(door, capsys)
    door.deliver("dispatcher", [body])
    door.later(600)
    now = door.clock.now()
    assert door.store.take_lease(0, "another", now=now, until=now + timedelta(seconds=30))
    capsys.readouterr()
    door.deliver("dispatcher", [body])
    assert measured(capsys.readouterr().out)["WatermarkAge"][0] > 500


def test_due_times_that_a_pass_records_as_missed_are_counted_one_by_one(door: FrontDoor, capsys: Captured) -> None:
    definition = definition_json(every(60), misfire={"grace_seconds": 0, "catch_up": "none"})
    door.system.catalog.create(ANN, definition)
    body = ticked(door, capsys)
    door.deliver("dispatcher", [body])
    door.later(3600)
    capsys.readouterr()
    for _ in range(5):
        door.deliver("dispatcher", [body])
    assert 50 < sum(measured(capsys.readouterr().out)["Missed"]) <= 60


def test_lateness_is_that_of_every_start_of_a_batch(door: FrontDoor, capsys: Captured) -> None:
    for seconds in (10, 11, 12):
        door.system.catalog.create(ANN, definition_json(once(seconds)))
    door.later(13)
    door.deliver("light", door.waiting("light"))
    written = capsys.readouterr().out
    assert sorted(measured(written)["Lateness"]) == [1, 2, 3]
    assert units(written)["Lateness"] == "Seconds"
    assert set(measured(written)) == {"Lateness"}


def test_a_start_on_time_counts_as_well(door: FrontDoor, capsys: Captured) -> None:
    door.system.catalog.create(ANN, definition_json(once(10)))
    door.deliver("light", door.waiting("light"))
    assert measured(capsys.readouterr().out) == {"Lateness": [0]}


def test_a_backfill_and_a_retry_are_not_late(door: FrontDoor, capsys: Captured) -> None:
    door.outcome = FAILED
    task = door.system.catalog.create(ANN, definition_json(once(10), retry={"max_attempts": 3}))
    door.deliver("light", door.waiting("light"))
    capsys.readouterr()
    door.later(100)
    for kind, number, due in ((Kind.RETRY, 2, at(10)), (Kind.BACKFILL, 1, at(5))):
        entry = Entry(start=at(90), task_id=task.id, kind=kind, due_at=due, number=number)
        door.deliver("light", [encode_run(entry_message(entry, task))])
    assert "Lateness" not in measured(capsys.readouterr().out)


def test_an_attempt_that_is_followed_by_another_counts_as_retried(door: FrontDoor, capsys: Captured) -> None:
    door.outcome = FAILED
    door.system.catalog.create(ANN, definition_json(once(10), retry={"max_attempts": 2}))
    door.system.catalog.create(ANN, definition_json(once(10), retry={"max_attempts": 1}))
    door.deliver("light", door.waiting("light"))
    assert measured(capsys.readouterr().out) == {"Lateness": [0, 0], "Retries": [1]}


def test_a_message_that_comes_twice_is_a_lost_claim(door: FrontDoor, capsys: Captured) -> None:
    door.system.catalog.create(ANN, definition_json(once(10)))
    [body] = door.waiting("light")
    door.deliver("light", [body])
    capsys.readouterr()
    door.deliver("light", [body])
    assert measured(capsys.readouterr().out) == {"ClaimsLost": [1]}


def test_a_message_that_comes_too_late_is_missed(door: FrontDoor, capsys: Captured) -> None:
    door.system.catalog.create(ANN, definition_json(once(10), misfire={"grace_seconds": 5, "catch_up": "latest"}))
    door.later(200)
    door.deliver("light", door.waiting("light"))
    assert measured(capsys.readouterr().out) == {"Missed": [1]}


def test_an_audit_counts_its_findings_and_the_dead_letters_among_them(door: FrontDoor, capsys: Captured) -> None:
    door.fire("coordinator")
    door.deliver("dispatcher", door.waiting("passes")[:1])
    door.system.catalog.create(ANN, definition_json(once(10)))
    capsys.readouterr()
    door.fire("auditor")
    assert measured(capsys.readouterr().out) == {"Findings": [0], "WatermarkAge": [0]}
    door.queue.send("light-dead", door.waiting("light")[0])
    door.fire("auditor")
    assert measured(capsys.readouterr().out) == {"Findings": [1], "DeadLetters": [1], "WatermarkAge": [0]}


def test_the_auditor_knows_the_age_of_a_watermark_that_no_pass_moves(door: FrontDoor, capsys: Captured) -> None:
    door.fire("coordinator")
    door.deliver("dispatcher", door.waiting("passes")[:1])
    door.fire("auditor")
    door.later(900)
    capsys.readouterr()
    door.fire("auditor")
    found = measured(capsys.readouterr().out)
    assert found["WatermarkAge"][0] > 800
    assert found["Findings"][0] > 0


def test_a_local_stage_writes_no_metrics_unless_it_is_asked_to(
    door: FrontDoor, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    at_trial_stage(monkeypatch, metrics=False)
    door.fire("coordinator")
    assert capsys.readouterr().out == ""
    assert not from_environment({}).metrics
    assert from_environment({"METRICS": "on"}).metrics
    assert from_environment({"STAGE": "dev"}).metrics
    assert not from_environment({"STAGE": "dev", "METRICS": "off"}).metrics


def test_more_values_than_a_line_takes_are_all_there(capsys: Captured) -> None:
    emit(STAGE, {Metric.LATENESS: [float(n) for n in range(250)]})
    written = capsys.readouterr().out
    assert measured(written)["Lateness"] == [float(n) for n in range(250)]
    assert all(len(json.loads(line)["Lateness"]) <= 100 for line in written.splitlines())


@pytest.mark.parametrize("count", [0, 100, 200])
def test_a_full_line_is_not_followed_by_an_empty_one(capsys: Captured, count: int) -> None:
    emit(STAGE, {Metric.LATENESS: [1.0] * count})
    assert len(capsys.readouterr().out.splitlines()) == count // 100


def test_no_variable_of_the_environment_adds_a_dimension(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "other")
    emit(STAGE, {Metric.TICKS: [1]})
    assert measured(capsys.readouterr().out) == {"Ticks": [1]}
