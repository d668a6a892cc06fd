"""Owners are told: at once, once, not too often, each their own, and after all where it did not work at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from chalicelib.core.alerting.cues import Cue, Hint
from chalicelib.core.alerting.letter import Letter
from chalicelib.core.alerting.policy import Way
from chalicelib.core.alerting.state import GIVE_UP, AlertState
from chalicelib.core.errors import Unavailable
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunError, RunStatus
from chalicelib.core.task import to_json
from chalicelib.ports import LatePartition, Notifier, Told
from tests.core.building import at, definition_json, every, once
from tests.engine.alerts.letters import HOOK, MINUTES, NOTIFY, TOPIC, alerts, created, kinds, played
from tests.engine.conftest import ANN, BOB, BROKE, DONE, Stage

TIMED_OUT = Outcome(status=AttemptStatus.TIMED_OUT, error=RunError(code="timeout", detail="stopped"))


def cues(stage: Stage) -> list[Cue]:
    """Everything that somebody has still to look at, however late."""
    return stage.world.store.cues(0, until=stage.world.now + timedelta(days=400), limit=1000)


def test_a_failure_is_told_at_once_with_what_one_needs_to_know(stage: Stage) -> None:
    stage.outcomes = [replace(BROKE, output="x" * 2000 + "the end")]
    task = created(stage, once(60))
    stage.world.play(at(62))
    [(address, letter)] = stage.mailbox.taken
    [alert] = letter.body["alerts"]
    assert address == HOOK
    assert letter.id == alert["id"]
    assert alert["task"] == {"id": task.id, "name": "hello"}
    assert (alert["kind"], alert["count"], alert["run"]["status"]) == ("failed", 1, "failed")
    assert alert["error"] == {"code": "exit_code", "detail": "ended with 3"}
    assert alert["output"].endswith("the end")
    assert len(alert["output"].encode()) == 1024
    assert letter.title == "Punctual: hello failed: due at 2026-03-02T09:01:00.000Z (ended with 3)"
    assert cues(stage) == []


def test_an_attempt_that_is_tried_again_is_no_failure_yet(stage: Stage) -> None:
    stage.outcomes = [BROKE, BROKE]
    created(stage, once(60), retry={"max_attempts": 2})
    stage.world.play(at(70))
    assert stage.mailbox.taken == []
    stage.world.play(at(300))
    assert kinds(stage.mailbox) == ["failed"]


def test_a_task_without_notify_tells_nobody_and_writes_nothing(stage: Stage) -> None:
    stage.outcomes = [BROKE, TIMED_OUT]
    stage.create(every(60, max_runs=2), retry={"max_attempts": 1})
    stage.world.play(at(200))
    assert stage.mailbox.taken == []
    assert cues(stage) == []


def test_the_first_success_after_a_failure_is_told_once(stage: Stage) -> None:
    stage.outcomes = [DONE, TIMED_OUT, DONE, DONE]
    created(stage, every(60, max_runs=4))
    played(stage, 15)
    assert kinds(stage.mailbox) == ["failed", "recovered"]
    assert alerts(stage.mailbox)[1]["first_due_at"] == "2026-03-02T09:01:00.000Z"


def test_who_wants_no_recoveries_hears_of_none(stage: Stage) -> None:
    stage.outcomes = [BROKE, DONE]
    created(stage, every(60, max_runs=2), notify=NOTIFY | {"on": ["failed"]})
    played(stage, 10)
    assert kinds(stage.mailbox) == ["failed"]


def test_failures_within_the_cool_down_are_counted_and_told_after_it(stage: Stage) -> None:
    stage.outcomes = [BROKE] * 8
    created(stage, every(60, max_runs=8), notify=NOTIFY | {"cooldown_seconds": 1200})
    stage.world.play(at(600))
    assert [alert["count"] for alert in alerts(stage.mailbox)] == [1]
    played(stage, 20)
    assert [alert["count"] for alert in alerts(stage.mailbox)] == [1, 7]
    assert alerts(stage.mailbox)[1]["first_due_at"] == "2026-03-02T09:01:00.000Z"
    played(stage, 60)
    assert len(stage.mailbox.taken) == 2


def test_a_task_that_comes_and_goes_is_not_told_of_each_time(stage: Stage) -> None:
    stage.outcomes = [BROKE, DONE] * 10
    created(stage, every(60, max_runs=20), notify=NOTIFY | {"cooldown_seconds": 3600})
    played(stage, 90)
    assert kinds(stage.mailbox) == ["failed", "recovered", "failed"]
    assert alerts(stage.mailbox)[2]["count"] == 9
    assert alerts(stage.mailbox)[2]["recovered_at"] is not None


def test_a_receiver_that_is_down_hears_of_it_when_it_is_back(stage: Stage) -> None:
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE]
    task = created(stage, once(60))
    played(stage, 30)
    [state] = stage.world.store.alert_states([(ANN.id, task.id)]).values()
    assert (state.refusal, len(state.pending)) == ("no answer", 1)
    stage.mailbox.refusal = None
    played(stage, 60)
    assert kinds(stage.mailbox) == ["failed"]
    assert cues(stage) == []


def test_a_receiver_that_stays_away_is_given_up_after_a_day(stage: Stage) -> None:
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE]
    task = created(stage, once(60))
    played(stage, (GIVE_UP + timedelta(hours=5)) / MINUTES)
    [state] = stage.world.store.alert_states([(ANN.id, task.id)]).values()
    assert (state.pending, state.refusal) == ((), "no answer")
    assert cues(stage) == []
    assert 8 <= stage.mailbox.refused <= 16


def test_one_audit_tells_an_owners_tasks_together_and_others_apart(stage: Stage) -> None:
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE] * 5
    mine = [created(stage, once(60)) for _ in range(3)]
    elsewhere = created(stage, once(60), notify={"webhook": "https://example.org/"})
    definition = definition_json(once(60), notify=NOTIFY, retry={"max_attempts": 1})
    theirs = stage.world.system.catalog.create(BOB, definition)
    stage.world.play(at(70))
    stage.mailbox.refusal = None
    played(stage, 15)
    found = {address: {a["task"]["id"] for a in letter.body["alerts"]} for address, letter in stage.mailbox.taken}
    told = [{a["task"]["id"] for a in letter.body["alerts"]} for _, letter in stage.mailbox.taken]
    assert sorted(map(len, told)) == [1, 1, 3]
    assert {task.id for task in mine} in told
    assert {theirs.id} in told
    assert found["https://example.org/"] == {elsewhere.id}


def test_both_ways_are_used_and_only_the_one_that_failed_again(stage: Stage) -> None:
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE]
    created(stage, once(60), notify={"webhook": HOOK, "sns": TOPIC})
    stage.world.play(at(70))
    assert (len(stage.mailbox.taken), len(stage.topics.taken)) == (0, 1)
    stage.mailbox.refusal = None
    played(stage, 15)
    assert (len(stage.mailbox.taken), len(stage.topics.taken)) == (1, 1)


def test_who_may_not_call_aws_any_more_is_not_told_by_sns(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = created(stage, once(60), notify={"sns": TOPIC})
    user = stage.world.store.user(ANN.id)
    assert user is not None
    stage.world.store.replace_user(user.changed(can_call_aws=False))
    stage.world.play(at(70))
    [state] = stage.world.store.alert_states([(ANN.id, task.id)]).values()
    assert stage.topics.taken == []
    assert state.refusal == "the owner of this task may not call AWS: ask an admin"


def test_what_is_missed_by_policy_is_told_with_how_much_it_was(stage: Stage) -> None:
    created(stage, every(60, max_runs=60), misfire={"grace_seconds": 60, "catch_up": "none"})
    stage.world.play(at(150))
    stage.world.ticking = False
    stage.world.play(at(2400))
    stage.world.ticking = True
    played(stage, 10)
    missed = [alert for alert in alerts(stage.mailbox) if alert["kind"] == "missed"]
    assert len(missed) == 1
    assert missed[0]["count"] > 30


def test_a_deleted_task_is_told_of_no_more(stage: Stage) -> None:
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE]
    task = created(stage, once(60))
    stage.world.play(at(70))
    stage.world.system.catalog.delete(ANN, task.id)
    stage.mailbox.refusal = None
    played(stage, 30)
    assert stage.mailbox.taken == []
    assert cues(stage) == []
    assert stage.world.store.alert_states([(ANN.id, task.id)]) == {}


def test_an_owner_who_wants_no_alerts_any_more_gets_none_that_waited(stage: Stage) -> None:
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE]
    task = created(stage, once(60))
    stage.world.play(at(70))
    data = {name: value for name, value in to_json(task.definition).items() if name != "notify"}
    stage.world.system.catalog.replace(ANN, task.id, data)
    stage.mailbox.refusal = None
    played(stage, 30)
    assert stage.mailbox.taken == []
    assert cues(stage) == []


def test_a_cue_without_its_run_is_waited_for_and_then_forgotten(stage: Stage) -> None:
    """A worker left it, and then its end was refused: somebody else's was written."""
    task = created(stage, once(60))
    stage.world.play(at(70))
    [run] = stage.runs(task)
    cue = Cue(at=at(70), task_id=task.id, hint=Hint.FAILED, due_at=run.due_at, number=1)
    unknown = replace(cue, due_at=at(71))
    stage.world.store.put_cues([cue, unknown])
    played(stage, 15)
    assert cues(stage) == [unknown]
    played(stage, 60)
    assert cues(stage) == []
    assert stage.mailbox.taken == []


