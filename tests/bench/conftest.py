"""The stub with its clients, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bench.accounting import Accounting
from tests.bench.declared import QUEUES, TABLES, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def books(clock: Clock) -> Iterator[Accounting]:
    with Accounting(tables=TABLES, queues=QUEUES, clock=clock) as books:
        yield books


@pytest.fixture
def dynamodb(books: Accounting) -> Any:
    return books.client("dynamodb")


@pytest.fixture
def sqs(books: Accounting) -> Any:
    return books.client("sqs")
