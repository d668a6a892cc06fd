"""A story: a whole installation over the accounting stub, in which every call may meet trouble.

The real engine, the real adapters, real botocore clients. Ticks, deliveries, API calls and workers are processes on one
timeline; a process that dies takes its memory with it, and its messages come back when their visibility ends.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import botocore.retries.quota
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

import chalicelib.adapters.dynamo.calls
import chalicelib.engine.deliveries
import chalicelib.engine.requests.catalog
from bench.accounting import Accounting
from bench.accounting.sqs.queues import Message, Queue, url_of
from bench.accounting.wire import Answer, Request
from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.dynamo.run_items import run_of
from chalicelib.adapters.dynamo.tasks import task_of
from chalicelib.adapters.dynamo.users import user_item
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.bootstrap import System, assemble
from chalicelib.core.account import Role, User
from chalicelib.core.errors import PunctualError, Unavailable
from chalicelib.core.instant import from_ms
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunError
from chalicelib.core.task import Channel, Task
from chalicelib.engine import dispatcher
from chalicelib.engine.deliveries import Delivery, pass_over, work_off
from chalicelib.settings import Settings
from infra import resources
from tests.core.building import START
from tests.faults.timeline import FOREVER, Died, OwnClock, Process, Timeline
from tests.faults.trouble import SDK_TRIES, Perform, Trouble, meet, possible

ANN = User(
    id="ann",
    username="ann",
    email="ann@example.com",
    role=Role.ADMIN,
    can_run_commands=True,
    password_hash="",
    created_at=START,
)
LIMITS = {"tick": 30, "pass": 60, "api": 30, "light": 160, "urgent": 160, "commands": 900}
"""Seconds after which Lambda ends each function."""
TICK = timedelta(seconds=61)
"""The rule is never exact; and so passes come at other times than just when the lease of an earlier one ends."""
LATENCY = timedelta(milliseconds=4)
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
    """What the owner asked for, from when to when it took, whether it was acknowledged, and what was stored then."""

    name: str
    asked: datetime
    ended: datetime
    acknowledged: bool
    stored: Task | None


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What is left to chance in a story. All zero: nothing is."""

    seed: int = 0
    latency: float = 0.0
    """The most seconds that a call takes, in a random share."""
    skew: float = 0.0
    """The most seconds that a process's clock is wrong, either way."""
    trouble: float = 0.0
    """How probable trouble is at each call."""
    twice: float = 0.0
    """How probable it is that a message is delivered twice."""
    held: float = 0.0
    """How probable it is that a message is held for up to a minute and a half."""
    lost_ticks: float = 0.0


