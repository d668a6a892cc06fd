"""Delivery of messages to a function, against a real emulator: what Lambda's event source mapping promises."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from infra.local.standins.event_source import EventSource
from infra.local.standins.lambdas import Function, Subscription

NewQueue = Callable[..., str]


def handled(event: dict[str, Any]) -> Any:
    return None


class Recorder:
    """A handler that keeps what it was given and answers what it was told to."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any] = handled) -> None:
        self.events: list[dict[str, Any]] = []
        self.contexts: list[Any] = []
        self._answer = answer

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        self.events.append(event)
        self.contexts.append(context)
        return self._answer(event)

    @property
    def bodies(self) -> list[str]:
        return [record["body"] for event in self.events for record in event["Records"]]


def source(sqs: Any, queue: str, handler: Any, *, timeout: float = 60, concurrency: int | None = None) -> EventSource:
    function = Function(name="punctual-test-worker", handler=handler, timeout=timedelta(seconds=timeout))
    return EventSource(sqs, Subscription(queue=queue, function=function, batch_size=10, concurrency=concurrency))


def send(sqs: Any, queue: str, *bodies: str, **options: Any) -> None:
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body, **options)


def left(sqs: Any, queue: str) -> int:
    """Messages in a queue, received or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def failing(*bodies: str) -> Callable[[dict[str, Any]], Any]:
    """An answer that names the messages with these bodies as not handled."""

    def answer(event: dict[str, Any]) -> Any:
        ids = [r["messageId"] for r in event["Records"] if r["body"] in bodies]
        return {"batchItemFailures": [{"itemIdentifier": i} for i in ids]}

    return answer


def raising(event: dict[str, Any]) -> Any:
    raise RuntimeError("broken")


def test_a_handled_message_is_gone(sqs: Any, new_queue: NewQueue) -> None:
    queue, handler = new_queue(), Recorder()
    send(sqs, queue, "a", "b")
    source(sqs, queue, handler).drain()
    assert sorted(handler.bodies) == ["a", "b"]
    assert left(sqs, queue) == 0


def test_a_record_has_the_shape_that_lambda_gives_it(sqs: Any, new_queue: NewQueue) -> None:
    queue, handler = new_queue(), Recorder()
    attribute = {"DataType": "String", "StringValue": "v"}
    before = int(time.time() * 1000)
    send(sqs, queue, "hello", MessageAttributes={"k": attribute})
    source(sqs, queue, handler).drain()
    [record] = handler.events[0]["Records"]
    assert set(record) == {
        *("messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody"),
        *("md5OfMessageAttributes", "eventSource", "eventSourceARN", "awsRegion"),
    }
    assert record["md5OfBody"] == "5d41402abc4b2a76b9719d911017c592"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == f"arn:aws:sqs:us-east-1:123456789012:{queue}"
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert int(record["attributes"]["SentTimestamp"]) >= before
    assert record["messageAttributes"] == {
        "k": {"stringValue": "v", "dataType": "String", "stringListValues": [], "binaryListValues": []}
    }


def test_the_function_is_told_its_name_and_how_long_it_has(sqs: Any, new_queue: NewQueue) -> None:
    queue, handler = new_queue(), Recorder()
    send(sqs, queue, "a")
    source(sqs, queue, handler, timeout=60).drain()
    [context] = handler.contexts
    assert context.function_name == "punctual-test-worker"
    assert 0 < context.get_remaining_time_in_millis() <= 60_000
    assert context.aws_request_id


def test_only_the_messages_that_the_answer_names_come_back(sqs: Any, new_queue: NewQueue) -> None:
    queue, handler = new_queue(VisibilityTimeout="600"), Recorder(failing("bad"))
    send(sqs, queue, "good", "bad")
    source(sqs, queue, handler).drain()
    assert left(sqs, queue) == 1


def test_a_batch_whose_function_raises_comes_back_as_a_whole(sqs: Any, new_queue: NewQueue) -> None:
    queue = new_queue(VisibilityTimeout="600")
    send(sqs, queue, "a", "b", "c")
    delivery = source(sqs, queue, Recorder(raising))
    delivery.drain()
    assert left(sqs, queue) == 3
    assert delivery.failures >= 1


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": "no such message"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"id": "x"}]},
        {"batchItemFailures": ["x"]},
    ],
)
def test_an_answer_that_makes_no_sense_fails_the_whole_batch(sqs: Any, new_queue: NewQueue, answer: Any) -> None:
    queue = new_queue(VisibilityTimeout="600")
    send(sqs, queue, "a", "b")
    source(sqs, queue, Recorder(lambda event: answer)).drain()
    assert left(sqs, queue) == 2


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, "fine"])
def test_an_answer_that_names_no_failure_is_success(sqs: Any, new_queue: NewQueue, answer: Any) -> None:
    queue = new_queue()
    send(sqs, queue, "a")
    source(sqs, queue, Recorder(lambda event: answer)).drain()
    assert left(sqs, queue) == 0


def test_a_function_that_outlives_its_timeout_has_not_handled_its_batch(sqs: Any, new_queue: NewQueue) -> None:
    queue = new_queue(VisibilityTimeout="600")
    send(sqs, queue, "a")
    source(sqs, queue, Recorder(), timeout=-1).drain()
    assert left(sqs, queue) == 1


def test_a_message_that_fails_every_time_ends_in_the_dead_letter_queue(sqs: Any, new_queue: NewQueue) -> None:
    dead = new_queue()
    arn = f"arn:aws:sqs:us-east-1:123456789012:{dead}"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    queue, handler = new_queue(VisibilityTimeout="0", RedrivePolicy=redrive), Recorder(raising)
    send(sqs, queue, "poison")
    source(sqs, queue, handler).drain()
    assert handler.bodies == ["poison", "poison"]
    assert [e["Records"][0]["attributes"]["ApproximateReceiveCount"] for e in handler.events] == ["1", "2"]
    assert (left(sqs, queue), left(sqs, dead)) == (0, 1)


def test_a_message_whose_delay_has_not_ended_is_not_waiting(sqs: Any, new_queue: NewQueue) -> None:
    queue, handler = new_queue(), Recorder()
    send(sqs, queue, "later", DelaySeconds=600)
    send(sqs, queue, "now")
    source(sqs, queue, handler).drain()
    assert handler.bodies == ["now"]


def test_a_slow_batch_does_not_hold_up_the_next_one(sqs: Any, new_queue: NewQueue) -> None:
    queue, meeting = new_queue(), threading.Barrier(2)
    function = Function(name="f", handler=lambda event, context: meeting.wait(30), timeout=timedelta(seconds=60))
    send(sqs, queue, "a", "b")
    delivery = EventSource(sqs, Subscription(queue=queue, function=function, batch_size=1, concurrency=None))
    delivery.drain()  # each batch waits for the other one: in turn, they would never end
    assert left(sqs, queue) == 0


def test_no_more_batches_are_in_flight_than_allowed(sqs: Any, new_queue: NewQueue) -> None:
    queue = new_queue()
    busy, most, lock = 0, 0, threading.Lock()

    def handler(event: dict[str, Any], context: Any) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        threading.Event().wait(0.05)
        with lock:
            busy -= 1

    send(sqs, queue, *"abcdef")
    function = Function(name="f", handler=handler, timeout=timedelta(seconds=60))
    EventSource(sqs, Subscription(queue=queue, function=function, batch_size=1, concurrency=2)).drain()
    assert most == 2


def test_polling_delivers_until_it_is_told_to_stop(sqs: Any, new_queue: NewQueue) -> None:
    queue, delivered, stop = new_queue(), threading.Semaphore(0), threading.Event()
    delivery = source(sqs, queue, Recorder(lambda event: delivered.release(len(event["Records"]))))
    polling = threading.Thread(target=delivery.poll, args=(stop,), daemon=True)
    polling.start()
    for body in "ab":
        send(sqs, queue, body)
        assert delivered.acquire(timeout=30)
    stop.set()
    polling.join(30)
    assert delivery.wait(30)
    assert left(sqs, queue) == 0
    send(sqs, queue, "after the end")
    assert left(sqs, queue) == 1
