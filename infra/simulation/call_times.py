"""Call times: stores and queues in memory that take as long as the real adapters' calls would.

The calls are those of `adapters.dynamo` and `adapters.sqs`: as many, in batches as large, as many side by side. Only
what a pass asks for has its price; the rest of the world's steps take no time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib.adapters.aws import SIDE_BY_SIDE, chunks
from chalicelib.adapters.dynamo.ground.calls import READ_AT_ONCE, WRITTEN_AT_ONCE
from chalicelib.adapters.memory import MemoryQueue, MemoryStore
from chalicelib.adapters.sqs import SENT_AT_ONCE
from chalicelib.core.message import RunMessage
from chalicelib.core.run import Run
from chalicelib.core.sending.packing import packs
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, LateEntry, window_of
from chalicelib.ports import Clock, Control, LatePartition, Page, Placed

UNITS_A_SECOND = 1000
"""What one partition key of DynamoDB can be written. An entry is one unit; those of one window share their key."""

Spend = Callable[[timedelta], object]
"""Lets so much time pass where a pass asks, and none where somebody else does."""


class TimedStore(MemoryStore):
    """A store whose calls take `call` each; what is made of an entry and its task takes `planning`."""

    def __init__(self, call: timedelta, spend: Spend, planning: timedelta = timedelta(0)) -> None:
        super().__init__()
        self._call = call
        self._planning = planning
        self._spend = spend

    def late(self, shard: int, limit: int) -> LatePartition:
        self._calls(1)
        return super().late(shard, limit)

    def window(self, start: datetime, shard: int, *, after: str | None, limit: int) -> list[Entry]:
        self._calls(1)
        return super().window(start, shard, after=after, limit=limit)

    def tasks(self, task_ids: Iterable[str]) -> dict[str, Task | None]:
        wanted = list(task_ids)
        self._spend(self._call * _requests(len(wanted), READ_AT_ONCE) + self._planning * len(wanted))
        return super().tasks(wanted)

    def tasks_in(self, shard: int | None, *, after: str | None) -> Page[Task]:
        self._calls(1)
        return super().tasks_in(shard, after=after)

    def put_entries(self, entries: Sequence[Placed]) -> None:
        keys = Counter((placed.shard, placed.late or window_of(placed.entry.start)) for placed in entries)
        least = timedelta(seconds=max(keys.values(), default=0) / UNITS_A_SECOND)
        self._spend(max(self._call * _rounds(_requests(len(entries), WRITTEN_AT_ONCE)), least))
        super().put_entries(entries)

    def delete_late(self, shard: int, entries: Sequence[LateEntry]) -> None:
        least = timedelta(seconds=len(entries) / UNITS_A_SECOND)
        self._spend(max(self._call * _rounds(len(entries)), least))
        super().delete_late(shard, entries)

    def take_lease(self, shard: int, token: str, *, now: datetime, until: datetime) -> Control | None:
        self._calls(1)
        return super().take_lease(shard, token, now=now, until=until)

    def move(self, shard: int, control: Control) -> bool:
        self._calls(1)
        return super().move(shard, control)

    def insert_run(self, run: Run) -> Run | None:
        self._calls(1)
        return super().insert_run(run)

    def _calls(self, number: int) -> None:
        """So many calls, one after the other."""
        self._spend(self._call * number)


class TimedQueue(MemoryQueue):
    """Queues where each request to send runs takes `call`."""

    def __init__(self, clock: Clock, call: timedelta, spend: Spend, *, fair: bool) -> None:
        super().__init__(clock, fair=fair)
        self._call = call
        self._spend = spend

    def send_runs(self, messages: Sequence[RunMessage], now: datetime, *, together: int = 1) -> None:
        for requests in chunks(list(_batches(packs(messages, now, together))), SIDE_BY_SIDE):
            self._spend(self._call)
            for batch in requests:
                for pack in batch:
                    super().send_runs(pack, now, together=together)


def _batches(packed: Iterable[Sequence[RunMessage]]) -> Iterator[Sequence[Sequence[RunMessage]]]:
    """What goes to SQS in one request each."""
    by_channel: defaultdict[str, list[Sequence[RunMessage]]] = defaultdict(list)
    for pack in packed:
        by_channel[pack[0].channel].append(pack)
    for some in by_channel.values():
        yield from chunks(some, SENT_AT_ONCE)


def _requests(items: int, at_once: int) -> int:
    return -(-items // at_once)


def _rounds(requests: int) -> int:
    """How often as many calls as there may be side by side follow each other."""
    return -(-requests // SIDE_BY_SIDE)
