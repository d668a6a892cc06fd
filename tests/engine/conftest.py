"""A world to play in, and somebody to play with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.memory import Mailbox
from chalicelib.core.alerting.policy import Way
from chalicelib.core.people.account import Role, User
from chalicelib.core.planning import entry_message
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunError
from chalicelib.core.task import Task
from chalicelib.core.window import Entry
from infra.simulation.world import World
from tests.core.building import START, definition_json

ANN = User(
    id="ann",
    username="ann",
    email="ann@example.com",
    role=Role.ADMIN,
    can_run_commands=True,
    can_call_aws=True,
    password_hash="",
    created_at=START,
)
BOB = User(
    id="bob",
    username="bob",
    email="bob@example.com",
    role=Role.MEMBER,
    can_run_commands=False,
    password_hash="",
    created_at=START,
)
DONE = Outcome(status=AttemptStatus.SUCCEEDED, output="hello\n")
BROKE = Outcome(status=AttemptStatus.FAILED, exit_code=3, error=RunError(code="exit_code", detail="ended with 3"))


@dataclass
class Stage:
    """A world, what its actions were asked for and when, and what they answer (`outcomes` first, then `DONE`)."""

    outcomes: list[Outcome] = field(default_factory=list)
    performed: list[tuple[str, datetime]] = field(default_factory=list)
    during: Callable[[Mapping[str, str]], object] | None = None

    def __post_init__(self) -> None:
        self.mailbox, self.topics = Mailbox(), Mailbox()
        self.world = World(
            start=START,
            actions=dict.fromkeys(("function", "command", "http"), self._perform),
            ways={Way.WEBHOOK: self.mailbox, Way.SNS: self.topics},
        )

        for user in (ANN, BOB):
            self.world.store.create_user(user, first=user.is_admin)

    def _perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        self.performed.append((context["task_id"], self.world.now))
        if self.during is not None:
            self.during(context)
        return self.outcomes.pop(0) if self.outcomes else DONE

    def create(self, schedule: dict[str, Any], **more: Any) -> Task:
        return self.world.system.catalog.create(ANN, definition_json(schedule, **more))

    def runs(self, task: Task) -> list[Run]:
        """All runs of a task, the oldest first."""
        return list(reversed(self.world.store.runs_of(task.id, limit=10_000, after=None, first=None, last=None).items))

    def statuses(self, task: Task) -> list[tuple[float, str]]:
        """Each run's due time in seconds after `START`, and how it stands."""
        return [((run.due_at - START).total_seconds(), str(run.status)) for run in self.runs(task)]

    def send(self, task: Task, entry: Entry) -> None:
        """Put a message on the queue that no pass has sent."""
        self.world.queue.send_runs([entry_message(entry, task)], self.world.now)

    def starts(self) -> list[datetime]:
        return [at for _, at in self.performed]


@pytest.fixture
def stage() -> Stage:
    return Stage()
