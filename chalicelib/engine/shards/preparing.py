"""Preparing: everything of a plan that comes before its messages."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from chalicelib.core.planning import Plan, shortened
from chalicelib.core.run import Run, missed_by
from chalicelib.logs import log
from chalicelib.ports import Placed, Store

Missed = dict[str, int]
"""Due times recorded as missed, by the id of the run that says so."""


def prepare(store: Store, shard: int, planned: Plan, upcoming: Sequence[Placed]) -> Missed:
    """Name the tasks that could not be planned, write cues and records, put the next entries. What was missed: a plan
    that is made twice says it twice."""
    for task_id, reason in planned.broken.items():
        log("task_broken", logging.ERROR, shard=shard, task_id=task_id, reason=reason)
    if planned.cues:  # first: a pass that dies in between is done again
        store.put_cues(planned.cues)
    recorded = [run for run in planned.records if record(store, run)]
    store.put_entries(upcoming)
    return {run.id: missed_by(run) for run in recorded}


def record(store: Store, run: Run) -> bool:
    """Write a record unless it is there. A range whose last due time has a run of its own stands before that. Whether
    there was anything to write."""
    found = store.insert_run(run)
    log("due_time_recorded", run_id=run.id, status=run.status, reason=run.error and run.error.code, new=not found)
    shorter = None if found is None else shortened(run, found)
    if shorter is not None:
        return record(store, shorter)
    return found is None
