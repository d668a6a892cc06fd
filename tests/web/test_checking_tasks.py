"""What a task would be stored as, asked before it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.building import HELLO, HOURLY, Caller, World, faults, json_of, task


def check(caller: Caller, data: Any) -> Any:
    response = caller.post("/api/tasks/check", data)
    assert response.status_code == 200, response.body
    return json_of(response)


def test_what_is_told_is_what_a_task_is_then_stored_as(world: World, ann: Caller) -> None:
    given = task(schedule={"type": "cron", "expression": "rate(5 minutes)", "end_at": "2027-01-01T01:00:00+01:00"})
    told = check(ann, given)
    assert world.holds_nothing(ann)
    assert told["schedule"] == {"type": "interval", "every": 5, "unit": "minutes", "end_at": "2027-01-01T00:00:00.000Z"}
    assert told["retry"]["max_attempts"] == 3
    stored = json_of(ann.post("/api/tasks", given))
    assert told == {name: stored[name] for name in told}
    assert check(ann, told) == told


def test_nothing_is_stored_recorded_or_counted(world: World, ann: Caller) -> None:
    before = len(json_of(ann.get("/api/audit"))["items"])
    for _ in range(3):
        check(ann, task())
    assert world.holds_nothing(ann)
    assert len(json_of(ann.get("/api/audit"))["items"]) == before


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": ""}, {"/name": "wrong_length"}),
        ({"schedule": {"type": "once", "at": "2020-01-01T00:00:00Z"}}, {"/schedule/at": "past"}),
        ({"action": {"type": "function", "name": "nope"}}, {"/action/name": "unknown_function"}),
        ({"colour": "red"}, {"/colour": "unknown_field"}),
    ],
)
def test_it_is_refused_as_the_task_itself_would_be(
    ann: Caller, wrong: dict[str, Any], expected: dict[str, str]
) -> None:
    response, itself = ann.post("/api/tasks/check", task(**wrong)), ann.post("/api/tasks", task(**wrong))
    assert (response.status_code, faults(response)) == (422, expected)
    assert faults(itself) == expected


def test_who_may_not_run_commands_is_told_so_before(world: World) -> None:
    eve = world.caller("eve", can_run_commands=False)
    response = eve.post("/api/tasks/check", task(action={"type": "command", "command": "true"}))
    assert (response.status_code, json_of(response)["code"]) == (403, "not_allowed")


def test_with_an_id_it_is_a_change_of_that_task(ann: Caller) -> None:
    """One that has run its course may be sent back as it is: its past time is refused only to a new task."""
    at = {"type": "once", "at": "2026-11-21T12:00:01Z"}
    made = ann.created(schedule=at)
    ann.post(f"/api/tasks/{made['id']}/pause")
    told = check(ann, {"id": made["id"], "name": "another", "action": HELLO, "schedule": at})
    assert (told["name"], told["state"]) == ("another", "active")
    assert json_of(ann.get(f"/api/tasks/{made['id']}"))["name"] == made["name"]


@pytest.mark.parametrize("known", [5, "", "a/b", "zzz", "x" * 100, {"a": 1}])
def test_an_id_that_names_nothing_of_the_callers_is_a_missing_task(ann: Caller, bob: Caller, known: Any) -> None:
    foreign = ann.created()["id"]
    for name in (known, foreign):
        response = bob.post("/api/tasks/check", task(id=name, schedule=HOURLY))
        assert (response.status_code, json_of(response)["detail"]) == (404, "there is no such task")
