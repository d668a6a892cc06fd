"""SQS as far as Punctual calls it, every request counted in the 64 KB chunks that it is billed by.

Source: aws.amazon.com/sqs/pricing: every action counts as a request, each 64 KB chunk of a payload as one.
A receive never waits: `WaitTimeSeconds` is accepted, and an empty queue answers at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any
from uuid import UUID

from bench.accounting.charges import Tally
from bench.accounting.sqs.entries import MAX_BATCH, checked_entries, each
from bench.accounting.sqs.messages import (
    attributes_md5,
    body_md5,
    checked_message,
    checked_visibility,
    message_size,
    received,
    received_size,
)
from bench.accounting.sqs.queues import MAX_PAYLOAD, Message, Queue, Queues, arn_of, message_id, url_of
from bench.accounting.wire import NotModelled, Parameters, Refused, known_only

CHUNK = 64 * 1024  # bytes billed as one request

_SENT = frozenset({"MessageBody", "DelaySeconds", "MessageAttributes", "MessageGroupId"})
_NAMED = frozenset({"AttributeNames", "MessageSystemAttributeNames", "MessageAttributeNames"})
_RECEIVED = _NAMED | {"MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds"}

KNOWN: dict[str, frozenset[str]] = {
    "CreateQueue": frozenset({"QueueName", "Attributes", "tags"}),
    "GetQueueUrl": frozenset({"QueueName"}),
    "ListQueues": frozenset(),
    "GetQueueAttributes": frozenset({"QueueUrl", "AttributeNames"}),
    "SendMessage": _SENT | {"QueueUrl"},
    "SendMessageBatch": frozenset({"QueueUrl", "Entries"}),
    "ReceiveMessage": _RECEIVED | {"QueueUrl"},
    "DeleteMessage": frozenset({"QueueUrl", "ReceiptHandle"}),
    "DeleteMessageBatch": frozenset({"QueueUrl", "Entries"}),
    "ChangeMessageVisibility": frozenset({"QueueUrl", "ReceiptHandle", "VisibilityTimeout"}),
}


class Sqs:
    """The queues and the operations on them."""

    def __init__(self, declared: Iterable[Mapping[str, Any]], clock: Callable[[], float]) -> None:
        self.queues = Queues(list(declared), clock)
        self._numbers = count(1)
        self._operations: dict[str, Callable[[Parameters], Parameters]] = {
            "CreateQueue": self._create_queue,
            "GetQueueUrl": self._get_queue_url,
            "ListQueues": self._list_queues,
            "GetQueueAttributes": self._get_queue_attributes,
            "SendMessage": self._send_message,
            "SendMessageBatch": self._send_message_batch,
            "ReceiveMessage": self._receive_message,
            "DeleteMessage": self._delete_message,
            "DeleteMessageBatch": self._delete_message_batch,
            "ChangeMessageVisibility": self._change_message_visibility,
        }

    def perform(self, operation: str, parameters: Parameters, tally: Tally) -> Parameters:
        """One call: its answer, or a refusal. A refused call is a request like any other."""
        perform = self._operations.get(operation)
        if perform is None:
            raise NotModelled(f"SQS {operation}")
        known_only(f"SQS {operation}", parameters, KNOWN[operation])
        carried = sum(map(message_size, parameters.get("Entries", (parameters,))))
        try:
            answer = perform(parameters)
        except Refused:
            tally.chunks(target(parameters), chunks(carried))
            raise
        carried += sum(map(received_size, answer.get("Messages", ())))
        tally.chunks(target(parameters), chunks(carried))
        return answer

    def _create_queue(self, parameters: Parameters) -> Parameters:
        return {"QueueUrl": url_of(self.queues.declare(parameters["QueueName"], parameters.get("Attributes", {})))}

    def _get_queue_url(self, parameters: Parameters) -> Parameters:
        return {"QueueUrl": url_of(self.queues.find(parameters["QueueName"]))}

    def _list_queues(self, parameters: Parameters) -> Parameters:
        return {"QueueUrls": [url_of(self.queues.find(name)) for name in self.queues.names()]}

    def _get_queue_attributes(self, parameters: Parameters) -> Parameters:
        queue = self._queue(parameters)
        counts = {name: str(number) for name, number in queue.counts(self.queues.clock()).items()}
        known = {**queue.attributes, **counts, "QueueArn": arn_of(queue)}
        wanted = parameters.get("AttributeNames", ())
        return {"Attributes": {name: value for name, value in known.items() if name in wanted or "All" in wanted}}

    def _send_message(self, parameters: Parameters) -> Parameters:
        return self._sent(self._queue(parameters), parameters)

    def _send_message_batch(self, parameters: Parameters) -> Parameters:
        queue = self._queue(parameters)
        entries = checked_entries(parameters)
        if sum(map(message_size, entries)) > MAX_PAYLOAD:
            raise Refused("BatchRequestTooLong", f"Batch requests cannot be longer than {MAX_PAYLOAD} bytes.")
        return each(entries, lambda entry: self._sent(queue, entry))

    def _sent(self, queue: Queue, parameters: Parameters) -> Parameters:
        checked_message(parameters)
        if message_size(parameters) > queue.seconds("MaximumMessageSize"):
            raise Refused("InvalidParameterValue", "One or more parameters are invalid. Reason: Message is too long.")
        now = self.queues.clock()
        attributes = parameters.get("MessageAttributes", {})
        message = Message(
            id=str(UUID(int=next(self._numbers))),
            body=parameters["MessageBody"],
            attributes=attributes,
            group=parameters.get("MessageGroupId"),
            sent_at=now,
            visible_at=now + parameters.get("DelaySeconds", queue.seconds("DelaySeconds")),
        )
        queue.add(message)
        answer = {"MessageId": message.id, "MD5OfMessageBody": body_md5(message.body)}
        return {**answer, "MD5OfMessageAttributes": attributes_md5(attributes)} if attributes else answer

    def _receive_message(self, parameters: Parameters) -> Parameters:
        queue = self._queue(parameters)
        most = parameters.get("MaxNumberOfMessages", 1)
        if not 1 <= most <= MAX_BATCH:
            raise Refused(
                "InvalidParameterValue",
                f"Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10.",
            )
        visibility = parameters.get("VisibilityTimeout", queue.seconds("VisibilityTimeout"))
        checked_visibility(visibility)
        taken = self.queues.receive(queue, most, visibility)
        return {"Messages": [received(message, parameters) for message in taken]} if taken else {}

    def _delete_message(self, parameters: Parameters) -> Parameters:
        return _removed(self._queue(parameters), parameters)

    def _delete_message_batch(self, parameters: Parameters) -> Parameters:
        queue = self._queue(parameters)
        return each(checked_entries(parameters), lambda entry: _removed(queue, entry))

    def _change_message_visibility(self, parameters: Parameters) -> Parameters:
        queue, handle = self._queue(parameters), parameters["ReceiptHandle"]
        checked_visibility(parameters["VisibilityTimeout"])
        message = queue.messages.get(message_id(handle))
        if message is None:
            raise Refused(
                "InvalidParameterValue",
                f"Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                "available for visibility timeout change.",
            )
        now = self.queues.clock()
        if message.handle != handle or message.visible_at <= now:
            raise Refused("MessageNotInflight", f"Value {handle} for parameter ReceiptHandle is invalid.")
        queue.show(message, now + parameters["VisibilityTimeout"])
        return {}

    def _queue(self, parameters: Parameters) -> Queue:
        return self.queues.find(parameters["QueueUrl"])


def _removed(queue: Queue, parameters: Parameters) -> Parameters:
    queue.remove(parameters["ReceiptHandle"])
    return {}


def target(parameters: Parameters) -> str:
    """The queue that a call names."""
    return str(parameters.get("QueueUrl") or parameters.get("QueueName", "")).rpartition("/")[2]


def chunks(size: int) -> int:
    """Requests that a payload is billed as.

    >>> chunks(0), chunks(65536), chunks(65537)
    (1, 1, 2)
    """
    return max(1, -(-size // CHUNK))
