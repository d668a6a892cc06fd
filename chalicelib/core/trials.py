"""Trials: what a task's draft does, tried once before there is such a task.

A trial is a paused task that nobody is shown and that no list holds, with one run that its owner asked for. So
everything about that run is as it will be: rights, secrets, timeouts, what is kept of the output.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

PREFIX = "zztrial"
"""Every id of a trial begins so: no task's does, and all of theirs are lower. What lists tasks stops before it."""
CALLED = "zzzcalled"
"""Every id of what a function that runs has called later begins so: it stands behind those of trials."""
LIFE = timedelta(days=1)
"""A trial and its run are removed after this."""


def is_trial(task_id: str) -> bool:
    """Whether an id is that of a trial.

    >>> is_trial("zztrial01m7vrmmzta7wnpt8k44ms4mzg"), is_trial("01m7vrmmzta7wnpt8k44ms4mzg")
    (True, False)
    """
    return task_id.startswith(PREFIX)


def gone_at(task_id: str, created_at: datetime, due_at: datetime | None, retention: timedelta) -> datetime | None:
    """When a task goes by itself: a trial after its life, what was called when its run goes. None: it stays until it
    is deleted.

    >>> now, day = datetime(2026, 1, 1), timedelta(days=1)
    >>> [gone_at(each, now, now + day, day) for each in ("zztrial01", "zzzcalled01", "01m7")]
    [datetime.datetime(2026, 1, 2, 0, 0), datetime.datetime(2026, 1, 4, 0, 0), None]
    """
    if is_trial(task_id):
        return created_at + LIFE
    return (due_at or created_at) + retention + LIFE if task_id.startswith(CALLED) else None


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
