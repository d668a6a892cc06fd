"""Condition: how the installation is doing. Whoever looks changes nothing by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.window import BEHIND, WINDOW, watermark_age
from chalicelib.ports import Clock, Control, Depth, Queue
from chalicelib.ports.whole import WholeStore


@dataclass(frozen=True, kw_only=True)
class Shard:
    """How far the passes of a shard have come: everything before `handled_until` is handled, which was `age` ago. None:
    no pass has ever come. `at_work`: one is there now."""

    number: int
    handled_until: datetime | None
    age: timedelta
    at_work: bool = False
    catching_up: bool = False

    @property
    def behind(self) -> bool:
        """Whether passes have not come for so long that they do not come by themselves."""
        return self.age > BEHIND


@dataclass(frozen=True, kw_only=True)
class Shards:
    """Some of an installation's shards, from a number on, and how many there are."""

    shards: tuple[Shard, ...]
    count: int


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What the passes, the queues and the auditor have come to. Two reads and a request for each queue."""

    store: WholeStore
    queue: Queue
    clock: Clock
    chosen_shards: int

    def shards(self, *, first: int = 0, limit: int) -> Shards:
        """How far the passes have come, of at most so many shards. There are as many as there have ever been."""
        count = max(self.store.shards_in_use(0), self.chosen_shards)
        numbers = range(min(max(0, first), count), min(max(0, first) + limit, count))
        controls = self.store.controls(numbers) if numbers else {}
        now = self.clock.now()
        found = tuple(_shard(number, controls.get(number, Control()), now) for number in numbers)
        return Shards(shards=found, count=count)

    def queues(self) -> list[Depth]:
        """How full each queue is, about."""
        return self.queue.depths()

    def audited_until(self) -> datetime | None:
        """Up to where the auditor has looked for due times without a run; None where none has come yet."""
        return self.store.audited().recorded


def _shard(number: int, control: Control, now: datetime) -> Shard:
    return Shard(
        number=number,
        handled_until=None if control.through is None else control.through + WINDOW,
        age=watermark_age(control.through, now),
        at_work=control.lease_until is not None and control.lease_until > now,
        catching_up=control.hinting is not None or control.skipped is not None,
    )
