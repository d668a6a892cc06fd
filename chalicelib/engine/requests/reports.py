"""Reports: reading runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.alerting.state import UNTOLD, AlertState
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.instant import LATEST, MILLISECOND, from_ms, to_ms
from chalicelib.core.owed.auditing import UNDELIVERABLE
from chalicelib.core.people.account import User, may_see
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.engine.requests.visibility import visible_owner
from chalicelib.ports import Page
from chalicelib.ports.whole import WholeStore

MOST_SKIPPED = 1000
"""Due times ahead of a task that are looked at for those which its owner skipped."""
MOST_PAGES = 10
"""A filter that matches nothing on this many pages hands back where to go on: no request reads without end."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A task's last runs, the newest first, and the due times ahead that its owner has skipped."""

    last_runs: tuple[Run, ...] = ()
    skipped: frozenset[datetime] = frozenset()

    @property
    def last_run(self) -> Run | None:
        return next(iter(self.last_runs), None)


@dataclass(frozen=True, kw_only=True)
class Reports:
    """Runs of the caller; an admin's are everybody's. Somebody else's run answers like a missing one: `NotFound`."""

    store: WholeStore
    run_feed: bool

    def run(self, caller: User, run_id: str) -> Run:
        """One run, also after its task was deleted."""
        task_id, _, due = run_id.rpartition("-")
        known = task_id.isalnum() and task_id.isascii() and due.isdecimal() and due.isascii() and len(due) <= 13
        run = self.store.run(task_id, from_ms(int(due))) if known and int(due) <= to_ms(LATEST) else None
        if run is None or not may_see(caller, run.owner):
            raise NotFound("there is no such run")
        return run

    def beside(self, run: Run) -> tuple[Run | None, Run | None]:
        """The runs of the same task before and after one that the caller was found to see, without output."""
        return self.store.runs_beside(run.task_id, run.due_at)

    def runs_of(
        self,
        caller: User,
        task_id: str,
        *,
        limit: int,
        after: str | None = None,
        statuses: AbstractSet[RunStatus] = frozenset(),
        first: datetime | None = None,
        last: datetime | None = None,
    ) -> Page[Run]:
        """A task's runs, newest due time first, of certain statuses (all, for none) and due within [first, last]."""

        def read(after: str | None) -> Page[Run]:
            return self.store.runs_of(task_id, limit=limit, after=after, first=first, last=last)

        page = _filtered(read, lambda run: not statuses or run.status in statuses, after)
        own = tuple(run for run in page.items if may_see(caller, run.owner))
        if not own and not self._may_see(caller, task_id):
            raise NotFound("there is no such task")
        return Page(items=own, after=page.after)

    def _may_see(self, caller: User, task_id: str) -> bool:
        """Whether there is, or was, such a task for the caller: a deleted one is known by its runs."""
        task = self.store.task(task_id)
        if task is not None:
            return may_see(caller, task.owner)
        return any(may_see(caller, run.owner) for run in self.store.last_runs([task_id], 1)[task_id])

    def feed(
        self,
        caller: User,
        *,
        limit: int,
        after: str | None = None,
        statuses: AbstractSet[RunStatus] = frozenset(),
        owner: str | None = None,
    ) -> Page[Run]:
        """An account's runs across tasks, newest due time first: the caller's, or those of an owner whom the caller may
        see."""
        whose = visible_owner(self.store, caller, owner)
        if not self.run_feed:
            raise Conflict("this installation keeps no list of runs across tasks (RUN_FEED=off): ask for a task's runs")

        def read(after: str | None) -> Page[Run]:
            return self.store.feed(whose, limit=limit, after=after)

        return _filtered(read, lambda run: not statuses or run.status in statuses, after)

    def attention(self, caller: User, *, limit: int, after: str | None = None) -> Page[Run]:
        """The caller's runs that failed, were missed or lost, or wait for a retry, newest first."""
        return self.store.attention(caller.id, limit=limit, after=after)

    def undelivered(self, caller: User, *, limit: int, after: str | None = None) -> Page[Run]:
        """Those of the caller's runs whose messages ended in a dead-letter queue, newest first."""

        def read(after: str | None) -> Page[Run]:
            return self.attention(caller, limit=limit, after=after)

        return _filtered(read, lambda run: run.error == UNDELIVERABLE, after)

    def last_runs(self, caller: User, task_ids: Sequence[str], count: int = 1) -> dict[str, list[Run]]:
        """The newest runs of each of some tasks, without output, newest first; none of what the caller may not see."""
        newest = self.store.last_runs(task_ids, count)
        return {task_id: [run for run in runs if may_see(caller, run.owner)] for task_id, runs in newest.items()}

    def standings(self, caller: User, task_ids: Sequence[str], now: datetime, count: int = 1) -> dict[str, Standing]:
        """How some tasks stand, with up to `count` of their last runs. A due time that was skipped ahead of it is no
        last run yet."""
        newest = self.last_runs(caller, task_ids, count)
        return {task_id: self._standing(task_id, newest.get(task_id, []), now, count) for task_id in task_ids}

    def told(self, caller: User, tasks: Sequence[Task]) -> dict[str, AlertState]:
        """What the owners of some tasks were told of them: of those whose owners want to be told, and the caller may
        see."""
        keys = [(t.owner, t.id) for t in tasks if t.definition.notify is not None and may_see(caller, t.owner)]
        states = self.store.alert_states(keys) if keys else {}
        return {key[1]: states.get(key, UNTOLD) for key in keys}

    def _standing(self, task_id: str, newest: list[Run], now: datetime, count: int) -> Standing:
        ahead = [run for run in newest if run.due_at > now]
        if not any(run.skipped_by_owner for run in ahead):
            return Standing(last_runs=tuple(newest))
        last = tuple(newest[len(ahead) :])
        if len(ahead) == count:  # there may be more ahead
            ahead_of_now = now + MILLISECOND
            more = self.store.runs_of(task_id, limit=MOST_SKIPPED, after=None, first=ahead_of_now, last=None)
            ahead = list(more.items)
            last = self.store.runs_of(task_id, limit=count, after=None, first=None, last=now).items
        return Standing(last_runs=last, skipped=frozenset(run.due_at for run in ahead if run.skipped_by_owner))


def _filtered(read: Callable[[str | None], Page[Run]], wanted: Callable[[Run], bool], after: str | None) -> Page[Run]:
    """The first page with a wanted run in it; a filter that matches little is given up after `MOST_PAGES`."""
    for _ in range(MOST_PAGES):
        page = read(after)
        found, after = tuple(run for run in page.items if wanted(run)), page.after
        if found or after is None:
            break
    return Page(items=found, after=after)
