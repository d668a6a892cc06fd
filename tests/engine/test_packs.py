"""Several runs in one message: each has its own result, and what one of them does to its worker the others survive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.attempts.claim import first_claim, lease_for
from chalicelib.core.message import decode_run, encode_pack, parts
from chalicelib.core.planning import entry_message
from chalicelib.core.run import AttemptStatus, Outcome, RunStatus
from chalicelib.core.task import Channel, Task
from chalicelib.core.window import Entry, Kind
from tests.core.building import at, once
from tests.engine.conftest import DONE, Stage
from tests.engine.place import BACKENDS, Lines, OnStub, Place, listening

NOW, NEWER = 2, 99


@pytest.fixture
def lines() -> Iterator[Lines]:
    with listening() as kept:
        yield kept


@pytest.fixture(params=list(BACKENDS))
def place(request: pytest.FixtureRequest, lines: Lines) -> Place:
    """Each adapter, empty."""
    return Place(request.param, lines)


def tasks(place: Place, *names: str) -> list[Task]:
    return [place.create(name, once(0), retry={"max_attempts": 3}) for name in names]


def pack(*packed: Task) -> str:
    return encode_pack(
        [entry_message(Entry(start=at(0), task_id=t.id, kind=Kind.SCHEDULE, due_at=at(0)), t) for t in packed]
    )


def statuses(place: Place, *of: Task) -> list[list[str]]:
    return [[str(run.status) for run in place.runs(task)] for task in of]


def performed(place: Place) -> Counter[str]:
    return Counter(name for name, _ in place.performed)


def raises(action: Mapping[str, Any], context: Mapping[str, str]) -> Outcome:
    raise RuntimeError("this action always breaks")


def test_each_run_of_a_pack_has_its_own_result(place: Place) -> None:
    place.performs["breaks"] = raises
    well, breaks, also = tasks(place, "well", "breaks", "also")
    assert place.work_off([pack(well, breaks, also)]) == []
    assert statuses(place, well, breaks, also) == [["succeeded"], ["retrying"], ["succeeded"]]


def test_a_run_that_cannot_be_recorded_brings_the_pack_again_and_the_others_are_done_once(lines: Lines) -> None:
    place = Place("dynamo", lines)
    backend = place.backend
    assert isinstance(backend, OnStub)
    stuck, left, right = tasks(place, "stuck", "left", "right")
    place.work_off([place.body(stuck, at(0))])
    backend.renumber("runs", NEWER)
    alone, both = place.body(right, at(1)), pack(left, stuck, right)
    assert place.work_off([alone, both]) == ["1"]
    backend.renumber("runs", NOW)
    assert place.work_off([both], times=2) == []
    assert performed(place) == {"stuck": 1, "left": 1, "right": 1}
    assert statuses(place, left, stuck) == [["succeeded"], ["succeeded"]]


def test_a_run_that_cannot_be_read_is_left_out_and_told(place: Place) -> None:
    well, broken = tasks(place, "well", "broken")
    body = pack(well, broken).replace(broken.id, "no id")
    assert place.work_off([body]) == []
    assert statuses(place, well) == [["succeeded"]]
    assert [line["message_id"] for line in place.lines.of("message_unreadable")] == ["0/1"]


def test_a_pack_that_comes_twice_at_once_starts_nothing_twice_and_has_somebody_look_again(place: Place) -> None:
    """Should the first worker die, the second has deleted the message: nothing else would come for the run."""
    slow, quick = tasks(place, "slow", "quick")
    both = pack(slow, quick)

    def meanwhile(action: Mapping[str, Any], context: Mapping[str, str]) -> Outcome:
        assert place.work_off([both]) == []
        return DONE

    place.performs["slow"] = meanwhile
    assert place.work_off([both]) == []
    assert performed(place) == {"slow": 1, "quick": 1}
    assert slow.id in [line["task_id"] for line in place.lines.of("takeover_planned")]


def test_the_same_run_twice_in_a_pack_starts_once(place: Place) -> None:
    [task] = tasks(place, "one")
    assert place.work_off([pack(task, task)]) == []
    assert performed(place) == {"one": 1}
    assert place.lines.of("takeover_planned") == []


def test_a_run_whose_worker_died_at_it_is_tried_again_alone_and_its_neighbours_here(place: Place) -> None:
    """Whatever killed the worker, a pack's others must not meet it a second time."""
    poison, neighbour = tasks(place, "poison", "neighbour")
    claimed = first_claim(decode_run(place.body(poison, at(0)), Channel.LIGHT), "dead-worker", at(0))
    assert claimed is not None
    assert place.store.insert_run(claimed) is None
    place.clock.advance(lease_for(Channel.LIGHT) + timedelta(seconds=50))
    assert place.work_off([pack(poison, neighbour)], times=2) == []
    assert performed(place) == {"neighbour": 1}
    place.play(at(300))
    [run] = place.runs(poison)
    assert [attempt.status for attempt in run.attempts] == [AttemptStatus.LOST, AttemptStatus.SUCCEEDED]
    assert run.status is RunStatus.SUCCEEDED
    assert performed(place) == {"neighbour": 1, "poison": 1}


def test_a_pass_sends_what_starts_in_one_second_in_few_messages_and_the_api_one_by_one() -> None:
    stage = Stage()
    far = [stage.create(once(100)) for _ in range(14)]
    near = [stage.create(once(20)) for _ in range(3)]
    sent = stage.world.queue.waiting("light")
    assert [len(parts(message.body)) for message in sent] == [1, 1, 1]
    stage.world.play(at(95))
    assert [len(parts(message.body)) for message in stage.world.queue.waiting("light")] == [6, 6, 2]
    stage.world.play(at(130))
    assert [run.status for task in (*far, *near) for run in stage.runs(task)] == [RunStatus.SUCCEEDED] * 17
    assert stage.world.queue.waiting("light") == []
