"""Did not run: told by the auditor alone, whatever it was that broke, and never of what did run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.core.errors import NewerSchema
from chalicelib.core.message import encode_run
from chalicelib.core.planning import entry_message
from chalicelib.ports import LatePartition
from tests.core.building import at, entry, every, once
from tests.engine.alerts.letters import MINUTES, NOTIFY, alerts, created, kinds, played
from tests.engine.conftest import ANN, Stage


@contextmanager
def swallowing(stage: Stage, verb: str) -> Iterator[None]:
    """Let the queue take messages and deliver none of them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stage.world.queue, verb, lambda *_, **__: None)
        yield


def test_no_tick_and_no_pass_any_more(stage: Stage) -> None:
    """The scheduler stops: the auditor alone tells, and once."""
    created(stage, every(60))
    played(stage, 10)
    with swallowing(stage, "send_passes"):
        played(stage, 15)
        assert kinds(stage.mailbox) == ["did_not_run"]
    played(stage, 10)
    assert kinds(stage.mailbox)[:2] == ["did_not_run", "recovered"]


def test_a_control_row_that_only_a_newer_version_can_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was rolled back: no pass comes past that row, and nothing of its shard runs until it is back."""
    created(stage, every(60))
    played(stage, 10)

    def late(shard: int, limit: int) -> LatePartition:
        raise NewerSchema("an item of the table agenda (control row)", number=3, known=2)

    with swallowing(stage, "send_passes"):
        played(stage, 4, audits=False)
        monkeypatch.setattr(stage.world.store, "late", late)
        played(stage, 10)
        assert stage.world.system.auditor.audit().found == 1
    assert kinds(stage.mailbox) == ["did_not_run"]


def test_a_scheduler_that_never_came_for_a_new_task(stage: Stage) -> None:
    """Its first entry waits in the late partition, and its first due time was sent by the API."""
    played(stage, 10)
    stage.world.ticking = False
    with swallowing(stage, "send_passes"):
        stage.world.play(stage.world.now + MINUTES)
        task = created(stage, {"type": "interval", "every": 60, "unit": "seconds"})
        played(stage, 20)
    assert kinds(stage.mailbox) == ["did_not_run"]
    assert alerts(stage.mailbox)[0]["task"]["id"] == task.id
    assert len(stage.runs(task)) == 1


def test_workers_that_do_not_come(stage: Stage) -> None:
    """Passes go on, and messages are swallowed."""
    task = created(stage, every(3600, start_at="2026-03-02T09:10:00Z"))
    with swallowing(stage, "send_runs"):
        played(stage, 20)
    assert kinds(stage.mailbox) == ["did_not_run"]
    assert alerts(stage.mailbox)[0]["first_due_at"] == "2026-03-02T09:10:00.000Z"
    assert stage.runs(task) == []


@pytest.mark.parametrize(
    ("grace", "told_by"),
    [(300, 30), (1800, 50)],
)
def test_a_grace_of_ones_own_is_waited_for(stage: Stage, grace: int, told_by: int) -> None:
    created(stage, once(660), notify=NOTIFY | {"grace_seconds": grace})
    with swallowing(stage, "send_runs"):
        played(stage, 660 / 60 + grace / 60 - 1)
        assert stage.mailbox.taken == []
        played(stage, told_by - stage.world.now.minute)
    assert kinds(stage.mailbox) == ["did_not_run"]


def test_what_ran_late_within_its_grace_is_not_told(stage: Stage) -> None:
    task = created(stage, once(660), notify=NOTIFY | {"grace_seconds": 1800})
    with swallowing(stage, "send_runs"):
        played(stage, 14)
    played(stage, 60)
    assert [str(run.status) for run in stage.runs(task)] == ["succeeded"]
    assert stage.mailbox.taken == []


def test_a_task_that_runs_and_one_that_is_paused_are_not_told_of(stage: Stage) -> None:
    running, paused = created(stage, every(60)), created(stage, every(60))
    stage.world.system.catalog.pause(ANN, paused.id)
    played(stage, 40)
    stage.world.ticking = False
    stage.world.system.catalog.pause(ANN, running.id)
    played(stage, 30)
    assert stage.mailbox.taken == []


def test_who_does_not_want_it_is_not_told(stage: Stage) -> None:
    created(stage, every(60), notify=NOTIFY | {"on": ["failed"]})
    played(stage, 10)
    stage.world.ticking = False
    played(stage, 30)
    assert stage.mailbox.taken == []


def test_a_message_that_nobody_can_handle_is_told_as_a_failure(stage: Stage) -> None:
    """By the very audit that finds it in the dead-letter queue and records its run as lost."""
    task = created(stage, once(660))
    played(stage, 5)
    message = entry_message(entry(at(200), task_id=task.id), task)
    stage.world.queue.send("light-dead", encode_run(message))
    stage.world.system.auditor.audit()
    assert kinds(stage.mailbox) == ["failed"]
    assert alerts(stage.mailbox)[0]["error"]["code"] == "dead_letter"
