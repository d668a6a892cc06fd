"""Single due times of a task, as its owner asks for them: those of the past made up for, one of the future left out."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.errors import Conflict, FieldError, Invalid
from chalicelib.core.instant import MILLISECOND, floor_ms, to_text
from chalicelib.core.people.account import User
from chalicelib.core.planning import entry_message, recorded_as
from chalicelib.core.run import SKIPPED_BY_OWNER, Coalesced, Run, RunError, RunStatus, Trigger
from chalicelib.core.schedule import TooSparse, upcoming
from chalicelib.core.task import Task
from chalicelib.core.window import NEAR, SLOW_WRITE, Entry, Kind
from chalicelib.engine.requests.acting import acted
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.engine.requests.tasks.granting import require_granted
from chalicelib.engine.writing import place
from chalicelib.ports import Clock, Placed, Queue
from chalicelib.ports.whole import WholeStore

MOST_AT_ONCE = 1000
MOST_COUNTED = 5000
"""Due times that are counted to say how many too many they are: half a second's work."""
PACE = timedelta(milliseconds=100)
"""Between the starts of two runs of a backfill: live runs find workers in between."""


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """What a backfill comes to: the runs of its due times, oldest first, and how many of them it has queued."""

    runs: tuple[Run, ...]
    queued: int


@dataclass(frozen=True, kw_only=True)
class DueTimes:
    """Due times of the tasks that the caller may see, paused ones too."""

    store: WholeStore
    queue: Queue
    clock: Clock
    catalog: Catalog

    def backfill(self, caller: User, task_id: str, first: datetime, end: datetime, *, dry_run: bool) -> Backfill:
        """Queue a run for every due time in [first, end) that is not in the future and has none, or was missed.

        A dry run stores nothing. `Invalid` beyond 1,000 due times. Repeating it is harmless: the due time is the key.
        """
        task, now = self.catalog.task(caller, task_id), floor_ms(self.clock.now())
        require_granted(self.store, caller, task.owner, task.definition.action)
        due_times = _due_times(task, first, min(end, now + MILLISECOND))
        wanted = [_queued(task, due) for due in due_times]
        if dry_run:
            known = {run.due_at: run for run in self._recorded(task, first, end)}
            runs = [known.get(run.due_at, run) for run in wanted]
            queued = sum(run.due_at not in known or known[run.due_at].status is RunStatus.MISSED for run in wanted)
            return Backfill(runs=tuple(runs), queued=queued)
        placed = [place(_entry(run, now + n * PACE), task.shard, now) for n, run in enumerate(wanted)]
        began = self.clock.elapsed()
        met = self.store.enqueue_runs(list(zip(wanted, placed, strict=True)))
        met = [self._again(task, run, entry, first) for run, entry in zip(met, placed, strict=True)]
        mine = [entry for run, entry in zip(met, placed, strict=True) if run is None]
        if self.clock.elapsed() - began > SLOW_WRITE:  # a pass may have read their windows before
            self.store.put_entries([replace(one, late=True) for one in mine])
        near = [entry_message(one.entry, task) for one in mine if one.entry.start < now + NEAR]
        self.queue.send_runs(near, self.clock.now())
        acted(caller, task.owner, "backfill_task", task_id)
        runs = [run or own for run, own in zip(met, wanted, strict=True)]
        return Backfill(runs=tuple(runs), queued=len(mine))

    def _recorded(self, task: Task, first: datetime, end: datetime) -> list[Run]:
        """The runs that there are in [first, end); more than a backfill may have are not looked at."""
        page = self.store.runs_of(task.id, limit=MOST_AT_ONCE, after=None, first=first, last=end - MILLISECOND)
        return list(page.items)

    def _again(self, task: Task, found: Run | None, entry: Placed, first: datetime) -> Run | None:
        """Queue a run that was missed; None where that was done, otherwise the run as it stays."""
        if found is None or found.status is not RunStatus.MISSED:
            return found
        self._keep_earlier(task, found, first)
        again = found.moved(
            RunStatus.QUEUED,
            token=secrets.token_hex(8),
            trigger=Trigger.BACKFILL,
            error=None,
            finished_at=None,
            coalesced=None,
        )
        return self.store.replace_run(again, token=found.token, entry=entry)

    def _keep_earlier(self, task: Task, found: Run, first: datetime) -> None:
        """Record the missed due times before a backfill anew that one record stood for together with one inside it."""
        if found.coalesced is None or found.coalesced.first >= first:
            return
        earlier = list[datetime]()
        with suppress(TooSparse):
            earlier = _within(task, found.coalesced.first, first, MOST_COUNTED)
        if earlier:
            many = Coalesced(first=earlier[0], last=earlier[-1], count=len(earlier)) if len(earlier) > 1 else None
            self.store.insert_run(replace(found, due_at=earlier[-1], token=recorded_as(many), coalesced=many))

    def skip(self, caller: User, task_id: str, due_at: datetime) -> Run:
        """Record a due time of the future as cancelled, so that nothing starts then. Skipping it twice is once."""
        task, now = self.catalog.task(caller, task_id), floor_ms(self.clock.now())
        if due_at <= now:
            raise _wrong("past", "lies in the past: only what is still to come can be skipped")
        if not _is_due(task, due_at):
            raise _wrong("not_due", "is no due time of this task: see `next` in a preview of its schedule")
        reason = RunError(code=SKIPPED_BY_OWNER, detail="its owner skipped this due time")
        run = replace(_new(task, due_at, Trigger.SCHEDULE, RunStatus.CANCELLED), finished_at=now, error=reason)
        found = self.store.insert_run(run)
        if found is not None and not found.skipped_by_owner:
            raise Conflict(f"the run of this due time is {found.status} already")
        acted(caller, task.owner, "skip_run", run.id)
        return found or run


def _due_times(task: Task, first: datetime, end: datetime) -> list[datetime]:
    try:
        found = _within(task, first, end, MOST_COUNTED)
    except TooSparse as error:
        raise _range("so much is excluded that its due times take too long to find: ask for a shorter one") from error
    except UNPLANNABLE as error:
        raise _broken("/from", error) from error
    if len(found) <= MOST_AT_ONCE:
        return found
    many = f"more than {MOST_COUNTED - 1:,}" if len(found) == MOST_COUNTED else f"{len(found):,}"
    middle = to_text(found[MOST_AT_ONCE])
    raise _range(f"holds {many} due times: {MOST_AT_ONCE:,} at most are queued at once, so ask up to {middle} first")


def _is_due(task: Task, at: datetime) -> bool:
    try:
        return task.is_due(at)
    except UNPLANNABLE as error:
        raise _broken("/due_at", error) from error


def _within(task: Task, first: datetime, end: datetime, most: int) -> list[datetime]:
    """The due times in [first, end), as many as there are up to `most`."""
    ahead = upcoming(task.definition.schedule, first - MILLISECOND, most)
    return list(takewhile(lambda due: due < end, ahead))


def _queued(task: Task, due: datetime) -> Run:
    return _new(task, due, Trigger.BACKFILL, RunStatus.QUEUED)


def _new(task: Task, due: datetime, trigger: Trigger, status: RunStatus) -> Run:
    return Run(
        task_id=task.id,
        due_at=due,
        owner=task.owner,
        task_name=task.definition.name,
        trigger=trigger,
        status=status,
        token=secrets.token_hex(8),
        retention=task.definition.retention,
    )


def _entry(run: Run, start: datetime) -> Entry:
    return Entry(start=start, task_id=run.task_id, kind=Kind.BACKFILL, due_at=run.due_at)


def _range(detail: str) -> Invalid:
    return Invalid(FieldError(pointer="/to", code="too_many", detail=detail))


def _broken(pointer: str, error: Exception) -> Invalid:
    """What is asked of a schedule that makes no sense any more: its time zone may not be known any more."""
    detail = f"the due times of this task cannot be worked out ({type(error).__name__}): edit its schedule first"
    return Invalid(FieldError(pointer=pointer, code="task_broken", detail=detail))


def _wrong(code: str, detail: str) -> Invalid:
    return Invalid(FieldError(pointer="/due_at", code=code, detail=detail))
