"""What waits in one queue in memory, and which of it goes first: plainly, or fairly as SQS is between groups."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush

NOISY_FROM, NOISY_SHARE = 30, 0.1
"""Messages of a group at work, and their share of all at work, that make a group noisy."""

_Heap = list[tuple[datetime, str]]


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message as it was received: `times` counts this delivery. `available_at` is when it comes again. `group` is in
    whose name it was sent."""

    id: str
    body: str
    times: int
    sent_at: datetime
    available_at: datetime
    group: str = ""


def order(message: Received) -> tuple[datetime, str]:
    """What has been available for longest goes first."""
    return message.available_at, message.id


class Waiting:
    """The messages of a queue by id, and a heap of when each becomes available, with what has changed since in it."""

    def __init__(self) -> None:
        self.messages: dict[str, Received] = {}
        self._heap: _Heap = []

    def put(self, message: Received) -> None:
        """Keep a message, in place of what it was before."""
        self.messages[message.id] = message
        heappush(self._heap, order(message))

    def remove(self, message_id: str) -> None:
        """Forget a message."""
        self.messages.pop(message_id, None)

    def next_at(self) -> datetime | None:
        """When there is a message to take."""
        first = self._first(self._heap)
        return None if first is None else first.available_at

    def take(self, now: datetime) -> Received | None:
        """The message to receive now, if there is one; it waits no longer, until it is put again."""
        message = self._first(self._heap)
        if message is None or message.available_at > now:
            return None
        heappop(self._heap)
        return message

    def _first(self, heap: _Heap) -> Received | None:
        """The first message of a heap whose place in it is not out of date."""
        while heap:
            available_at, message_id = heap[0]
            message = self.messages.get(message_id)
            if message is not None and message.available_at == available_at:
                return message
            heappop(heap)
        return None


class FairWaiting(Waiting):
    """As SQS documents fair queues: a group is noisy from when it has 30 messages and a tenth of all that are being
    worked on, until none of its messages is left waiting. Other groups' messages go first; among noisy groups, those of
    the one with the fewest at work. A message without a group is alone in its own.

    Not modelled: that a group is noisy as well whose messages take a tenth of the workers' time.
    Source: Amazon SQS Developer Guide, "How Amazon SQS fair queues work".
    """

    def __init__(self) -> None:
        super().__init__()
        self._ready: dict[str, _Heap] = {}
        self._at_work: defaultdict[str, set[str]] = defaultdict(set)
        self._all_at_work = 0
        self._noisy: set[str] = set()

    def put(self, message: Received) -> None:
        super().put(message)
        if not message.times:
            return
        at_work = self._at_work[_group(message)]
        self._all_at_work += message.id not in at_work
        at_work.add(message.id)

    def remove(self, message_id: str) -> None:
        message = self.messages.get(message_id)
        super().remove(message_id)
        if message is not None:
            self._end(message)

    def next_at(self) -> datetime | None:
        ready = [message.available_at for group in list(self._ready) if (message := self._first_of(group)) is not None]
        later = super().next_at()
        return min(ready if later is None else [*ready, later], default=None)

    def take(self, now: datetime) -> Received | None:
        while (message := super().take(now)) is not None:
            self._end(message)  # whoever had received it has had it for too long
            heappush(self._ready.setdefault(_group(message), []), order(message))
        firsts = [first for group in list(self._ready) if (first := self._first_of(group)) is not None]
        if not firsts:
            return None
        self._noisy.update(filter(self._has_most, map(_group, firsts)))
        chosen = min(firsts, key=self._turn)
        heappop(self._ready[_group(chosen)])
        self._first_of(_group(chosen))
        return chosen

    def _has_most(self, group: str) -> bool:
        at_work = len(self._at_work.get(group, ()))
        return at_work >= NOISY_FROM and at_work > NOISY_SHARE * self._all_at_work

    def _first_of(self, group: str) -> Received | None:
        """A group's first message that can be received. A group that has none is quiet again."""
        first = self._first(self._ready[group])
        if first is None:
            del self._ready[group]
            self._noisy.discard(group)
        return first

    def _turn(self, message: Received) -> tuple[bool, int, tuple[datetime, str]]:
        group = _group(message)
        noisy = group in self._noisy
        return noisy, len(self._at_work.get(group, ())) if noisy else 0, order(message)

    def _end(self, message: Received) -> None:
        """Nobody works on a message any more."""
        at_work = self._at_work.get(_group(message))
        if at_work is None or message.id not in at_work:
            return
        at_work.remove(message.id)
        self._all_at_work -= 1
        if not at_work:
            del self._at_work[_group(message)]


def _group(message: Received) -> str:
    return message.group or message.id
