"""The contract of what is remembered of schedules in code, on every adapter."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.in_code import Kept
from chalicelib.ports.whole import WholeStore
from tests.adapters.faults import Faults

SAID = {"name": "nightly", "action": {"type": "function", "name": "nightly"}, "timeout_seconds": 1.5}
NIGHTLY = Kept(name="nightly", task_id="t1", said=SAID)
WEEKLY = Kept(name="clean.weekly", task_id="t2", said={}, gone=True)


def test_what_is_remembered_comes_back_in_the_order_of_names(store: WholeStore) -> None:
    assert store.schedules_in_code() == []
    assert store.put_schedule_in_code(NIGHTLY)
    assert store.put_schedule_in_code(WEEKLY)
    assert store.schedules_in_code() == [WEEKLY, NIGHTLY]
    assert store.users(limit=5, after=None).items == ()


def test_only_who_knows_the_version_writes_the_next(store: WholeStore) -> None:
    assert store.put_schedule_in_code(NIGHTLY)
    assert not store.put_schedule_in_code(replace(NIGHTLY, task_id="another"))
    second = NIGHTLY.after({"name": "x"}, gone=True)
    assert not store.put_schedule_in_code(second.after({}, gone=False))
    assert store.put_schedule_in_code(second)
    assert not store.put_schedule_in_code(replace(second, said={}))
    assert store.schedules_in_code() == [second]


def test_who_writes_the_same_again_has_not_lost(store: WholeStore) -> None:
    assert store.put_schedule_in_code(NIGHTLY)
    assert store.put_schedule_in_code(NIGHTLY)


def test_a_schedule_that_is_forgotten_may_be_remembered_anew(store: WholeStore) -> None:
    store.drop_schedule_in_code("nightly")
    store.put_schedule_in_code(NIGHTLY)
    store.drop_schedule_in_code("nightly")
    assert store.schedules_in_code() == []
    assert store.put_schedule_in_code(NIGHTLY)


def test_a_write_whose_answer_was_lost_has_not_lost(dynamo: WholeDynamoStore, faults: Faults) -> None:
    faults.answer_lost("PutItem")
    assert dynamo.put_schedule_in_code(NIGHTLY)
    assert dynamo.schedules_in_code() == [NIGHTLY]
