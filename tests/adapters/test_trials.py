"""Trials in the store, on every adapter: found by their ids, and in no list."""

from __future__ import annotations

import pytest

from chalicelib.core.run import RunStatus
from chalicelib.core.trials import PREFIX
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import entry, late, make_run, make_task

TRIAL = f"{PREFIX}01m7vrmmzta7wnpt8k44ms4mzg"


def test_a_trial_is_read_by_its_id_and_listed_among_no_tasks(store: WholeStore) -> None:
    trial, task = make_task(TRIAL), make_task("01m7vrmmzta7wnpt8k44ms4mzg")
    store.create_task(trial, None)
    store.create_task(task, None)
    assert store.task(TRIAL) == trial
    assert store.tasks([TRIAL]) == {TRIAL: trial}
    assert store.tasks_of("ann", limit=1, after=None).items == (task,)
    assert store.tasks_of("ann", limit=1, after=None).after is None
    assert store.tasks_of("ann", limit=1, after=PREFIX + "z").items == (task,)


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.SUCCEEDED])
def test_the_run_of_a_trial_is_found_and_listed_among_no_runs(store: WholeStore, status: RunStatus) -> None:
    queued = make_run(task_id=TRIAL, status=RunStatus.QUEUED)
    assert store.enqueue_run(queued, late(entry(task_id=TRIAL)))
    ended = make_run(task_id=TRIAL, status=status, token="second")
    assert store.replace_run(ended, token="first") is None
    assert store.run(TRIAL, ended.due_at) == ended
    assert store.attention("ann", limit=10, after=None).items == ()
    assert store.feed("ann", limit=10, after=None).items == ()
