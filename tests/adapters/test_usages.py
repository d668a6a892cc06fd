"""The contract of what owners use, on every adapter."""

from __future__ import annotations

import pytest

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.people.usage import Usage
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import START, at
from tests.adapters.faults import Faults

QUOTA = Usage(tasks=3, stored_bytes=1000, hourly_runs=60)
ONE = Usage(tasks=1, stored_bytes=10, hourly_runs=1)


def test_what_is_used_adds_up_to_the_quota(store: WholeStore) -> None:
    assert [store.use("u1", ONE, QUOTA) for _ in range(4)] == [True, True, True, False]
    assert store.use("u2", ONE, QUOTA)


@pytest.mark.parametrize("most", [Usage(tasks=3), Usage(stored_bytes=1000), Usage(hourly_runs=60)])
def test_each_of_the_three_has_its_own_end(store: WholeStore, most: Usage) -> None:
    assert store.use("u1", most, QUOTA)
    assert store.use("u1", QUOTA.growth(most), QUOTA)
    for more in (Usage(tasks=1), Usage(stored_bytes=1), Usage(hourly_runs=1)):
        assert not store.use("u1", more, QUOTA)


def test_more_than_the_quota_is_never_used(store: WholeStore) -> None:
    assert not store.use("u1", Usage(hourly_runs=61), QUOTA)
    assert store.use("u1", QUOTA, QUOTA)


def test_what_was_counted_replaces_the_sum(store: WholeStore) -> None:
    assert store.counted_at("u1") is None
    store.use("u1", QUOTA, QUOTA)
    assert store.counted_at("u1") is None
    assert store.put_usage("u1", Usage(tasks=2), START, seen=None)
    assert store.counted_at("u1") == START
    assert [store.use("u1", ONE, QUOTA) for _ in range(2)] == [True, False]
    assert store.counted_at("u1") == START


def test_who_counted_on_old_knowledge_writes_nothing(store: WholeStore) -> None:
    assert store.put_usage("u1", QUOTA, at(1), seen=None)
    assert not store.put_usage("u1", Usage(), at(2), seen=None)
    assert not store.put_usage("u1", Usage(), at(2), seen=START)
    assert store.counted_at("u1") == at(1)
    assert store.put_usage("u1", Usage(), at(2), seen=at(1))
    assert store.use("u1", ONE, QUOTA)


def test_what_several_owners_use_is_read_at_once(store: WholeStore) -> None:
    for _ in range(2):
        store.use("u1", ONE, QUOTA)
    store.put_usage("u2", QUOTA, START, seen=None)
    assert store.usages(["u1", "u2", "u3", "u1"]) == {"u1": ONE + ONE, "u2": QUOTA}
    assert store.usages([]) == {}


def test_counting_is_a_single_write_and_no_read(dynamo: WholeDynamoStore, faults: Faults) -> None:
    dynamo.use("u1", ONE, QUOTA)
    assert [name for name, _ in faults.calls] == ["UpdateItem"]
