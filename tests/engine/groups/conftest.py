"""Groups of functions in a world of their own, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core.groups.group import Group
from chalicelib.core.people.account import User
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunError
from infra.simulation.world import World
from tests.core.building import START
from tests.engine.conftest import ANN, BOB

BROKE = Outcome(status=AttemptStatus.FAILED, error=RunError(code="broke", detail="broke"))


def calls(name: str, **more: Any) -> dict[str, Any]:
    """A member that calls a function with a name, which the world's actions tell apart by."""
    action = {"type": "function", "name": "print_hello", "args": [name]}
    return {"define": {"name": name, "action": action, "retry": {"max_attempts": 1}}} | more


@dataclass
class Ensemble:
    """A world whose actions note what they were called with. Those whose name is in `broken` fail."""

    broken: set[str] = field(default_factory=set)
    performed: list[tuple[str, datetime]] = field(default_factory=list)
    handed: dict[str, Any] = field(default_factory=dict)
    during: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(start=START, actions=dict.fromkeys(("function", "http", "command"), self._perform))
        self.store = self.world.store
        for user in (ANN, BOB):
            self.store.create_user(user, first=user.is_admin)

    def _perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        name = str(action["args"][-1]) if action.get("args") else str(action.get("name"))
        self.performed.append((name, self.world.now))
        self.handed[name] = (action, context.get("results"))
        if name in self.during:
            self.during[name]()
        return BROKE if name in self.broken else Outcome(status=AttemptStatus.SUCCEEDED, result=f"of {name}")

    @property
    def groups(self) -> Any:
        return self.world.system.groups

    def create(self, *members: Any, caller: User = ANN, **more: Any) -> Group:
        made: Group = self.groups.create(caller, {"name": "all of them", "members": list(members)} | more)
        return made

    def play(self, seconds: float) -> None:
        self.world.play(self.world.now + timedelta(seconds=seconds))

    def now(self, group: Group) -> Group:
        found = self.store.group(group.id)
        assert found is not None
        return found

    def counts(self, group: Group) -> dict[str, int]:
        return dict(self.world.system.group_standings.progress(self.now(group)).counts)

    def times(self, name: str) -> int:
        """How often an action was performed."""
        return sum(one == name for one, _ in self.performed)

    def runs(self) -> list[Run]:
        """Every run that there is."""
        return [run for runs in self.store._runs.values() for run in runs.values()]


@pytest.fixture
def ensemble() -> Ensemble:
    return Ensemble()
