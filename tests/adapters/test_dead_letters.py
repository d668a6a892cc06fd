"""The contract of the dead-letter queues, on every adapter."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.adapters.memory import ManualClock, MemoryQueue
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.core.message import PassMessage
from chalicelib.core.window import WINDOW
from chalicelib.ports import Depth, Queue
from tests.adapters.building import START
from tests.adapters.conftest import Stage

Die = Callable[[str, str], object]


@pytest.fixture(params=["memory", "sqs"])
def cemetery(request: pytest.FixtureRequest) -> tuple[Queue, Die]:
    """Each adapter of the queues, and how a message comes to a dead-letter queue."""
    if request.param == "memory":
        memory = MemoryQueue(ManualClock(START))
        return memory, lambda queue, body: memory.send(f"{queue}-dead", body)
    stage: Stage = request.getfixturevalue("stage")
    sqs: SqsQueue = request.getfixturevalue("sqs")

    def die(queue: str, body: str) -> None:
        url = stage.sqs.get_queue_url(QueueName=stage.settings.queue(f"{queue}-dead"))["QueueUrl"]
        stage.sqs.send_message(QueueUrl=url, MessageBody=body)

    return sqs, die


def test_nothing_has_died(cemetery: tuple[Queue, Die]) -> None:
    queue, _ = cemetery
    assert queue.dead_letters(100) == []


def test_the_dead_of_all_queues_are_found_and_named(cemetery: tuple[Queue, Die]) -> None:
    queue, die = cemetery
    for name in ("passes", "light", "urgent", "commands"):
        die(name, f"from {name}")
    found = queue.dead_letters(100)
    assert {(letter.queue, letter.body) for letter in found} == {
        (name, f"from {name}") for name in ("passes", "light", "urgent", "commands")
    }


def test_what_is_looked_at_is_not_shown_again_at_once_and_what_is_buried_never(cemetery: tuple[Queue, Die]) -> None:
    queue, die = cemetery
    for n in range(3):
        die("light", str(n))
    [first, *others] = queue.dead_letters(100)
    assert queue.dead_letters(100) == []
    queue.bury(first)
    queue.bury(first)
    if isinstance(queue, MemoryQueue):
        vars(queue)["_clock"].advance(3 * WINDOW)
        assert {letter.body for letter in queue.dead_letters(100)} == {letter.body for letter in others}


def test_more_than_one_request_brings_and_no_more_than_asked_for(cemetery: tuple[Queue, Die]) -> None:
    queue, die = cemetery
    for n in range(25):
        die("commands", str(n))
    assert 10 <= len(queue.dead_letters(15)) <= 20
    assert queue.dead_letters(100) != []


def test_each_queue_says_how_many_messages_it_holds_and_how_many_have_died(cemetery: tuple[Queue, Die]) -> None:
    queue, die = cemetery
    assert queue.depths() == [Depth(queue=name) for name in ("passes", "light", "urgent", "commands")]
    queue.send_passes([PassMessage(shard=0), PassMessage(shard=0), PassMessage(shard=0, delay=30)])
    for body in ("1", "2"):
        die("light", body)
    queue.dead_letters(1)
    assert queue.depths() == [
        Depth(queue="passes", waiting=2, held=1),
        Depth(queue="light", dead=2),
        Depth(queue="urgent"),
        Depth(queue="commands"),
    ]


def test_what_somebody_has_received_is_at_work(sqs: SqsQueue, stage: Stage) -> None:
    sqs.send_passes([PassMessage(shard=0), PassMessage(shard=1)])
    stage.sqs.receive_message(QueueUrl=stage.sqs.get_queue_url(QueueName=stage.settings.queue("passes"))["QueueUrl"])
    assert sqs.depths()[0] == Depth(queue="passes", waiting=1, at_work=1)
    memory = MemoryQueue(ManualClock(START))
    memory.send_passes([PassMessage(shard=0), PassMessage(shard=1)])
    memory.receive("passes", visibility=WINDOW, most=1)
    assert memory.depths()[0] == Depth(queue="passes", waiting=1, at_work=1)
