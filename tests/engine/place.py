"""A place where messages are delivered in batches, as Lambda does it, over either adapter; and what is logged there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bench.accounting import Accounting
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.bootstrap.whole import assemble
from chalicelib.core.instant import to_ms
from chalicelib.core.message import encode_run
from chalicelib.core.planning import entry_message
from chalicelib.core.run import Outcome, Run
from chalicelib.core.task import Channel, Task
from chalicelib.core.window import Entry, Kind
from chalicelib.engine.deliveries import work_off
from chalicelib.engine.delivery import Delivery
from chalicelib.engine.passes import pass_over
from chalicelib.logs import LOGGER
from chalicelib.ports import Queue
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import Settings
from infra import resources
from infra.simulation.world import PASS_VISIBILITY, VISIBILITY
from tests.adapters.conftest import new_session
from tests.core.building import START, definition_json
from tests.engine.conftest import ANN, DONE

SETTINGS = Settings()
SECOND = timedelta(seconds=1)
Perform = Callable[[Mapping[str, Any], Mapping[str, str]], Outcome]


class Lines(logging.Handler):
    """Every event that was logged: its `action`, its level and its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        named = {"action": record.getMessage(), "level": record.levelname, "failure": failure}
        self.all.append(named | record.__dict__.get("fields", {}))

    def of(self, *actions: str) -> list[dict[str, Any]]:
        return [line for line in self.all if line["action"] in actions]


@contextmanager
def listening() -> Iterator[Lines]:
    """What is logged meanwhile, from INFO on."""
    kept, handlers, level = Lines(), LOGGER.handlers, LOGGER.level
    LOGGER.handlers = [kept]
    LOGGER.setLevel(logging.INFO)
    try:
        yield kept
    finally:
        LOGGER.handlers = handlers
        LOGGER.setLevel(level)


class Backend(Protocol):
    """Store and queues, and the receiving end of these."""

    store: WholeStore
    queue: Queue

    def receive(self, queue: str, visibility: timedelta) -> list[tuple[str, Delivery]]:
        """Up to ten messages with what deletes each."""
        ...

    def delete(self, queue: str, handle: str) -> None:
        """Be done with a message."""
        ...


class InMemory:
    """The fakes."""

    def __init__(self, clock: ManualClock) -> None:
        self.store: WholeStore = MemoryStore()
        self._queue = MemoryQueue(clock)
        self.queue: Queue = self._queue

    def receive(self, queue: str, visibility: timedelta) -> list[tuple[str, Delivery]]:
        found = self._queue.receive(queue, visibility=visibility)
        return [(one.id, Delivery(id=one.id, body=one.body, times=one.times)) for one in found]

    def delete(self, queue: str, handle: str) -> None:
        self._queue.delete(queue, handle)


class OnStub:
    """The real adapters over the accounting stub. `change` rewrites a task's item as nobody here would write it."""

    def __init__(self, clock: ManualClock) -> None:
        declared = resources.load(SETTINGS.stage)
        self.books = Accounting(
            tables=resources.tables(declared),
            queues=resources.queues(declared),
            clock=lambda: clock.now().timestamp(),
        )
        session = new_session()
        self.books.attach(session)
        self.store: WholeStore = WholeDynamoStore(SETTINGS, session=session, pause=lambda seconds: None)
        self.queue: Queue = SqsQueue(SETTINGS, session=session, pause=lambda seconds: None)
        self._sqs, self._dynamodb = session.create_client("sqs"), session.create_client("dynamodb")
        names = ("passes", *Channel)
        self._urls = {name: self._sqs.get_queue_url(QueueName=SETTINGS.queue(name))["QueueUrl"] for name in names}

    def receive(self, queue: str, visibility: timedelta) -> list[tuple[str, Delivery]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._urls[queue],
            MaxNumberOfMessages=10,
            VisibilityTimeout=int(visibility.total_seconds()),
            AttributeNames=["ApproximateReceiveCount"],
        )
        return [
            (
                one["ReceiptHandle"],
                Delivery(
                    id=one["MessageId"], body=one["Body"], times=int(one["Attributes"]["ApproximateReceiveCount"])
                ),
            )
            for one in answer.get("Messages", ())
        ]

    def delete(self, queue: str, handle: str) -> None:
        self._sqs.delete_message(QueueUrl=self._urls[queue], ReceiptHandle=handle)

    def change(self, task: Task, changes: Mapping[str, Any]) -> None:
        """Write over some attributes of a task's item; None takes one away."""
        table = SETTINGS.table("tasks")
        found = self._dynamodb.get_item(TableName=table, Key={"id": {"S": task.id}}, ConsistentRead=True)
        item = {name: value for name, value in {**found["Item"], **changes}.items() if value is not None}
        self._dynamodb.put_item(TableName=table, Item=item)

    def renumber(self, table: str, number: int, *, but: str = "") -> None:
        """Say of every item of a table, but for an agenda's with that key, that it has the form of another version."""
        name = SETTINGS.table(table)
        items = self._dynamodb.scan(TableName=name)["Items"]
        for item in (item for item in items if item.get("entry") != {"S": but}):
            self._dynamodb.put_item(TableName=name, Item=item | {"v": {"N": str(number)}})

    def put(self, table: str, **item: dict[str, Any]) -> None:
        """Store an item as nobody here would write it."""
        self._dynamodb.put_item(TableName=SETTINGS.table(table), Item=item)


