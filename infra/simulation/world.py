"""A world in which days pass in seconds: ticks, passes, messages and attempts, one event after another.

Nothing sleeps and nothing runs at the same time, so the same beginning gives the same history. A worker that waits for
a due time is an event of its own; it holds nobody up.

What is exact: the engine, its stores and queues, and when a tick fires, a message arrives, an attempt begins and ends.
What is not: ticks and the worker's own steps take no time; every message is delivered, however often it came back.
Conditions say how long the calls of a pass take, and how many workers there are: by default none, and one for every
message, at once.

An action may let time pass in two ways. `rest` is exact: other attempts go on meanwhile, and it ends on time; it needs
`side_by_side`. Playing on inside an action needs nothing, but of two such actions the one that began first ends last.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count

from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore, Received
from chalicelib.bootstrap.letters import Notifiers
from chalicelib.bootstrap.whole import System, assemble
from chalicelib.core.message import Unreadable, decode_pass, decode_run
from chalicelib.core.task import Channel
from chalicelib.engine.delivery import Delivery
from chalicelib.ports import Action, Clock
from chalicelib.settings import Settings
from infra.simulation.call_times import TimedQueue, TimedStore
from infra.simulation.conditions import MINUTE, NO_TIME, Conditions
from infra.simulation.environments import Environments
from infra.simulation.machines import machines_of
from infra.simulation.mapping import BATCH, Done, Mapping, countdown
from infra.simulation.side_by_side import SideBySide

PASS_VISIBILITY = timedelta(seconds=90)
VISIBILITY = {
    Channel.LIGHT: timedelta(seconds=190),
    Channel.URGENT: timedelta(seconds=190),
    Channel.COMMANDS: timedelta(seconds=930),
}
"""As the queues declare them."""
SECOND_FIRING = timedelta(seconds=5)
"""A tick that comes twice does so within this time."""

Event = Callable[[], object]


@dataclass(kw_only=True)
class Counted:
    """What happened so far: ticks by what became of them, and how many runs each pass dispatched."""

    ticks: int = 0
    lost: int = 0
    doubled: int = 0
    dispatched: list[int] = field(default_factory=list)


@dataclass
class World:
    """A whole installation at one place in time. `ticking` may be turned off, so that no tick comes."""

    start: datetime
    actions: Table[str, Action]
    settings: Settings = field(default_factory=Settings)
    ticking: bool = True
    conditions: Conditions = field(default_factory=Conditions)
    side_by_side: bool = False
    ways: Notifiers = field(default_factory=dict)
    """How owners are told."""

    def __post_init__(self) -> None:
        self.clock = ManualClock(self.start)
        self.store, self.queue = self._memory()
        self.chance = random.Random(self.conditions.seed)
        self.counted = Counted()
        self._machines = machines_of(self.conditions, self.clock, self.chance, self._assembled)
        self.system = self._machines.first.system
        self._attempts = SideBySide()
        self._events: list[tuple[datetime, int, Event]] = []
        self._numbers = count()
        self._mappings = {channel: Mapping(self.conditions.ramp) for channel in Channel}
        self._workers = {channel: Environments(self.conditions.cold) for channel in Channel}
        self._dispatchers = Environments(self.conditions.cold_pass)
        for outage in self.conditions.outages:
            self.at(outage.begin, self._attempts.end_all)
        self._plan_tick(self.start + self.conditions.tick_phase)

    def _memory(self) -> tuple[MemoryStore, MemoryQueue]:
        """Tables and queues; where calls of a pass take time, such as let it pass. Where there is a worker for every
        message, none waits for another, and plain queues are quicker."""
        call, fair = self.conditions.call, self.conditions.fair and self.conditions.ramp is not None
        self._passing = threading.local()
        if not call:
            return MemoryStore(), MemoryQueue(self.clock, fair=fair)
        store = TimedStore(call, self._spend, self.conditions.planning)
        return store, TimedQueue(self.clock, call, self._spend, fair=fair)

    def _spend(self, duration: timedelta) -> None:
        """A pass waits for an answer. Nobody else does."""
        if duration and getattr(self._passing, "here", False):
            self.rest(duration)

    def _assembled(self, clock: Clock) -> System:
        system = assemble(
            self.settings, store=self.store, queue=self.queue, clock=clock, actions=self.actions, ways=self.ways
        )
        system.worker.chance.seed(self.conditions.seed)
        return system

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

    def rest(self, duration: timedelta) -> None:
        """Inside an action of a world whose attempts are side by side: let time pass while the others go on."""
        end = self.now + duration
        self._attempts.rest(lambda resume: self.at(end, resume))

    def close(self) -> None:
        """The world's end: whoever is still at work dies."""
        self._attempts.end_all()

    def _next(self, until: datetime) -> Event | None:
        """The next event, the clock set to it; messages that become available come before what was planned for then."""
        available = self._available()
        planned = self._events[0][0] if self._events else None
        if available is not None and available <= until and (planned is None or available <= planned):
            self.clock.wait_until(available)
            return self._deliver
        if planned is None or planned > until:
            return None
        self.clock.wait_until(planned)
        return heappop(self._events)[2]

    def _available(self) -> datetime | None:
        """When somebody can receive the next message."""
        available = self.queue.next_at() if self.conditions.ramp is None else self._first_taken_at()
        if available is None or not self.conditions.outages:
            return available
        return self.conditions.back(max(available, self.now))

    def _first_taken_at(self) -> datetime | None:
        """When the next message is available, and there is a worker for it."""
        instants = [self.queue.next_at("passes")]
        for channel, mapping in self._mappings.items():
            available = self.queue.next_at(str(channel))
            instants.append(None if available is None else mapping.takes_at(available))
        return min((instant for instant in instants if instant is not None), default=None)

    def _plan_tick(self, nominal: datetime) -> None:
        jitter = self.conditions.tick_jitter * self.chance.uniform(-1, 1)
        self.at(max(self.now, nominal + jitter), partial(self._tick, nominal))

    def _tick(self, nominal: datetime) -> None:
        """The rule fires, or should have."""
        self._plan_tick(nominal + MINUTE)
        if not self.ticking or self.conditions.out(self.now):
            return
        if self.chance.random() < self.conditions.lost_ticks:
            self.counted.lost += 1
            return
        self._fire()
        if self.chance.random() < self.conditions.doubled_ticks:
            self.counted.doubled += 1
            self.at(self.now + SECOND_FIRING * self.chance.random(), self._fire)

    def _fire(self) -> None:
        if not self.conditions.out(self.now):
            self.counted.ticks += 1
            self.system.coordinator.tick()

    def _deliver(self) -> None:
        """Hand over the next batch of each queue."""
        for message in self.queue.receive("passes", visibility=PASS_VISIBILITY):
            self._after_delivery(partial(self._begin_pass, message), begins=self._dispatchers.begin(self.now))
        for channel in Channel:
            self._hand_over(channel)

    def _hand_over(self, channel: Channel) -> None:
        mapping = self._mappings[channel]
        self._look(channel)
        if not mapping.takes(self.now):
            return
        batch = self.queue.receive(str(channel), visibility=VISIBILITY[channel], most=BATCH)
        if batch:
            self._begin_batch(channel, mapping, [(message, _delivery(message).parts()) for message in batch])
        self._look(channel)

    def _begin_batch(
        self, channel: Channel, mapping: Mapping, batch: Sequence[tuple[Received, Sequence[Delivery]]]
    ) -> None:
        """Workers take a batch: its runs one behind the other for the processor."""
        begins, workers = self._workers[channel].begin(self.now), self._workers[channel]
        done = mapping.begin(sum(len(parts) for _, parts in batch), lambda: workers.end(self.now))
        turns = count()
        for message, parts in batch:
            settled = countdown(len(parts), partial(self.queue.delete, str(channel), message.id))
            waiting = [(part, next(turns) * self.conditions.processor) for part in parts]
            event = partial(self._run_all, channel, waiting, settled, done)
            self._after_delivery(event, lost=partial(_each, done, len(parts)), begins=begins)

    def _look(self, channel: Channel) -> None:
        """Let a mapping see whether messages wait for it."""
        if self.conditions.ramp is not None:
            self._mappings[channel].look(self.queue.next_at(str(channel)), self.now)

    def _after_delivery(self, event: Event, lost: Event = lambda: None, begins: timedelta = NO_TIME) -> None:
        """A message that was on its way, or whose function was not there yet, when an outage began is received again
        after its visibility timeout."""
        if not self.conditions.delivery and not begins:
            event()
            return
        delivery = self.conditions.delivery
        arrives = self.now + begins + (delivery * self.chance.random() if delivery else NO_TIME)
        self.at(arrives, lambda: lost() if self.conditions.out(self.now) else event())

    def _begin_pass(self, message: Received) -> None:
        if self.conditions.call:
            self._attempts.begin(partial(self._pass, message))
        else:
            self._pass(message)

    def _pass(self, message: Received) -> None:
        self._passing.here = bool(self.conditions.call)
        with suppress(Unreadable):
            dispatcher = self._machines.some().system.dispatcher
            self.counted.dispatched.append(dispatcher.handle(decode_pass(message.body).shard).dispatched)
        self.queue.delete("passes", message.id)
        self._dispatchers.end(self.now)

    def _run_all(
        self, channel: Channel, parts: Sequence[tuple[Delivery, timedelta]], settled: Done, done: Done
    ) -> None:
        """A worker takes a message: the runs of a pack side by side, but for the processor, which they share."""
        for part, behind in parts:
            self._run(channel, part, behind, settled, done)

    def _run(self, channel: Channel, part: Delivery, behind: timedelta, settled: Done, done: Done) -> None:
        """A worker waits for a run's start, and then for the processor."""
        try:
            message = replace(decode_run(part.body, channel), packed=part.packed)
        except Unreadable:
            settled()
            done()
            return
        machine = self._machines.some()

        def attempt() -> None:
            try:
                machine.system.worker.handle(message, redelivered=part.times > 1)
                settled()
            finally:
                self._after_handling(done)

        def begin() -> None:
            if self.conditions.out(self.now):  # this worker died waiting: the message comes again
                done()
            elif self.side_by_side:
                self._attempts.begin(attempt)
            else:
                attempt()

        self.at(max(self.now, message.entry.start - machine.offset) + behind, begin)

    def _after_handling(self, done: Done) -> None:
        busy = self.conditions.handling + self.conditions.processor
        if busy:
            self.at(self.now + busy, done)
        else:
            done()


def _delivery(message: Received) -> Delivery:
    return Delivery(id=message.id, body=message.body, times=message.times)


def _each(event: Event, times: int) -> None:
    for _ in range(times):
        event()
