"""Trials: what a task's draft does, tried once before there is such a task.

A trial is a paused task that nobody is shown and that no list holds, with one run that its owner asked for. So
everything about that run is as it will be: rights, secrets, timeouts, what is kept of the output.

What a group runs that was defined with it is hidden alike, for as long as the group is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

PREFIX = "zztrial"
"""Every id of a trial begins so: no task's does, and all of theirs are lower. What lists tasks stops before it."""
WITHIN = "zzwithin"
"""Every id of a task that was defined within a group begins so; it stands behind those of trials."""
LIFE = timedelta(days=1)
"""A trial and its run are removed after this."""


def is_trial(task_id: str) -> bool:
    """Whether an id is that of a trial.

    >>> is_trial("zztrial01m7vrmmzta7wnpt8k44ms4mzg"), is_trial("01m7vrmmzta7wnpt8k44ms4mzg")
    (True, False)
    """
    return task_id.startswith(PREFIX)


def is_hidden(task_id: str) -> bool:
    """Whether an id is that of a task that no list holds.

    >>> is_hidden("zztrial01m7vrmmzta7wnpt8k44ms4mzg"), is_hidden("zzwithin01m7v00000"), is_hidden("01m7vrmmzta7")
    (True, True, False)
    """
    return task_id.startswith((PREFIX, WITHIN))


def hidden_until(task_id: str, created_at: datetime, retention: timedelta) -> datetime | None:
    """When a hidden task is removed by itself; None for what stays until it is deleted."""
    if not is_hidden(task_id):
        return None
    return created_at + (LIFE if is_trial(task_id) else retention + LIFE)


def trial_of(name: str, action: Mapping[str, Any], timeout_seconds: float, now: datetime) -> dict[str, Any]:
    """The task that tries an action out, as the contract writes it: one attempt, and nobody is told of anything."""
    return {
        "name": name,
        "action": action,
        "schedule": {"type": "once", "at": now.isoformat()},
        "timeout_seconds": timeout_seconds,
        "retry": {"max_attempts": 1},
        "delivery": "at_most_once",
        "state": "paused",
        "retention_days": LIFE.days,
    }
