"""One task that always breaks: it holds up nobody, and it can be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.run import OUTPUT_LIMIT, AttemptStatus, Outcome, RunError, RunStatus
from chalicelib.core.schedule.rules import Cron
from chalicelib.core.task import Task
from tests.core.building import START, at, every, once
from tests.engine.conftest import ANN
from tests.engine.place import BACKENDS, Lines, OnStub, Place, listening

CRON = {"type": "cron", "expression": "*/20 * * * * *", "time_zone": "Europe/Paris"}
END = 150
NOWHERE = "Mars/Olympus_Mons"
"""A zone that a newer version of the time zone database might have."""


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is logged."""
    with listening() as kept:
        yield kept


@pytest.fixture(params=list(BACKENDS))
def place(request: pytest.FixtureRequest, lines: Lines) -> Place:
    """Each adapter, empty."""
    return Place(request.param, lines)


@pytest.fixture
def stubbed(lines: Lines) -> Place:
    """The real adapters, empty."""
    return Place("dynamo", lines)


def neighbours(place: Place) -> list[Task]:
    """Tasks of every type of schedule that are due until shortly before `END`."""
    schedules = {"once": once(95), "interval": every(15, end_at=at(END - 10).isoformat()), "cron": CRON}
    return [place.create(name, schedule) for name, schedule in schedules.items()]


def check_on_time(place: Place, tasks: list[Task], until: float = END) -> None:
    """Every due time of the neighbours was started on its second, and has succeeded."""
    for task in tasks:
        due, expected = task.next_due(START - timedelta(milliseconds=1)), []
        while due is not None and due < at(until - 10):
            expected.append(due)
            due = task.next_due(due)
        runs = [run for run in place.runs(task) if run.due_at < at(until - 10)]
        assert [run.due_at for run in runs] == expected
        assert {run.status for run in runs} == {RunStatus.SUCCEEDED}
        assert max(run.lateness or timedelta(0) for run in runs) <= timedelta(seconds=1)


# Tasks that break when they are performed


def raises(action: Mapping[str, Any], context: Mapping[str, str]) -> Outcome:
    raise RuntimeError("this action always breaks")


def raises_deeply(action: Mapping[str, Any], context: Mapping[str, str]) -> Outcome:
    return raises_deeply(action, context)


def too_much(**large: Any) -> Callable[[Mapping[str, Any], Mapping[str, str]], Outcome]:
    return lambda action, context: Outcome(status=AttemptStatus.SUCCEEDED, **large)


def test_an_action_that_always_raises_fails_its_own_runs(place: Place) -> None:
    others = neighbours(place)
    place.performs["poison"] = raises
    task = place.create("poison", every(5), retry={"max_attempts": 2})
    place.play(at(END))
    check_on_time(place, others)
    ended = [run for run in place.runs(task) if run.due_at < at(60)]
    assert len(ended) == 12
    assert {(run.status, run.error and run.error.code) for run in ended} == {(RunStatus.FAILED, "action_broke")}
    assert {line["task_id"] for line in place.lines.of("action_broke")} == {task.id}
    assert place.lines.of("message_failed") == []


def test_an_action_that_never_stops_calling_itself_fails_its_own_run(place: Place) -> None:
    place.performs["poison"] = raises_deeply
    tasks = [place.create(name, once(0), retry={"max_attempts": 1}) for name in ("left", "poison", "right")]
    assert place.work_off([place.body(task, at(0)) for task in tasks]) == []
    runs = [run for task in tasks for run in place.runs(task)]
    assert [str(run.status) for run in runs] == ["succeeded", "failed", "succeeded"]


@pytest.mark.parametrize(
    "large",
    [
        {"output": "x" * OUTPUT_LIMIT},
        {"output": "é" * 250_000},
        {"result": {"rows": ["x" * 1000] * 600}},
        {"output": "x" * 500_000, "result": "y" * 500_000},
    ],
)
def test_what_is_too_large_to_be_kept_is_left_out_and_the_run_recorded(place: Place, large: dict[str, Any]) -> None:
    others = neighbours(place)
    place.performs["poison"] = too_much(**large)
    task = place.create("poison", every(30, end_at=at(END - 10).isoformat()))
    place.play(at(END))
    check_on_time(place, others)
    check_on_time(place, [task])
    assert len([name for name, _ in place.performed if name == "poison"]) == len(place.runs(task))


def test_a_task_that_is_due_every_second_delays_nobody(place: Place) -> None:
    others = neighbours(place)
    task = place.create("poison", every(1, end_at=at(END - 10).isoformat()))
    place.play(at(END))
    check_on_time(place, [*others, task])


# Tasks that cannot be planned


def lost_its_zone(place: Place, task: Task) -> Task:
    """The task in a time zone that this machine does not know: its owner's machine did."""
    schedule = task.definition.schedule
    assert isinstance(schedule, Cron)
    elsewhere = replace(schedule, rule=replace(schedule.rule, time_zone=NOWHERE))
    broken = replace(task, definition=replace(task.definition, schedule=elsewhere), version=task.version + 1)
    assert place.store.replace_task(broken, None)
    return broken


def test_an_unknown_zone_holds_up_nobody_and_is_told(place: Place) -> None:
    others, task = neighbours(place), place.create("poison", CRON)
    place.play(at(30))
    lost_its_zone(place, task)
    place.play(at(END))
    check_on_time(place, others)
    told = [line for line in place.lines.of("task_broken") if line["task_id"] == task.id]
    assert told
    assert all(NOWHERE in line["reason"] for line in told)
    assert place.lines.of("pass_failed") == []


