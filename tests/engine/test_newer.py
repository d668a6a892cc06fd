"""After a roll-back: what only the newer version knows stays as it is, and goes on once that version is back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chalicelib.core.errors import NewerSchema
from chalicelib.core.message import encode_run
from chalicelib.core.planning import entry_message
from chalicelib.core.run import RunStatus
from chalicelib.core.window import Entry, Kind, window_key, window_of
from tests.core.building import at, every, once
from tests.engine.conftest import ANN, Stage
from tests.engine.place import Lines, OnStub, Place, listening

NEWER, NOW = 99, 2


@pytest.fixture
def lines() -> Iterator[Lines]:
    with listening() as kept:
        yield kept


@pytest.fixture
def place(lines: Lines) -> Place:
    """The real adapters, empty: only they have forms."""
    return Place("dynamo", lines)


def on_stub(place: Place) -> OnStub:
    assert isinstance(place.backend, OnStub)
    return place.backend


def test_tasks_of_a_newer_version_wait_for_it_and_lose_nothing(place: Place) -> None:
    task = place.create("waits", every(20), misfire={"catch_up": "all"})
    place.play(at(60))
    on_stub(place).renumber("tasks", NEWER)
    place.play(at(180))
    assert "upgrade" in str(place.lines.of("item_unreadable"))
    on_stub(place).renumber("tasks", NOW)
    place.play(at(360))
    runs = [run for run in place.runs(task) if run.due_at < at(340)]
    assert [run.due_at for run in runs] == [at(20 * n) for n in range(17)]
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED}


def test_a_task_of_a_newer_version_is_neither_changed_nor_deleted(place: Place) -> None:
    task = place.create("stays", every(20))
    on_stub(place).renumber("tasks", NEWER)
    catalog = place.system.catalog
    for ask in (catalog.task, catalog.pause, catalog.delete, catalog.run_now):
        with pytest.raises(NewerSchema):
            ask(ANN, task.id)
    on_stub(place).renumber("tasks", NOW)
    assert catalog.task(ANN, task.id) == task


def test_entries_of_a_newer_version_are_hints_like_any_others(place: Place) -> None:
    """An entry says all by its key: a version that was rolled back goes on with them."""
    task = place.create("goes on", every(300))
    place.play(at(120))
    on_stub(place).renumber("agenda", NEWER, but="!control")
    place.play(at(310))
    assert [(run.due_at, run.status) for run in place.runs(task)][1:] == [(at(300), RunStatus.SUCCEEDED)]


def test_no_pass_goes_past_an_entry_that_only_a_newer_version_can_read(place: Place) -> None:
    place.play(at(120))
    stuck = window_of(at(300))
    on_stub(place).put(
        "agenda", partition={"S": window_key(stuck, 0)}, entry={"S": "1#of another kind"}, v={"N": str(NEWER)}
    )
    place.play(at(600))
    assert place.store.late(0, 1).control.through == window_of(at(270))
    assert "upgrade" in str([line["failure"] for line in place.lines.of("pass_failed")])


def test_a_control_row_of_a_newer_version_stops_the_shard_and_is_left_alone(place: Place) -> None:
    place.play(at(120))
    before = place.store.late(0, 1).control
    on_stub(place).renumber("agenda", NEWER)
    place.play(at(240))
    on_stub(place).renumber("agenda", NOW)
    after = place.store.late(0, 1).control
    assert (after.through, after.cursor) == (before.through, before.cursor)


def test_a_message_meets_a_run_of_a_newer_version_and_comes_again(place: Place) -> None:
    task = place.create("once", once(0))
    place.play(at(30))
    on_stub(place).renumber("runs", NEWER)
    assert place.work_off([place.body(task, at(0))], times=2) == ["0"]
    on_stub(place).renumber("runs", NOW)
    assert [run.status for run in place.runs(task)] == [RunStatus.SUCCEEDED]


def test_a_message_of_a_newer_version_comes_again_and_is_told(place: Place) -> None:
    body = json.dumps({"v": 3, "whatever": "comes"})
    assert place.work_off([body]) == ["0"]
    assert place.pass_over([body]) == ["0"]
    assert [line["level"] for line in place.lines.of("message_newer")] == ["ERROR"]


def test_a_dead_letter_of_a_newer_version_is_kept() -> None:
    stage = Stage()
    task = stage.create(once(3600))
    entry = Entry(start=at(3600), task_id=task.id, kind=Kind.SCHEDULE, due_at=at(3600))
    newer = json.loads(encode_run(entry_message(entry, task))) | {"v": 3}
    stage.world.queue.send("light-dead", json.dumps(newer))
    stage.world.system.auditor.audit()
    assert len(stage.world.queue.waiting("light-dead")) == 1
