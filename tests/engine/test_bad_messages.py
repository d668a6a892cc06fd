"""Messages that should not be: each is recorded or dropped with a line that says so, and its neighbours are handled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core.instant import to_ms, to_text
from chalicelib.core.run import RunStatus
from chalicelib.core.task import Task
from chalicelib.core.window import Kind
from tests.core.building import START, at, every, once
from tests.engine.conftest import ANN
from tests.engine.place import BACKENDS, Lines, Place, listening

DAY = 86_400
YEAR_9999 = 253_370_764_800_000
DEEP = 100_000


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is logged."""
    with listening() as kept:
        yield kept


@pytest.fixture
def place(lines: Lines) -> Place:
    """The fakes, empty."""
    return Place("memory", lines)


@pytest.fixture(params=list(BACKENDS))
def anywhere(request: pytest.FixtureRequest, lines: Lines) -> Place:
    """Each adapter, empty."""
    return Place(request.param, lines)


BAD_BODIES: dict[str, str] = {
    "empty": "",
    "no JSON": "hello",
    "half of it": '{"v":1,"task":"x"',
    "a list": "[]",
    "a number": "7",
    "not a number": "NaN",
    "deeply nested": "[" * DEEP + "]" * DEEP,
    "deeply nested objects": '{"v":' * DEEP + "1" + "}" * DEEP,
    "a number of many digits": '{"v":' + "9" * 5000 + "}",
    "no version": "{}",
}
BAD_FIELDS: dict[str, dict[str, Any]] = {
    "version true": {"v": True},
    "version 1.0": {"v": 1.0},
    "no task": {"task": None},
    "an empty task": {"task": ""},
    "a task that is a number": {"task": 7},
    "a task that is too long": {"task": "x" * 3000},
    "a task with a separator": {"task": "a#b"},
    "a task that no text can be": {"task": "\ud800"},
    "an owner that is too long": {"owner": "x" * 5000},
    "a name that no text can be": {"name": "\ud800"},
    "an unknown kind": {"kind": "party"},
    "a kind that is a list": {"kind": ["schedule"]},
    "due true": {"due": True},
    "due as text": {"due": "1772442005000"},
    "due in 9999": {"due": YEAR_9999, "start": YEAR_9999},
    "due before 1970": {"due": -1},
    "due with many digits": {"due": 10**300},
    "due as a float": {"due": 1772442005000.0},
    "due at no number": {"due": float("nan")},
    "a start in 9999": {"start": YEAR_9999},
    "a start at infinity": {"start": float("inf")},
    "a start before it is due": {"start": 0},
    "an attempt below one": {"n": 0},
    "an attempt that is half": {"n": 1.5},
    "an attempt of many digits": {"n": 10**40},
}


def check_neighbours(place: Place, bad: str) -> None:
    """A message between two others, which are performed; none has to come again."""
    due = place.clock.now()
    neighbours = [place.create(name, {"type": "once", "at": to_text(due)}) for name in ("left", "right")]
    left, right = (place.body(task, due) for task in neighbours)
    assert place.work_off([left, bad, right]) == []
    assert sorted(name for name, _ in place.performed) == ["left", "right"]
    assert {run.status for task in neighbours for run in place.runs(task)} == {RunStatus.SUCCEEDED}


def check_unreadable(place: Place) -> None:
    [line] = place.lines.of("message_unreadable", "message_failed")
    assert (line["action"], line["level"], line["message_id"]) == ("message_unreadable", "WARNING", "1")
    assert 0 < len(line["reason"]) < 200


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=list(BAD_BODIES))
def test_a_body_that_is_no_message_is_dropped_and_told(place: Place, body: str) -> None:
    check_neighbours(place, body)
    check_unreadable(place)


@pytest.mark.parametrize("changes", BAD_FIELDS.values(), ids=list(BAD_FIELDS))
def test_a_message_with_a_field_that_cannot_be_is_dropped_and_told(place: Place, changes: dict[str, Any]) -> None:
    task = place.create("bad", once(5))
    check_neighbours(place, json.dumps(json.loads(place.body(task, at(5))) | changes))
    check_unreadable(place)
    assert place.runs(task) == []


def one_run(place: Place, task: Task) -> tuple[str, str | None]:
    [run] = place.runs(task)
    return str(run.status), None if run.error is None else run.error.code


def test_a_message_of_a_deleted_task_is_recorded(anywhere: Place) -> None:
    task = anywhere.create("bad", once(0))
    anywhere.system.catalog.delete(ANN, task.id)
    check_neighbours(anywhere, anywhere.body(task, at(0)))
    assert one_run(anywhere, task) == ("skipped", "deleted")
    assert task.id in "".join(line["run_id"] for line in anywhere.lines.of("run_recorded"))


