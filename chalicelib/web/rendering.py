"""Rendering: tasks, runs and accounts as the contract writes them."""

from __future__ import annotations

import platform
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.core import task as tasks
from chalicelib.core.alerting.state import AlertState
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.instant import to_text
from chalicelib.core.overview import costs
from chalicelib.core.people.account import Invitation, Token, User
from chalicelib.core.run import Attempt, Coalesced, Run, RunError
from chalicelib.core.schedule import Schedule
from chalicelib.core.schedule.preview import Preview
from chalicelib.core.task import Task
from chalicelib.engine.requests.people.tokens import Issued
from chalicelib.engine.requests.reports import Standing
from chalicelib.engine.requests.tasks.due_times import Backfill
from chalicelib.web.sentences import sentence

COMPLETED = "completed"
ARCHITECTURE = costs.ARM if platform.machine() in ("aarch64", "arm64") else costs.X86
"""Of this function, and so of all: they are deployed together."""
SPANS_SHOWN = 5


def task_json(
    task: Task, now: datetime, standing: Standing, told: AlertState | None = None, *, feed: bool
) -> dict[str, Any]:
    """A task with what only answers say. `feed`: runs are listed across tasks, which costs something."""
    (state, next_due), last_run = _outlook(task, now, standing.skipped), standing.last_run
    return {
        "id": task.id,
        **tasks.to_json(task.definition),
        "state": state,
        "version": task.version,
        "owner": task.owner,
        "created_at": to_text(task.created_at),
        "updated_at": to_text(task.updated_at),
        "pause_reason": task.pause_reason,
        "schedule_text": sentence(task.definition.schedule),
        "next_run_at": _text(next_due),
        "last_run": None if last_run is None else _last_run_json(last_run),
        "cost_estimate": costs.estimate(task, now, feed=feed, architecture=ARCHITECTURE),
    } | ({} if told is None else {"notify_state": _told_json(told)})


def _told_json(told: AlertState) -> dict[str, Any]:
    """What a task's owner was told of it, and what not."""
    return {
        "failing_since": _text(told.failing_since),
        "told_at": _text(told.told_at),
        "counted": 0 if told.held is None else told.held.count,
        "waiting": len(told.pending),
        "delivered_at": _text(told.delivered_at),
        "refused_at": _text(told.refused_at),
        "refusal": told.refusal,
    }


def state_of(task: Task, now: datetime) -> str:
    """`active` or `paused`, or `completed` where it is active and nothing is left to run."""
    return _outlook(task, now)[0]


def _outlook(task: Task, now: datetime, skipped: AbstractSet[datetime] = frozenset()) -> tuple[str, datetime | None]:
    """State and next due time. A task whose due times cannot be worked out is as its owner left it; it must not keep
    the others from being shown."""
    try:
        next_due = task.next_due(now, skipped)
    except (ValueError, ArithmeticError, LookupError, OSError):  # an unknown zone, say
        return str(task.definition.state), None
    return (COMPLETED if task.active and next_due is None else str(task.definition.state)), next_due


def _last_run_json(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "due_at": to_text(run.due_at),
        "status": str(run.status),
        "lateness_ms": _milliseconds(run.lateness),
    }


def run_json(run: Run) -> dict[str, Any]:
    """A run with all its attempts. Its output is its last attempt's."""
    last = run.attempts[-1] if run.attempts else None
    shown = {
        "id": run.id,
        "task_id": run.task_id,
        "task_name": run.task_name,
        "due_at": to_text(run.due_at),
        "trigger": str(run.trigger),
        "status": str(run.status),
        "started_at": _text(run.started_at),
        "finished_at": _text(run.finished_at),
        "lateness_ms": _milliseconds(run.lateness),
        "attempts": [_attempt_json(attempt) for attempt in run.attempts],
        "result": run.result,
        "error": _error_json(run.error),
        "output": last.output if last else "",
        "output_truncated": last.output_truncated if last else False,
    }
    if run.part is not None:
        shown["group_id"] = run.part.group_id
    return shown if run.coalesced is None else shown | {"coalesced": _coalesced_json(run.coalesced)}


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    shown = {
        "number": attempt.number,
        "started_at": to_text(attempt.started_at),
        "finished_at": _text(attempt.finished_at),
        "status": str(attempt.status),
    }
    known = {
        "exit_code": attempt.exit_code,
        "http_status": attempt.http_status,
        "error": _error_json(attempt.error),
        "output": attempt.output or None,
    }
    return shown | {name: value for name, value in known.items() if value is not None}


