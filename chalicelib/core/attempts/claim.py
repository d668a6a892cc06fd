"""Claims: whether a worker may begin an attempt, whether it still should, and what an attempt's end leads to.

Everything here decides and changes nothing; the worker performs it with conditional writes.

    claim                lease ends            visibility ends
      |--- action < timeout ---|  finish is refused  |  message is delivered again
      '------- lease (timeout + LEASE_SLACK) --------'
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.errors import IllegalMove
from chalicelib.core.message import RunMessage
from chalicelib.core.run import FINAL, Attempt, AttemptStatus, Outcome, Run, RunError, RunStatus, Trigger, cut_off
from chalicelib.core.task import LONGEST_LIGHT_ACTION, Channel, Task
from chalicelib.core.window import MARGIN, Entry, Kind

LONGEST_ACTION = timedelta(seconds=840)
"""Sixty seconds less than Lambda's fifteen minutes."""
LEASE_SLACK = timedelta(seconds=20)
"""Between an action's timeout and the lease's end: time to stop the action and to record its end."""
ACTION_LIMIT = {
    Channel.LIGHT: LONGEST_LIGHT_ACTION,
    Channel.URGENT: LONGEST_LIGHT_ACTION,
    Channel.COMMANDS: LONGEST_ACTION,
}
"""The longest action a channel's function has time for. A claim is believed that long and the slack."""
START_WITHIN = timedelta(seconds=10)
"""Between a claim and the action's start: a worker that took longer slept, and what it has read may be true no more.
Half of `LEASE_SLACK`, so that an action which starts always ends within its lease."""
UNKNOWN_RETENTION = timedelta(days=30)
"""How long a run is kept whose task was never read."""
MESSAGE_DIGITS = 8
"""Hexadecimal, of a message's id: enough for the few messages that one run ever has."""
ASKED_FOR = RunError(code="retried", detail="its owner asked for another attempt")
"""On a queued run: neither its task's schedule and state nor its lateness speak against it."""
TRIGGERS = {Kind.SCHEDULE: Trigger.SCHEDULE, Kind.BACKFILL: Trigger.BACKFILL}
"""The messages that may begin a run which does not exist yet, and why it then exists."""


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """The attempt may begin once this run has been written in place of the one that was read."""

    run: Run


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """There is nothing to do for this message. `reason` is a stable word for the log."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Postponed:
    """`entry` looks again: after the lease's end of another worker that seems to be at it, or alone."""

    entry: Entry


Claim = Claimed | Dropped | Postponed


def new_token(message_id: str = "") -> str:
    """A token that nobody else has. Its end says which message it was made for."""
    random = secrets.token_hex(8)
    return f"{random}-{hashlib.sha256(message_id.encode()).hexdigest()[:MESSAGE_DIGITS]}" if message_id else random


def _same_message(token: str, other: str) -> bool:
    """Whether two claims were made for one message: should the first of them fail, nothing else would come for it."""
    return "-" in token and token.rpartition("-")[2] == other.rpartition("-")[2]


def lease_for(channel: Channel) -> timedelta:
    """How long a claim by a worker of a channel is believed."""
    return ACTION_LIMIT[channel] + LEASE_SLACK


def first_claim(message: RunMessage, token: str, now: datetime) -> Run | None:
    """The run that a message begins if there is none yet; None where such a message never begins one."""
    trigger = TRIGGERS.get(message.entry.kind)
    if trigger is None:
        return None
    return Run(
        task_id=message.entry.task_id,
        due_at=message.entry.due_at,
        owner=message.owner,
        task_name=message.task_name,
        trigger=trigger,
        status=RunStatus.RUNNING,
        token=token,
        retention=UNKNOWN_RETENTION,
        lease_until=now + lease_for(message.channel),
        attempts=(Attempt(number=1, started_at=now, dispatched_at=message.dispatched_at),),
    )


def claim(run: Run | None, message: RunMessage, *, token: str, now: datetime, redelivered: bool) -> Claim:
    """What a message may do with the run that it found."""
    if run is None:
        return Dropped(reason="no_run")
    match run.status:
        case RunStatus.QUEUED:
            return _next_attempt(run, message, token, now)
        case RunStatus.RETRYING if message.entry.number > len(run.attempts):
            return _next_attempt(run, message, token, now)
        case RunStatus.RETRYING:
            return Dropped(reason="attempt_done")
        case RunStatus.RUNNING:
            return _take_over(run, message, token, now, redelivered=redelivered)
        case _:
            return Dropped(reason="run_ended")


def _next_attempt(run: Run, message: RunMessage, token: str, now: datetime) -> Claimed:
    attempt = Attempt(number=len(run.attempts) + 1, started_at=now, dispatched_at=message.dispatched_at)
    lease_until = now + lease_for(message.channel)
    return Claimed(
        run=run.moved(RunStatus.RUNNING, token=token, lease_until=lease_until, attempts=(*run.attempts, attempt))
    )