@pytest.mark.parametrize("kind", [Kind.RETRY, Kind.TAKEOVER, Kind.MANUAL])
def test_a_message_for_a_run_that_there_is_not_is_dropped_and_told(anywhere: Place, kind: Kind) -> None:
    task = anywhere.create("bad", once(0))
    check_neighbours(anywhere, anywhere.body(task, at(0), kind, number=2))
    [line] = anywhere.lines.of("message_dropped")
    assert (line["task_id"], line["due"], line["reason"]) == (task.id, at(0), "no_run")
    assert anywhere.runs(task) == []


def test_a_message_that_is_a_day_old_is_recorded(anywhere: Place) -> None:
    task = anywhere.create("bad", every(60))
    anywhere.clock.advance(at(DAY) - START)
    check_neighbours(anywhere, anywhere.body(task, at(60)))
    assert one_run(anywhere, task) == ("missed", "grace")


def test_a_message_that_is_sent_twice_is_performed_once(anywhere: Place) -> None:
    task = anywhere.create("twice", once(0))
    body = anywhere.body(task, at(0))
    assert anywhere.work_off([body, body]) == []
    assert anywhere.work_off([body], times=2) == []
    assert [name for name, _ in anywhere.performed] == ["twice"]
    assert one_run(anywhere, task) == ("succeeded", None)
    dropped = anywhere.lines.of("message_dropped")
    assert {line["reason"] for line in dropped} <= {"duplicate", "run_ended"}
    assert len(dropped) == 2


@pytest.mark.parametrize("schedule", [once(0), every(60), {"type": "cron", "expression": "* * * * *"}])
def test_a_due_time_in_1970_is_recorded(anywhere: Place, schedule: dict[str, Any]) -> None:
    task = anywhere.create("bad", schedule)
    check_neighbours(anywhere, anywhere.body(task, at(-to_ms(START) / 1000)))
    status, code = one_run(anywhere, task)
    assert (status, code) in {("skipped", "edited"), ("missed", "grace")}


@pytest.mark.parametrize("seconds", [20, 3600, 70 * 365 * DAY])
def test_a_message_that_comes_long_before_its_start_holds_nobody_up(anywhere: Place, seconds: int) -> None:
    task = anywhere.create("bad", every(1))
    check_neighbours(anywhere, anywhere.body(task, at(seconds)))
    [line] = anywhere.lines.of("message_early")
    assert (line["task_id"], line["start"]) == (task.id, at(seconds))
    assert anywhere.clock.now() == START
    assert anywhere.runs(task) == []


def test_a_message_that_came_too_early_leads_to_its_run_all_the_same(anywhere: Place) -> None:
    task = anywhere.create("bad", once(200))
    anywhere.work_off([anywhere.body(task, at(200))])
    anywhere.play(at(260))
    assert anywhere.performed == [("bad", at(200))]


def test_a_batch_of_nothing_but_bad_messages_is_done_with(anywhere: Place) -> None:
    task = anywhere.create("bad", once(5))
    good = json.loads(anywhere.body(task, at(5)))
    bodies = [*BAD_BODIES.values(), *(json.dumps(good | changes) for changes in BAD_FIELDS.values())]
    assert anywhere.work_off(bodies) == []
    assert {line["message_id"] for line in anywhere.lines.of("message_unreadable")} == set(map(str, range(len(bodies))))
    assert anywhere.runs(task) == []


GOOD_PASS = '{"v":1,"shard":0}'
SHARDS: list[Any] = [-1, 1000, 10**30, 0.0, 1.5, True, None, "0", [], {}, float("nan"), float("-inf")]
BAD_PASSES = BAD_BODIES | {f"shard {shard!r:.20}": json.dumps({"v": 1, "shard": shard}) for shard in SHARDS}


@pytest.mark.parametrize("body", BAD_PASSES.values(), ids=list(BAD_PASSES))
def test_a_pass_message_that_cannot_be_is_dropped_and_told(place: Place, body: str) -> None:
    place.create("near", once(50))
    place.clock.advance(at(10) - START)
    assert place.pass_over([GOOD_PASS, body, GOOD_PASS]) == []
    check_unreadable(place)
    assert [line["shard"] for line in place.lines.of("pass")] == [0, 0]


def test_passes_that_come_twice_or_late_change_nothing(anywhere: Place) -> None:
    task = anywhere.create("near", once(50))
    anywhere.pass_over([GOOD_PASS] * 3)
    anywhere.play(at(100))
    anywhere.pass_over([GOOD_PASS] * 3)
    anywhere.play(at(200))
    assert anywhere.performed == [("near", at(50))]
    assert one_run(anywhere, task) == ("succeeded", None)
