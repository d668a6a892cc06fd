"""What no function could handle is recorded on its run with the reason, and may be run again from there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.core.attempts.claim import first_claim
from chalicelib.core.errors import Unavailable
from chalicelib.core.message import decode_run, encode_pack, encode_run
from chalicelib.core.planning import entry_message
from chalicelib.core.run import AttemptStatus, Run, RunStatus
from chalicelib.core.task import Channel, Task
from chalicelib.core.window import Entry, Kind
from tests.core.building import SECOND, at, every, once
from tests.engine.conftest import ANN, BOB, BROKE, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def die(stage: Stage, body: str, queue: str = "light") -> None:
    """Let a message end in a dead-letter queue."""
    stage.world.queue.send(f"{queue}-dead", body)


def letter(task: Task, due: datetime, kind: Kind = Kind.SCHEDULE, number: int = 1) -> str:
    return encode_run(entry_message(Entry(start=due, task_id=task.id, kind=kind, due_at=due, number=number), task))


def left(stage: Stage) -> int:
    return sum(len(stage.world.queue.waiting(f"{queue}-dead")) for queue in ("passes", "light", "urgent", "commands"))


def audit(stage: Stage) -> int:
    return stage.world.system.auditor.audit().found


def test_a_run_that_never_began_is_recorded_as_lost(stage: Stage) -> None:
    task = stage.create(once(3600))
    die(stage, letter(task, at(3600)))
    assert audit(stage) == 1
    [run] = stage.runs(task)
    assert (run.status, run.error and run.error.code, run.owner) == (RunStatus.LOST, "dead_letter", "ann")
    assert left(stage) == 0


def pack(*tasks: Task) -> str:
    entries = [Entry(start=at(3600), task_id=task.id, kind=Kind.SCHEDULE, due_at=at(3600)) for task in tasks]
    return encode_pack([entry_message(entry, task) for entry, task in zip(entries, tasks, strict=True)])


def test_every_run_of_a_pack_is_recorded(stage: Stage) -> None:
    tasks = [stage.create(once(3600)) for _ in range(3)]
    die(stage, pack(*tasks).replace(tasks[2].id, "no id"))
    assert audit(stage) == 1
    codes = [[run.error and run.error.code for run in stage.runs(task)] for task in tasks]
    assert (codes, left(stage)) == ([["dead_letter"], ["dead_letter"], []], 0)


def test_a_run_of_a_pack_that_somebody_is_at_keeps_the_letter_and_the_others_are_recorded(stage: Stage) -> None:
    busy, other = [stage.create(once(3600)) for _ in range(2)]
    [body] = [letter(busy, at(3600))]
    claimed = first_claim(decode_run(body, Channel.LIGHT), "worker", stage.world.now)
    assert claimed is not None
    stage.world.store.insert_run(claimed)
    die(stage, pack(busy, other))
    assert audit(stage) == 0
    assert [[run.status for run in stage.runs(task)] for task in (busy, other)] == [
        [RunStatus.RUNNING],
        [RunStatus.LOST],
    ]
    assert left(stage) == 1


@pytest.mark.parametrize("kind", [Kind.MANUAL, Kind.RETRY, Kind.TAKEOVER])
def test_a_letter_for_a_run_that_is_gone_is_buried(kind: Kind, stage: Stage) -> None:
    task = stage.create(once(3600))
    die(stage, letter(task, at(5), kind))
    audit(stage)
    assert (stage.runs(task), left(stage)) == ([], 0)


def test_a_queued_run_ends_as_lost(stage: Stage) -> None:
    task = stage.create(once(3600))
    run = stage.world.system.catalog.run_now(ANN, task.id)
    [message] = stage.world.queue.waiting("light")
    stage.world.queue.delete("light", message.id)
    die(stage, message.body)
    audit(stage)
    assert [(found.id, found.status) for found in stage.runs(task)] == [(run.id, RunStatus.LOST)]


def _retrying(stage: Stage) -> tuple[Task, Run]:
    stage.outcomes = [BROKE]
    task = stage.create(once(10), retry={"backoff": "fixed", "delay_seconds": 7200})
    stage.world.play(at(60))
    [run] = stage.runs(task)
    assert run.status is RunStatus.RETRYING
    return task, run


def test_the_letter_of_an_attempt_that_was_made_changes_nothing(stage: Stage) -> None:
    task, run = _retrying(stage)
    die(stage, letter(task, at(10)))
    audit(stage)
    assert (stage.runs(task), left(stage)) == ([run], 0)


def test_the_letter_of_the_next_attempt_ends_the_run(stage: Stage) -> None:
    task, _ = _retrying(stage)
    die(stage, letter(task, at(10), Kind.RETRY, 2))
    audit(stage)
    [run] = stage.runs(task)
    assert (run.status, [a.status for a in run.attempts]) == (RunStatus.LOST, [AttemptStatus.FAILED])


def test_a_run_at_work_is_left_to_its_worker_until_its_lease_has_ended(stage: Stage) -> None:
    task = stage.create(once(10))
    stage.world.play(at(9))
    message = stage.world.queue.waiting("light")[0]  # the API and a pass have sent it

    def audit_meanwhile(_: object) -> None:
        die(stage, message.body)
        audit(stage)

    stage.during = audit_meanwhile
    stage.world.play(at(11))
    assert [run.status for run in stage.runs(task)] == [RunStatus.SUCCEEDED]
    assert left(stage) == 1
    stage.world.clock.advance(60 * SECOND)
    audit(stage)
    assert [run.status for run in stage.runs(task)] == [RunStatus.SUCCEEDED]
    assert left(stage) == 0


def test_a_run_whose_worker_died_every_time_is_lost(stage: Stage) -> None:
    task = stage.create(once(10))
    stage.world.play(at(60))
    [run] = stage.runs(task)
    store = stage.world.store
    running = replace(run.attempts[0], status=AttemptStatus.RUNNING, finished_at=None)
    stale = replace(run, status=RunStatus.RUNNING, lease_until=at(20), finished_at=None, attempts=(running,))
    vars(store)["_runs"][task.id][f"{int(at(10).timestamp() * 1000):013d}"] = stale
    die(stage, letter(task, at(10)))
    audit(stage)
    [run] = stage.runs(task)
    assert (run.status, [a.status for a in run.attempts]) == (RunStatus.LOST, [AttemptStatus.LOST])


@pytest.mark.parametrize(("queue", "body"), [("light", "{"), ("urgent", "[]"), ("passes", '{"v": 1, "shard": 0}')])
def test_what_concerns_no_run_is_buried_and_logged(queue: str, body: str, stage: Stage) -> None:
    die(stage, body, queue)
    assert (audit(stage), left(stage)) == (1, 0)


def test_a_letter_whose_run_cannot_be_read_is_kept_and_holds_up_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable, task = stage.create(once(3600)), stage.create(once(3600))
    die(stage, letter(unreadable, at(3600)))
    die(stage, letter(task, at(3600)))
    read = stage.world.store.run

    def run(task_id: str, due_at: datetime) -> Run | None:
        if task_id == unreadable.id:
            raise Unavailable("the item cannot be read")
        return read(task_id, due_at)

    monkeypatch.setattr(stage.world.store, "run", run)
    assert audit(stage) == 2
    assert [found.status for found in stage.runs(task)] == [RunStatus.LOST]
    assert left(stage) == 1


def test_everything_that_ended_in_a_dead_letter_queue_is_run_again_when_its_owner_asks(stage: Stage) -> None:
    tasks = [stage.create(once(3600 + n)) for n in range(3)]
    lost = stage.create(every(7200), delivery="at_most_once")
    for n, task in enumerate(tasks):
        die(stage, letter(task, at(3600 + n)))
    audit(stage)
    stage.world.play(at(4000))
    assert [run.status for task in tasks for run in stage.runs(task)] == [RunStatus.LOST] * 3
    stage.world.system.catalog.delete(ANN, tasks[2].id)
    control = stage.world.system.control
    assert control.redrive(BOB) == []
    assert {run.task_id for run in control.redrive(ANN)} == {tasks[0].id, tasks[1].id}
    stage.world.play(at(4010))
    assert [run.status for task in tasks for run in stage.runs(task)] == [
        RunStatus.SUCCEEDED,
        RunStatus.SUCCEEDED,
        RunStatus.LOST,
    ]
    assert len(stage.runs(lost)) == 1
    assert control.redrive(ANN) == []