def test_a_success_that_came_before_the_failure_was_told_is_told_with_it(stage: Stage) -> None:
    """The worker died after the run had failed; the worker of the next run could not know that it would be told."""
    task = created(stage, every(60, max_runs=2))
    stage.outcomes = [BROKE]
    stage.world.play(at(170))
    assert kinds(stage.mailbox) == ["failed", "recovered"]
    stage.mailbox.taken.clear()
    stage.world.store.drop_alert_state(ANN.id, task.id)
    stage.world.store.put_cues([Cue(at=at(1), task_id=task.id, hint=Hint.FAILED, due_at=at(0), number=1)])
    played(stage, 10)
    assert kinds(stage.mailbox) == ["failed", "recovered"]


def test_a_state_that_cannot_be_read_keeps_nobody_else_from_being_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE] * 2
    broken, well = created(stage, once(60)), created(stage, once(60))
    stage.world.play(at(70))
    stage.mailbox.refusal = None
    read = stage.world.store.alert_states

    def of_others(told: Sequence[Told]) -> dict[Told, AlertState]:
        if (ANN.id, broken.id) in told:
            raise Unavailable("cannot be read")
        return read(told)

    monkeypatch.setattr(stage.world.store, "alert_states", of_others)
    played(stage, 10)
    assert [alert["task"]["id"] for alert in alerts(stage.mailbox)] == [well.id]
    monkeypatch.undo()
    played(stage, 10)
    assert {alert["task"]["id"] for alert in alerts(stage.mailbox)} == {broken.id, well.id}


