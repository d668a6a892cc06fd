"""What many do at the same moment to one row. Over the stub: moto keeps no condition between two threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest

from chalicelib.adapters.memory import ManualClock
from chalicelib.core.people.rates import WRITES
from chalicelib.core.people.usage import Usage
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import START
from tests.engine.place import BACKENDS

T = TypeVar("T")
MANY = 16


@pytest.fixture(params=["memory", "dynamo"])
def store(request: pytest.FixtureRequest) -> WholeStore:
    return BACKENDS[request.param](ManualClock(START)).store


def together(do: Callable[[int], T]) -> Sequence[T]:
    """What `do` comes to for as many numbers, all at once."""
    begin = Barrier(MANY)

    def one(number: int) -> T:
        begin.wait()
        return do(number)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def test_exactly_as_many_get_through_a_limit_as_may(store: WholeStore) -> None:
    counter = WRITES.counter("u1", START)
    counted = together(lambda _: store.count(counter, 10))
    assert sorted(number for number in counted if number is not None) == list(range(1, 11))


def test_exactly_as_many_get_within_a_quota_as_may(store: WholeStore) -> None:
    one, quota = Usage(tasks=1, stored_bytes=10), Usage(tasks=3, stored_bytes=1000)
    assert sum(together(lambda _: store.use("u1", one, quota))) == 3


def test_an_installation_gets_one_key(store: WholeStore) -> None:
    assert len(set(together(lambda number: store.installation_key(bytes([number]) * 32)))) == 1
