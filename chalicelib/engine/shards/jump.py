"""The jump over an outage: a watermark that lies far back is not stepped through window by window.

It moves at once, and two things are made up for, as far as each pass has time for them. All tasks of the shard are
hinted at, so that their misfire policies decide. Then the windows that were jumped over are looked into, for the
retries and the like that no hint brings back.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.planning import first_entry, left_behind
from chalicelib.core.task import Task
from chalicelib.core.window import AGENDA_RETENTION, WINDOW, Entry, window_of
from chalicelib.engine.shards.lease import Held
from chalicelib.engine.shards.preparing import Missed, prepare
from chalicelib.logs import log
from chalicelib.ports import Hinting, Placed

LONGEST_STEP = timedelta(hours=6)
"""A watermark older than this is not stepped through window by window."""
SWEPT_AT_ONCE = 1000
"""Windows that were jumped over and that one pass looks into: some seconds of reading, after everything else."""

Skipped = tuple[datetime, datetime]


def watermark(held: Held) -> datetime:
    """The last handled window. Where it lies far back, or nowhere yet, it jumps to just before now."""
    through = held.control.through
    if through is not None and held.now() - through <= LONGEST_STEP:
        return through
    target = window_of(held.now()) - WINDOW
    earlier = held.control.hinting
    since = through if earlier is None else earlier.since  # a jump before this one was not finished
    log("watermark_jumped", shard=held.shard, from_=through, to=target)
    skipped = _skipped(held, through, target)
    held.write(through=target, cursor=None, hinting=Hinting(since=since), skipped=skipped)
    return target


def _skipped(held: Held, through: datetime | None, target: datetime) -> Skipped:
    """The windows to look into, with those that are left of an earlier jump. A shard without a watermark has had
    entries since its oldest task: that is not known yet."""
    first = target if through is None else through + WINDOW
    if held.control.skipped is not None:
        first = held.control.skipped[0]
    return max(first, target - AGENDA_RETENTION), target


def make_up(held: Held, page: int) -> Missed:
    """Go on with what a jump has left to do, while there is time. `page`: entries read at once. What was missed."""
    missed: Missed = {}
    while held.control.hinting is not None and not held.out_of_time():
        _hint(held, held.control.hinting)
    for _ in range(SWEPT_AT_ONCE):
        if held.control.hinting is not None or held.control.skipped is None or held.out_of_time():
            break
        held.keep()
        start, last = held.control.skipped
        missed |= _look_into(held, start, page)
        held.note(skipped=(start + WINDOW, last) if start < last else None)
    return missed


def _hint(held: Held, hinting: Hinting) -> None:
    """Hint at some tasks: a late entry for each active one's first due time that is owed; its misfire policy does the
    rest."""
    found = held.store.tasks_in(held.shard, after=hinting.after)
    hints = [hint for task in found.items if (hint := _hint_at(held, task, hinting)) is not None]
    held.store.put_entries([Placed(entry=entry, shard=held.shard, late=True) for entry in hints])
    if hinting.since is None and held.control.skipped is not None:
        first, last = held.control.skipped
        oldest = min((window_of(task.created_at) for task in found.items), default=first)
        held.note(skipped=(max(min(first, oldest), last - AGENDA_RETENTION), last))
    held.write(hinting=None if found.after is None else Hinting(since=hinting.since, after=found.after))


def _hint_at(held: Held, task: Task, hinting: Hinting) -> Entry | None:
    begin = task.changed_at if hinting.since is None else max(task.changed_at, hinting.since + WINDOW)
    try:
        return first_entry(task, begin)
    except UNPLANNABLE as error:
        log("task_broken", logging.ERROR, shard=held.shard, task_id=task.id, reason=f"{type(error).__name__}: {error}")
        return None


def _look_into(held: Held, start: datetime, page: int) -> Missed:
    """Put the retries and the like of a window that was jumped over where every pass looks. What was missed."""
    cursor: str | None = None
    missed: Missed = {}
    while True:
        entries = held.store.window(start, held.shard, after=cursor, limit=page)
        if entries:
            planned = left_behind(entries, held.store.tasks({entry.task_id for entry in entries}))
            late = [Placed(entry=entry, shard=held.shard, late=True) for entry in planned.upcoming]
            missed |= prepare(held.store, held.shard, planned, late)
        if len(entries) < page:
            return missed
        held.keep()
        cursor = entries[-1].key
