"""Quotas: how much of the installation one account may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemorySecrets, MemoryStore
from chalicelib.core.errors import QuotaReached, Unavailable
from chalicelib.core.people.usage import Usage
from chalicelib.core.task import Task
from chalicelib.engine.requests.people.quotas import Quotas
from chalicelib.engine.requests.tasks.catalog import Catalog
from tests.core.building import START, definition_json
from tests.engine.conftest import ANN, BOB
from tests.engine.place import listening

MANY = 10**9
MINUTELY = {"type": "interval", "every": 1, "unit": "minutes"}
HOURLY = {"type": "interval", "every": 1, "unit": "hours"}


class Installation:
    """A catalog behind quotas, as the web puts them together."""

    def __init__(self, *, store: MemoryStore | None = None, **quota: int) -> None:
        self.clock, self.store = ManualClock(START), store or MemoryStore()
        self.catalog = Catalog(
            store=self.store,
            queue=MemoryQueue(self.clock),
            clock=self.clock,
            secrets=MemorySecrets(self.clock),
            shards=1,
        )
        most = {"tasks": MANY, "stored_bytes": MANY, "hourly_runs": MANY} | quota
        self.quotas = Quotas(store=self.store, clock=self.clock, catalog=self.catalog, quota=Usage(**most))

    def create(self, schedule: dict[str, Any] = HOURLY, *, who: Any = ANN, **more: Any) -> Task:
        data = definition_json(schedule, **more)
        self.quotas.admit_new(who, data)
        return self.catalog.create(who, data)

    def replace(self, task: Task, schedule: dict[str, Any] = HOURLY, **more: Any) -> Task:
        data = definition_json(schedule, **more)
        self.quotas.admit_change(self.catalog.task(ANN, task.id), data)
        return self.catalog.replace(ANN, task.id, data)

    def wait(self) -> None:
        """Until it is counted again."""
        self.clock.advance(timedelta(seconds=10))


def test_an_account_has_as_many_tasks_as_it_may() -> None:
    here = Installation(tasks=3)
    for _ in range(3):
        here.create()
    with pytest.raises(QuotaReached, match=r"may have 3 tasks, .* Delete tasks"):
        here.create()
    assert len(here.catalog.tasks(ANN, limit=10).items) == 3
    here.create(who=BOB)


def test_a_deleted_task_makes_room() -> None:
    here = Installation(tasks=3)
    made = [here.create() for _ in range(3)]
    here.catalog.delete(ANN, made[0].id)
    here.create()
    with pytest.raises(QuotaReached):
        here.create()
    here.catalog.delete(ANN, made[1].id)
    here.wait()
    here.create()


def test_what_came_to_nothing_is_not_counted_for_ever() -> None:
    here = Installation(tasks=3)
    for _ in range(3):
        here.quotas.admit_new(ANN, definition_json(HOURLY))
    here.create()
    assert len(here.catalog.tasks(ANN, limit=10).items) == 1


def test_who_keeps_asking_beyond_the_quota_has_it_counted_once_in_ten_seconds() -> None:
    class Counting(MemoryStore):
        lists = 0

        def tasks_of(self, *given: Any, **more: Any) -> Any:
            self.lists += 1
            return super().tasks_of(*given, **more)

    store = Counting()
    here = Installation(store=store, tasks=1)
    here.create()
    assert store.lists == 0
    for _ in range(5):
        with pytest.raises(QuotaReached):
            here.create()
    assert store.lists == 1
    here.wait()
    with pytest.raises(QuotaReached):
        here.create()
    assert store.lists == 2


def test_schedules_ask_for_as_many_runs_as_they_may() -> None:
    here = Installation(hourly_runs=150)
    first = here.create(MINUTELY)
    second = here.create({"type": "cron", "expression": "* * * * *"})
    here.create({"type": "once", "at": "2026-06-01T00:00:00Z"})
    with pytest.raises(QuotaReached):
        here.create(MINUTELY)
    here.catalog.delete(ANN, second.id)
    here.wait()
    here.create(MINUTELY)
    assert here.replace(first, MINUTELY, name="renamed").definition.name == "renamed"


def test_a_change_is_counted_by_what_it_takes_more() -> None:
    here = Installation(hourly_runs=119)
    task, other = here.create(MINUTELY), here.create(HOURLY)
    for n in range(5):
        here.replace(task, MINUTELY, name=f"name {n}")
    with pytest.raises(QuotaReached):
        here.replace(other, MINUTELY)
    here.replace(task, HOURLY)
    here.wait()
    here.replace(other, MINUTELY)


def test_definitions_take_as_many_bytes_as_they_may() -> None:
    here = Installation(stored_bytes=6000)
    large = here.create(description="x" * 2000)
    task = here.create()
    here.replace(task, description="y" * 2000)
    with pytest.raises(QuotaReached):
        here.create(description="z" * 2000)
    here.replace(large)
    here.wait()
    here.create(description="z" * 2000)


def test_one_task_beyond_the_quota_is_refused_at_once() -> None:
    with pytest.raises(QuotaReached):
        Installation(hourly_runs=59).create(MINUTELY)


def test_what_is_wrong_is_left_to_the_catalog_and_counted_for_nothing() -> None:
    here = Installation(tasks=1)
    here.quotas.admit_new(ANN, definition_json({"type": "cron", "expression": "99 * * * *"}))
    here.create()


def test_without_an_answer_of_the_store_the_quota_stops_nobody() -> None:
    class Deaf(MemoryStore):
        def use(self, owner: str, more: Usage, quota: Usage) -> bool:
            raise Unavailable("no answer")

    with listening() as lines:
        Installation(store=Deaf(), tasks=1).create()
    assert lines.of("quota_not_counted")
