"""Refusals: whether a claimed run is still wanted, by its task's definition as it stands after the claim.

Paused, deleted, no due time any more, too late, too often: the run ends with the reason, and nothing is performed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.attempts.claim import ASKED_FOR, counted_from, of_task
from chalicelib.core.attempts.overlap import waited
from chalicelib.core.run import AttemptStatus, Run, RunError, RunStatus, Trigger
from chalicelib.core.schedule import next_after
from chalicelib.core.task import MISFIRE, CatchUp, Delivery, Task

LEAST_GRACE = timedelta(seconds=5)
"""A start this late is no misfire: two clocks may differ by as much."""
UNPLANNABLE = (ValueError, ArithmeticError, LookupError, OSError)
"""What working out a due time raises where a schedule makes no sense any more: a zone that is not known here, say."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a claimed attempt is not performed, and the status that its run gets."""

    status: RunStatus
    error: RunError


def refusal(task: Task, run: Run, now: datetime) -> Refusal | None:
    """Whether a claimed run is still wanted, by the definition as it stands after the claim. None: go on."""
    if _was_lost(run) and _no_more_after_loss(task, run):
        return Refusal(
            status=RunStatus.LOST,
            error=RunError(code="worker_lost", detail="the worker died and no attempt is left"),
        )
    if run.error == ASKED_FOR:
        return None
    if len(run.attempts) > 1 and not task.definition.retry.allows(now, counted_from(run)):
        return _too_old(task, run)
    return _unwanted(task, run, now) if run.trigger is Trigger.SCHEDULE else None


def _unwanted(task: Task, run: Run, now: datetime) -> Refusal | None:
    """Whether the schedule or the state of a task speaks against a run that its schedule asked for."""
    if not task.active:
        return _skipped("paused", "the task was paused before this due time")
    try:
        due = task.is_due(run.due_at)
    except UNPLANNABLE as error:
        return _broken(error)
    if not due:
        return _skipped("edited", "the task's schedule was changed and this is no due time of it any more")
    return _too_late(task, run, now) if len(run.attempts) == 1 and not waited(run) else None


def _too_old(task: Task, run: Run) -> Refusal:
    """A retry that was planned in time came too late: the run ends as its last attempt did."""
    ends = {AttemptStatus.TIMED_OUT: RunStatus.TIMED_OUT, AttemptStatus.LOST: RunStatus.LOST}
    last = run.attempts[-2]
    error = task.definition.retry.too_old(last.error or run.error)
    return Refusal(status=ends.get(last.status, RunStatus.FAILED), error=error)


def _broken(error: Exception) -> Refusal:
    detail = f"its due times cannot be worked out ({type(error).__name__}: {error})"
    return Refusal(status=RunStatus.FAILED, error=RunError(code="task_broken", detail=detail))


def _too_late(task: Task, run: Run, now: datetime) -> Refusal | None:
    """Whether a first start is too late by the task's misfire policy: it may have waited in a queue all the while."""
    late, policy = now - run.due_at, task.definition.misfire
    if late > startable_for(task):
        return _missed("grace", f"could not be started within {startable_for(task).total_seconds():.0f} s")
    if late <= MISFIRE or policy.catch_up is CatchUp.ALL:
        return None
    if policy.catch_up is CatchUp.NONE:
        return _missed("misfire", "more than 90 s late, and `catch_up` is none")
    later = next_after(task.definition.schedule, run.due_at)
    if later is not None and later < now - MISFIRE:
        return _missed("misfire", "more than 90 s late, and `catch_up` is latest: a later one is as late")
    return None


def _missed(code: str, detail: str) -> Refusal:
    return Refusal(status=RunStatus.MISSED, error=RunError(code=code, detail=detail))


def startable_for(task: Task) -> timedelta:
    """How late a due time may start. Never longer than runs are kept: an old message must find that its run was."""
    return max(LEAST_GRACE, min(task.definition.misfire.grace, task.definition.retention))


def _skipped(code: str, detail: str) -> Refusal:
    return Refusal(status=RunStatus.SKIPPED, error=RunError(code=code, detail=detail))


def _was_lost(run: Run) -> bool:
    return len(run.attempts) > 1 and run.attempts[-2].status is AttemptStatus.LOST


def _no_more_after_loss(task: Task, run: Run) -> bool:
    if task.definition.delivery is Delivery.AT_MOST_ONCE:
        return True
    return len(run.attempts) > task.definition.retry.max_attempts


GONE = _skipped("deleted", "the task was deleted before this due time")
"""For a claimed run whose task is not there any more."""


def refused(run: Run, task: Task | None, refusal: Refusal, now: datetime) -> Run:
    """The run as it ends when its claimed attempt is not performed: that attempt never was one."""
    known = run if task is None else of_task(run, task)
    return known.moved(
        refusal.status, error=refusal.error, finished_at=now, lease_until=None, attempts=run.attempts[:-1]
    )
