"""Control: what an owner does to a single run."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.core.attempts.claim import cancelled, entry_of_retry, retried
from chalicelib.core.errors import Conflict, IllegalMove, NotAllowed, NotFound
from chalicelib.core.instant import floor_ms
from chalicelib.core.owed.auditing import UNDELIVERABLE
from chalicelib.core.people.account import User
from chalicelib.core.planning import entry_message
from chalicelib.core.run import Run
from chalicelib.core.window import NEAR
from chalicelib.engine.groups.memberships import Memberships
from chalicelib.engine.requests.acting import acted
from chalicelib.engine.requests.reports import Reports
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.engine.requests.tasks.granting import require_granted
from chalicelib.engine.writing import place, write_placed
from chalicelib.ports import Clock, Placed, Queue
from chalicelib.ports.whole import WholeStore

MOST_REDRIVEN = 200
"""Each costs some milliseconds, and a request has 30 s."""
PAGE = 100
TRIES = 20
"""A run that is at work changes between the look and the write; this often it is looked at again."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """Cancel and retry runs of the caller; an admin's are everybody's. Others answer like missing ones."""

    store: WholeStore
    queue: Queue
    clock: Clock
    catalog: Catalog
    reports: Reports
    memberships: Memberships

    def cancel(self, caller: User, run_id: str) -> Run:
        """End a run that has not ended. One that waits never starts. Of one at work nothing more is recorded and no
        retry follows; what it does ends by itself or by its timeout. `Conflict` where it has ended already."""
        now = floor_ms(self.clock.now())
        run, _ = self._moved(caller, run_id, lambda run: cancelled(run, secrets.token_hex(8), now))
        self.memberships.ended(run)
        acted(caller, run.owner, "cancel_run", run_id)
        return run

    def retry(self, caller: User, run_id: str) -> Run:
        """Queue a run that ended without success for another attempt now, whatever its task's schedule and state; one
        whose due time is still to come waits for it. `Conflict` where it has not ended or has succeeded, `NotFound`
        where its task is gone."""
        run = self.reports.run(caller, run_id)
        task = self.catalog.task(caller, run.task_id)
        require_granted(self.store, caller, task.owner, task.definition.action)
        now = floor_ms(self.clock.now())
        queued, placed = self._moved(
            caller,
            run_id,
            lambda run: retried(run, secrets.token_hex(8)),
            lambda run: place(entry_of_retry(run, max(now, run.due_at)), task.shard, now),
        )
        if placed is not None and placed.entry.start < now + NEAR:
            self.queue.send_runs([entry_message(placed.entry, task)], self.clock.now())
        acted(caller, queued.owner, "retry_run", run_id)
        return queued

    def redrive(self, caller: User) -> list[Run]:
        """Retry the caller's runs whose messages ended in a dead-letter queue, newest first, at most `MOST_REDRIVEN`;
        asked again, it goes on. Those whose task is gone, or may not do what it does any more, stay as they
        are."""
        redriven: list[Run] = []
        after: str | None = None
        while True:
            page = self.reports.attention(caller, limit=PAGE, after=after)
            for run in page.items:
                if run.error == UNDELIVERABLE:
                    with suppress(NotFound, NotAllowed, Conflict):
                        redriven.append(self.retry(caller, run.id))
                if len(redriven) == MOST_REDRIVEN:
                    return redriven
            after = page.after
            if after is None:
                return redriven

    def _moved(
        self,
        caller: User,
        run_id: str,
        move: Callable[[Run], Run],
        entry: Callable[[Run], Placed | None] = lambda run: None,
    ) -> tuple[Run, Placed | None]:
        """Write the moved run, and its entry, over the run as it was read; read again where a race was lost."""
        for _ in range(TRIES):
            run = self.reports.run(caller, run_id)
            try:
                moved = move(run)
            except IllegalMove as error:
                raise Conflict(f"this run is {run.status}: {error}") from error
            placed = entry(moved)
            if self._written(moved, run.token, placed):
                return moved, placed
        raise Conflict("the run changes all the time: try again")

    def _written(self, run: Run, token: str, placed: Placed | None) -> bool:
        def write(one: Placed | None) -> Run | None:
            return self.store.replace_run(run, token=token, entry=one)

        return write_placed(self.store, self.clock, write, placed) is None
