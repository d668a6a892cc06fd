"""Standard queues in memory: delay, visibility, redrive and retention by a clock that is handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any

import msgspec

from bench.accounting.wire import ACCOUNT, REGION, NotModelled, Refused

MAX_PAYLOAD = 1024 * 1024  # bytes of one message, and of one batch

_NOT_ATTRIBUTES = frozenset({"QueueName", "Attributes", "tags", "Tags"})
DEFAULTS = {
    "VisibilityTimeout": "30",
    "DelaySeconds": "0",
    "MessageRetentionPeriod": "345600",
    "MaximumMessageSize": str(MAX_PAYLOAD),
    "ReceiveMessageWaitTimeSeconds": "0",
}


@dataclass(slots=True)
class Message:
    """One message. It is in flight while it has been received and `visible_at` is still to come."""

    id: str
    body: str
    attributes: dict[str, Any]
    group: str | None
    sent_at: float
    visible_at: float
    receives: int = 0
    first_received_at: float | None = None

    @property
    def handle(self) -> str:
        """The receipt handle of the latest receive; earlier ones are no longer good for anything."""
        return f"{self.id}#{self.receives}"


@dataclass(slots=True)
class Queue:
    """A queue. `waiting` is a heap of (visible at, number, message id); what no longer fits its message is skipped."""

    name: str
    attributes: dict[str, str]
    messages: dict[str, Message] = field(default_factory=dict)
    waiting: list[tuple[float, int, str]] = field(default_factory=list)
    numbers: Any = field(default_factory=count)

    def add(self, message: Message) -> None:
        self.messages[message.id] = message
        self.show(message, message.visible_at)

    def show(self, message: Message, at: float) -> None:
        """Let a message be received from an instant on."""
        message.visible_at = at
        heappush(self.waiting, (at, next(self.numbers), message.id))

    def ready(self, now: float) -> Message | None:
        """The message that has been receivable for longest."""
        while self.waiting and self.waiting[0][0] <= now:
            at, _, found = heappop(self.waiting)
            message = self.messages.get(found)
            if message is not None and message.visible_at == at and not self._expired(message, now):
                return message
        return None

    def remove(self, handle: str) -> None:
        """Delete the message of a handle. An older handle is accepted and deletes nothing, as SQS documents it."""
        message = self.messages.get(message_id(handle))
        if message is not None and message.handle == handle:
            del self.messages[message.id]

    def counts(self, now: float) -> dict[str, int]:
        """The three approximate numbers of messages."""
        later = [message for message in self.messages.values() if message.visible_at > now]
        in_flight = sum(message.receives > 0 for message in later)
        return {
            "ApproximateNumberOfMessages": len(self.messages) - len(later),
            "ApproximateNumberOfMessagesNotVisible": in_flight,
            "ApproximateNumberOfMessagesDelayed": len(later) - in_flight,
        }

    def seconds(self, attribute: str) -> float:
        return float(self.attributes[attribute])

    def _expired(self, message: Message, now: float) -> bool:
        if now - message.sent_at < self.seconds("MessageRetentionPeriod"):
            return False
        del self.messages[message.id]
        return True


def message_id(handle: str) -> str:
    """The message that a receipt handle belongs to."""
    found, mark, number = handle.rpartition("#")
    if not mark or not number.isdigit():
        raise Refused("ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not a valid receipt handle.')
    return found


class Queues:
    """The queues of one account."""

    def __init__(self, declared: list[Mapping[str, Any]], clock: Callable[[], float]) -> None:
        self.clock = clock
        self._queues: dict[str, Queue] = {}
        for queue in declared:
            beside = {name: value for name, value in queue.items() if name not in _NOT_ATTRIBUTES}
            self.declare(queue["QueueName"], {**beside, **queue.get("Attributes", {})})

    def declare(self, name: str, attributes: Mapping[str, Any]) -> Queue:
        """Add a queue; declaring it again with other attributes is refused."""
        if name.endswith(".fifo"):
            raise NotModelled("FIFO queues")
        given = {**DEFAULTS, **{key: _text(value) for key, value in attributes.items()}}
        known = self._queues.get(name)
        if known is None:
            known = self._queues[name] = Queue(name, given)
        elif known.attributes != given:
            raise Refused("QueueNameExists", "A queue already exists with the same name and a different value")
        return known

    def names(self) -> list[str]:
        return sorted(self._queues)

    def find(self, url: str) -> Queue:
        """A queue by its URL, its ARN or its name."""
        queue = self._queues.get(url.rpartition("/")[2].rpartition(":")[2])
        if queue is None:
            raise Refused("QueueDoesNotExist", "The specified queue does not exist.")
        return queue

    def receive(self, queue: Queue, most: int, visibility: float) -> list[Message]:
        """Take up to `most` messages into flight; those received too often move to the dead-letter queue instead."""
        now = self.clock()
        taken: list[Message] = []
        while len(taken) < most and (message := queue.ready(now)) is not None:
            if self._redriven(queue, message):
                continue
            if message.first_received_at is None:
                message.first_received_at = now
            message.receives += 1
            taken.append(message)
        for message in taken:  # not before all are taken: with no visibility the first would be taken again
            queue.show(message, now + visibility)
        return taken

    def _redriven(self, queue: Queue, message: Message) -> bool:
        if "RedrivePolicy" not in queue.attributes:
            return False
        policy = msgspec.json.decode(queue.attributes["RedrivePolicy"])
        if message.receives < int(policy["maxReceiveCount"]):
            return False
        if not isinstance(policy["deadLetterTargetArn"], str):
            raise NotModelled("a dead-letter queue that is not given by its ARN: create the queues by calls instead")
        del queue.messages[message.id]
        self.find(policy["deadLetterTargetArn"]).add(message)
        return True


def url_of(queue: Queue) -> str:
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue.name}"


def arn_of(queue: Queue) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue.name}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
