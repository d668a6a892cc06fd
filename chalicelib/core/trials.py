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
CALLED = "zzzcalled"
"""Every id of what a function that runs has called later begins so; it stands behind those of trials as well."""
LIFE = timedelta(days=1)
"""A trial and its run are removed after this."""


def is_trial(task_id: str) -> bool:
    """Whether an id is that of a trial.

    >>> is_trial("zztrial01m7vrmmzta7wnpt8k44ms4mzg"), is_trial("01m7vrmmzta7wnpt8k44ms4mzg")
    (True, False)
    """
    return task_id.startswith(PREFIX)


def is_hidden(task_id: str) -> bool:
    """Whether an id is that of a task that nobody is shown: a trial's, or one that only its group lists.

    >>> is_hidden("zztrial01m7vrmmzta7wnpt8k44ms4mzg"), is_hidden("zzwithin01m7v00000"), is_hidden("01m7vrmmzta7")
    (True, True, False)
    """
    return task_id.startswith((PREFIX, WITHIN))


def gone_at(task_id: str, created_at: datetime, due_at: datetime | None, retention: timedelta) -> datetime | None:
    """When a task goes by itself: a trial after its life, what is a group's with it, what was called when its run goes.
    None: it stays until it is deleted.

    >>> now, day = datetime(2026, 1, 1), timedelta(days=1)
    >>> ids = "zztrial01", "zzwithin01", "zzzcalled01", "01m7"
    >>> [gone and gone.day for gone in (gone_at(each, now, now + day, 2 * day) for each in ids)]
    [2, 4, 5, None]
    """
    if is_trial(task_id):
        return created_at + LIFE
    if task_id.startswith(WITHIN):
        return created_at + retention + LIFE
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
