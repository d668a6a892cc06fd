"""The queues in SQS."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from chalicelib.adapters.aws import Clients, Pause, finish, side_by_side
from chalicelib.core.errors import Unavailable
from chalicelib.core.message import PASSES, QUEUES, PassMessage, RunMessage, dead, encode_pack, encode_pass
from chalicelib.core.sending.packing import packs
from chalicelib.core.window import delay_seconds
from chalicelib.ports import DeadLetter, Depth
from chalicelib.settings import Settings

SENT_AT_ONCE = 10
LARGEST_BATCH = 256 * 1024
"""Bytes of all bodies of a batch; more is billed as several requests anyway, one for each 64 KB."""
_GROUP = re.compile(r"[!-~]{1,128}").fullmatch
"""What SQS takes for a MessageGroupId: letters, digits and punctuation of ASCII."""
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
"""What can be received, what somebody has received, and what is held."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A body, for how many seconds the queue holds it, and in whose name it is sent.

    SQS is fair between the groups of a queue: when one has most of the messages that are being worked on, those of the
    others are delivered first. Nothing else follows from a group. A message without one is alone in its own.
    """

    body: str
    delay: int
    group: str | None = None

    def entry(self, number: int) -> dict[str, Any]:
        """The message as an entry of a batch."""
        bare = {"Id": str(number), "MessageBody": self.body, "DelaySeconds": self.delay}
        return bare if self.group is None else bare | {"MessageGroupId": self.group}


class SqsQueue:
    """The queues of a stage. Nothing is asked of AWS before the first message is sent.

    `session` is a botocore session to make the client with; `pause` waits between tries.
    """

    def __init__(self, settings: Settings, *, session: Session | None = None, pause: Pause = time.sleep) -> None:
        self._settings = settings
        self._clients = Clients(session)
        self._pause = pause
        self._urls: dict[str, str] = {}
        self._looking_up = Lock()

    def send_passes(self, passes: Sequence[PassMessage]) -> None:
        """Ask dispatchers to handle shards."""
        self._send({PASSES: [Outgoing(body=encode_pass(one), delay=one.delay) for one in passes]})

    def send_runs(self, messages: Sequence[RunMessage], now: datetime, *, together: int = 1) -> None:
        """Send each message to its channel's queue so that it arrives just before its start: at most so many of those
        that may in one."""
        by_channel: dict[str, list[Outgoing]] = {}
        for pack in packs(messages, now, together):
            first = pack[0]
            delay = delay_seconds(first.entry.start, now)
            outgoing = Outgoing(body=encode_pack(pack), delay=delay, group=_group(first.group))
            by_channel.setdefault(str(first.channel), []).append(outgoing)
        self._send(by_channel)

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Messages of the dead-letter queues, at most `limit` of each. One that is not buried is there again after a
        minute."""
        return [letter for queue in QUEUES for letter in self._dead(queue, limit)]

    def _dead(self, queue: str, limit: int) -> list[DeadLetter]:
        found: list[DeadLetter] = []
        while len(found) < limit:
            answer = self._call(
                "receive_message", QueueUrl=self._url(dead(queue)), MaxNumberOfMessages=10, VisibilityTimeout=60
            )
            messages = answer.get("Messages", ())
            if not messages:
                break
            found += [
                DeadLetter(queue=queue, id=one["MessageId"], body=one["Body"], receipt=one["ReceiptHandle"])
                for one in messages
            ]
        return found

    def bury(self, letter: DeadLetter) -> None:
        """Delete a dead letter; gone already is well."""
        self._call("delete_message", QueueUrl=self._url(dead(letter.queue)), ReceiptHandle=letter.receipt)

    def depths(self) -> list[Depth]:
        """How full each queue is, about: what was sent or deleted within the last minute may not be counted yet."""
        queues = [*QUEUES, *map(dead, QUEUES)]
        counts = dict(zip(queues, side_by_side(self._counts, queues), strict=True))
        return [
            Depth(queue=queue, waiting=waiting, at_work=at_work, held=held, dead=sum(counts[dead(queue)]))
            for queue in QUEUES
            for waiting, at_work, held in [counts[queue]]
        ]

    def _counts(self, queue: str) -> tuple[int, ...]:
        answer = self._call("get_queue_attributes", QueueUrl=self._url(queue), AttributeNames=list(_COUNTS))
        return tuple(int(answer["Attributes"][name]) for name in _COUNTS)

    def _send(self, by_queue: Mapping[str, Sequence[Outgoing]]) -> None:
        """Send messages to their queues in as few requests as can be, several at a time. What is refused is sent again;
        everything is tried before the first failure is raised."""
        batches = [(queue, batch) for queue, messages in by_queue.items() for batch in _batches(messages)]
        side_by_side(lambda one: self._send_batch(*one), batches)

    def _send_batch(self, queue: str, batch: Sequence[Outgoing]) -> None:
        def send(some: Sequence[Outgoing]) -> Sequence[Outgoing]:
            entries = [outgoing.entry(number) for number, outgoing in enumerate(some)]
            answer = self._call("send_message_batch", QueueUrl=self._url(queue), Entries=entries)
            taken = {int(entry["Id"]) for entry in answer.get("Successful", ())}
            return [outgoing for number, outgoing in enumerate(some) if number not in taken]

        finish(send, batch, self._pause)

    def _url(self, queue: str) -> str:
        """A queue's URL, looked up once."""
        with self._looking_up:
            if queue not in self._urls:
                answer = self._call("get_queue_url", QueueName=self._settings.queue(queue))
                self._urls[queue] = answer["QueueUrl"]
            return self._urls[queue]

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        method = getattr(self._clients.get("sqs"), operation)
        try:
            answer: dict[str, Any] = method(**request)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"{operation}: {error}") from error
        return answer


def _group(name: str) -> str | None:
    """A message's group. A name that SQS would refuse, for ever, must not keep it from going."""
    return name if _GROUP(name) else None


def _batches(messages: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """The messages in their order, as many at a time as one request takes."""
    batch: list[Outgoing] = []
    size = 0
    for message in messages:
        length = len(message.body.encode())
        if batch and (len(batch) == SENT_AT_ONCE or size + length > LARGEST_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch
