"""Auditing: what the agenda and the definitions say that there has to be, and what is to be done where it is not there.

Everything here decides and changes nothing; the auditor compares and repairs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from chalicelib.core.attempts.claim import ASKED_FOR, LEASE_SLACK, first_claim
from chalicelib.core.attempts.overlap import waited
from chalicelib.core.message import RunMessage
from chalicelib.core.planning import MOST_AT_ONCE, entry_message, first_entry
from chalicelib.core.run import FINAL, AttemptStatus, Run, RunError, RunStatus
from chalicelib.core.schedule import due_times
from chalicelib.core.task import Task
from chalicelib.core.window import WINDOW, Entry, Kind, window_of

UNDELIVERABLE = RunError(
    code="dead_letter", detail="no worker could handle its message; retry the run once the cause is gone"
)
"""On a run whose message ended in a dead-letter queue."""
PATIENCE = timedelta(minutes=30)
"""A run that waits for nothing in particular, and has stood still for longer, is stuck: the longest queue brings a
message back after half as long."""
SETTLES = timedelta(minutes=10)
"""After a change of a task: its first entry is late, and a pass has to come for it."""

LOOKED_BACK = timedelta(hours=3)
"""At tasks that have nothing left to run; all tasks are looked at once an hour."""


def expected(entry: Entry, task: Task, start: datetime) -> list[datetime]:
    """The due times that a task owes in the window which begins at `start`, by an entry of its chain found there."""
    if entry.kind is not Kind.SCHEDULE or not task.active:
        return []
    first = max(entry.due_at, task.changed_at)
    return list(due_times(task.definition.schedule, first, start + WINDOW))


def owed(task: Task | None, due: datetime) -> bool:
    """Whether a due time without a run is missing, by the definition as it stands now."""
    return task is not None and task.active and due >= task.changed_at and task.is_due(due)


def covered(due: datetime, runs: Iterable[Run]) -> bool:
    """Whether one of these runs is a record that stands for a due time among others."""
    return any(run.coalesced is not None and run.coalesced.first <= due <= run.coalesced.last for run in runs)


def stuck(run: Run, task: Task | None, now: datetime) -> bool:
    """Whether nobody comes for a run any more that has not ended. One that waits for another, or that its owner has
    just asked for again, is not."""
    if run.status in FINAL or waited(run) or run.error == ASKED_FOR:
        return False
    if run.status is RunStatus.RUNNING:
        return run.lease_until is None or run.lease_until + PATIENCE < now
    since = run.attempts[-1].finished_at if run.attempts else run.due_at
    return max(since or run.due_at, run.due_at) + _longest_wait(run, task) + PATIENCE < now


def _longest_wait(run: Run, task: Task | None) -> timedelta:
    """How long a run may wait for its next attempt, by its task's policy."""
    if task is None or run.status is not RunStatus.RETRYING:
        return timedelta(0)
    return max(task.definition.retry.delay, task.definition.retry.max_delay)


def call(task: Task, due: datetime) -> RunMessage:
    """The message that starts a due time after all, or lets a worker record why not."""
    return entry_message(Entry(start=due, task_id=task.id, kind=Kind.SCHEDULE, due_at=due), task)


def recall(run: Run, task: Task | None, now: datetime) -> RunMessage:
    """The message that lets a worker go on with a run that is stuck."""
    number = len(run.attempts) + 1
    return entry_message(Entry(start=now, task_id=run.task_id, kind=Kind.RETRY, due_at=run.due_at, number=number), task)


def chain_entry(task: Task, through: datetime, now: datetime) -> Entry | None:
    """The entry that stands in the agenda for a task whose shard is handled through a window; None where there need not
    be one: the task is paused, or has nothing left to run, or has changed a moment ago."""
    if task.changed_at > now - SETTLES:
        return None
    return first_entry(task, max(task.changed_at, through + WINDOW))


def last_owed(task: Task, now: datetime) -> datetime | None:
    """Of a task that has nothing left to run: the last due time of the last hours, which is recorded by now if its
    chain led to its end. Of very many, the last that is counted."""
    begin, end = max(task.changed_at, now - LOOKED_BACK), now - SETTLES
    return max(islice(due_times(task.definition.schedule, begin, end), MOST_AT_ONCE), default=None)


def mended(task: Task, newest: Iterable[Run], now: datetime) -> Entry | None:
    """The entry with which a broken chain begins anew: the first due time that has no run. The misfire policy decides
    about those that have passed."""
    recorded = max((run.due_at for run in newest), default=task.changed_at)
    begin = max(task.changed_at, recorded + timedelta(milliseconds=1), now - task.definition.retention)
    return first_entry(task, begin)


def up_to_date(through: datetime | None, now: datetime) -> bool:
    """Whether a shard's passes are where they should be: not one window that has begun is left."""
    return through is not None and through >= window_of(now)


def at_work(run: Run | None, now: datetime) -> bool:
    """Whether a worker is believed to be at a run."""
    return (
        run is not None
        and run.status is RunStatus.RUNNING
        and run.lease_until is not None
        and run.lease_until + LEASE_SLACK > now
    )


def buried(run: Run | None, message: RunMessage, token: str, now: datetime) -> Run | None:
    """The run of a message that nobody could handle, as it ends; None where the message means nothing to it any more.

    >>> from chalicelib.core.instant import EPOCH
    >>> from chalicelib.core.task import Channel
    >>> entry = Entry(start=EPOCH, task_id="abc", kind=Kind.SCHEDULE, due_at=EPOCH)
    >>> message = RunMessage(entry=entry, owner="ann", task_name="hello", channel=Channel.LIGHT)
    >>> str(buried(None, message, "token", EPOCH).status)
    'lost'
    """
    if run is None:
        return _never_begun(message, token, now)
    if run.status in FINAL or (run.status is RunStatus.RETRYING and message.entry.number <= len(run.attempts)):
        return None
    attempts = run.attempts
    if run.status is RunStatus.RUNNING:
        ended = replace(attempts[-1], status=AttemptStatus.LOST, finished_at=now, error=UNDELIVERABLE)
        attempts = (*attempts[:-1], ended)
    return run.moved(
        RunStatus.LOST, token=token, error=UNDELIVERABLE, attempts=attempts, lease_until=None, finished_at=now
    )


def _never_begun(message: RunMessage, token: str, now: datetime) -> Run | None:
    """The run that the message would have begun, as it ends without having been."""
    begun = first_claim(message, token, now)
    if begun is None:
        return None
    return replace(begun, status=RunStatus.LOST, attempts=(), lease_until=None, finished_at=now, error=UNDELIVERABLE)