BACKENDS: Mapping[str, Callable[[ManualClock], InMemory | OnStub]] = {"memory": InMemory, "dynamo": OnStub}


@dataclass
class Place:
    """An installation with one shard. `performs` answers for the task of that name; the others are done at once."""

    backend_name: str
    lines: Lines
    performs: dict[str, Perform] = field(default_factory=dict)
    performed: list[tuple[str, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = ManualClock(START)
        self.backend = BACKENDS[self.backend_name](self.clock)
        self.store = self.backend.store
        actions = {"function": self._perform}
        self.system = assemble(SETTINGS, store=self.store, queue=self.backend.queue, clock=self.clock, actions=actions)
        self._next_tick = START

    def _perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        name = str(action.get("args", ["?"])[0])
        self.performed.append((name, self.clock.now()))
        return self.performs[name](action, context) if name in self.performs else DONE

    def create(self, name: str, schedule: dict[str, Any], **more: Any) -> Task:
        action = {"type": "function", "name": "print_hello", "args": [name]}
        data = definition_json(schedule, action=action, name=name) | more
        return self.system.catalog.create(ANN, data)

    def runs(self, task: Task) -> list[Run]:
        """All runs of a task, the oldest first."""
        found = self.store.runs_of(task.id, limit=1000, after=None, first=None, last=None)
        return list(reversed(found.items))

    def body(self, task: Task, due: datetime, kind: Kind = Kind.SCHEDULE, number: int = 1) -> str:
        """What a pass would send for a due time of a task."""
        entry = Entry(start=due, task_id=task.id, kind=kind, due_at=due, number=number)
        return encode_run(entry_message(entry, task))

    def work_off(self, bodies: Sequence[str], *, times: int = 1) -> list[str]:
        """Hand over a batch; the places in it of what has to come again."""
        batch = [Delivery(id=str(at), body=body, times=times) for at, body in enumerate(bodies)]
        return work_off(self.system.worker, Channel.LIGHT, batch).again

    def pass_over(self, bodies: Sequence[str]) -> list[str]:
        """Hand over passes, as `work_off` does runs."""
        batch = [Delivery(id=str(at), body=body, times=1) for at, body in enumerate(bodies)]
        return pass_over(self.system.dispatcher, batch).again

    def play(self, until: datetime) -> None:
        """Second by second: a tick every minute, then every message that is there, ten at a time."""
        while self.clock.now() < until:
            if self.clock.now() >= self._next_tick:
                self.system.coordinator.tick()
                self._next_tick = self.clock.now() + timedelta(minutes=1)
            self._deliver("passes", PASS_VISIBILITY, lambda batch: pass_over(self.system.dispatcher, batch).again)
            for channel in Channel:
                self._deliver(str(channel), VISIBILITY[channel], self._worker(channel))
            self.clock.advance(SECOND - timedelta(milliseconds=to_ms(self.clock.now()) % 1000))

    def _worker(self, channel: Channel) -> Callable[[list[Delivery]], list[str]]:
        return lambda batch: work_off(self.system.worker, channel, batch).again

    def _deliver(self, queue: str, visibility: timedelta, handle: Callable[[list[Delivery]], list[str]]) -> None:
        while received := self.backend.receive(queue, visibility):
            again = handle([delivery for _, delivery in received])
            for handed, delivery in received:
                if delivery.id not in again:
                    self.backend.delete(queue, handed)
