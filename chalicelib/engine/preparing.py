"""Preparing: everything of a plan that comes before its messages."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from chalicelib.core.planning import Plan, shortened
from chalicelib.core.run import Run
from chalicelib.logs import log
from chalicelib.ports import Placed, Store


def prepare(store: Store, shard: int, planned: Plan, upcoming: Sequence[Placed]) -> None:
    """Name the tasks that could not be planned, write cues and records, put the next entries."""
    for task_id, reason in planned.broken.items():
        log("task_broken", logging.ERROR, shard=shard, task_id=task_id, reason=reason)
    if planned.cues:  # first: a pass that dies in between is done again
        store.put_cues(planned.cues)
    for run in planned.records:
        record(store, run)
    store.put_entries(upcoming)


def record(store: Store, run: Run) -> None:
    """Write a record unless it is there. A range whose last due time has a run of its own stands before that."""
    found = store.insert_run(run)
    log("due_time_recorded", run_id=run.id, status=run.status, reason=run.error and run.error.code, new=not found)
    shorter = None if found is None else shortened(run, found)
    if shorter is not None:
        record(store, shorter)
