"""A story: a whole installation over the accounting stub or moto, in which every call may meet trouble.

The real engine, the real adapters, real botocore clients. Ticks, deliveries, API calls and workers are processes on one
timeline; a process that dies takes its memory with it, and its messages come back when their visibility ends.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import Mailbox
from chalicelib.bootstrap.whole import System, assemble
from chalicelib.core.alerting.policy import Way
from chalicelib.core.errors import PunctualError, Unavailable
from chalicelib.core.instant import from_ms
from chalicelib.core.people.account import Role, User
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunError
from chalicelib.core.task import Channel, Task
from chalicelib.engine import dispatcher
from chalicelib.engine.deliveries import work_off
from chalicelib.engine.delivery import Delivery
from chalicelib.engine.passes import pass_over
from chalicelib.settings import Settings
from infra.simulation.mapping import countdown
from tests.core.building import START
from tests.faults.aws import Item, MakeAws, Received
from tests.faults.aws.stub import Stub
from tests.faults.calls import Calls, Plan
from tests.faults.chance import Chance, Luck
from tests.faults.clients import Shared, WarmQueue
from tests.faults.replica import Replica
from tests.faults.stored import Stored
from tests.faults.timeline import FOREVER, OwnClock, Process, Timeline

ANN = User(
    id="ann",
    username="ann",
    email="ann@example.com",
    role=Role.ADMIN,
    can_run_commands=True,
    password_hash="",
    created_at=START,
)
LIMITS = {"tick": 30, "audit": 300, "pass": 60, "api": 30, "light": 160, "urgent": 160, "commands": 900}
"""Seconds after which Lambda ends each function."""
TICK = timedelta(seconds=61)
"""The rule is never exact; and so passes come at other times than just when the lease of an earlier one ends."""
BROKE = RunError(code="exit_code", detail="ended with 3")


@dataclass(frozen=True, kw_only=True)
class Start:
    """An action that began: for which due time, when by the true time, and in which process."""

    task_id: str
    due_at: datetime
    attempt: int
    at: datetime
    process: Process


@dataclass(frozen=True, kw_only=True)
class Change:
    """What the owner asked for, from when to when it took, whether it was acknowledged, and what was stored then.
    `answer` is the task as the owner was told that it is, where others may have changed it by then."""

    name: str
    asked: datetime
    ended: datetime
    acknowledged: bool
    stored: Task | None
    answer: Task | None = None


@dataclass
class Story:
    """An installation that begins at `START`. `plan` says which call of which kind of process meets which trouble."""

    plan: Plan = field(default_factory=dict)
    chance: Chance = field(default_factory=Chance)
    settings: Settings = field(default_factory=partial(Settings, shards=2))
    calm_from: datetime = START + FOREVER
    """From then on nothing more goes wrong."""
    first_tick: datetime = START
    page: int = dispatcher.PAGE
    """Entries that a pass reads at once."""
    pass_limit: timedelta = dispatcher.PASS_LIMIT
    """After which a pass stops by itself."""
    make_aws: MakeAws = Stub
    """What its tables and queues are."""

    def __post_init__(self) -> None:
        self.timeline = Timeline(START)
        self.luck = Luck(self.chance, self.timeline, self.calm_from)
        self.ids = random.Random(self.chance.seed + 1)
        replica = Replica(self.settings.stage, self.timeline)
        self.calls = Calls(self.timeline, self.plan, self.chance, self.luck, replica, self._sent)
        self.aws = self.make_aws(self.settings.stage, self._seconds, self.calls.hook)
        self.store = WholeDynamoStore(self.settings, session=Shared(), pause=self.pause)
        self.stored = Stored(self.settings, self.aws)
        self.starts: list[Start] = []
        self.changes: list[Change] = []
        self.complaints: list[str] = []
        self.mailbox = Mailbox()
        self.ticking = True
        self.bodies: list[tuple[Channel, str]] = []
        self.timeline.at(self.first_tick, self._tick)

    def system(self, process: Process) -> System:
        """The parts as one process has them, with its own idea of the time."""
        clock = OwnClock(self.timeline, process.skew)
        system = assemble(
            self.settings,
            store=self.store,
            queue=WarmQueue(self.settings, session=Shared(), pause=self.pause),
            clock=clock,
            actions=dict.fromkeys(("function", "command"), partial(self._perform, process)),
            ways={Way.WEBHOOK: self.mailbox},
        )
        system.worker.chance.seed(self.chance.seed)
        return system

    @property
    def now(self) -> datetime:
        return self.timeline.now

    def _seconds(self) -> float:
        return self.timeline.now.timestamp()

    def pause(self, seconds: float) -> None:
        """Let a process wait."""
        self.timeline.sleep(timedelta(milliseconds=round(seconds * 1000)))

    def play(self, until: datetime) -> None:
        """Let the story go on until an instant."""
        self.timeline.play(until)
        for process in self.timeline.processes:
            if process.failure is not None:
                raise AssertionError(f"{process.name} broke\n{self.history()}") from process.failure

    def history(self) -> str:
        """Every call so far, and how to tell the same story again."""
        return "\n".join([f"{self.plan} {self.chance}", *self.calls.history])

    # What the world does

    def begin(self, kind: str, body: Callable[[Process], object], *, limit: str, at: datetime | None = None) -> Process:
        """Begin a process of a kind."""
        begun = self.now if at is None else at
        name = f"{limit}-{len(self.timeline.processes)}"
        killed_at = begun + timedelta(seconds=LIMITS[limit])
        process = Process(kind=kind, name=name, skew=self.luck.skew(), killed_at=killed_at)
        self.timeline.spawn(process, lambda: body(process), at)
        return process

    def _tick(self) -> None:
        if self.ticking and not self.luck.happens(self.chance.lost_ticks):
            self.begin("tick", self._ticked, limit="tick")
        self.timeline.at(self.now + TICK, self._tick)

    def _ticked(self, process: Process) -> None:
        with suppress(Unavailable):  # the next tick comes in a minute
            self.system(process).coordinator.tick()

    def _sent(self, name: str, delay: float) -> None:
        self.timeline.at(_instant(self.now.timestamp() + delay), partial(self._deliver, name))

    def _deliver(self, name: str) -> None:
        queue = self.settings.queue(name)
        batch: list[Process] = []
        for message in self.aws.receive(queue, 10 if name != "passes" else 1):
            visible_at = message.visible_at
            if self.luck.happens(self.chance.held):
                visible_at = (self.now + timedelta(seconds=self.luck.hold())).timestamp()
                self.aws.hide(queue, message, visible_at)
            else:
                batch.extend(self._handed_over(name, message))
                if message.times == 1 and self.luck.happens(self.chance.twice):
                    self._copy(name, message)
            self.timeline.at(_instant(visible_at), partial(self._deliver, name))
        for process in batch:
            process.mates.extend(batch)
        if self.aws.ready(queue):
            self.timeline.at(self.now, partial(self._deliver, name))

    def _handed_over(self, name: str, message: Received) -> list[Process]:
        """A process for the message, or for each run of a pack: it is deleted when all of them are settled."""
        delivery = Delivery(id=message.id, body=message.body, times=message.times)
        parts = delivery.parts()
        settled = countdown(len(parts), lambda: self.aws.remove(self.settings.queue(name), message.handle))

        def body(part: Delivery, process: Process) -> None:
            system = self.system(process)
            done = (
                pass_over(system.dispatcher, [part])
                if name == "passes"
                else work_off(system.worker, Channel(name), [part])
            )
            if done.again:
                process.broken = process.broken or "not answered"
            else:
                settled()

        if name == "passes":
            return [self.begin("pass", partial(body, delivery), limit="pass")]
        self.bodies.append((Channel(name), message.body))
        return [self.begin("work", partial(body, part), limit=name) for part in parts]

    def _copy(self, name: str, message: Received) -> None:
        """The same message a second time, somewhere within the next minute."""
        visible_at = self.now.timestamp() + self.luck.one_of([0, 0, 0.05, 1, 60])
        self.aws.copy(self.settings.queue(name), message, visible_at)
        self.timeline.at(_instant(visible_at), partial(self._deliver, name))

    def redeliver(self, channel: Channel, body: str) -> None:
        """A copy of a message turns up, from wherever it was."""
        for part in Delivery(id="copy", body=body, times=1).parts():
            self.begin("work", partial(self._work_off, channel, part), limit=channel)

    def _work_off(self, channel: Channel, part: Delivery, process: Process) -> None:
        work_off(self.system(process).worker, channel, [part])

    def audit(self, at: datetime) -> None:
        """The auditor is fired at an instant."""
        self.timeline.at(at, lambda: self.begin("audit", self._audited, limit="audit"))

    def _audited(self, process: Process) -> None:
        with suppress(Unavailable):  # the next one comes in five minutes
            self.system(process).auditor.audit()

    def ask(self, at: datetime, name: str, do: Callable[[System], object]) -> None:
        """The owner asks for something at an instant. `name` is the name of the task that it concerns."""
        self.timeline.at(at, lambda: self._ask(name, do))

    def _ask(self, name: str, do: Callable[[System], object]) -> None:
        asked, answers = self.now, list[object]()

        def body(process: Process) -> None:
            try:
                answers.append(do(self.system(process)))
            except PunctualError as error:  # the owner is told, and nothing is promised
                self.calls.note(f"{process.name} answers {error!r}")
            finally:
                self._note(name, asked, answers)

        self.begin("api", body, limit="api")

    def _note(self, name: str, asked: datetime, answers: list[object]) -> None:
        stored, acknowledged = self.tasks().get(name), bool(answers)
        change = Change(name=name, asked=asked, ended=self.now, acknowledged=acknowledged, stored=stored)
        self.changes.append(change)
        self.calls.note(f"{name} {'acknowledged' if acknowledged else 'not acknowledged'}")
        if acknowledged and not self._kept(stored, answers[0]):
            self.complaints.append(f"{name}: {answers[0]} was acknowledged, and {stored} is stored")

    def _kept(self, stored: Task | None, answer: object) -> bool:
        """Whether what the owner was told is so: a task as it is stored, a run, or nothing for a task that is gone."""
        if isinstance(answer, Run):
            return (answer.task_id, answer.due_at) in self.runs()
        return stored == answer

    def _perform(
        self, process: Process, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]
    ) -> Outcome:
        due = from_ms(int(context["run_id"].rpartition("-")[2]))
        attempt, wishes = int(context["attempt"]), action.get("kwargs", {})
        self.starts.append(Start(task_id=context["task_id"], due_at=due, attempt=attempt, at=self.now, process=process))
        self.calls.note(f"{process.name} STARTS {context['run_id']} {attempt}")
        self.timeline.sleep(timedelta(seconds=wishes.get("seconds", 0)))
        broken = due < START + timedelta(seconds=wishes.get("broken_until", 0))
        if broken or attempt <= wishes.get("fails", 0):
            return Outcome(status=AttemptStatus.FAILED, error=BROKE, exit_code=3)
        return Outcome(status=AttemptStatus.SUCCEEDED, output="x" * wishes.get("output", 5))

    # What is there

    def tasks(self) -> dict[str, Task]:
        return self.stored.tasks()

    def runs(self) -> dict[tuple[str, datetime], Run]:
        return self.stored.runs()

    def slots(self) -> list[Item]:
        return self.stored.slots()

    def late_entries(self) -> list[str]:
        return self.stored.late_entries()

    def waiting(self, *names: str) -> int:
        return self.stored.waiting(*names)


def _instant(seconds: float) -> datetime:
    return from_ms(round(seconds * 1000) + 1)  # the queues count in fractions: a moment too early finds nothing
