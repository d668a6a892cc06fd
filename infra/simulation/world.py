"""A world in which days pass in seconds: ticks, passes, messages and attempts, one event after another.

Nothing sleeps and nothing runs at the same time, so the same beginning gives the same history. A worker that waits for
a due time is an event of its own; it holds nobody up.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore, Received
from chalicelib.bootstrap import System, assemble
from chalicelib.core.message import Unreadable, decode_pass, decode_run
from chalicelib.core.task import Channel
from chalicelib.ports import Action
from chalicelib.settings import Settings

MINUTE = timedelta(minutes=1)
PASS_VISIBILITY = timedelta(seconds=90)
VISIBILITY = {
    Channel.LIGHT: timedelta(seconds=190),
    Channel.URGENT: timedelta(seconds=190),
    Channel.COMMANDS: timedelta(seconds=930),
}
"""As the queues declare them."""

Event = Callable[[], object]


@dataclass
class World:
    """A whole installation at one place in time. `tick_at` may be replaced to lose or to delay ticks."""

    start: datetime
    actions: Mapping[str, Action]
    settings: Settings = field(default_factory=Settings)
    ticking: bool = True

    def __post_init__(self) -> None:
        self.clock = ManualClock(self.start)
        self.store = MemoryStore()
        self.queue = MemoryQueue(self.clock)
        self.system: System = assemble(
            self.settings, store=self.store, queue=self.queue, clock=self.clock, actions=self.actions
        )
        self.system.worker.chance.seed(0)
        self.chance = random.Random(0)
        self._events: list[tuple[datetime, int, Event]] = []
        self._numbers = count()
        self.at(self.start, self._tick)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def at(self, instant: datetime, event: Event) -> None:
        """Let something happen at an instant."""
        heappush(self._events, (instant, next(self._numbers), event))

    def play(self, until: datetime) -> None:
        """Let time pass until an instant, with everything that happens before it."""
        while (event := self._next(until)) is not None:
            event()
        self.clock.wait_until(until)

    def _next(self, until: datetime) -> Event | None:
        """The next event, the clock set to it; messages that become available come before what was planned for then."""
        available = self.queue.next_at()
        planned = self._events[0][0] if self._events else None
        if available is not None and available <= until and (planned is None or available <= planned):
            self.clock.wait_until(available)
            return self._deliver
        if planned is None or planned > until:
            return None
        self.clock.wait_until(planned)
        return heappop(self._events)[2]

    def _tick(self) -> None:
        if self.ticking:
            self.system.coordinator.tick()
        self.at(self.now + MINUTE, self._tick)

    def _deliver(self) -> None:
        """Hand over every message that is available now."""
        for message in self.queue.receive("passes", visibility=PASS_VISIBILITY):
            self._pass(message)
        for channel in Channel:
            for message in self.queue.receive(str(channel), visibility=VISIBILITY[channel]):
                self._run(channel, message)

    def _pass(self, message: Received) -> None:
        with suppress(Unreadable):
            self.system.dispatcher.handle(decode_pass(message.body).shard)
        self.queue.delete("passes", message.id)

    def _run(self, channel: Channel, received: Received) -> None:
        """A worker takes a message and waits for its start."""
        try:
            message = decode_run(received.body, channel)
        except Unreadable:
            self.queue.delete(str(channel), received.id)
            return

        def attempt() -> None:
            self.system.worker.handle(message, redelivered=received.times > 1)
            self.queue.delete(str(channel), received.id)

        self.at(max(self.now, message.entry.start), attempt)
