"""Members that run side by side, and what follows them."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.groups import results
from chalicelib.core.groups.group import GroupState
from chalicelib.core.task import Priority
from tests.core.building import definition_json, once
from tests.engine.conftest import ANN
from tests.engine.groups.conftest import Ensemble, calls


def test_what_follows_runs_once_after_all_members_have_succeeded(ensemble: Ensemble) -> None:
    group = ensemble.create(calls("a"), calls("b"), calls("c"), then=calls("then"), on_failure=calls("rescue"))
    ensemble.play(5)
    assert ensemble.now(group).state is GroupState.SUCCEEDED
    assert [name for name, _ in ensemble.performed][3:] == ["then"]
    assert ensemble.counts(group) == {"succeeded": 3}
    ensemble.play(3600)
    assert [ensemble.times(name) for name in ("a", "b", "c", "then", "rescue")] == [1, 1, 1, 1, 0]


def test_a_member_that_fails_for_good_keeps_no_other_from_running(ensemble: Ensemble) -> None:
    ensemble.broken = {"a"}
    group = ensemble.create(calls("a"), calls("b"), then=calls("then"), on_failure=calls("rescue"))
    ensemble.play(5)
    assert ensemble.now(group).state is GroupState.FAILED
    assert ensemble.counts(group) == {"succeeded": 1, "failed": 1}
    assert (ensemble.times("b"), ensemble.times("then"), ensemble.times("rescue")) == (1, 0, 1)


def test_what_follows_is_handed_the_results_in_the_order_of_the_members(ensemble: Ensemble) -> None:
    ensemble.create(calls("a"), calls("b"), then=calls("then", pass_results="first_argument"))
    ensemble.play(5)
    action, handed = ensemble.handed["then"]
    assert action["args"] == [["of a", "of b"], "then"]
    assert handed == ["of a", "of b"]


def test_what_follows_is_told_how_many_results_were_too_much(
    ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "LARGEST", len('"of a","of b",'))
    ensemble.create(calls("a"), calls("b"), calls("c"), calls("d"), then=calls("then"))
    ensemble.play(5)
    assert (ensemble.handed["then"][1], ensemble.left_out["then"]) == (["of a", "of b"], 2)


def test_existing_tasks_run_for_a_group_also_when_they_are_paused_and_more_than_once(ensemble: Ensemble) -> None:
    hello = {"type": "function", "name": "print_hello", "args": ["task"]}
    data = {"name": "task", "action": hello, "schedule": once(86_400), "state": "paused"}
    task = ensemble.world.system.catalog.create(ANN, data)
    group = ensemble.create(task.id, {"task": task.id}, calls("other"))
    ensemble.play(5)
    assert ensemble.counts(group) == {"succeeded": 3}
    assert ensemble.times("task") == 2


def test_members_travel_with_their_priority_and_so_does_what_follows(ensemble: Ensemble) -> None:
    def command(name: str, priority: str) -> dict[str, Any]:
        action = {"type": "command", "command": "true"}
        return {"define": {"name": name, "action": action, "priority": priority}}

    ensemble.create(*(command(one, one) for one in Priority), then=command("then", "low"))
    sent = ensemble.world.queue.waiting("commands")
    assert sorted(message.group for message in sent) == ["ann", "ann!high", "ann!low"]
    group = ensemble.groups.groups(ANN, limit=1).items[0]
    assert group.then is not None
    assert group.then.priority is Priority.LOW


def test_a_thousand_members_are_started_by_workers_and_counted_one_by_one(ensemble: Ensemble) -> None:
    many = {"define": calls("x")["define"], "each": [[f"n{number}"] for number in range(1000)]}
    group = ensemble.create(many, then=calls("then"))
    assert group.position < group.sections
    ensemble.play(180)
    assert ensemble.counts(group) == {"succeeded": 1000}
    assert len(ensemble.performed) == 1001
    assert ensemble.times("then") == 1


def test_members_of_a_task_that_is_due_every_second_find_due_times_of_their_own(ensemble: Ensemble) -> None:
    every_second = {"type": "interval", "every": 1, "unit": "seconds"}
    task = ensemble.world.system.catalog.create(ANN, definition_json(every_second))
    ensemble.play(100.5)
    group = ensemble.create(*[task.id] * 501, then=calls("then"))
    ensemble.play(60)
    assert (ensemble.now(group).state, ensemble.counts(group)) == (GroupState.SUCCEEDED, {"succeeded": 501})
    assert ensemble.times("then") == 1
