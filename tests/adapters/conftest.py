"""Every adapter of a port, for the contract suite; and an AWS in this process for those that need one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from socket import socket
from typing import Any

import botocore.session
import pytest
from botocore.session import Session
from moto import mock_aws

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.ports import Queue
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import Settings
from infra import resources
from tests.adapters.building import START
from tests.adapters.faults import Faults

STAGES = count(1)
LOADER = botocore.session.get_session().get_component("data_loader")
PLACEHOLDER = "every-stage"
DECLARED = json.dumps(resources.load(PLACEHOLDER))
KEPT = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage with tables and queues of its own in the AWS of this process."""

    settings: Settings
    dynamodb: Any
    sqs: Any

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table as it is stored."""
        rows: list[dict[str, Any]] = self.dynamodb.scan(TableName=self.settings.table(table))["Items"]
        return rows

    def put(self, table: str, **row: dict[str, Any]) -> None:
        """Store an item that no adapter would write."""
        self.dynamodb.put_item(TableName=self.settings.table(table), Item=row)


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """A queue adapter, and what it has sent to a queue: bodies with their delays in seconds, in order."""

    queue: Queue
    sent: Callable[[str], list[tuple[str, int]]]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """An SDK session whose calls moto answers, in this process."""
    with mock_aws():
        yield new_session()


def new_session() -> Session:
    """A session of its own that reads the descriptions of the services only once in this process."""
    made = botocore.session.get_session()
    made.register_component("data_loader", LOADER)
    return made


@pytest.fixture(scope="module")
def clients(session: Session) -> tuple[Any, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        return session.create_client("dynamodb"), session.create_client("sqs")


@pytest.fixture(scope="module")
def new_stage(clients: tuple[Any, Any]) -> Callable[[], Stage]:
    return lambda: _stage(*clients)


@pytest.fixture
def stage(new_stage: Callable[[], Stage]) -> Stage:
    return new_stage()


def _stage(dynamodb: Any, sqs: Any) -> Stage:
    """Tables and queues with the keys and names that are declared; what only AWS would care about is left out."""
    settings = Settings(stage=f"test{next(STAGES)}")
    declared = json.loads(DECLARED.replace(PLACEHOLDER, settings.stage))
    for table in resources.tables(declared):
        dynamodb.create_table(**{name: table[name] for name in KEPT if name in table})
    for queue in resources.queues(declared):
        sqs.create_queue(QueueName=queue["QueueName"])
    return Stage(settings=settings, dynamodb=dynamodb, sqs=sqs)


@pytest.fixture
def unused_port() -> int:
    """A port of this machine where nobody answers."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def faults(stage: Stage) -> Faults:
    """Faults of the AWS that `dynamo` and `sqs` talk to."""
    return Faults(new_session())


@pytest.fixture
def dynamo(stage: Stage, faults: Faults) -> WholeDynamoStore:
    return WholeDynamoStore(stage.settings, session=faults.session, pause=faults.pauses.append)


@pytest.fixture
def bystander(stage: Stage, session: Session) -> WholeDynamoStore:
    """The same tables, seen by somebody who has no bad day."""
    return WholeDynamoStore(stage.settings, session=session)


@pytest.fixture
def sqs(stage: Stage, faults: Faults) -> SqsQueue:
    return SqsQueue(stage.settings, session=faults.session, pause=faults.pauses.append)


@pytest.fixture(params=["memory", "dynamo"])
def store(request: pytest.FixtureRequest) -> WholeStore:
    """Each adapter of the store, empty."""
    if request.param == "memory":
        return MemoryStore()
    stage: Stage = request.getfixturevalue("stage")
    session: Session = request.getfixturevalue("session")
    return WholeDynamoStore(stage.settings, session=session)


@pytest.fixture(params=["memory", "sqs"])
def outbox(request: pytest.FixtureRequest) -> Outbox:
    """Each adapter of the queues, empty."""
    if request.param == "sqs":
        faults: Faults = request.getfixturevalue("faults")
        return Outbox(queue=request.getfixturevalue("sqs"), sent=faults.sent)
    memory = MemoryQueue(ManualClock(START))

    def sent(queue: str) -> list[tuple[str, int]]:
        held = sorted(memory.waiting(queue), key=lambda message: message.id)
        return [(message.body, int((message.available_at - START).total_seconds())) for message in held]

    return Outbox(queue=memory, sent=sent)
