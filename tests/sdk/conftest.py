"""An installation, and somebody with a client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from punctual_client import Client
from tests.sdk.place import Place, place


@pytest.fixture
def here() -> Iterator[Place]:
    with place() as made:
        yield made


@pytest.fixture
def ann(here: Place) -> Client:
    return here.client(here.token("ann"))