def test_a_message_of_a_task_with_an_unknown_zone_harms_no_neighbour_and_fails_its_run(place: Place) -> None:
    task = lost_its_zone(place, place.create("poison", CRON))
    tasks = [place.create(name, once(0)) for name in ("left", "right")]
    left, right = (place.body(one, at(0)) for one in tasks)
    assert place.work_off([left, place.body(task, at(0)), right]) == []
    assert sorted(name for name, _ in place.performed) == ["left", "right"]
    [run] = place.runs(task)
    assert (run.status, run.error and run.error.code) == (RunStatus.FAILED, "task_broken")
    assert run.error is not None
    assert NOWHERE in run.error.detail


def test_an_unknown_zone_does_not_hold_up_the_first_pass_nor_one_after_an_outage(place: Place) -> None:
    others, task = neighbours(place), lost_its_zone(place, place.create("poison", CRON))
    place.play(at(END))
    check_on_time(place, others)
    again = place.create("again", every(60))
    place.clock.advance(timedelta(hours=8))
    place.play(at(8 * 3600 + 300))
    assert place.lines.of("pass_failed") == []
    assert [run.status for run in place.runs(again)][-1] is RunStatus.SUCCEEDED
    assert {line["task_id"] for line in place.lines.of("task_broken")} == {task.id}


def test_a_task_whose_zone_becomes_known_goes_on_and_nothing_is_lost(place: Place) -> None:
    task = place.create("poison", CRON, misfire={"catch_up": "all"})
    place.play(at(30))
    broken = lost_its_zone(place, task)
    place.play(at(130))
    mended = replace(broken, definition=task.definition, version=broken.version + 1)
    assert place.store.replace_task(mended, None)
    place.play(at(300))
    assert [run.due_at for run in place.runs(task) if run.due_at < at(280)] == [at(20 * n) for n in range(14)]


def test_run_now_works_whatever_the_zone(place: Place) -> None:
    task = lost_its_zone(place, place.create("poison", once(50_000) | CRON))
    place.system.catalog.run_now(ANN, task.id)
    place.play(at(10))
    assert [name for name, _ in place.performed] == ["poison"]


# Rows that cannot be read

CORRUPT: dict[str, dict[str, Any]] = {
    "a form of a newer version": {"v": {"N": "99"}},
    "a form that is no number": {"v": {"S": "two"}},
    "no owner": {"owner": None},
    "no definition": {"definition": None},
    "half a definition": {"definition": {"S": '{"name": "x"'}},
    "an empty definition": {"definition": {"S": "{}"}},
    "a definition that is a list": {"definition": {"S": "[]"}},
    "a definition that is nested too deeply": {"definition": {"S": "[" * 50_000}},
    "a schedule of no type": {"definition": {"S": '{"name": "x", "action": {}, "schedule": {"type": "moon"}}'}},
    "a version that is a text": {"version": {"S": "one"}},
    "a time that is none": {"changed_at": {"N": "9" * 30}},
}


def corrupt(place: Place, task: Task, changes: Mapping[str, Any]) -> None:
    assert isinstance(place.backend, OnStub)
    place.backend.change(task, changes)


def poisoned(place: Place, schedule: dict[str, Any]) -> dict[str, Task]:
    """A task with each of the corrupt rows."""
    tasks = {why: place.create(f"poison: {why}", schedule) for why in CORRUPT}
    for why, changes in CORRUPT.items():
        corrupt(place, tasks[why], changes)
    return tasks


def told(place: Place, task: Task, action: str) -> bool:
    return any(task.id in str(line) for line in place.lines.of(action))


def test_rows_that_cannot_be_read_hold_up_nobody_and_are_told(stubbed: Place) -> None:
    others, poison = neighbours(stubbed), poisoned(stubbed, CRON)
    stubbed.play(at(END))
    check_on_time(stubbed, others)
    assert [why for why, task in poison.items() if not told(stubbed, task, "item_unreadable")] == []
    assert stubbed.lines.of("pass_failed") == []
    assert {name for name, _ in stubbed.performed} == {"once", "interval", "cron"}


def test_messages_of_rows_that_cannot_be_read_come_again_and_are_told(stubbed: Place) -> None:
    left, poison, right = stubbed.create("left", once(0)), poisoned(stubbed, once(0)), stubbed.create("right", once(0))
    bodies = [stubbed.body(task, at(0)) for task in (left, *poison.values(), right)]
    assert stubbed.work_off(bodies) == [str(place) for place in range(1, len(poison) + 1)]
    assert sorted(name for name, _ in stubbed.performed) == ["left", "right"]
    assert [why for why, task in poison.items() if not told(stubbed, task, "message_failed")] == []


def test_attempts_with_long_errors_are_recorded(place: Place) -> None:
    """Actions cut what they say at a kilobyte; ten times as much still fits into the run."""
    shouts = Outcome(status=AttemptStatus.FAILED, error=RunError(code="loud", detail="x" * 10_000))
    place.performs["poison"] = lambda action, context: shouts
    task = place.create("poison", once(5), retry={"max_attempts": 8, "backoff": "fixed", "delay_seconds": 0})
    place.play(at(300))
    [run] = place.runs(task)
    assert (run.status, len(run.attempts)) == (RunStatus.FAILED, 8)
    assert place.lines.of("message_failed") == []
