"""Runs and attempts: what happened at one due time of one task, and the only moves that may change it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.errors import IllegalMove
from chalicelib.core.instant import to_ms

OUTPUT_LIMIT = 64 * 1024
"""Bytes of output kept for one attempt; an action stops collecting there and says so."""

SKIPPED_BY_OWNER = "skipped_by_owner"
"""Why a run is cancelled whose due time was still to come."""


class Trigger(enum.StrEnum):
    """Why a run exists."""

    SCHEDULE = "schedule"
    """Its schedule said "now"."""
    MANUAL = "manual"
    """Its owner asked for it to run at once."""
    BACKFILL = "backfill"
    """Its owner asked for due times of the past."""
    GROUP = "group"
    """It is a member of a group that began, or follows one that ended."""


class RunStatus(enum.StrEnum):
    """Where a run stands. `LEGAL_MOVES` says how it gets from one to another."""

    QUEUED = "queued"
    """Recorded, not begun: asked for by its owner, or waiting for an earlier run of its task. A claim moves it out."""
    RUNNING = "running"
    """A worker holds its lease. That worker's finish, or a successor after the lease's end, moves it out."""
    RETRYING = "retrying"
    """An attempt failed and another has its entry in the agenda. The next claim moves it out."""
    SUCCEEDED = "succeeded"
    """The last attempt did what the task says. Final."""
    FAILED = "failed"
    """The last attempt failed and none is left. Final, until the owner retries it."""
    TIMED_OUT = "timed_out"
    """The last attempt was stopped by its timeout and none is left. Final, until the owner retries it."""
    CANCELLED = "cancelled"
    """Its owner cancelled it. Final, until the owner retries it."""
    SKIPPED = "skipped"
    """Not started, with the reason in `error.code`: overlap, paused, edited or deleted. Final."""
    MISSED = "missed"
    """Could not be started within its grace, or coalesced by `catch_up`. Final, until the owner retries it."""
    LOST = "lost"
    """Its worker died and no attempt is left, or none could handle its message. Final, until the owner retries it."""


LEGAL_MOVES: dict[RunStatus | None, frozenset[RunStatus]] = {
    None: frozenset(
        {
            RunStatus.QUEUED,
            RunStatus.RUNNING,
            RunStatus.SKIPPED,
            RunStatus.MISSED,
            RunStatus.CANCELLED,  # skipped by its owner, ahead of its due time
            RunStatus.LOST,  # no worker could handle its message
        }
    ),
    RunStatus.QUEUED: frozenset(
        {RunStatus.RUNNING, RunStatus.SKIPPED, RunStatus.MISSED, RunStatus.CANCELLED, RunStatus.LOST}
    ),
    RunStatus.RUNNING: frozenset(
        {
            RunStatus.RUNNING,  # taken over after the lease's end, as the next attempt
            RunStatus.QUEUED,  # waits for an earlier run of its task
            RunStatus.RETRYING,
            RunStatus.SUCCEEDED,
            RunStatus.FAILED,
            RunStatus.TIMED_OUT,
            RunStatus.CANCELLED,
            RunStatus.SKIPPED,
            RunStatus.MISSED,
            RunStatus.LOST,
        }
    ),
    RunStatus.RETRYING: frozenset(
        {RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.SKIPPED, RunStatus.MISSED, RunStatus.LOST}
    ),
    RunStatus.SUCCEEDED: frozenset(),
    RunStatus.FAILED: frozenset({RunStatus.QUEUED}),
    RunStatus.TIMED_OUT: frozenset({RunStatus.QUEUED}),
    RunStatus.CANCELLED: frozenset({RunStatus.QUEUED}),
    RunStatus.SKIPPED: frozenset(),
    RunStatus.MISSED: frozenset({RunStatus.QUEUED}),
    RunStatus.LOST: frozenset({RunStatus.QUEUED}),
}
"""From a status (None: no run yet) to those it may move to. `QUEUED` after an end is the owner's retry."""

FINAL = frozenset(status for status in RunStatus if LEGAL_MOVES[status] <= {RunStatus.QUEUED})
NEEDS_ATTENTION = frozenset(
    {RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.MISSED, RunStatus.LOST, RunStatus.RETRYING}
)


