"""Tasks that call a function: its policies where they say nothing themselves, and arguments that it takes."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from chalicelib.core.task import to_json
from chalicelib.functions import registry
from chalicelib.functions.declaring import Context
from chalicelib.functions.registry import function
from tests.web.building import Caller, World, check_refused, faults, json_of, task

NIGHTLY = {"type": "function", "name": "nightly", "args": [3]}


@pytest.fixture(autouse=True)
def nightly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", dict(vars(registry)["_registered"]))

    def nightly(days: int, *, mode: Literal["all", "new"] = "new", to: list[str] | None = None, ctx: Context) -> None:
        """Send it."""

    function(retries=4, timeout=300, overlap="skip", priority="low")(nightly)


def policies(shown: dict[str, Any]) -> tuple[Any, ...]:
    return shown["timeout_seconds"], shown["retry"]["max_attempts"], shown["overlap"], shown["priority"]


def test_what_a_task_does_not_say_the_function_says_and_it_is_stored(ann: Caller) -> None:
    made = ann.created(action=NIGHTLY)
    assert policies(made) == (300, 5, "skip", "low")
    assert policies(json_of(ann.get(f"/api/tasks/{made['id']}"))) == (300, 5, "skip", "low")
    assert policies(ann.created(action=NIGHTLY, timeout_seconds=7, priority="normal")) == (7, 5, "skip", "normal")
    own = ann.created(action=NIGHTLY, retry={"backoff": "fixed"}, overlap="allow")
    assert (own["retry"]["max_attempts"], own["retry"]["backoff"], own["overlap"]) == (5, "fixed", "allow")
    assert policies(ann.created()) == (60, 3, "allow", "normal")


def test_a_task_keeps_what_was_stored_when_it_is_patched_and_says_it_anew_when_it_is_put(ann: Caller) -> None:
    path = f"/api/tasks/{ann.created(action=NIGHTLY, timeout_seconds=7)['id']}"
    assert policies(json_of(ann.patch(path, {"description": "x"})))[0] == 7
    assert policies(json_of(ann.put(path, task(action=NIGHTLY))))[0] == 300
    path = f"/api/tasks/{ann.created()['id']}"
    assert policies(json_of(ann.patch(path, {"action": NIGHTLY}))) == (60, 3, "allow", "normal")


def test_arguments_that_do_not_fit_are_told_with_their_place_and_nothing_is_stored(world: World, ann: Caller) -> None:
    wrong = {"type": "function", "name": "nightly", "args": ["3"], "kwargs": {"mode": "old", "to": ["a", 1]}}
    check_refused(
        world,
        ann,
        task(action=wrong),
        {
            "/action/args/0": "wrong_type",
            "/action/kwargs/mode": "wrong_type",
            "/action/kwargs/to/1": "wrong_type",
        },
    )
    check_refused(world, ann, task(action=NIGHTLY | {"kwargs": {"ctx": 1}}), {"/action/args": "invalid_arguments"})


def test_a_patch_is_held_against_the_function_as_well(ann: Caller) -> None:
    path = f"/api/tasks/{ann.created(action=NIGHTLY)['id']}"
    response = ann.patch(path, {"action": {"args": [True]}})
    assert (response.status_code, faults(response)) == (422, {"/action/args/0": "wrong_type"})


def test_a_function_says_what_its_tasks_have(ann: Caller) -> None:
    [shown] = [each for each in json_of(ann.get("/api/functions"))["items"] if each["name"] == "nightly"]
    assert shown["defaults"] == {
        "retry": {"max_attempts": 5},
        "timeout_seconds": 300,
        "overlap": "skip",
        "priority": "low",
    }
    assert shown["takes_context"] is True
    assert [parameter["name"] for parameter in shown["parameters"]] == ["days", "mode", "to"]


def test_a_member_of_a_group_has_what_its_function_says_and_what_is_handed_on_to_it_is_known_later(
    world: World, ann: Caller
) -> None:
    define = {"name": "report", "action": NIGHTLY}
    follower = {"define": {"name": "report", "action": NIGHTLY | {"args": []}}, "pass_results": "first_argument"}
    made = ann.post("/api/groups", {"name": "reports", "members": [{"define": define}], "then": follower})
    assert made.status_code == 202, made.body
    members = json_of(ann.get(f"/api/groups/{json_of(made)['id']}/members"))["items"]
    task = world.store.task(members[0]["task_id"])
    assert task is not None
    stored = to_json(task.definition)
    assert policies(stored) == (300, 5, "allow", "low")
    wrong = {"define": {"name": "report", "action": NIGHTLY | {"args": ["3"]}}}
    refused = ann.post("/api/groups", {"name": "reports", "members": [wrong]})
    assert faults(refused) == {"/members/0/define/action/args/0": "wrong_type"}
