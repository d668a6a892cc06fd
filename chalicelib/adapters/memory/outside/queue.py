"""The queues in memory, with what an event-source loop needs to deliver from them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from chalicelib.adapters.memory.outside.waiting import FairWaiting, Received, Waiting, order
from chalicelib.core.message import PASSES, QUEUES, PassMessage, RunMessage, dead, encode_pack, encode_pass
from chalicelib.core.sending.packing import packs
from chalicelib.core.window import delay_seconds
from chalicelib.ports import Clock, DeadLetter, Depth

SHOWN_AGAIN = timedelta(minutes=1)
"""After it was looked at, a dead letter that was not buried."""


class MemoryQueue:
    """The queues by name: `passes` and one per channel. The clock is the queues' own, not that of who sends. `fair`
    queues deliver as SQS does between groups, others always what has been available for longest."""

    def __init__(self, clock: Clock, *, fair: bool = False) -> None:
        self._clock = clock
        self._lock = RLock()
        self._queues: defaultdict[str, Waiting] = defaultdict(FairWaiting if fair else Waiting)
        self._numbers = count(1)

    def send_passes(self, passes: Sequence[PassMessage]) -> None:
        """Ask dispatchers to handle shards."""
        for one in passes:
            self.send(PASSES, encode_pass(one), timedelta(seconds=one.delay))

    def send_runs(self, messages: Sequence[RunMessage], now: datetime, *, together: int = 1) -> None:
        """Send each message to its channel's queue so that it arrives just before its start: at most so many of those
        that may in one."""
        for pack in packs(messages, now, together):
            delay = timedelta(seconds=delay_seconds(pack[0].entry.start, now))
            self.send(str(pack[0].channel), encode_pack(pack), delay, group=pack[0].group)

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

    def depths(self) -> list[Depth]:
        """How full each queue is."""
        return [self._depth(queue) for queue in QUEUES]

    def _depth(self, queue: str) -> Depth:
        now, messages = self._clock.now(), self.waiting(queue)
        later = [message for message in messages if message.available_at > now]
        at_work = sum(message.times > 0 for message in later)
        return Depth(
            queue=queue,
            waiting=len(messages) - len(later),
            at_work=at_work,
            held=len(later) - at_work,
            dead=len(self.waiting(dead(queue))),
        )

    def send(self, queue: str, body: str, delay: timedelta = timedelta(0), *, group: str | None = None) -> None:
        """Send any body to a queue, held for a while, in the name of a group: of the owner whom it names, if nobody
        says."""
        with self._lock:
            now, name = self._clock.now(), f"{next(self._numbers):08d}"
            group = _owner(body) if group is None else group
            sent = Received(id=name, body=body, times=0, sent_at=now, available_at=now + delay, group=group)
            self._queues[queue].put(sent)

    def receive(self, queue: str, *, visibility: timedelta, most: int = 10) -> list[Received]:
        """The messages that are available now, longest available first. Each comes again after `visibility`, unless it
        is deleted before."""
        with self._lock:
            now, waiting = self._clock.now(), self._queues[queue]
            received: list[Received] = []
            while len(received) < most and (message := waiting.take(now)) is not None:
                received.append(replace(message, times=message.times + 1, available_at=now + visibility))
                waiting.put(received[-1])
            return received

    def delete(self, queue: str, message_id: str) -> None:
        """Be done with a message; gone already is well."""
        with self._lock:
            self._queues[queue].remove(message_id)

    def waiting(self, queue: str) -> list[Received]:
        """Everything in a queue, received or not, in the order in which it becomes available."""
        with self._lock:
            return sorted(self._queues[queue].messages.values(), key=order)

    def next_at(self, queue: str | None = None) -> datetime | None:
        """When the next message of a queue, or of any, becomes available; None when there is none."""
        with self._lock:
            queues = list(self._queues.values()) if queue is None else [self._queues[queue]]
            instants = [instant for waiting in queues if (instant := waiting.next_at()) is not None]
            return min(instants, default=None)


def _owner(body: str) -> str:
    try:
        return str(json.loads(body)["owner"])
    except (ValueError, KeyError, TypeError, RecursionError):  # of a pass, or none of ours
        return ""