def _take_over(run: Run, message: RunMessage, token: str, now: datetime, *, redelivered: bool) -> Claim:
    if run.lease_until is None or run.lease_until <= now:
        if message.packed:  # whatever its worker died of, the others of the pack must not meet it again
            return Postponed(entry=replace(message.entry, start=now, kind=Kind.TAKEOVER, number=len(run.attempts)))
        lost = RunError(code="worker_lost", detail="the worker did not finish within its lease")
        ended = replace(run.attempts[-1], status=AttemptStatus.LOST, finished_at=now, error=lost)
        return _next_attempt(replace(run, attempts=(*run.attempts[:-1], ended)), message, token, now)
    if not redelivered and not _same_message(run.token, token):
        return Dropped(reason="duplicate")
    entry = message.entry
    start = run.lease_until + MARGIN
    return Postponed(entry=replace(entry, start=start, kind=Kind.TAKEOVER, number=len(run.attempts)))


def slept(run: Run, now: datetime) -> bool:
    """Whether a claimed attempt may not start any more: its worker slept, and others may have gone on without it."""
    return now - run.attempts[-1].started_at > START_WITHIN


def begun(run: Run, now: datetime) -> Run:
    """The claimed run whose action begins now."""
    return replace(run, attempts=(*run.attempts[:-1], replace(run.attempts[-1], begun_at=now)))


def rerouted(run: Run, now: datetime) -> tuple[Run, Entry]:
    """The same attempt, asked for again: the task's runs go to another channel by now, or the worker slept."""
    waiting = run.moved(RunStatus.RETRYING, lease_until=None, attempts=run.attempts[:-1])
    return waiting, _retry_entry(waiting, start=now, number=len(run.attempts))


def cancelled(run: Run, token: str, now: datetime) -> Run:
    """A run that its owner ended. Its new token is what a worker that is at it does not have."""
    detail = "cancelled by its owner"
    if run.status is RunStatus.RUNNING:
        detail += "; the attempt at work ends by itself or by its timeout, and its result is not recorded"
    error = RunError(code="cancelled", detail=detail)
    attempts = cut_off(run.attempts, now)
    return run.moved(
        RunStatus.CANCELLED, token=token, error=error, lease_until=None, finished_at=now, attempts=attempts
    )


def retried(run: Run, token: str) -> Run:
    """An ended run that its owner wants tried again. (One at work may be queued by its worker, and by nobody else: its
    action would be performed twice at once.)"""
    if run.status not in FINAL:
        raise IllegalMove(f"a run that is {run.status} has not ended")
    return run.moved(RunStatus.QUEUED, token=token, error=ASKED_FOR, lease_until=None, finished_at=None)


def entry_of_retry(run: Run, start: datetime) -> Entry:
    """The entry of the attempt that an owner asked for."""
    return _retry_entry(run, start=start, number=len(run.attempts) + 1)


def settled(run: Run, task: Task, outcome: Outcome, *, now: datetime, spread: float) -> tuple[Run, Entry | None]:
    """The run after its attempt came to an outcome, and the entry of the next attempt if there is one."""
    last = run.attempts[-1]
    ended = replace(
        last,
        status=outcome.status,
        finished_at=now,
        exit_code=outcome.exit_code,
        http_status=outcome.http_status,
        error=outcome.error,
        output=outcome.output,
        output_truncated=outcome.output_truncated,
    )
    known = replace(of_task(run, task), attempts=(*run.attempts[:-1], ended), lease_until=None, error=outcome.error)
    if outcome.status is AttemptStatus.SUCCEEDED:
        return known.moved(RunStatus.SUCCEEDED, finished_at=now, result=outcome.result), None
    permanent = outcome.error is not None and outcome.error.permanent
    retry = task.definition.retry
    start = None if permanent else retry.next_start(last.number, now, spread, outcome.retry_after)
    if start is not None and retry.allows(start, counted_from(known)):
        retrying = known.moved(RunStatus.RETRYING, result=outcome.result)
        return retrying, _retry_entry(retrying, start=start, number=last.number + 1)
    status = RunStatus.TIMED_OUT if outcome.status is AttemptStatus.TIMED_OUT else RunStatus.FAILED
    error = outcome.error if start is None else retry.too_old(outcome.error)
    return known.moved(status, finished_at=now, result=outcome.result, error=error), None


def counted_from(run: Run) -> datetime:
    """Since when the age of a run counts: its due time, but for one of the past that its owner asked for."""
    return run.attempts[0].started_at if run.trigger is Trigger.BACKFILL and run.attempts else run.due_at


def of_task(run: Run, task: Task) -> Run:
    """The run with what only the definition knows."""
    name, retention = task.definition.name, task.definition.retention
    return replace(run, owner=task.owner, task_name=name, retention=retention)


def _retry_entry(run: Run, *, start: datetime, number: int) -> Entry:
    return Entry(start=start, task_id=run.task_id, kind=Kind.RETRY, due_at=run.due_at, number=number)
