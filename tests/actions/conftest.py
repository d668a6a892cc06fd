"""What tests of actions have."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator

import pytest

from tests.actions.processes import processes_with


@pytest.fixture
def marker() -> Iterator[str]:
    """A word for the arguments of the processes of one test, which are ended however the test ends."""
    marker = f"marker-{uuid.uuid4()}"
    yield marker
    for pid in processes_with(marker):
        os.kill(pid, signal.SIGKILL)
