"""What the fakes can do beyond the contract: deliver on a virtual clock, and be used from many threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore
from chalicelib.core.message import PassMessage
from tests.adapters.building import SECOND, START, at, entry, late, make_run, make_task, make_user, renamed

VISIBILITY = timedelta(seconds=90)
T = TypeVar("T")


def race(contestants: int, step: Callable[[int], T]) -> list[T]:
    with ThreadPoolExecutor(contestants) as pool:
        return list(pool.map(step, range(contestants)))


def bodies(queue: MemoryQueue, most: int = 10) -> list[str]:
    return [message.body for message in queue.receive("q", visibility=VISIBILITY, most=most)]


def test_a_message_is_received_when_its_delay_is_over() -> None:
    clock = ManualClock(START)
    queue = MemoryQueue(clock)
    queue.send("q", "later", 30 * SECOND)
    queue.send("q", "now")
    assert bodies(queue) == ["now"]
    clock.advance(30 * SECOND)
    assert bodies(queue) == ["later"]


def test_messages_are_received_in_the_order_in_which_they_became_available() -> None:
    clock = ManualClock(START)
    queue = MemoryQueue(clock)
    for body, delay in (("c", 3), ("a", 1), ("b1", 2), ("b2", 2)):
        queue.send("q", body, delay * SECOND)
    clock.advance(5 * SECOND)
    assert bodies(queue, most=3) == ["a", "b1", "b2"]
    assert bodies(queue) == ["c"]


def test_a_message_that_is_not_deleted_comes_again_and_says_so() -> None:
    clock = ManualClock(START)
    queue = MemoryQueue(clock)
    queue.send("q", "body")
    [first] = queue.receive("q", visibility=VISIBILITY)
    assert queue.receive("q", visibility=VISIBILITY) == []
    clock.advance(VISIBILITY)
    [second] = queue.receive("q", visibility=VISIBILITY)
    assert (first.id, first.times, second.times, second.sent_at) == (second.id, 1, 2, START)


def test_a_deleted_message_never_comes_again() -> None:
    clock = ManualClock(START)
    queue = MemoryQueue(clock)
    queue.send("q", "body")
    [message] = queue.receive("q", visibility=VISIBILITY)
    queue.delete("q", message.id)
    queue.delete("q", message.id)
    clock.advance(2 * VISIBILITY)
    assert queue.receive("q", visibility=VISIBILITY) == []
    assert queue.waiting("q") == []


def test_the_queue_says_when_something_happens_next() -> None:
    clock = ManualClock(START)
    queue = MemoryQueue(clock)
    assert queue.next_at() is None
    queue.send_passes([PassMessage(shard=0, delay=60), PassMessage(shard=0, delay=30)])
    queue.send("q", "body", 10 * SECOND)
    assert queue.next_at() == at(10)
    clock.advance(10 * SECOND)
    [message] = queue.receive("q", visibility=VISIBILITY)
    assert queue.next_at() == at(30)
    queue.delete("q", message.id)
    clock.advance(50 * SECOND)
    assert len(queue.receive("passes", visibility=VISIBILITY)) == 2
    assert queue.next_at() == at(60) + VISIBILITY


def test_queues_are_apart() -> None:
    queue = MemoryQueue(ManualClock(START))
    queue.send("q", "body")
    assert queue.receive("other", visibility=VISIBILITY) == []


def test_one_message_is_received_by_one_thread() -> None:
    queue = MemoryQueue(ManualClock(START))
    for number in range(100):
        queue.send("q", str(number))
    received = race(8, lambda _: [body for _ in range(20) for body in bodies(queue, most=2)])
    assert sorted(int(body) for some in received for body in some) == list(range(100))


def test_one_of_many_claims_wins() -> None:
    store = MemoryStore()
    results = race(16, lambda number: store.insert_run(make_run(token=str(number))))
    winner = store.run("task", START)
    assert results.count(None) == 1
    assert [found for found in results if found is not None] == [winner] * 15


def test_one_of_many_passes_gets_the_lease() -> None:
    store = MemoryStore()
    results = race(16, lambda number: store.take_lease(0, str(number), now=START, until=at(30)))
    assert sum(taken is not None for taken in results) == 1


def test_one_of_many_changes_of_a_task_wins_with_its_entry() -> None:
    store = MemoryStore()
    task = make_task()
    store.create_task(task, None)
    results = race(16, lambda n: store.replace_task(renamed(task, str(n)), late(entry(at(n)))))
    assert results.count(True) == 1
    assert len(store.late(0, 100).entries) == 1


def test_one_of_many_registrations_gets_the_name_and_one_is_the_first() -> None:
    store = MemoryStore()
    assert race(16, lambda n: store.create_user(make_user(f"u{n}", "ann"))).count(True) == 1
    store = MemoryStore()
    assert race(16, lambda n: store.create_user(make_user(f"u{n}", f"n{n}"), first=True)).count(True) == 1