@dataclass
class Story:
    """An installation that begins at `START`. `plan` says which call of which kind of process meets which trouble."""

    plan: Mapping[tuple[str, int], Trouble] = field(default_factory=dict)
    chance: Chance = field(default_factory=Chance)
    settings: Settings = field(default_factory=partial(Settings, shards=2))
    calm_from: datetime = START + FOREVER
    """From then on nothing more goes wrong."""
    first_tick: datetime = START
    page: int = dispatcher.PAGE
    """Entries that a pass reads at once."""
    pass_limit: timedelta = dispatcher.PASS_LIMIT
    """After which a pass stops by itself."""

    def __post_init__(self) -> None:
        self.timeline = Timeline(START)
        self.books = Accounting(**_declared(self.settings.stage), clock=self._seconds, hook=self._hook)
        self.random = random.Random(self.chance.seed)
        self.ids = random.Random(self.chance.seed + 1)
        self.calls: list[str] = []
        self.counts: Counter[str] = Counter()
        self.operations: dict[tuple[str, int], str] = {}
        self.met: list[Trouble] = []
        self.starts: list[Start] = []
        self.changes: list[Change] = []
        self.complaints: list[str] = []
        self.ticking = True
        self.bodies: list[tuple[Channel, str]] = []
        self._again: list[tuple[Process, Trouble, int]] = []
        self.store = DynamoStore(self.settings, session=_Shared(), pause=self._pause)
        self.books.seed(self.settings.table("accounts"), [user_item(ANN)])
        self.timeline.at(self.first_tick, self._tick)

    def system(self, process: Process) -> System:
        """The parts as one process has them, with its own idea of the time."""
        clock = OwnClock(self.timeline, process.skew)
        system = assemble(
            self.settings,
            store=self.store,
            queue=_WarmQueue(self.settings, session=_Shared(), pause=self._pause),
            clock=clock,
            actions=dict.fromkeys(("function", "command"), partial(self._perform, process)),
        )
        system.worker.chance.seed(self.chance.seed)
        return system

    @property
    def now(self) -> datetime:
        return self.timeline.now

    def _seconds(self) -> float:
        return self.timeline.now.timestamp()

    def play(self, until: datetime) -> None:
        """Let the story go on until an instant."""
        self.timeline.play(until)
        for process in self.timeline.processes:
            if process.failure is not None:
                raise AssertionError(f"{process.name} broke\n{self.history()}") from process.failure

    def history(self) -> str:
        """Every call so far, and how to tell the same story again."""
        return "\n".join([f"{self.plan} {self.chance}", *self.calls])

    # What the world does

    def begin(self, kind: str, body: Callable[[Process], object], *, limit: str, at: datetime | None = None) -> Process:
        """Begin a process of a kind."""
        begun = self.now if at is None else at
        name = f"{limit}-{len(self.timeline.processes)}"
        skew = timedelta(milliseconds=round(self.random.uniform(-1, 1) * self.chance.skew * 1000))
        process = Process(kind=kind, name=name, skew=skew, killed_at=begun + timedelta(seconds=LIMITS[limit]))
        self.timeline.spawn(process, lambda: body(process), at)
        return process

    def _tick(self) -> None:
        if self.ticking and not self._happens(self.chance.lost_ticks):
            self.begin("tick", self._ticked, limit="tick")
        self.timeline.at(self.now + TICK, self._tick)

    def _ticked(self, process: Process) -> None:
        with suppress(Unavailable):  # the next tick comes in a minute
            self.system(process).coordinator.tick()

    def _deliver(self, name: str) -> None:
        queue = self.books.sqs.queues.find(self.settings.queue(name))
        visibility = queue.seconds("VisibilityTimeout")
        batch: list[Process] = []
        for message in self.books.sqs.queues.receive(queue, 10 if name != "passes" else 1, visibility):
            if self._happens(self.chance.held):
                queue.show(message, (self.now + timedelta(seconds=self.random.uniform(1, 90))).timestamp())
            else:
                batch.append(self._handed_over(name, message))
                if message.receives == 1 and self._happens(self.chance.twice):
                    self._copy(queue, name, message)
            self.timeline.at(_instant(message.visible_at), partial(self._deliver, name))
        for process in batch:
            process.mates.extend(batch)
        if queue.waiting and queue.waiting[0][0] <= self.now.timestamp():
            self.timeline.at(self.now, partial(self._deliver, name))

    def _handed_over(self, name: str, message: Message) -> Process:
        handle, delivery = message.handle, Delivery(id=message.id, body=message.body, times=message.receives)
        queue = self.books.sqs.queues.find(self.settings.queue(name))

        def body(process: Process) -> None:
            system = self.system(process)
            failed = (
                pass_over(system.dispatcher, [delivery])
                if name == "passes"
                else work_off(system.worker, Channel(name), [delivery])
            )
            if failed:
                process.broken = process.broken or "not answered"
            else:
                queue.remove(handle)

        if name == "passes":
            return self.begin("pass", body, limit="pass")
        self.bodies.append((Channel(name), message.body))
        return self.begin("work", body, limit=name)

    def _copy(self, queue: Queue, name: str, message: Message) -> None:
        """The same message a second time, somewhere within the next minute."""
        visible_at = self.now.timestamp() + self.random.choice([0, 0, 0.05, 1, 60])
        queue.add(replace(message, id=f"{message.id}-copy", receives=0, visible_at=visible_at, first_received_at=None))
        self.timeline.at(_instant(visible_at), partial(self._deliver, name))

    def redeliver(self, channel: Channel, body: str) -> None:
        """A copy of a message turns up, from wherever it was."""
        delivery = Delivery(id="copy", body=body, times=1)
        self.begin("work", lambda process: work_off(self.system(process).worker, channel, [delivery]), limit=channel)

    def ask(self, at: datetime, name: str, do: Callable[[System], object]) -> None:
        """The owner asks for something at an instant. `name` is the name of the task that it concerns."""
        self.timeline.at(at, lambda: self._ask(name, do))

    def _ask(self, name: str, do: Callable[[System], object]) -> None:
        asked, answers = self.now, list[object]()

        def body(process: Process) -> None:
            try:
                answers.append(do(self.system(process)))
            except PunctualError as error:  # the owner is told, and nothing is promised
                self.calls.append(f"{self._time()} {process.name} answers {error!r}")
            finally:
                self._note(name, asked, answers)

        self.begin("api", body, limit="api")

    def _note(self, name: str, asked: datetime, answers: list[object]) -> None:
        stored, acknowledged = self.tasks().get(name), bool(answers)
        change = Change(name=name, asked=asked, ended=self.now, acknowledged=acknowledged, stored=stored)
        self.changes.append(change)
        self.calls.append(f"{self._time()} {name} {'acknowledged' if acknowledged else 'not acknowledged'}")
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
        self.calls.append(f"{self._time()} {process.name} STARTS {context['run_id']} {attempt}")
        self.timeline.sleep(timedelta(seconds=wishes.get("seconds", 0)))
        if attempt <= wishes.get("fails", 0):
            return Outcome(status=AttemptStatus.FAILED, error=BROKE, exit_code=3)
        return Outcome(status=AttemptStatus.SUCCEEDED, output="x" * wishes.get("output", 5))

    # What is there

    def tasks(self) -> dict[str, Task]:
        """The stored tasks by name."""
        found = [task_of(item) for item in self.books.items(self.settings.table("tasks"))]
        assert len({task.definition.name for task in found}) == len(found), "a task was stored twice"
        return {task.definition.name: task for task in found}

    def runs(self) -> dict[tuple[str, datetime], Run]:
        """The stored runs."""
        items = self.books.items(self.settings.table("runs"))
        found = [run_of(item) for item in items if item["due_key"]["S"].isdecimal()]
        return {(run.task_id, run.due_at): run for run in found}

    def slots(self) -> list[Any]:
        """The slots that are taken."""
        return [item for item in self.books.items(self.settings.table("runs")) if item["due_key"]["S"] == "!slot"]

    def late_entries(self) -> list[str]:
        """The keys of all late entries."""
        items = self.books.items(self.settings.table("agenda"))
        found = [(item["partition"]["S"], item["entry"]["S"]) for item in items]
        return [entry for partition, entry in found if partition.startswith("late#") and entry != "!control"]

    def waiting(self, *names: str) -> int:
        """How many messages are in some queues."""
        queues = self.books.sqs.queues
        return sum(len(queues.find(self.settings.queue(name)).messages) for name in names)

    # What happens to each call

    def _hook(self, request: Request, perform: Perform) -> Answer:
        process = self.timeline.current
        if process is None:
            return perform(request)
        if process.dead:
            raise Died(process.name)
        number = self.counts[process.kind]
        self.counts[process.kind] += 1
        self.operations[process.kind, number] = request.operation
        self.timeline.sleep(self._latency())
        trouble = self._trouble(process, number, request.operation)
        asked = _summary(request)
        self.calls.append(f"{self._time()} {process.name} {process.kind} {number} {asked} {trouble or ''}")
        place = len(self.calls) - 1
        watched = partial(self._performed, perform)
        answer = watched(request) if trouble is None else self._meet(trouble, process, request, watched)
        if answer.error is not None:
            self.calls[place] += f" -> {answer.error}"
        return answer

    def _meet(self, trouble: Trouble, process: Process, request: Request, perform: Perform) -> Answer:
        self.met.append(trouble)
        if trouble in (Trouble.LOST_EVERY_TIME, Trouble.UNREACHABLE):
            left = [n for p, t, n in self._again if p is process]
            self._again = [one for one in self._again if one[0] is not process]
            tries = left[0] if left else SDK_TRIES
            if tries > 1:
                self._again.append((process, trouble, tries - 1))
        return meet(trouble, process, request, perform, self.timeline.sleep)

    def _trouble(self, process: Process, number: int, operation: str) -> Trouble | None:
        for one, trouble, _ in self._again:
            if one is process:
                return trouble
        planned = self.plan.get((process.kind, number))
        if planned is None and self._happens(self.chance.trouble):
            planned = self.random.choice(list(Trouble))
        return planned if planned is not None and possible(planned, operation) else None

    def _performed(self, perform: Perform, request: Request) -> Answer:
        """Perform a call; what it sends is delivered when it becomes visible."""
        answer = perform(request)
        if request.operation == "SendMessageBatch" and answer.error is None:
            name = request.parameters["QueueUrl"].rpartition("-")[2]
            for delay in {entry.get("DelaySeconds", 0) for entry in request.parameters["Entries"]}:
                self.timeline.at(_instant(self.now.timestamp() + delay), partial(self._deliver, name))
        return answer

    def _latency(self) -> timedelta:
        more = self.random.uniform(0, self.chance.latency) if self.chance.latency else 0
        return LATENCY + timedelta(milliseconds=round(more * 1000))

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self.now < self.calm_from and self.random.random() < probability

    def _pause(self, seconds: float) -> None:
        self.timeline.sleep(timedelta(milliseconds=round(seconds * 1000)))

    def _time(self) -> str:
        return f"{(self.now - START).total_seconds():8.3f}"