def test_a_shard_that_cannot_be_read_keeps_owners_from_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a newer version was rolled back, say, of whose control row nothing can be read."""
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE]
    created(stage, once(60))
    stage.world.play(at(70))
    stage.mailbox.refusal = None
    stage.world.play(at(700))

    def late(shard: int, limit: int) -> LatePartition:
        raise Unavailable("cannot be read")

    monkeypatch.setattr(stage.world.store, "late", late)
    with pytest.raises(Unavailable):
        stage.world.system.auditor.audit()
    assert kinds(stage.mailbox) == ["failed"]


def test_receivers_of_one_owner_do_not_take_the_time_of_others(stage: Stage) -> None:
    """Many addresses that never answer, each after five seconds, stand before somebody else's alert."""
    stage.outcomes = [BROKE] * 101
    stage.mailbox.refusal = "no answer"
    for n in range(100):
        created(stage, once(60), notify={"webhook": f"https://example.com/{n}"})
    definition = definition_json(once(61), notify=NOTIFY, retry={"max_attempts": 1})
    theirs = stage.world.system.catalog.create(BOB, definition)
    stage.world.play(at(70))
    stage.mailbox.opened = frozenset({HOOK})
    before = stage.mailbox.refused
    stage.world.play(at(420))
    stage.world.system.auditor.audit()
    assert [alert["task"]["id"] for alert in alerts(stage.mailbox)] == [theirs.id]
    assert stage.mailbox.refused - before == 50
    for _ in range(3):
        stage.world.system.auditor.audit()
    assert len(cues(stage)) == 100


def test_a_letter_that_breaks_whoever_delivers_it_keeps_nobody_from_theirs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(address: str, letter: Letter, key: str) -> str | None:
        raise RuntimeError("nobody thought of this")

    notifiers = cast(dict[Way, Notifier], stage.world.system.auditor.telling.notifiers)
    monkeypatch.setitem(notifiers, Way.SNS, broken)
    stage.mailbox.refusal = "no answer"
    stage.outcomes = [BROKE] * 2
    breaking, well = created(stage, once(60), notify={"sns": TOPIC}), created(stage, once(60))
    stage.world.play(at(70))
    stage.mailbox.refusal = None
    played(stage, 10)
    assert [alert["task"]["id"] for alert in alerts(stage.mailbox)] == [well.id]
    [state] = stage.world.store.alert_states([(ANN.id, breaking.id)]).values()
    assert (state.refusal, len(state.pending)) == ("the alert could not be sent because of a fault in Punctual", 1)


def test_a_worker_forgets_what_it_noted_of_an_end_that_was_not_written(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lives on, and would keep every one of them; the auditor comes for the cue."""
    stage.outcomes = [BROKE] * 20
    created(stage, once(60))
    write = stage.world.store.replace_run

    def refuse(run: Run, **more: Any) -> Run | None:
        if run.status is RunStatus.FAILED:
            raise Unavailable("cannot be written")
        return write(run, **more)

    monkeypatch.setattr(stage.world.store, "replace_run", refuse)
    with pytest.raises(Unavailable):
        stage.world.play(at(70))
    assert stage.performed
    assert not vars(stage.world.system.worker.ends)["_noted"]
    assert kinds(stage.mailbox) == []
