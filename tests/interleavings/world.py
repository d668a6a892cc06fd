"""A world in which processes interleave: the real engine over stores and queues in memory, on one timeline.

Ticks, passes, workers and API calls are processes. Each verb of a port is a step at which the others may go on and
trouble may come. A process that dies takes its memory with it; its messages come back when their visibility ends.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from chalicelib.adapters.memory import Received
from chalicelib.bootstrap.whole import System, assemble
from chalicelib.core.attempts.overlap import Slot
from chalicelib.core.errors import Unavailable
from chalicelib.core.message import PASSES, dead
from chalicelib.core.run import FINAL, Run
from chalicelib.core.task import Channel, Task
from chalicelib.engine.deliveries import work_off
from chalicelib.engine.delivery import Delivery
from chalicelib.engine.passes import pass_over
from chalicelib.ports import Queue
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import Settings
from infra.simulation.mapping import countdown
from tests.core.building import START, at
from tests.faults.story import LIMITS
from tests.faults.timeline import Died, OwnClock, Process, Timeline
from tests.interleavings.actions import Actions
from tests.interleavings.chance import Chance
from tests.interleavings.history import Answered, Call, History, short
from tests.interleavings.memory import Queues, Tables, declared
from tests.interleavings.owner import Owner
from tests.interleavings.steps import Stepping
from tests.interleavings.trouble import Arguments, Perform, Trouble, meet, possible

MACHINES = 4
"""Clocks that are wrong, each in its own way; a process begins on one of them."""
BETWEEN_PASSES = 30.0
"""Seconds."""
OF_SLOTS = frozenset({"take_slot", "move_slot", "slot"})


def _ticked(process: Process, system: System) -> None:
    with suppress(Unavailable):  # the next tick comes in a minute
        system.coordinator.tick()


def _audited(process: Process, system: System) -> None:
    with suppress(Unavailable):  # the next audit goes on where this one stopped
        system.auditor.audit()


PERIODIC: dict[str, tuple[timedelta, Callable[[Process, System], object]]] = {
    "tick": (timedelta(seconds=60), _ticked),
    "audit": (timedelta(seconds=300), _audited),
}
"""What rules fire, how far apart, under the name of its kind of process."""


class World:
    """An installation that begins at `START`, in which what may go wrong follows from a seed.

    `handed` holds the queue and body of every run message that a worker was handed; `findings` are the auditor's.
    `planned` is what comes to the next
    call of a kind of process, whatever the seed says.
    """

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.random = random.Random(f"{chance.kind} {chance.seed}")
        self.timeline = Timeline(START)
        self.calm_from = at(chance.end)
        self.store = Tables()
        self.queue = Queues(self.timeline, self._delays, self._deliver)
        self.complaints: list[str] = []
        self.findings: list[dict[str, Any]] = []
        self.told = History(self.timeline)
        self.owner = Owner(self)
        self.changes = self.owner.changes
        self.actions = Actions(self.timeline, self.told)
        self.starts = self.actions.starts
        self.met: list[Trouble] = []
        self.handed: list[tuple[str, str]] = []
        self.planned: dict[str, Trouble] = {}
        self._skews = [self._seconds(chance.skew, -chance.skew) for _ in range(MACHINES)]
        self._systems: dict[tuple[int, int], System] = {}
        self._raised = {kind: self._raises() for kind in (*PERIODIC, "pass", "work", "api")}
        self._stepping_store = cast(WholeStore, Stepping(self.store, self))
        self._stepping_queue = cast(Queue, Stepping(self.queue, self))
        self._phase = 0.0
        for kind, (period, _) in PERIODIC.items():
            first = at(self.random.uniform(0, period.total_seconds()))
            self.timeline.at(first, partial(self._fire, kind))
            self._phase = (first - START).total_seconds() % BETWEEN_PASSES if kind == "tick" else self._phase

    def moment(self, least: float, most: float) -> datetime:
        """Some instant, in seconds after `START`: in some kinds of history just when passes are at work."""
        seconds = self.random.uniform(least, most)
        if not self.chance.among_passes:
            return at(seconds)
        return at(max(least, seconds - seconds % BETWEEN_PASSES + self._phase + self.random.uniform(-1, 3)))

    @property
    def now(self) -> datetime:
        """The true time."""
        return self.timeline.now

    def play(self, until: datetime) -> None:
        """Let the world go on until an instant."""
        self.timeline.play(until)
        for process in self.timeline.processes:
            if process.failure is not None:
                raise AssertionError(f"{process.name} broke\n{self.history()}") from process.failure

    def ask(self, instant: datetime, label: str, verb: str, do: Callable[[System], object]) -> None:
        """Let the owner ask for something at an instant. `label` names the task that it concerns, for ever."""
        self.timeline.at(instant, lambda: self.owner.ask(label, verb, do))

    def end(self) -> None:
        """Whoever is still at work dies."""
        self.timeline.end()

    def history(self) -> str:
        """Every call so far, with what was started and answered."""
        shards = {kind: short([number for pair in raised for number in pair]) for kind, raised in self._raised.items()}
        return "\n".join([str(self.chance), f"shards {shards}", *self.told.lines()])

    # Processes

    def begin(self, kind: str, body: Callable[[Process, System], object], *, limit: str) -> Process:
        """Begin a process of a kind, on some machine."""
        machine = self.random.randrange(MACHINES)
        name = f"{limit}-{len(self.timeline.processes)}"
        killed_at = self.now + timedelta(seconds=LIMITS[limit])
        process = Process(kind=kind, name=name, skew=self._skews[machine], killed_at=killed_at)
        self.timeline.spawn(process, lambda: body(process, self._system(kind, machine)))
        return process

    def _system(self, kind: str, machine: int) -> System:
        """The parts as they are on a machine, with its idea of the time and of the number of shards."""
        shards = [number for since, number in self._raised[kind] if since <= self.now][-1]
        if (machine, shards) not in self._systems:
            system = assemble(
                Settings(shards=shards),
                store=self._stepping_store,
                queue=self._stepping_queue,
                clock=OwnClock(self.timeline, self._skews[machine]),
                actions=dict.fromkeys(("function", "command"), self.actions.perform),
            )
            system.worker.chance.seed(self.chance.seed)
            self._systems[machine, shards] = system
        return self._systems[machine, shards]

    def _raises(self) -> list[tuple[datetime, int]]:
        """When the processes of a kind learn of each number of shards: up to two minutes apart from the others."""
        step = self.chance.end / 2 / len(self.chance.shards)
        since = [0.0, *(n * step + self.random.uniform(0, 120) for n in range(1, len(self.chance.shards)))]
        return list(zip(map(at, sorted(since)), self.chance.shards, strict=True))

    def _fire(self, kind: str) -> None:
        """A rule fires, or should have: never on the second, sometimes twice, sometimes not."""
        period, body = PERIODIC[kind]
        silent = self.chance.silent is not None and at(self.chance.silent[0]) <= self.now < at(self.chance.silent[1])
        if not silent and not self._happens(self.chance.lost_ticks):
            self.begin(kind, body, limit=kind)
            if self._happens(self.chance.doubled_ticks):
                again = self.now + self._seconds(self.random.choice([1, 40]))
                self.timeline.at(again, lambda: self.begin(kind, body, limit=kind))
        self.timeline.at(self.now + period + self._seconds(3, -3), partial(self._fire, kind))

    def _deliver(self, name: str) -> None:
        """Hand over what is visible in a queue: several messages to one process's memory, which they share."""
        visibility, most_receives = declared()[name]
        batch: list[Process] = []
        for message in self.queue.receive(name, visibility=visibility, most=1 if name == PASSES else 10):
            if message.times > most_receives:
                self.queue.delete(name, message.id)
                self.queue.send(dead(name), message.body)
                self.told.tell(f"dead letter {message.body}")
            else:
                batch.extend(self._handed_over(name, message))
        for process in batch:
            process.mates.extend(batch)

    def _handed_over(self, name: str, message: Received) -> list[Process]:
        """A process for the message, or for each run of a pack: it is deleted when all of them are settled."""
        delivery = Delivery(id=message.id, body=message.body, times=message.times)
        parts = delivery.parts()
        settled = countdown(len(parts), partial(self.queue.delete, name, message.id))

        def body(part: Delivery, process: Process, system: System) -> None:
            passing = name == PASSES
            done = pass_over(system.dispatcher, [part]) if passing else work_off(system.worker, Channel(name), [part])
            if done.again:
                process.broken = process.broken or "not answered"
            else:
                settled()

        if name == PASSES:
            return [self.begin("pass", partial(body, delivery), limit="pass")]
        self.handed.append((name, message.body))
        return [self.begin("work", partial(body, part), limit=name) for part in parts]

    # What is there

    def restless(self) -> bool:
        """Whether something obviously goes on: quicker to tell than what the judge asks."""
        open_runs = any(run.status not in FINAL for run in self.runs().values())
        calls = any(slot.waiting for slot in self.slots())
        names = [name for channel in map(str, Channel) for name in (channel, dead(channel))]
        return open_runs or calls or bool(self.late_entries()) or self.waiting(*names) > 0

    def tasks(self) -> dict[str, Task]:
        """The stored tasks by the label that they keep through all changes."""
        return self.store.by_label()

    def runs(self) -> dict[tuple[str, datetime], Run]:
        """The stored runs."""
        return self.store.all_runs()

    def slots(self) -> list[Slot]:
        """The slots that are taken. One that names a waiting run which has ended waits for nobody."""
        runs, slots = self.runs(), self.store.all_slots()
        ended = {key for key, run in runs.items() if run.status in FINAL}
        return [replace(s, waiting=None) if (s.task_id, s.waiting) in ended else s for s in slots]

    def late_entries(self) -> list[str]:
        """The keys of all late entries."""
        return self.store.all_late()

    def waiting(self, *names: str) -> int:
        """How many messages are in some queues."""
        return sum(len(self.queue.waiting(name)) for name in names)

    # What happens to each call

    def step(self, verb: str, perform: Perform, arguments: Arguments, named: Mapping[str, Any]) -> Any:
        """One call of a port: it takes its time, the others go on meanwhile, and trouble may come."""
        process = self.timeline.current
        if process is None:
            return perform(arguments)
        if process.dead:
            raise Died(process.name)
        self.timeline.sleep(self._latency())
        trouble = self._trouble(process, verb)
        self.told.tell(Call(process, verb, arguments, named, trouble))
        if verb in OF_SLOTS:
            process.slow = True  # since it read the task, time has passed
        if trouble is None:
            answer = perform(arguments)
        else:
            self.met.append(trouble)
            answer = meet(trouble, process, verb, arguments, perform, self.timeline.sleep)
        if answer is not None:
            self.told.tell(Answered(process, verb, answer))
        return answer

    def _trouble(self, process: Process, verb: str) -> Trouble | None:
        throttled = self.chance.throttled
        if throttled is not None and at(throttled[0]) <= self.now < at(throttled[1]):
            return Trouble.UNAVAILABLE
        if process.kind in self.planned:
            trouble = self.planned.pop(process.kind)
            return trouble if possible(trouble, verb) else None
        if process.kind not in self.chance.troubled or not self._happens(self.chance.trouble):
            return None
        return self.random.choice([trouble for trouble in self.chance.troubles if possible(trouble, verb)])

    def _latency(self) -> timedelta:
        most = self.chance.slowest if self.random.random() < self.chance.often_slow else self.chance.latency
        return timedelta(milliseconds=1 + int(self.random.random() * most * 1000))

    def _delays(self) -> list[timedelta]:
        """For each copy of a message that is sent, by how much longer it is held."""
        delays = [timedelta(milliseconds=self.random.randrange(200))]
        if self._happens(self.chance.held):
            delays[0] += self._seconds(90)
        if self._happens(self.chance.twice):
            delays.append(self._seconds(self.random.choice([0, 1, 60])))
        return delays

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self.now < self.calm_from and self.random.random() < probability

    def _seconds(self, most: float, least: float = 0) -> timedelta:
        return timedelta(milliseconds=round(self.random.uniform(least, most) * 1000))
