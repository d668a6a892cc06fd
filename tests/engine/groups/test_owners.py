"""What owners do to whole groups, and what they may not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.attempts.overlap import Slot, replaced
from chalicelib.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from chalicelib.core.groups.group import GroupState
from chalicelib.core.run import RunStatus
from chalicelib.core.trials import WITHIN
from tests.core.building import definition_json, once
from tests.engine.conftest import ANN, BOB
from tests.engine.groups.conftest import Ensemble, calls

LATER = once(86_400)


def test_nothing_starts_after_a_group_was_cancelled_and_nothing_follows(ensemble: Ensemble) -> None:
    many = {"define": calls("x")["define"], "each": [[f"n{number}"] for number in range(500)]}
    group = ensemble.create(many, then=calls("then"), on_failure=calls("rescue"))
    ensemble.groups.cancel(ANN, group.id)
    assert ensemble.now(group).state is GroupState.CANCELLED
    ensemble.play(300)
    assert ensemble.performed == []
    assert ensemble.counts(group) == {"cancelled": 500}
    assert {run.status for run in ensemble.runs()} == {RunStatus.CANCELLED}


def test_what_was_called_starts_nothing_after_a_cancelling_that_died_before_it_swept(ensemble: Ensemble) -> None:
    group = ensemble.create(calls("a"), calls("b"), then=calls("then"), on_failure=calls("rescue"))
    now = ensemble.world.now
    cancelled = group.ended(GroupState.CANCELLED, "cancelled", now, None)
    assert ensemble.store.replace_group(cancelled, token=group.token) is None
    ensemble.play(120)
    assert ensemble.performed == []
    assert "group_cancelled" in {run.error.code for run in ensemble.runs() if run.error}


def test_nothing_starts_that_took_its_slot_while_its_group_was_cancelled(
    ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = calls("a")["define"] | {"overlap": "queue"}
    group = ensemble.create({"define": alone}, calls("b"))
    take_slot = ensemble.store.take_slot

    def cancelled_meanwhile(slot: Slot) -> Slot | None:
        cancelled = ensemble.now(group).ended(GroupState.CANCELLED, "cancelled", ensemble.world.now, None)
        assert ensemble.store.replace_group(cancelled, token=ensemble.now(group).token) is None
        return take_slot(slot)

    monkeypatch.setattr(ensemble.store, "take_slot", cancelled_meanwhile)
    ensemble.play(120)
    assert "a" not in {name for name, _ in ensemble.performed}
    assert "group_cancelled" in {run.error.code for run in ensemble.runs() if run.error}


def test_a_member_at_work_when_its_group_is_cancelled_is_recorded_as_cancelled(ensemble: Ensemble) -> None:
    group = ensemble.create(calls("a"), calls("b"), order="chain", then=calls("then"))
    ensemble.during["a"] = lambda: ensemble.groups.cancel(ANN, group.id)
    ensemble.play(120)
    assert [name for name, _ in ensemble.performed] == ["a"]
    assert [run.status for run in ensemble.runs()] == [RunStatus.CANCELLED]
    assert ensemble.counts(group) == {"cancelled": 2}


def test_what_is_at_work_is_cancelled_also_where_who_started_it_died_before_that_was_noted(ensemble: Ensemble) -> None:
    group = ensemble.create(calls("a"), calls("b"))

    def cancel() -> None:
        noted = ensemble.now(group)
        assert ensemble.store.replace_group(replace(noted, position=0, token="died"), token=noted.token) is None
        ensemble.groups.cancel(ANN, group.id)

    ensemble.during["a"] = cancel
    ensemble.play(5)
    assert [run.status for run in ensemble.runs()] == [RunStatus.CANCELLED] * 2
    assert ensemble.counts(group) == {"cancelled": 2}


def test_a_group_that_is_retried_runs_those_again_that_did_not_succeed_and_is_followed_anew(ensemble: Ensemble) -> None:
    ensemble.broken = {"b"}
    group = ensemble.create(calls("a"), calls("b"), then=calls("then"), on_failure=calls("rescue"))
    ensemble.play(10)
    first = ensemble.now(group)
    ensemble.groups.retry(ANN, group.id)
    ensemble.play(10)
    assert ensemble.now(group).state is GroupState.FAILED
    assert first.on_failure_at != ensemble.now(group).on_failure_at
    ensemble.broken = set()
    ensemble.groups.retry(ANN, group.id)
    ensemble.play(120)
    assert [ensemble.times(name) for name in ("a", "b", "rescue", "then")] == [1, 3, 2, 1]
    assert ensemble.handed["then"][1] == ["of a", "of b"]


def test_a_cancelled_group_is_retried(ensemble: Ensemble) -> None:
    group = ensemble.create(calls("a"), calls("b"), then=calls("then"))
    ensemble.groups.cancel(ANN, group.id)
    ensemble.play(30)
    ensemble.groups.retry(ANN, group.id)
    ensemble.play(60)
    assert ensemble.counts(group) == {"succeeded": 2}
    assert [ensemble.times(name) for name in ("a", "b", "then")] == [1, 1, 1]


def test_only_what_has_an_end_without_success_is_retried_and_only_what_runs_is_cancelled(ensemble: Ensemble) -> None:
    group = ensemble.create(calls("a"))
    with pytest.raises(Conflict, match="running"):
        ensemble.groups.retry(ANN, group.id)
    ensemble.play(10)
    for deed in (ensemble.groups.retry, ensemble.groups.cancel):
        with pytest.raises(Conflict, match="succeeded"):
            deed(ANN, group.id)


def test_a_group_waits_for_a_member_that_its_owner_retries_by_itself_meanwhile(ensemble: Ensemble) -> None:
    task = ensemble.world.system.catalog.create(ANN, definition_json(LATER, retry={"max_attempts": 1}))
    ensemble.broken = {"print_hello"}

    def retry() -> None:
        (failed,) = [run for run in ensemble.runs() if run.task_id == task.id]
        assert failed.status is RunStatus.FAILED
        ensemble.world.system.control.retry(ANN, failed.id)
        ensemble.broken = set()

    ensemble.during["slow"] = retry
    group = ensemble.create(task.id, calls("slow"), then=calls("then"), on_failure=calls("rescue"))
    ensemble.play(60)
    assert ensemble.now(group).state is GroupState.SUCCEEDED
    assert [ensemble.times(name) for name in ("print_hello", "then", "rescue")] == [2, 1, 0]


def test_a_group_of_somebody_else_answers_like_a_missing_one(ensemble: Ensemble) -> None:
    group = ensemble.create(calls("a"))
    for deed in (ensemble.groups.group, ensemble.groups.cancel, ensemble.groups.retry):
        for group_id in (group.id, "nothing"):
            with pytest.raises(NotFound, match="there is no such group"):
                deed(BOB, group_id)
    mine = ensemble.create(calls("a"), caller=BOB)
    assert [one.id for one in ensemble.groups.groups(BOB, limit=10).items] == [mine.id]
    assert ensemble.groups.group(ANN, mine.id).owner == "bob"  # an admin


@pytest.mark.parametrize("owner", [ANN, None])
def test_a_task_of_somebody_else_is_no_member(ensemble: Ensemble, owner: Any) -> None:
    task = None if owner is None else ensemble.world.system.catalog.create(ANN, definition_json(LATER))
    with pytest.raises(Invalid) as refused:
        ensemble.create(calls("a"), {"task": task.id if task else "nothing"}, caller=BOB)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/members/1/task", "unknown_task")]
    assert ensemble.runs() == []


def test_what_follows_may_not_lead_back_into_the_group(ensemble: Ensemble) -> None:
    task = ensemble.world.system.catalog.create(ANN, definition_json(LATER))
    with pytest.raises(Invalid) as refused:
        ensemble.create(task.id, calls("a"), then=task.id, on_failure={"task": task.id})
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/then", "cycle"),
        ("/on_failure/task", "cycle"),
    ]


def test_who_may_not_run_commands_makes_no_group_that_does(ensemble: Ensemble) -> None:
    command = {"define": {"name": "c", "action": {"type": "command", "command": "true"}}}
    with pytest.raises(NotAllowed, match="run commands"):
        ensemble.create(calls("a"), command, caller=BOB)


def test_a_task_that_was_defined_within_a_group_is_in_no_list(ensemble: Ensemble) -> None:
    ensemble.create(calls("a"), then=calls("then"))
    ensemble.play(10)
    catalog = ensemble.world.system.catalog
    assert catalog.tasks(ANN, limit=10).items == ()
    assert ensemble.store.feed("ann", limit=10, after=None).items == ()
    with pytest.raises(NotFound):
        catalog.task(ANN, ensemble.runs()[0].task_id)


@pytest.mark.parametrize("order", ["parallel", "chain"])
def test_a_group_does_not_wait_for_a_member_that_its_owner_cancelled_by_itself(ensemble: Ensemble, order: str) -> None:
    ensemble.broken = {"a"}
    patient = calls("a")["define"] | {"retry": {"max_attempts": 2, "backoff": "fixed", "delay_seconds": 3600}}
    group = ensemble.create({"define": patient}, order=order, on_failure=calls("rescue"))
    ensemble.play(1800)
    [run] = ensemble.runs()
    ensemble.world.system.control.cancel(ANN, run.id)
    assert ensemble.now(group).state is GroupState.FAILED
    ensemble.play(1)
    assert (ensemble.counts(group), ensemble.times("rescue")) == ({"cancelled": 1}, 1)


def test_a_group_does_not_wait_for_a_member_that_a_later_run_of_its_task_replaced(ensemble: Ensemble) -> None:
    ensemble.play(35)  # no pass comes now, which would look after the group at once
    group = ensemble.create(calls("a"), on_failure=calls("rescue"))

    def replace_it() -> None:
        [run] = ensemble.runs()
        assert ensemble.store.replace_run(replaced(run, "later", ensemble.world.now), token=run.token) is None

    ensemble.during["a"] = replace_it
    ensemble.play(2)
    assert (ensemble.counts(group), ensemble.times("rescue")) == ({"cancelled": 1}, 1)


def test_a_member_whose_task_is_deleted_meanwhile_has_not_succeeded(ensemble: Ensemble) -> None:
    task = ensemble.world.system.catalog.create(ANN, definition_json(LATER))
    group = ensemble.create(calls("a"), task.id, order="chain", on_failure=calls("rescue"))
    ensemble.during["a"] = lambda: ensemble.world.system.catalog.delete(ANN, task.id)
    ensemble.play(60)
    assert ensemble.counts(group) == {"succeeded": 1, "skipped": 1}
    assert ensemble.times("rescue") == 1


def test_an_account_has_so_many_members_a_minute_those_of_a_retry_included(ensemble: Ensemble) -> None:
    many = {"define": calls("x")["define"], "each": [[f"n{number}"] for number in range(50)]}
    ensemble.broken = {"n7"}
    limits = replace(ensemble.world.system.limits, runs=100)
    groups = replace(ensemble.groups, limits=limits)
    group = groups.create(ANN, {"name": "all", "members": [many]})
    ensemble.play(20)
    assert groups.retry(ANN, group.id).state is GroupState.RUNNING
    with pytest.raises(TooMany):
        groups.create(ANN, {"name": "one more", "members": [calls("one")]})
    assert groups.create(BOB, {"name": "another's", "members": [calls("one")]}).total == 1


def test_a_task_that_only_another_group_lists_is_no_member(ensemble: Ensemble) -> None:
    other = ensemble.create(calls("hidden"))
    with pytest.raises(Invalid) as refused:
        ensemble.create(f"{WITHIN}{other.id}00000", calls("seen"))
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/members/0", "unknown_task")]
