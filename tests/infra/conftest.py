"""A real emulator process, for the tests that need one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local import engines
from infra.local.choices import Choices, Engine


def choices(folder: Path, *, engine: Engine = Engine.MOTO, fresh: bool = False) -> Choices:
    return Choices(stage="local", port=0, state_dir=folder, fresh=fresh, engine=engine, endpoint=None)


def client(service: str, endpoint: str) -> Any:
    return boto3.Session("local", "local", region_name="us-east-1").client(service, endpoint_url=endpoint)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[engines.RunningEngine]:
    """One emulator for all the tests of a process; they share nothing in it."""
    engine = engines.launch(choices(tmp_path_factory.mktemp("emulator")))
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def sqs(emulator: engines.RunningEngine) -> Any:
    return client("sqs", emulator.endpoint)


@pytest.fixture(scope="session")
def dynamodb(emulator: engines.RunningEngine) -> Any:
    return client("dynamodb", emulator.endpoint)


@pytest.fixture
def new_queue(sqs: Any) -> Callable[..., str]:
    """Makes a queue that no other test knows; its name."""

    def make(**attributes: str) -> str:
        name = f"test-{uuid.uuid4().hex}"
        sqs.create_queue(QueueName=name, Attributes=attributes)
        return name

    return make
