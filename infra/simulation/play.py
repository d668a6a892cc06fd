"""Playing a scenario: the engine itself, over stores and queues in memory, in a world under given conditions."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from chalicelib.core import task as tasks
from chalicelib.core.errors import PunctualError
from chalicelib.core.instant import MILLISECOND, floor_ms
from chalicelib.core.people.account import Role, User
from chalicelib.core.planning import first_entry, near_messages
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunError, Trigger
from chalicelib.core.schedule import due_times
from chalicelib.core.task import Task
from chalicelib.core.window import NEAR, WINDOW, shard_of, window_of
from chalicelib.engine.writing import place
from chalicelib.ports import Control
from chalicelib.settings import Settings
from chalicelib.web.api.tasks.merge_patch import merged
from infra.simulation.conditions import NO_TIME, Conditions
from infra.simulation.scenario import Do, Event, Given, Scenario
from infra.simulation.world import Counted, World

OWNER = "simulation"
EVERY_RUN = 1_000_000_000
"""More runs than one task has in a simulation."""
DONE = Outcome(status=AttemptStatus.SUCCEEDED)
BROKE = Outcome(status=AttemptStatus.FAILED, error=RunError(code="simulated", detail="failed, as it was asked to"))
TIMED_OUT = Outcome(
    status=AttemptStatus.TIMED_OUT, error=RunError(code="timeout", detail="took longer than its timeout")
)


@dataclass(frozen=True, kw_only=True)
class Actions:
    """How the scenario's actions turn out: each takes `duration`, and a fraction of them fails."""

    duration: timedelta = NO_TIME
    failures: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Refused:
    """An event that the catalog refused, and why."""

    event: Event
    reason: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """A task as it stood from an instant on; None once it was deleted."""

    at: datetime
    task_id: str
    task: Task | None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Due times that nothing had been done about when the simulation ended."""

    task: Task
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class History:
    """What a scenario came to. `runs` is everything that was recorded, by due time; `changes` are acknowledged ones."""

    begin: datetime
    end: datetime
    runs: tuple[Run, ...]
    waiting: tuple[Waiting, ...]
    refused: tuple[Refused, ...]
    changes: tuple[Change, ...]
    counted: Counted
    tasks: int


@dataclass
class Play:
    """A scenario on its way from `begin` to `end`."""

    scenario: Scenario
    begin: datetime
    end: datetime
    conditions: Conditions = field(default_factory=Conditions)
    actions: Actions = field(default_factory=Actions)
    shards: int = 1

    def __post_init__(self) -> None:
        self.world = World(
            start=self.begin,
            actions=dict.fromkeys(("command", "http", "function", "aws"), self._perform),
            settings=Settings(shards=self.shards),
            conditions=self.conditions,
            side_by_side=self.actions.duration > NO_TIME,
        )
        self.world.store.create_user(SOMEBODY, first=True)
        self.chance = random.Random(f"actions {self.conditions.seed}")
        self.refused: list[Refused] = []
        self.changes: list[Change] = []
        self._has_been_running()
        for given in self.scenario.tasks:
            created = given.created_at or self.begin
            if created <= self.begin:
                self._create(given, created)
            else:
                self.world.at(created, partial(self._create, given, created))
        for event in self.scenario.events:  # those from before are settled when the simulation begins
            self.world.at(max(event.at, self.begin), partial(self._act, event))

    def run(self) -> History:
        """Play from beginning to end; what is due at the end itself is not played any more."""
        self.world.play(self.end - MILLISECOND)
        self.world.close()
        runs = self._runs()
        return History(
            begin=self.begin,
            end=self.end,
            runs=tuple(runs),
            waiting=tuple(self._waiting(runs)),
            refused=tuple(self.refused),
            changes=tuple(self.changes),
            counted=self.world.counted,
            tasks=len(self.scenario.tasks),
        )

    def _has_been_running(self) -> None:
        """Let every shard stand as if the last pass had come just before the beginning."""
        store, through = self.world.store, window_of(self.begin) - WINDOW
        for shard in range(self.shards):
            store.take_lease(shard, OWNER, now=self.begin, until=self.begin)
            store.move(shard, Control(through=through, token=OWNER, lease_until=self.begin))

    def _create(self, given: Given, created: datetime) -> None:
        """Put a task there as the catalog would have. What was due before the beginning is owed by nobody."""
        now = floor_ms(self.world.now)
        task = Task(
            id=given.id,
            owner=OWNER,
            shard=shard_of(given.id, self.shards),
            definition=tasks.from_json(given.data, created, seed=given.id),
            created_at=created,
            updated_at=created,
            changed_at=now,
        )
        entry = first_entry(task, now)
        placed = None if entry is None else place(entry, task.shard, now)
        self.world.store.create_task(task, placed)
        if entry is not None and entry.start < now + NEAR:
            self.world.queue.send_runs(near_messages(task, entry.start, now + NEAR), now)
        self._changed(given.id)

    def _act(self, event: Event) -> None:
        """What the owner does is done by the catalog, which may refuse it."""
        try:
            self._do(event)
        except PunctualError as error:
            self.refused.append(Refused(event=event, reason=str(error)))
        self._changed(event.task_id)

    def _changed(self, task_id: str) -> None:
        self.changes.append(Change(at=self.world.now, task_id=task_id, task=self.world.store.task(task_id)))

    def _do(self, event: Event) -> None:
        catalog, task_id = self.world.system.catalog, event.task_id
        match event.do:
            case Do.PAUSE:
                catalog.pause(SOMEBODY, task_id)
            case Do.RESUME:
                catalog.resume(SOMEBODY, task_id)
            case Do.DELETE:
                catalog.delete(SOMEBODY, task_id)
            case Do.RUN:
                catalog.run_now(SOMEBODY, task_id)
            case Do.EDIT:
                document = tasks.to_json(catalog.task(SOMEBODY, task_id).definition)
                catalog.replace(SOMEBODY, task_id, merged(document, event.patch))

    def _perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        """An action that does nothing but take its time, and perhaps fail."""
        fails, duration = self.chance.random() < self.actions.failures, self.actions.duration
        if duration > NO_TIME:
            self.world.rest(min(duration, timeout))
        if duration > timeout:
            return TIMED_OUT
        return BROKE if fails else DONE

    def _runs(self) -> list[Run]:
        """Every record there is, also of tasks that are gone."""
        store = self.world.store
        pages = [
            store.runs_of(given.id, limit=EVERY_RUN, after=None, first=None, last=None).items
            for given in self.scenario.tasks
        ]
        return sorted(chain.from_iterable(pages), key=lambda run: (run.due_at, run.task_name, run.task_id))

    def _waiting(self, runs: Iterable[Run]) -> list[Waiting]:
        """Due times after each task's last record that were still to be handled."""
        handled = {run.task_id: run.due_at for run in runs if run.trigger is Trigger.SCHEDULE}
        found: list[Waiting] = []
        for task in filter(None, self.world.store.tasks(given.id for given in self.scenario.tasks).values()):
            first = max(task.changed_at, handled.get(task.id, self.begin - MILLISECOND) + MILLISECOND)
            dues = due_times(task.definition.schedule, first, self.end) if task.active else ()
            found.extend(Waiting(task=task, due_at=due) for due in dues)
        return sorted(found, key=lambda x: (x.due_at, x.task.definition.name, x.task.id))


SOMEBODY = User(
    id=OWNER,
    username=OWNER,
    email="simulation@example.com",
    role=Role.ADMIN,
    can_run_commands=True,
    can_call_aws=True,
    password_hash="",
    created_at=datetime.fromisoformat("2026-01-01T00:00:00Z"),
)
