"""The contract of what is counted within a period, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.people.rates import Counter
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import START, at
from tests.adapters.conftest import Stage
from tests.adapters.faults import Faults

MINE = Counter(rate="write", of="u1", begins=START, ends=at(60))


def test_it_counts_up_to_the_most_and_no_further(store: WholeStore) -> None:
    assert [store.count(MINE, 3) for _ in range(5)] == [1, 2, 3, None, None]
    assert store.count(MINE, 4) == 4


@pytest.mark.parametrize(
    "other",
    [
        replace(MINE, of="u2"),
        replace(MINE, rate="run"),
        replace(MINE, begins=at(60), ends=at(120)),
        replace(MINE, of="u1#"),
    ],
)
def test_counters_do_not_touch_each_other(store: WholeStore, other: Counter) -> None:
    assert store.count(MINE, 1) == 1
    assert store.count(other, 1) == 1
    assert store.count(MINE, 1) is None


def test_what_is_taken_back_may_be_counted_again_and_nothing_is_less_than_nothing(store: WholeStore) -> None:
    store.uncount(MINE)
    assert store.count(MINE, 1) == 1
    store.uncount(MINE)
    store.uncount(MINE)
    assert [store.count(MINE, 1), store.count(MINE, 1)] == [1, None]


@pytest.mark.parametrize("whom", ["", "x" * 5000, "\ud800", "203.0.113.7 \x00"])
def test_whom_it_is_about_may_be_anything(store: WholeStore, whom: str) -> None:
    assert store.count(replace(MINE, of=whom), 1) == 1
    assert store.count(replace(MINE, of=whom), 1) is None


def test_a_counter_is_one_small_row_that_is_removed_after_its_period(stage: Stage, dynamo: WholeDynamoStore) -> None:
    for _ in range(3):
        dynamo.count(MINE, 5)
    [row] = stage.rows("accounts")
    assert row["counted"] == {"N": "3"}
    assert row["owner"]["S"].startswith("rate#write#")
    assert row["expires_at"] == {"N": str(int((at(60) + timedelta(hours=1)).timestamp()))}


def test_counting_is_a_single_write_and_no_read(stage: Stage, dynamo: WholeDynamoStore, faults: Faults) -> None:
    dynamo.count(MINE, 1)
    dynamo.count(MINE, 1)
    assert [name for name, _ in faults.calls] == ["UpdateItem", "UpdateItem"]
