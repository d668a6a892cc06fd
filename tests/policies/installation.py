"""An installation whose every part is real down to botocore: what it needs of AWS is recorded while it is used.

The accounting stub is its DynamoDB and SQS, moto its Parameter Store; its sandbox answers without being there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from botocore.awsrequest import AWSResponse
from chalice.test import Client
from moto import mock_aws

from app import app
from bench.accounting import Accounting
from bench.accounting.wire import Request
from chalicelib.actions.command import lambda_invoker
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.adapters.ssm import SsmSecrets
from chalicelib.bootstrap import whole
from chalicelib.bootstrap.groups import memberships
from chalicelib.bootstrap.letters import notifiers
from chalicelib.bootstrap.requests import WholePorts
from chalicelib.bootstrap.worker import actions
from chalicelib.core.instant import to_text
from chalicelib.core.message import encode_run
from chalicelib.core.planning import entry_message
from chalicelib.core.run import AttemptStatus, Outcome, RunError
from chalicelib.core.task import Channel, Task
from chalicelib.core.window import Entry, Kind
from chalicelib.engine.calling import Calling
from chalicelib.engine.deliveries import work_off
from chalicelib.engine.delivery import Delivery
from chalicelib.engine.passes import pass_over
from chalicelib.functions import registry
from chalicelib.ports import Action
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import Settings
from infra import resources
from tests.adapters.conftest import new_session
from tests.web.building import NOW, World

SETTINGS = Settings(aws_actions_allowed=frozenset({"sqs:send_message"}))
TOPIC = "arn:aws:sns:us-east-1:123456789012:punctual-local-alerts-ops"
"""Where owners are told."""
LONG = "x" * 5_000
"""Output that is too long to be kept with its run."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One installation, and the AWS below it."""

    system: whole.System
    clock: ManualClock
    books: Accounting
    sqs: Any
    dynamodb: Any
    """Clients of a test's own."""
    exit_codes: list[int]
    """What the next actions end with; 0 when there is none."""

    @property
    def store(self) -> WholeStore:
        """Its tables."""
        return self.system.catalog.store

    @property
    def world(self) -> World:
        """The same, for those who know installations in memory: they use what every adapter of the ports has."""
        store, queue = cast(MemoryStore, self.system.catalog.store), cast(MemoryQueue, self.system.catalog.queue)
        return World(client=Client(app), store=store, queue=queue, clock=self.clock)

    def task(self, task_id: str) -> Task:
        """A task as it is stored."""
        found = self.store.task(task_id)
        assert found is not None
        return found

    def deliver(
        self, channel: Channel, task: Task, due: datetime, *, kind: Kind = Kind.SCHEDULE, times: int = 1
    ) -> None:
        """Hand a due time of a task to a worker, as its queue would."""
        entry = Entry(start=max(due, self.clock.now()), task_id=task.id, kind=kind, due_at=due, number=1)
        body = encode_run(entry_message(entry, task))
        assert work_off(self.system.worker, channel, [Delivery(id="one", body=body, times=times)]).again == []

    def deliver_all(self, *, lost: bool = False) -> int:
        """Hand over every message that is visible; how many there were. `lost`: runs' messages vanish."""
        count = len(handled := self._received("passes"))
        assert pass_over(self.system.dispatcher, handled).again == []
        for channel in Channel:
            count += len(batch := self._received(str(channel)))
            assert lost or work_off(self.system.worker, channel, batch).again == []
        return count

    def play(self, minutes: int, *, lost: bool = False) -> None:
        """Let time pass, with a tick every minute."""
        for _ in range(minutes):
            self.system.coordinator.tick()
            for _ in range(6):
                self.deliver_all(lost=lost)
                self.clock.advance(timedelta(seconds=10))

    def send(self, queue: str, body: str) -> None:
        """Put a message on a queue, as no function does."""
        self.sqs.send_message(QueueUrl=self._url(queue), MessageBody=body)

    def forget_entries(self) -> None:
        """Take every entry out of the agenda's windows."""
        table = SETTINGS.table("agenda")
        for row in self.dynamodb.scan(TableName=table)["Items"]:
            if row["partition"]["S"][:1].isdigit():
                self.dynamodb.delete_item(TableName=table, Key={name: row[name] for name in ("partition", "entry")})

    def slow_down(self, operation: str, by: timedelta) -> None:
        """Let every call of one of DynamoDB's operations take so long, from now on."""

        def slowly(request: Request, perform: Callable[[Request], Any]) -> Any:
            if request.operation == operation:
                self.clock.advance(by)
            return perform(request)

        self.books.hook = slowly

    def _received(self, queue: str) -> list[Delivery]:
        found: list[Delivery] = []
        while batch := self.sqs.receive_message(QueueUrl=self._url(queue), MaxNumberOfMessages=10).get("Messages"):
            found += [Delivery(id=one["MessageId"], body=one["Body"], times=1) for one in batch]
            for one in batch:
                self.sqs.delete_message(QueueUrl=self._url(queue), ReceiptHandle=one["ReceiptHandle"])
        return found

    def _url(self, queue: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=SETTINGS.queue(queue))["QueueUrl"])


