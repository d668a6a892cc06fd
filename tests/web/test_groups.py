"""Groups over HTTP: made, looked at, cancelled, retried; and everything that is refused, with the place of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.web.building import Caller, World, faults, header, json_of, task

HELLO = {"type": "function", "name": "print_hello"}
ONE = {"define": {"name": "one", "action": HELLO}}
URL = {"type": "http", "method": "POST", "url": "https://example.com/"}


def group(*members: Any, **more: Any) -> dict[str, Any]:
    return {"name": "all of them", "members": list(members or (ONE,))} | more


def made(caller: Caller, *members: Any, **more: Any) -> dict[str, Any]:
    answer = caller.post("/api/groups", group(*members, **more))
    assert answer.status_code == 202, answer.body
    shown: dict[str, Any] = json_of(answer)
    return shown


def test_a_group_is_accepted_and_shows_how_far_it_has_come(ann: Caller) -> None:
    answer = ann.post("/api/groups", group(ONE, ONE, then=ONE, order="chain"))
    shown = json_of(answer)
    assert (answer.status_code, header(answer, "Location")) == (202, f"/api/groups/{shown['id']}")
    assert json_of(ann.get(f"/api/groups/{shown['id']}")) == shown
    told = {name: shown[name] for name in ("state", "order", "total", "done", "counts", "then_run")}
    assert told == {
        "state": "running",
        "order": "chain",
        "total": 2,
        "done": 0,
        "counts": {"queued": 1, "waiting": 1},
        "then_run": None,
    }
    assert shown["then"] == {"task_id": f"zzwithin{shown['id']}then", "name": "one", "pass_results": "context"}


def test_members_are_listed_page_by_page_with_their_runs(ann: Caller) -> None:
    existing = ann.created(name="existing")["id"]
    group_id = made(ann, existing, {"define": ONE["define"], "each": [["a"], ["b"]]})["id"]
    first = json_of(ann.get(f"/api/groups/{group_id}/members?limit=2"))
    rest = json_of(ann.get(f"/api/groups/{group_id}/members?limit=2&cursor={first['next_cursor']}"))
    places = [*first["items"], *rest["items"]]
    assert [(one["index"], one["name"], one["status"]) for one in places] == [
        (0, "existing", "queued"),
        (1, "one", "queued"),
        (2, "one", "queued"),
    ]
    assert rest["next_cursor"] is None
    run = json_of(ann.get(f"/api/runs/{places[0]['run_id']}"))
    assert (run["trigger"], run["group_id"], run["task_id"]) == ("group", group_id, existing)


def test_groups_are_listed_newest_first_and_by_state(ann: Caller, world: World) -> None:
    ids = []
    for _ in range(3):
        ids.append(made(ann)["id"])
        world.clock.advance(timedelta(seconds=1))
    ann.post(f"/api/groups/{ids[1]}/cancel")
    listed = [one["id"] for one in json_of(ann.get("/api/groups"))["items"]]
    assert listed == ids[::-1]
    assert [one["id"] for one in json_of(ann.get("/api/groups?state=cancelled"))["items"]] == [ids[1]]
    assert json_of(ann.get("/api/groups?state=succeeded"))["items"] == []
    assert ann.get("/api/groups?state=no").status_code == 422


def test_a_group_is_cancelled_and_retried(ann: Caller) -> None:
    group_id = made(ann)["id"]
    assert ann.post(f"/api/groups/{group_id}/retry").status_code == 409
    cancelled = json_of(ann.post(f"/api/groups/{group_id}/cancel"))
    assert (cancelled["state"], cancelled["counts"], cancelled["done"]) == ("cancelled", {"cancelled": 1}, 1)
    again = json_of(ann.post(f"/api/groups/{group_id}/retry"))
    assert (again["state"], again["rounds"], again["counts"]) == ("running", 2, {"queued": 1})


def test_a_request_that_comes_again_with_its_key_makes_one_group(ann: Caller) -> None:
    headers = {"Idempotency-Key": "k"}
    first = ann.post("/api/groups", group(), headers=headers)
    assert json_of(ann.post("/api/groups", group(), headers=headers)) == json_of(first)
    assert len(json_of(ann.get("/api/groups"))["items"]) == 1


def test_an_account_may_make_so_many_groups_a_minute(ann: Caller) -> None:
    answers = [ann.post("/api/groups", group()).status_code for _ in range(21)]
    assert answers == [202] * 20 + [429]


REFUSED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no members": ({"name": "x"}, {"/members": "required"}),
    "none at all": (group() | {"members": []}, {"/members": "wrong_length"}),
    "no list": (group() | {"members": "abc"}, {"/members": "wrong_type"}),
    "too many": (group() | {"members": ["x"] * 10_001}, {"/members": "wrong_length"}),
    "too much by each": (
        group({"define": {"name": "one", "action": HELLO | {"args": ["x" * 5000]}}, "each": [{}] * 2001}),
        {"/members": "too_large"},
    ),
    "too many by each": (group(ONE, {**ONE, "each": [[]] * 10_000}), {"/members": "too_many"}),
    "an order there is not": (group(order="both"), {"/order": "unknown_value"}),
    "an unknown field": (group(after=ONE), {"/after": "unknown_field"}),
    "kept too long": (group(retention_days=366), {"/retention_days": "out_of_range"}),
    "no member": (
        group(7, None, [], {}),
        dict.fromkeys(["/members/0", "/members/1", "/members/2", "/members/3"], "wrong_form"),
    ),
    "no id": (group("a b"), {"/members/0": "wrong_form"}),
    "both": (group({"task": "abc"} | ONE), {"/members/0": "wrong_form"}),
    "a group within": (group({"group": "abc"}, {"members": []}), dict.fromkeys(["/members/0", "/members/1"], "nested")),
    "a group behind": (group(then={"members": [ONE]}), {"/then": "nested"}),
    "a schedule": (
        group({"define": {**ONE["define"], "schedule": {}}}),
        {"/members/0/define/schedule": "unknown_field"},
    ),
    "no action": (group({"define": {"name": "x"}}), {"/members/0/define/action": "required"}),
    "a function that is not": (
        group({"define": {"name": "x", "action": HELLO | {"name": "nothing"}}}),
        {"/members/0/define/action/name": "unknown_function"},
    ),
    "arguments that do not fit": (
        group({**ONE, "each": [["a"], {"nobody": 1}]}),
        {"/members/0/each/1": "invalid_arguments"},
    ),
    "each of a url": (group({"define": {"name": "x", "action": URL}, "each": [[]]}), {"/members/0/each": "not_here"}),
    "each of a task": (group({"task": "abc", "each": [[]]}), {"/members/0/each": "not_here"}),
    "each behind": (group(then={**ONE, "each": [[]]}), {"/then/each": "not_here"}),
    "results for a url": (
        group(then={"define": {"name": "x", "action": URL}, "pass_results": "first_argument"}),
        {"/then/pass_results": "not_here"},
    ),
    "results for members side by side": (
        group({**ONE, "pass_results": "context"}),
        {"/members/0/pass_results": "not_here"},
    ),
    "a task that is not there": (
        group("abc", then={"task": "def"}),
        {"/members/0": "unknown_task", "/then/task": "unknown_task"},
    ),
    "a secret that is not there": (
        group({"define": {"name": "x", "action": URL | {"headers": {"X": {"secret": "none"}}}}}),
        {"/members/0/define/action/headers/X": "unknown_secret"},
    ),
    "secrets that are not there, in some of each": (
        group({**ONE, "each": [[{"secret": "none"}], ["a"], {"name": {"secret": "nothing"}}, ["b"]]}),
        {"/members/0/each/0": "unknown_secret", "/members/0/each/2": "unknown_secret"},
    ),
    "arguments that do not fit behind a result": (
        group({**ONE, "each": [["a"], ["b"], []], "pass_results": "first_argument"}, order="chain"),
        {"/members/0/each/1": "invalid_arguments"},
    ),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_is_wrong_with_a_group_is_named_by_its_place_and_nothing_is_stored(ann: Caller, wrong: str) -> None:
    body, expected = REFUSED[wrong]
    answer = ann.post("/api/groups", body)
    assert (answer.status_code, faults(answer)) == (422, expected)
    assert json_of(ann.get("/api/groups"))["items"] == []


def test_a_task_of_somebody_else_is_none(ann: Caller, bob: Caller) -> None:
    bobs = bob.created(**task())["id"]
    assert faults(ann.post("/api/groups", group(bobs))) == {"/members/0": "unknown_task"}


def test_results_are_no_first_argument_of_a_task_that_calls_no_function(ann: Caller) -> None:
    url, other, hello = (ann.created(**task(action=action))["id"] for action in (URL, URL, HELLO))
    wanted = {"task": url, "pass_results": "first_argument"}
    answer = ann.post("/api/groups", group(hello, wanted, order="chain", then={**wanted, "task": other}))
    assert faults(answer) == {"/members/1/pass_results": "not_here", "/then/pass_results": "not_here"}
    made(ann, ONE, then={"task": hello, "pass_results": "first_argument"}, on_failure={"task": url})


def test_what_follows_may_not_be_a_member(ann: Caller) -> None:
    own = ann.created(**task())["id"]
    assert faults(ann.post("/api/groups", group(own, then=own))) == {"/then": "cycle"}