def _error_json(error: RunError | None) -> dict[str, Any] | None:
    return None if error is None else {"code": error.code, "detail": error.detail}


def _coalesced_json(coalesced: Coalesced) -> dict[str, Any]:
    return {"first": to_text(coalesced.first), "last": to_text(coalesced.last), "count": coalesced.count}


def user_json(user: User) -> dict[str, Any]:
    """An account as its owner sees it."""
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "role": str(user.role),
        "can_run_commands": user.can_run_commands,
        "can_call_aws": user.can_call_aws,
    }


def issued_json(issued: Issued) -> dict[str, Any]:
    """A token that was given to who logged in, with its text."""
    return {"token": issued.text, "expires_at": _text(issued.token.expires_at)}


def listed_user_json(user: User) -> dict[str, Any]:
    """An account as admins see it."""
    return user_json(user) | {"created_at": to_text(user.created_at)}


def token_json(token: Token, now: datetime) -> dict[str, Any]:
    """A named token, without anything that proves something."""
    old = token.previous
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created_at": to_text(token.created_at),
        "expires_at": _text(token.expires_at),
        "last_used_at": _text(token.last_used_at),
        "previous_valid_until": None if old is None or old.until <= now else to_text(old.until),
    }


def invitation_json(invitation: Invitation) -> dict[str, Any]:
    """An invitation, without anything that lets somebody in."""
    return {
        "id": invitation.id,
        "invited_by": invitation.invited_by,
        "can_run_commands": invitation.can_run_commands,
        "can_call_aws": invitation.can_call_aws,
        "created_at": to_text(invitation.created_at),
        "expires_at": to_text(invitation.expires_at),
        "used_by": invitation.used_by,
    }


def preview_json(schedule: Schedule, preview: Preview) -> dict[str, Any]:
    """A schedule in words, its next due times in UTC and in its own zone, what is left out and what is odd about it."""
    return {
        "description": sentence(schedule),
        "next": [_both_clocks(due, preview.zone) for due in preview.due_times],
        "excluded": [_both_clocks(one.at, preview.zone) | {"by": one.by} for one in preview.excluded],
        "warnings": [
            {"code": oddity.code, "detail": oddity.detail} | ({} if oddity.at is None else {"at": to_text(oddity.at)})
            for oddity in preview.warnings
        ],
    }


def calendar_json(calendar: Calendar, now: datetime) -> dict[str, Any]:
    """A named calendar: how many spans it has, and those that come next."""
    ahead = (span for span in calendar.spans if span[1] > now)
    return {
        "name": calendar.name,
        "updated_at": to_text(calendar.updated_at),
        "spans": len(calendar.spans),
        "next": [{"from": to_text(begin), "to": to_text(end)} for begin, end in islice(ahead, SPANS_SHOWN)],
    }


def backfill_json(backfill: Backfill) -> dict[str, Any]:
    """The runs of a backfill, without what they printed: a thousand of them have to fit into an answer."""
    runs = [run_json(_silent(run)) for run in backfill.runs]
    return {"runs": runs, "count": len(runs), "queued": backfill.queued}


def _silent(run: Run) -> Run:
    return replace(run, attempts=tuple(replace(attempt, output="") for attempt in run.attempts), result=None)


def _both_clocks(instant: datetime, zone: ZoneInfo) -> dict[str, Any]:
    return {"utc": to_text(instant), "local": instant.astimezone(zone).isoformat(timespec="milliseconds")}


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def _milliseconds(duration: timedelta | None) -> int | None:
    return None if duration is None else duration // timedelta(milliseconds=1)
