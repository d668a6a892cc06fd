"""Code that is deployed to the memory system."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.in_code import Standing
from chalicelib.functions import registry
from tests.engine.conftest import Stage
from tests.engine.in_code.deploying import Deploy, standings, write


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the code says: functions by name, with what stands in their decorators."""
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(registry, "_broken", {})
    return {}


@pytest.fixture
def deploy(stage: Stage, code: dict[str, dict[str, Any]]) -> Deploy:
    """Deploys what the code says now; how each schedule stands."""

    def one(*restore: str) -> dict[str, Standing]:
        write(code)
        return standings(stage.world.system.in_code.sync(restore).items)

    return one
