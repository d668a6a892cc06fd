"""What those who died have left undone is found by whoever looks after the group next."""

from __future__ import annotations

import pytest

from chalicelib.core.errors import Unavailable
from chalicelib.core.groups.group import GroupState
from chalicelib.core.message import dead, decode_run
from chalicelib.core.task import Channel
from chalicelib.core.window import Kind
from tests.core.building import definition_json, once
from tests.engine.conftest import ANN
from tests.engine.groups.conftest import Ensemble, calls

LIGHT = Channel.LIGHT


def die(*_: object) -> None:
    raise Unavailable("died")


@pytest.mark.parametrize("order", ["parallel", "chain"])
def test_a_group_whose_marks_were_lost_is_ended_by_the_next_look(
    ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    group = ensemble.create(calls("a"), calls("b"), order=order, then=calls("then"))
    with monkeypatch.context() as patch:
        patch.setattr(ensemble.store, "mark", die)
        ensemble.world.ticking = False
        ensemble.play(1)
        ensemble.world.ticking = True
    assert ensemble.now(group).state is GroupState.RUNNING
    ensemble.play(300)
    assert ensemble.now(group).state is GroupState.SUCCEEDED
    assert [ensemble.times(name) for name in ("a", "b", "then")] == [1, 1, 1]


def test_a_group_that_its_request_did_not_begin_is_begun_by_a_worker(
    ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ensemble.groups.looking_after.starting.store, "section", die)
        ensemble.create(calls("a"), then=calls("then"))
    assert ensemble.runs() == []
    ensemble.play(60)
    assert [ensemble.times(name) for name in ("a", "then")] == [1, 1]


def test_looking_after_a_group_twice_at_any_time_starts_nothing_twice(ensemble: Ensemble) -> None:
    many = {"define": calls("x")["define"], "each": [[f"n{number}"] for number in range(300)]}
    group = ensemble.create(many, then=calls("then"))
    for _ in range(40):
        ensemble.world.system.worker.memberships.look_after(group.id)
        ensemble.play(3)
    ensemble.play(100)
    assert len(ensemble.performed) == 301
    assert ensemble.times("then") == 1


def test_what_stands_at_the_due_time_of_a_member_already_keeps_it_from_nothing(ensemble: Ensemble) -> None:
    task = ensemble.world.system.catalog.create(ANN, definition_json(once(86_400)))
    run = ensemble.world.system.catalog.run_now(ANN, task.id)  # due at this very millisecond
    group = ensemble.create(task.id, then=calls("then"))
    ensemble.play(60)
    own = [one for one in ensemble.runs() if one.task_id == task.id]
    assert len(own) == 2
    assert run.due_at in {one.due_at for one in own}
    assert ensemble.counts(group) == {"succeeded": 1}
    assert ensemble.times("then") == 1


def test_a_look_whose_message_ended_as_a_dead_letter_is_asked_for_again(ensemble: Ensemble) -> None:
    group = ensemble.create(*(calls(f"n{number}") for number in range(200)), then=calls("then"))
    queue, store = ensemble.world.queue, ensemble.store
    (look,) = [late for late in store.late(0, 1000).entries if late.entry.kind is Kind.GROUP]
    store.delete_late(0, [look])
    (letter,) = [one for one in queue.waiting("light") if decode_run(one.body, LIGHT).entry.task_id == group.id]
    queue.delete("light", letter.id)
    ensemble.play(100)
    assert len(ensemble.performed) < 200  # nobody looks after it any more
    queue.send(dead("light"), letter.body)
    assert ensemble.world.system.auditor.audit().dead_letters == 1
    ensemble.play(100)
    assert ensemble.times("then") == 1


def test_a_message_that_comes_again_after_its_worker_died_tells_the_group_what_that_worker_could_not(
    ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = ensemble.create(calls("a"), then=calls("then"))
    ensemble.world.ticking = False
    (message,) = ensemble.world.queue.waiting("light")
    with monkeypatch.context() as patch:
        patch.setattr(ensemble.store, "mark", die)
        ensemble.play(1)
    assert ensemble.now(group).state is GroupState.RUNNING
    ensemble.world.system.worker.handle(decode_run(message.body, LIGHT), redelivered=True)
    assert ensemble.now(group).state is GroupState.SUCCEEDED