class AttemptStatus(enum.StrEnum):
    """How one attempt stands."""

    RUNNING = "running"
    """Claimed by a worker."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    LOST = "lost"
    """Its worker did not finish within the lease."""
    CANCELLED = "cancelled"
    """Its run was cancelled or replaced while it was at work: what it still does is not recorded."""


@dataclass(frozen=True, kw_only=True)
class RunError:
    """Why an attempt or a run did not succeed: a stable `code`, a sentence, and whether trying again can help."""

    code: str
    detail: str
    permanent: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What performing an action came to. `output` is at most `OUTPUT_LIMIT` bytes of UTF-8.

    `retry_after` is how long whoever was called asks not to be called again.
    """

    status: AttemptStatus
    output: str = ""
    output_truncated: bool = False
    result: Any = None
    error: RunError | None = None
    exit_code: int | None = None
    http_status: int | None = None
    retry_after: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of a run, numbered from 1. `started_at` is its claim; the two instants around it are known only of what
    was recorded since they are: when its message was sent to the queue, and when its action itself began."""

    number: int
    started_at: datetime
    dispatched_at: datetime | None = None
    begun_at: datetime | None = None
    status: AttemptStatus = AttemptStatus.RUNNING
    finished_at: datetime | None = None
    exit_code: int | None = None
    http_status: int | None = None
    error: RunError | None = None
    output: str = ""
    output_truncated: bool = False


@dataclass(frozen=True, kw_only=True)
class Coalesced:
    """Several missed or skipped due times recorded as one run: the first, the last and how many."""

    first: datetime
    last: datetime
    count: int


THEN, ON_FAILURE = -1, -2
"""In place of a member's index: what follows a group when all have succeeded, and when not."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a run is to a group, in one of its rounds: member number `index` of `total`, or what follows it."""

    group_id: str
    round: int
    index: int
    total: int
    chain: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """One due time of one task, recorded. Task id and due time are its key, so it cannot exist twice.

    `token` is a fence: each claim sets a new one, and every later write compares it. `lease_until` is when a
    claim stops being believed. `through` is set where the record stands for several due times.
    """

    task_id: str
    due_at: datetime
    owner: str
    task_name: str
    trigger: Trigger
    status: RunStatus
    token: str
    retention: timedelta
    lease_until: datetime | None = None
    finished_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    result: Any = None
    error: RunError | None = None
    coalesced: Coalesced | None = None
    part: Part | None = None

    @property
    def id(self) -> str:
        """The run's name outside: `<task id>-<due time in milliseconds>`."""
        return run_id(self.task_id, self.due_at)

    @property
    def skipped_by_owner(self) -> bool:
        """Whether it stands for a due time that its owner took out ahead of it."""
        return self.status is RunStatus.CANCELLED and self.error is not None and self.error.code == SKIPPED_BY_OWNER

    @property
    def started_at(self) -> datetime | None:
        """When the first attempt began."""
        return self.attempts[0].started_at if self.attempts else None

    @property
    def lateness(self) -> timedelta | None:
        """From the due time to the first start."""
        return None if self.started_at is None else self.started_at - self.due_at

    def moved(self, status: RunStatus, **changes: Any) -> Run:
        """This run in another status; `IllegalMove` where the table has no such move.

        >>> from datetime import datetime, timedelta, UTC
        >>> run = Run(task_id="t", due_at=datetime(2026, 1, 1, tzinfo=UTC), owner="o", task_name="n", token="a",
        ...           trigger=Trigger.SCHEDULE, status=RunStatus.SUCCEEDED, retention=timedelta(days=1))
        >>> run.moved(RunStatus.RUNNING)
        Traceback (most recent call last):
        chalicelib.core.errors.IllegalMove: a run that is succeeded cannot become running
        """
        if status not in LEGAL_MOVES[self.status]:
            raise IllegalMove(f"a run that is {self.status} cannot become {status}")
        return replace(self, status=status, **changes)


def missed_by(run: Run | None) -> int:
    """How many due times a run says were missed: all that it stands for, or none."""
    if run is None or run.status is not RunStatus.MISSED:
        return 0
    return 1 if run.coalesced is None else run.coalesced.count


def cut_off(attempts: tuple[Attempt, ...], now: datetime) -> tuple[Attempt, ...]:
    """The attempts of a run that is cancelled; the one at work, if there is one, with its end."""
    if not attempts or attempts[-1].status is not AttemptStatus.RUNNING:
        return attempts
    return (*attempts[:-1], replace(attempts[-1], status=AttemptStatus.CANCELLED, finished_at=now))


def run_id(task_id: str, due_at: datetime) -> str:
    """The name of the run of a task at a due time.

    >>> from datetime import datetime, UTC
    >>> run_id("abc", datetime(2026, 1, 1, tzinfo=UTC))
    'abc-1767225600000'
    """
    return f"{task_id}-{to_ms(due_at)}"
