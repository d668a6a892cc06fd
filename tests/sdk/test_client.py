"""The library against the real application: defining, running, waiting, listing, changing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from punctual_client import (
    Client,
    NotFound,
    StillRunning,
)
from tests.sdk.place import Place, hello


def test_a_task_is_defined_run_waited_for_and_deleted(ann: Client) -> None:
    task = ann.tasks.create(hello())
    seen: list[str] = []
    run = ann.runs.wait(ann.tasks.run(task["id"])["id"], on_change=lambda run: seen.append(run["status"]))
    assert (run["status"], run["output"]) == ("succeeded", "hello, world\n")
    assert seen == ["queued", "succeeded"]
    ann.tasks.delete(task["id"])
    assert ann.runs.get(run["id"])["status"] == "succeeded"
    with pytest.raises(NotFound, match="there is no such task"):
        ann.tasks.get(task["id"])


def test_waiting_looks_less_and_less_often_and_ends_at_its_timeout(here: Place, ann: Client) -> None:
    task = ann.tasks.create(hello())
    run = ann.tasks.run(task["id"])
    here.world.queue.drop = None
    with pytest.raises(StillRunning) as told:
        ann.runs.wait(run["id"], timeout=timedelta(seconds=30))
    assert told.value.latest["status"] == "queued"
