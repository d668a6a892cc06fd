"""The accounting stub as the AWS of a story."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from bench.accounting import Accounting
from bench.accounting.sqs.queues import Message, Queue
from infra import resources
from tests.faults.aws import Clock, Hook, Item, Received, declared, queue_name


class Stub:
    """Real semantics of what Punctual asks for, in a tenth of a millisecond a call."""

    def __init__(self, stage: str, clock: Clock, hook: Hook) -> None:
        queues = [_by_name(stage, queue) for queue in resources.queues(declared(stage))]
        self._books = Accounting(tables=resources.tables(declared(stage)), queues=queues, clock=clock, hook=hook)
        self._clock = clock

    def prepare(self, patched: pytest.MonkeyPatch) -> None:
        """Nothing: all there is belongs to this object."""

    def serve(self, request: AWSPreparedRequest, event_name: str, **more: Any) -> AWSResponse:
        return self._books.serve(request, event_name, **more)

    def items(self, table: str) -> list[Item]:
        return self._books.items(table)

    def receive(self, queue: str, most: int) -> list[Received]:
        found = self._queue(queue)
        taken = self._books.sqs.queues.receive(found, most, found.seconds("VisibilityTimeout"))
        return [_received(message) for message in taken]

    def ready(self, queue: str) -> bool:
        waiting = self._queue(queue).waiting
        return bool(waiting) and waiting[0][0] <= self._clock()

    def remove(self, queue: str, handle: str) -> None:
        self._queue(queue).remove(handle)

    def hide(self, queue: str, message: Received, until: float) -> None:
        found = self._queue(queue)
        found.show(found.messages[message.id], until)

    def copy(self, queue: str, message: Received, visible_at: float) -> None:
        found = self._queue(queue)
        same = found.messages[message.id]
        again = f"{message.id}-copy"
        found.add(replace(same, id=again, receives=0, visible_at=visible_at, first_received_at=None))

    def count(self, queue: str) -> int:
        return len(self._queue(queue).messages)

    def _queue(self, name: str) -> Queue:
        return self._books.sqs.queues.find(name)


def _received(message: Message) -> Received:
    return Received(
        id=message.id,
        body=message.body,
        times=message.receives,
        handle=message.handle,
        visible_at=message.visible_at,
    )


def _by_name(stage: str, queue: dict[str, Any]) -> dict[str, Any]:
    """A queue as the stub wants it: its dead-letter queue by the name."""
    policy = queue.get("RedrivePolicy")
    if policy is None:
        return queue
    return queue | {"RedrivePolicy": policy | {"deadLetterTargetArn": queue_name(stage, policy)}}