@contextmanager
def installed() -> Iterator[Installation]:
    """A new installation, behind the application of this process."""
    clock, exit_codes = ManualClock(NOW), list[int]()
    declared = resources.load(SETTINGS.stage)
    with mock_aws():
        session, other = new_session(), new_session()
        books = Accounting(
            tables=resources.tables(declared),
            queues=resources.queues(declared),
            clock=lambda: clock.now().timestamp(),
        )
        books.attach(session)
        other.register("before-send.lambda.Invoke", lambda request, **_: _sandbox(request, exit_codes))
        registry.load()
        other.create_client("sns").create_topic(Name=TOPIC.rpartition(":")[2])
        ask = lambda_invoker("punctual-local-sandbox", lambda config: other.create_client("lambda", config=config))
        ports = WholePorts(
            settings=SETTINGS,
            store=WholeDynamoStore(SETTINGS, session=session, pause=lambda seconds: None),
            queue=SqsQueue(SETTINGS, session=session, pause=lambda seconds: None),
            clock=clock,
            secrets=SsmSecrets(SETTINGS, session=other),
        )
        performed = partial(_performed, exit_codes)
        calling = Calling(store=ports.store, clock=clock, shards=SETTINGS.shards)
        system = whole.assemble(
            SETTINGS,
            store=ports.store,
            queue=ports.queue,
            clock=clock,
            actions=actions(ports, ask) | {"http": performed, "function": partial(_called, calling, performed)},
            secrets=ports.secrets,
            ways=notifiers(SETTINGS, other),
        )
        system = replace(
            system,
            coordinator=replace(system.coordinator, queue=SqsQueue(SETTINGS, session=session)),
            dispatcher=replace(system.dispatcher, queue=SqsQueue(SETTINGS, session=session)),
            auditor=replace(system.auditor, queue=SqsQueue(SETTINGS, session=session)),
            worker=replace(
                system.worker, memberships=memberships(replace(ports, queue=SqsQueue(SETTINGS, session=session)))
            ),
        )  # each in a process of its own, as they are on AWS: a queue's address is asked for once in each
        whole.use(system)
        yield Installation(
            system=system,
            clock=clock,
            books=books,
            sqs=session.create_client("sqs"),
            dynamodb=session.create_client("dynamodb"),
            exit_codes=exit_codes,
        )


def _called(calling: Calling, performed: Action, action: Any, timeout: timedelta, context: Any) -> Outcome:
    """A function that has another one called, if it is told to say hello to that; in the worker's own thread, where it
    is seen whose call it is."""
    if action.get("args"):
        schedule = {"type": "once", "at": to_text(calling.clock.now())}
        other = {"name": "another", "action": {"type": "function", "name": "print_hello"}, "schedule": schedule}
        calling.call(context["task_id"], other)
    return performed(action, timeout, context)


def _performed(exit_codes: list[int], action: Any, timeout: timedelta, context: Any) -> Outcome:
    """What a light action comes to. Nothing of it concerns AWS."""
    failed = bool(exit_codes.pop(0)) if exit_codes else False
    error = RunError(code="broken", detail="as it was told to") if failed else None
    status = AttemptStatus.FAILED if failed else AttemptStatus.SUCCEEDED
    return Outcome(status=status, output=LONG, error=error)


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [self._content]

    def read(self, *_: Any) -> bytes:
        content, self._content = self._content, b""
        return content


def _sandbox(request: Any, exit_codes: list[int]) -> AWSResponse:
    """What the sandbox function answers."""
    answer = {"exit_code": exit_codes.pop(0) if exit_codes else 0, "output": LONG}
    return AWSResponse(request.url, 200, {}, _Body(json.dumps(answer).encode()))
