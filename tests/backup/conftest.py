"""Two stages: one to move from, and an empty one to move to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.accounting import Accounting
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import ManualClock, MemoryStore
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import Settings
from infra import resources
from tests.adapters.building import START
from tests.adapters.conftest import new_session

NewStore = Callable[[], WholeStore]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(params=["memory", "dynamo"])
def new_store(request: pytest.FixtureRequest, clock: ManualClock) -> NewStore:
    """Makes stores of one adapter, each with tables of its own."""
    return MemoryStore if request.param == "memory" else lambda: on_stub(clock)


def on_stub(clock: ManualClock) -> WholeStore:
    settings = Settings()
    declared = resources.load(settings.stage)
    books = Accounting(
        tables=resources.tables(declared),
        queues=resources.queues(declared),
        clock=lambda: clock.now().timestamp(),
    )
    session = new_session()
    books.attach(session)
    return WholeDynamoStore(settings, session=session, pause=lambda seconds: None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stage.jsonl"
