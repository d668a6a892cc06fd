"""Records: whether anything at all says what became of a due time."""

from __future__ import annotations

from datetime import datetime

from chalicelib.core.errors import Unavailable
from chalicelib.core.owed.auditing import covered
from chalicelib.engine.audit.finding import found
from chalicelib.ports import Runs

AT_ONCE = 100
"""Runs of a task that are read at once, to see whether one of them stands for a due time among others."""
MOST_PAGES = 20


def recorded(store: Runs, task_id: str, due: datetime) -> bool:
    """Whether a due time has a run, or is within a record that stands for several. Strongly consistent."""
    try:
        if store.run(task_id, due) is not None:
            return True
    except Unavailable as error:  # recorded, though nobody can read it
        found("run_unreadable", task_id=task_id, due=due, reason=str(error))
        return True
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = store.runs_of(task_id, limit=AT_ONCE, after=after, first=due, last=None)
        if covered(due, page.items):
            return True
        after = page.after
        if after is None:
            return False
    return False
