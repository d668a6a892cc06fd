"""Places from which functions are called for later: within a run, from elsewhere with the client, and without."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from chalicelib.functions import registry


@dataclass
class Kept:
    """What was asked for."""

    tasks: list[Mapping[str, Any]] = field(default_factory=list)

    def __call__(self, task: Mapping[str, Any]) -> str:
        self.tasks.append(task)
        return f"task{len(self.tasks)}"

    @property
    def one(self) -> Mapping[str, Any]:
        [task] = self.tasks
        return task

    @property
    def seconds_ahead(self) -> float:
        """Until the only one is due."""
        return (datetime.fromisoformat(self.one["schedule"]["at"]) - datetime.now(UTC)).total_seconds()


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


@pytest.fixture
def within() -> Iterator[Kept]:
    """Within a run: what it has called."""
    kept = Kept()
    token = registry.later.set(kept)
    yield kept
    registry.later.reset(token)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Where the client library is installed and knows where Punctual is: what it is asked to make."""
    kept = Kept()

    class NotConfigured(Exception):
        """As the client has it."""

    class Tasks:
        def create(self, definition: Mapping[str, Any]) -> dict[str, Any]:
            return {"id": kept(definition), "next_run_at": definition["schedule"].get("at")}

    class Client:
        tasks = Tasks()

        @classmethod
        def from_environment(cls) -> Client:
            return cls()

    client = ModuleType("punctual_client")
    vars(client).update(Client=Client, NotConfigured=NotConfigured)
    monkeypatch.setitem(sys.modules, "punctual_client", client)
    return kept
