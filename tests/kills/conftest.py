"""An emulator that outlives every part, and stages at it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from infra.local import engines
from tests.infra.conftest import choices
from tests.kills.stage import NewStage, staged


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[engines.RunningEngine]:
    """One for all the tests of a process: each stage has tables and queues of its own."""
    engine = engines.launch(choices(tmp_path_factory.mktemp("emulator")))
    yield engine
    assert not engine.has_ended()
    engine.stop()


@pytest.fixture
def new_stage(emulator: engines.RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NewStage:
    """Makes a stage at the emulator, and takes it away."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    return partial(staged, emulator.endpoint, tmp_path)
