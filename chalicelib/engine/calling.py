"""Calling for later: a function that runs has another one called, as a run of the same owner.

What is to be called is kept as a task that no list holds and that goes by itself. Its first entry is written with it;
nothing is sent, because a worker does not send to its own queue: the next pass begins it, within half a minute.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core import task as tasks
from chalicelib.core.errors import NotAllowed, NotFound
from chalicelib.core.instant import floor_ms, to_ms
from chalicelib.core.schedule import Once
from chalicelib.core.task import Task
from chalicelib.core.trials import CALLED
from chalicelib.core.window import Entry, Kind, shard_of
from chalicelib.engine.writing import place, write_placed
from chalicelib.ports import Clock, Store


@dataclass(frozen=True, kw_only=True)
class Calling:
    """Has functions called for the owners of tasks that run."""

    store: Store
    clock: Clock
    shards: int

    def call(self, by: str, document: Mapping[str, Any]) -> str:
        """Keep what a task that runs wants called, as checked JSON of the contract; the id of what is kept."""
        now = floor_ms(self.clock.now())
        asking = self.store.task(by)
        if asking is None:
            raise NotFound("the task that asks for this was deleted")
        task_id = f"{CALLED}{to_ms(now):013d}{secrets.token_hex(8)}"
        definition = tasks.from_json(document, now, seed=task_id)
        if not isinstance(definition.schedule, Once):
            raise NotAllowed("what a run wants called is called once")
        due = definition.schedule.at
        task = Task(
            id=task_id,
            owner=asking.owner,
            shard=shard_of(task_id, self.shards),
            definition=definition,
            created_at=now,
            updated_at=now,
            changed_at=min(due, now),
        )
        placed = place(Entry(start=due, task_id=task_id, kind=Kind.SCHEDULE, due_at=due), task.shard, now)
        write_placed(self.store, self.clock, lambda placed: self.store.create_task(task, placed), placed)
        return task_id
