"""The contract of the slots, on every adapter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.attempts.overlap import Slot
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import at


def slot(token: str = "one", due: float = 0) -> Slot:
    return Slot(task_id="task", due_at=at(due), token=token, lease_until=at(due + 140))


def test_a_slot_is_taken_once(store: WholeStore) -> None:
    assert store.take_slot(slot()) is None
    assert store.take_slot(slot()) is None  # the same request again, its answer lost
    assert store.take_slot(slot("other", 60)) == slot()
    assert store.slot("task") == slot()


def test_a_slot_of_a_task_is_no_run_of_it(store: WholeStore) -> None:
    store.take_slot(slot())
    assert store.runs_of("task", limit=10, after=None, first=None, last=None).items == ()
    assert store.last_runs(["task"], 5) == {"task": []}


@pytest.mark.parametrize(("token", "moved"), [("one", True), ("two", True), ("other", False)])
def test_a_slot_is_moved_only_by_who_knows_its_token(token: str, moved: bool, store: WholeStore) -> None:
    store.take_slot(slot("one" if token != "two" else "two"))
    wanted = replace(slot("two"), waiting=at(60))
    assert store.move_slot(wanted, token=token) == moved
    assert store.slot("task") == (wanted if moved else slot())


def test_a_slot_that_is_not_there_is_not_moved(store: WholeStore) -> None:
    assert not store.move_slot(slot(), token="one")
    assert store.slot("task") is None


def test_a_slot_is_freed_only_by_who_knows_its_token(store: WholeStore) -> None:
    store.take_slot(slot())
    assert not store.free_slot(slot("other"))
    assert store.slot("task") == slot()
    assert store.free_slot(slot())
    assert store.slot("task") is None
    assert store.free_slot(slot())


def test_a_move_whose_answer_was_lost_succeeds_when_it_is_asked_for_again(store: WholeStore) -> None:
    store.take_slot(slot("one"))
    assert store.move_slot(slot("two"), token="one")
    assert store.move_slot(slot("two"), token="one")
    assert store.slot("task") == slot("two")
