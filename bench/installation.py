"""A whole installation over the accounting stub: real adapters, real clients, every call on the books.

Messages are handed over as Lambda does it, but their receipt and deletion are not counted: that is Lambda's polling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import botocore.session

from bench.accounting import Accounting
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import ManualClock
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.bootstrap.whole import System, assemble
from chalicelib.core.instant import from_ms, to_text
from chalicelib.core.message import decode_pass, decode_run, parts
from chalicelib.core.people.account import Role, User
from chalicelib.core.run import AttemptStatus, Outcome
from chalicelib.core.task import Channel, Task
from chalicelib.ports import Action
from chalicelib.settings import Settings
from infra import resources

HELLO: Mapping[str, Any] = {"type": "function", "name": "print_hello"}
DONE = Outcome(status=AttemptStatus.SUCCEEDED, output="hello, world\n")
TICK = timedelta(minutes=1)
QUEUES = ("passes", *Channel)
VISIBILITY = 930
POLLING = ("ReceiveMessage", "DeleteMessage", "GetQueueUrl")
"""Calls that Lambda makes, or that are made once in a process's life."""


def say_hello(action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
    """What every action does, unless an installation is given another one."""
    return DONE


@dataclass
class Installation:
    """An installation at `start`, with one account. `messages` counts those for workers that were handed over."""

    start: datetime
    settings: Settings = field(default_factory=Settings)
    perform: Action = say_hello

    def __post_init__(self) -> None:
        declared = resources.load(self.settings.stage)
        self.clock = ManualClock(self.start)
        self.books = Accounting(
            tables=resources.tables(declared),
            queues=resources.queues(declared),
            clock=lambda: self.clock.now().timestamp(),
        )
        session = botocore.session.Session()
        session.set_credentials("bench", "bench")
        session.set_config_variable("region", "us-east-1")
        self.books.attach(session)
        self.system: System = assemble(
            self.settings,
            store=WholeDynamoStore(self.settings, session=session),
            queue=SqsQueue(self.settings, session=session),
            clock=self.clock,
            actions={"function": self.perform},
        )
        self._sqs = session.create_client("sqs")
        self._urls = {name: self._sqs.get_queue_url(QueueName=self.settings.queue(name))["QueueUrl"] for name in QUEUES}
        self._next_tick = self.start
        self.messages = 0
        self.owner = User(
            id="0owner",
            username="bench",
            email="bench@example.com",
            role=Role.ADMIN,
            can_run_commands=True,
            password_hash="",
            created_at=self.start,
        )

    def create(self, schedule: Mapping[str, Any], **more: Any) -> Task:
        """A task that says hello."""
        data = {"name": "hello", "action": HELLO, "schedule": schedule} | more
        return self.system.catalog.create(self.owner, data)

    def once(self, seconds: float) -> dict[str, Any]:
        """A schedule that is due so many seconds after the start."""
        return {"type": "once", "at": to_text(self.start + timedelta(seconds=seconds))}

    def advance(self, seconds: float) -> None:
        """Let time pass without anything happening."""
        self.clock.advance(timedelta(seconds=seconds))

    def play(self, seconds: int) -> int:
        """So many seconds, with a tick every minute and every message as it becomes visible, second by second. The
        number of runs that were handled; a worker that waits lets the time pass for all."""
        handled, until = 0, self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < until:
            if self.clock.now() >= self._next_tick:
                self.system.coordinator.tick()
                self._next_tick += TICK
            self.handle_passes()
            handled += self.handle_runs(Channel.LIGHT)
            self.advance(1)
        return handled

    def handle_passes(self) -> None:
        """Every pass that is visible."""
        for message in self.received("passes"):
            self.system.dispatcher.handle(decode_pass(message["Body"]).shard)

    def handle_runs(self, channel: Channel) -> int:
        """Every run that is visible in a channel's queue, in a pack or alone; how many there were."""
        messages = self.received(str(channel))
        self.messages += len(messages)
        handled = 0
        for message in messages:
            sent_at = from_ms(int(message["Attributes"]["SentTimestamp"]))
            for body in parts(message["Body"]):
                run_message = replace(decode_run(body, channel), dispatched_at=sent_at)
                self.system.worker.handle(run_message, redelivered=False)
                handled += 1
        return handled

    def received(self, queue: str) -> list[dict[str, Any]]:
        """Take every message that is visible in a queue out of it."""
        url = self._urls[queue]
        found: list[dict[str, Any]] = []
        while batch := self._sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=VISIBILITY, AttributeNames=["SentTimestamp"]
        ).get("Messages"):
            for message in batch:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.extend(batch)
        return found

    def calls(self) -> list[tuple[str, str, str]]:
        """The calls on the books that are the installation's own."""
        return [call for call in self.books.calls if call[1] not in POLLING]
