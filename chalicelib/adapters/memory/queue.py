"""The queues in memory, with what an event-source loop needs to deliver from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from threading import RLock

from chalicelib.core.message import PassMessage, RunMessage, encode_pass, encode_run
from chalicelib.core.task import Channel
from chalicelib.core.window import delay_seconds
from chalicelib.ports import Clock, DeadLetter

PASSES = "passes"
QUEUES = (PASSES, *map(str, Channel))
SHOWN_AGAIN = timedelta(minutes=1)


def dead(queue: str) -> str:
    """The queue of what no function of a queue could handle."""
    return f"{queue}-dead"


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message as it was received: `times` counts this delivery. `available_at` is when it comes again."""

    id: str
    body: str
    times: int
    sent_at: datetime
    available_at: datetime


class MemoryQueue:
    """The queues by name: `passes` and one per channel. The clock is the queues' own, not that of who sends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = RLock()
        self._queues: defaultdict[str, _Waiting] = defaultdict(_Waiting)
        self._numbers = count(1)

    def send_passes(self, passes: Sequence[PassMessage]) -> None:
        """Ask dispatchers to handle shards."""
        for one in passes:
            self.send(PASSES, encode_pass(one), timedelta(seconds=one.delay))

    def send_runs(self, messages: Sequence[RunMessage], now: datetime) -> None:
        """Send each message to its channel's queue so that it arrives just before its start."""
        for message in messages:
            delay = timedelta(seconds=delay_seconds(message.entry.start, now))
            self.send(str(message.channel), encode_run(message), delay)

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Messages of the dead-letter queues, at most `limit` of each. One that is not buried is there again after a
        minute."""
        return [
            DeadLetter(queue=queue, id=message.id, body=message.body, receipt=message.id)
            for queue in QUEUES
            for message in self.receive(dead(queue), visibility=SHOWN_AGAIN, most=limit)
        ]

    def bury(self, letter: DeadLetter) -> None:
        """Delete a dead letter; gone already is well."""
        self.delete(dead(letter.queue), letter.receipt)

    def send(self, queue: str, body: str, delay: timedelta = timedelta(0)) -> None:
        """Send any body to a queue, held for a while."""
        with self._lock:
            now, name = self._clock.now(), f"{next(self._numbers):08d}"
            self._queues[queue].put(Received(id=name, body=body, times=0, sent_at=now, available_at=now + delay))

    def receive(self, queue: str, *, visibility: timedelta, most: int = 10) -> list[Received]:
        """The messages that are available now, longest available first. Each comes again after `visibility`, unless it
        is deleted before."""
        with self._lock:
            now, waiting = self._clock.now(), self._queues[queue]
            received: list[Received] = []
            while len(received) < most and (message := waiting.first()) is not None and message.available_at <= now:
                received.append(replace(message, times=message.times + 1, available_at=now + visibility))
                waiting.put(received[-1])
            return received

    def delete(self, queue: str, message_id: str) -> None:
        """Be done with a message; gone already is well."""
        with self._lock:
            self._queues[queue].messages.pop(message_id, None)

    def waiting(self, queue: str) -> list[Received]:
        """Everything in a queue, received or not, in the order in which it becomes available."""
        with self._lock:
            return sorted(self._queues[queue].messages.values(), key=_order)

    def next_at(self) -> datetime | None:
        """When the next message of any queue becomes available; None when all queues are empty."""
        with self._lock:
            firsts = [waiting.first() for waiting in self._queues.values()]
            return min((message.available_at for message in firsts if message is not None), default=None)


@dataclass
class _Waiting:
    """One queue: its messages by id, and a heap of when each becomes available, with what has changed since in it."""

    messages: dict[str, Received] = field(default_factory=dict)
    heap: list[tuple[datetime, str]] = field(default_factory=list)

    def put(self, message: Received) -> None:
        self.messages[message.id] = message
        heappush(self.heap, _order(message))

    def first(self) -> Received | None:
        while self.heap:
            available_at, message_id = self.heap[0]
            message = self.messages.get(message_id)
            if message is not None and message.available_at == available_at:
                return message
            heappop(self.heap)
        return None


def _order(message: Received) -> tuple[datetime, str]:
    return message.available_at, message.id
