"""Trials: an action performed once, by the same workers and the same rules, before there is a task that does it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core import task as tasks
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import User
from chalicelib.core.planning import entry_message
from chalicelib.core.run import Run, RunStatus, Trigger
from chalicelib.core.task import Task
from chalicelib.core.trials import PREFIX, trial_of
from chalicelib.core.window import Entry, Kind, shard_of
from chalicelib.engine.requests.acting import acted
from chalicelib.engine.requests.ids import new_id
from chalicelib.engine.requests.secrets import require_known
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.engine.requests.tasks.granting import require_granted
from chalicelib.engine.writing import place
from chalicelib.ports import Clock, Queue
from chalicelib.ports.whole import WholeStore


@dataclass(frozen=True, kw_only=True)
class Trials:
    """Trials of the caller; an admin tries out what somebody else's task is to do as that owner."""

    store: WholeStore
    queue: Queue
    clock: Clock
    catalog: Catalog

    def begin(self, caller: User, owner: str, name: str, action: Mapping[str, Any], timeout_seconds: float) -> Run:
        """Ask for the run of a checked action. `NotAllowed` where the owner's tasks may not do such a thing."""
        require_granted(self.store, caller, owner, action)
        require_known(self.catalog.secrets, owner, action)
        now = floor_ms(self.clock.now())
        trial_id = PREFIX + new_id(now)
        trial = Task(
            id=trial_id,
            owner=owner,
            shard=shard_of(trial_id, self.catalog.shards),
            definition=tasks.from_json(trial_of(name, action, timeout_seconds, now), now),
            created_at=now,
            updated_at=now,
            changed_at=now,
        )
        self.store.create_task(trial, None)
        run = self._enqueued(trial)
        acted(caller, owner, "try_action", trial_id)
        return run

    def _enqueued(self, trial: Task) -> Run:
        """The run, with its entry, as for a task that its owner runs now."""
        run = Run(
            task_id=trial.id,
            due_at=trial.created_at,
            owner=trial.owner,
            task_name=trial.definition.name,
            trigger=Trigger.MANUAL,
            status=RunStatus.QUEUED,
            token=secrets.token_hex(8),
            retention=trial.definition.retention,
        )
        entry = Entry(start=run.due_at, task_id=trial.id, kind=Kind.MANUAL, due_at=run.due_at)
        self.store.enqueue_run(run, place(entry, trial.shard, trial.created_at))
        self.queue.send_runs([entry_message(entry, trial)], self.clock.now())
        return run