@contextmanager
def told(monkeypatch: pytest.MonkeyPatch, story: Story) -> Iterator[Story]:
    """Let a story have the clients, the pauses between their tries and the randomness of ids for itself."""

    def sleep(seconds: float) -> None:
        if seconds > 0 and story.timeline.current is not None:
            story._pause(seconds)

    with monkeypatch.context() as patched:
        patched.setattr(
            botocore.retries.quota.RetryQuota, "acquire", lambda *_: True
        )  # it is the clients', not a story's
        patched.setattr(dispatcher, "PAGE", story.page)
        patched.setattr(dispatcher, "PASS_LIMIT", story.pass_limit)
        patched.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=sleep))
        patched.setattr(chalicelib.engine.requests.catalog, "os", SimpleNamespace(urandom=story.ids.randbytes))
        for module in (chalicelib.adapters.dynamo.calls, chalicelib.engine.deliveries):
            patched.setattr(module, "ThreadPoolExecutor", _OneAfterTheOther)
        random.seed(story.chance.seed)
        _telling.append(story)
        try:
            yield story
        finally:
            story.timeline.end()
            _telling.remove(story)


class _OneAfterTheOther:
    """A pool whose threads would make the order of calls a matter of luck: here each is done when it is handed in."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __enter__(self) -> _OneAfterTheOther:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, do: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(do(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def map(self, do: Callable[..., Any], items: Any) -> Iterator[Any]:
        return map(do, items)


_telling: list[Story] = []


class _WarmQueue(SqsQueue):
    """The queues of a process that has sent before: it knows their addresses, and nobody else waits for its look."""

    def _url(self, queue: str) -> str:
        return url_of(Queue(self._settings.queue(queue), {}))


class _Shared:
    """A session whose clients are made once for all stories: making one costs as much as a hundred calls."""

    def create_client(self, service: str, config: Any) -> Any:
        if service not in _clients:
            session = botocore.session.Session()
            session.set_credentials("testing", "testing")
            session.set_config_variable("region", "us-east-1")
            session.get_component("event_emitter").register_first("before-send", _serve)
            _clients[service] = session.create_client(service, config=config.merge(UNSIGNED_CONFIG))
        return _clients[service]


UNSIGNED_CONFIG = Config(signature_version=UNSIGNED)
"""Nobody checks signatures here, and making them takes a tenth of every call."""
_clients: dict[str, Any] = {}


def _serve(request: AWSPreparedRequest, event_name: str, **more: Any) -> AWSResponse:
    return _telling[-1].books.serve(request, event_name, **more)


@cache
def _resources(stage: str) -> resources.Resources:
    return resources.load(stage)


def _declared(stage: str) -> dict[str, Any]:
    """Tables and queues as the stub wants them: a dead-letter queue by its name."""
    declared = _resources(stage)

    def named(queue: dict[str, Any]) -> dict[str, Any]:
        policy = queue.get("RedrivePolicy")
        if policy is None:
            return queue
        logical_id, _ = policy["deadLetterTargetArn"]["Fn::GetAtt"]
        name = declared[logical_id]["Properties"]["QueueName"]
        return queue | {"RedrivePolicy": policy | {"deadLetterTargetArn": name}}

    return {"tables": resources.tables(declared), "queues": [named(queue) for queue in resources.queues(declared)]}


def _instant(seconds: float) -> datetime:
    return from_ms(round(seconds * 1000) + 1)  # the queues count in fractions: a moment too early finds nothing


def _summary(request: Request) -> str:
    """What a call is about, in a few words."""
    parameters = request.parameters
    keys: list[str] = []
    for part in (parameters, *(next(iter(one.values())) for one in parameters.get("TransactItems", ()))):
        item = part.get("Item") or part.get("Key") or {}
        keys += [
            "/".join(
                item[name]["S"][-26:] for name in ("id", "partition", "entry", "task_id", "due_key") if name in item
            )
        ]
        if "status" in item:
            keys.append(item["status"].get("S", ""))
    values = parameters.get("ExpressionAttributeValues", {}) if "KeyConditionExpression" in parameters else {}
    keys += [next(iter(value.values())) for value in values.values()]
    keys += [f"{entry['DelaySeconds']}s {entry['MessageBody'][:90]}" for entry in parameters.get("Entries", ())]
    for table in parameters.get("RequestItems", {}).values():
        written = table if isinstance(table, list) else []
        keys += [
            "/".join(v["S"] for k, v in one["PutRequest"]["Item"].items() if k in ("partition", "entry"))
            for one in written
        ]
    return " ".join([request.operation, *keys])
