"""Defining, reading, changing and deleting tasks over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.building import HELLO, HOURLY, NOW, Caller, World, ended_run, faults, header, in_, json_of, task

READ_ONLY = {
    "id": "x",
    "version": 7,
    "owner": "bob",
    "created_at": "x",
    "updated_at": "x",
    "next_run_at": None,
    "last_run": None,
    "cost_estimate": {"usd_per_month": 0},
}


def test_a_new_task_is_answered_with_its_defaults_its_place_and_its_version(ann: Caller) -> None:
    response = ann.post("/api/tasks", task())
    shown = json_of(response)
    assert response.status_code == 201
    assert header(response, "location") == f"/api/tasks/{shown['id']}"
    assert header(response, "etag") == '"1"'
    assert shown == {
        "id": shown["id"],
        "name": "nightly report",
        "description": "",
        "tags": [],
        "metadata": {},
        "state": "active",
        "action": HELLO,
        "timeout_seconds": 60,
        "retry": {"max_attempts": 3, "backoff": "next_window", "delay_seconds": 30, "max_delay_seconds": 3600},
        "overlap": "allow",
        "misfire": {"grace_seconds": 3600, "catch_up": "latest"},
        "delivery": "at_least_once",
        "priority": "normal",
        "retention_days": 30,
        "schedule": HOURLY,
        "version": 1,
        "owner": "ann",
        "created_at": in_(0),
        "updated_at": in_(0),
        "pause_reason": "",
        "schedule_text": "Every hour",
        "next_run_at": in_(3600),
        "last_run": None,
        "cost_estimate": shown["cost_estimate"],
    }
    assert json_of(ann.get(f"/api/tasks/{shown['id']}")) == shown


def test_everything_that_may_be_said_about_a_task_comes_back(ann: Caller) -> None:
    given = {
        "name": "naïve ✓ name",
        "description": "what it is for",
        "tags": ["billing", "x" * 50],
        "metadata": {"team": "ops", "level": 3, "nested": [1.5, None, True]},
        "state": "paused",
        "action": {
            "type": "http",
            "method": "POST",
            "url": "https://example.com/hook?x=1",
            "headers": {"X-Kind": "report"},
            "body": {"a": [1, 2]},
            "expect_status": [200, 202],
        },
        "schedule": {
            "type": "cron",
            "expression": "30 2 * * *",
            "time_zone": "Europe/Paris",
            "dst_gap": "skip",
            "dst_fold": "twice",
            "start_at": "2027-01-01T00:00:00.000Z",
            "end_at": "2028-01-01T00:00:00.000Z",
            "max_runs": 1000,
        },
        "timeout_seconds": 1.5,
        "retry": {"max_attempts": 20, "backoff": "exponential", "delay_seconds": 0.5, "max_delay_seconds": 60},
        "overlap": "allow",
        "misfire": {"grace_seconds": 0, "catch_up": "all"},
        "delivery": "at_most_once",
        "priority": "high",
        "retention_days": 365,
    }
    shown = ann.created(**given)
    assert {name: shown[name] for name in given} == given


@pytest.mark.parametrize(
    "action",
    [
        {"type": "command", "command": "echo hello"},
        {"type": "command", "command": ["echo", "hello"], "env": {"REGION": "eu", "_X1": ""}, "stdin": "line\n"},
        {"type": "function", "name": "add", "args": [1], "kwargs": {"y": 2}},
        {"type": "aws", "service": "sqs", "operation": "send_message", "parameters": {"QueueUrl": "q"}},
        {"type": "aws", "service": "sns", "operation": "Publish"},
        {"type": "http", "method": "GET", "url": "http://example.com", "expect_status": 204, "body": "text"},
    ],
)
def test_every_type_of_action_is_taken(ann: Caller, action: dict[str, object]) -> None:
    assert ann.created(action=action)["action"] == action


def test_an_answer_can_be_sent_back_as_it_came(ann: Caller) -> None:
    shown = ann.created(tags=["a"])
    again = ann.put(f"/api/tasks/{shown['id']}", shown)
    assert again.status_code == 200
    assert json_of(again) == shown | {"version": 2, "updated_at": json_of(again)["updated_at"]}
    assert ann.post("/api/tasks", shown).status_code == 201


def test_read_only_fields_are_ignored_where_a_whole_task_is_given(ann: Caller) -> None:
    shown = ann.created(**READ_ONLY)
    assert shown["owner"] == "ann"
    assert shown["version"] == 1


def test_put_gives_what_is_left_out_its_default(ann: Caller) -> None:
    shown = ann.created(description="old", tags=["a"], priority="high")
    changed = json_of(ann.put(f"/api/tasks/{shown['id']}", task(name="new")))
    assert (changed["name"], changed["description"], changed["tags"]) == ("new", "", [])
    assert changed["priority"] == "normal"


def test_patch_changes_what_it_names_and_null_takes_away(ann: Caller) -> None:
    shown = ann.created(description="old", metadata={"a": 1, "b": {"c": 2, "d": 3}}, retry={"max_attempts": 5})
    patch = {"description": None, "metadata": {"a": None, "b": {"c": 4}}, "retry": {"backoff": "fixed"}}
    response = ann.patch(f"/api/tasks/{shown['id']}", patch)
    changed = json_of(response)
    assert response.status_code == 200
    assert header(response, "etag") == '"2"'
    assert changed["description"] == ""
    assert changed["metadata"] == {"b": {"c": 4, "d": 3}}
    assert changed["retry"] == shown["retry"] | {"backoff": "fixed"}
    assert changed["schedule"] == shown["schedule"]


def test_patch_takes_the_media_type_of_merge_patches(ann: Caller) -> None:
    path = f"/api/tasks/{ann.created()['id']}"
    headers = {"Content-Type": "application/merge-patch+json"}
    assert json_of(ann.patch(path, b'{"name": "new"}', headers=headers))["name"] == "new"
    assert ann.put(path, b"{}", headers=headers).status_code == 415


def test_a_rename_leaves_the_rhythm_alone(world: World, ann: Caller) -> None:
    shown = ann.created()
    world.clock.advance(timedelta(minutes=10))
    renamed = json_of(ann.patch(f"/api/tasks/{shown['id']}", {"name": "new"}))
    assert renamed["next_run_at"] == shown["next_run_at"]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"name": None}, {"/name": "required"}),
        ({"id": "x", "owner": "bob"}, {"/id": "read_only", "/owner": "read_only"}),
        ({"version": None, "schedule_text": "x"}, {"/version": "read_only", "/schedule_text": "read_only"}),
        ({"state": "completed"}, {"/state": "unknown_value"}),
        ({"nmae": "x"}, {"/nmae": "unknown_field"}),
        ({"retry": {"max_attempts": 0}}, {"/retry/max_attempts": "out_of_range"}),
        ({"schedule": {"every": 0}}, {"/schedule/every": "out_of_range"}),
        (
            {"action": {"type": "http"}},
            {"/action/method": "required", "/action/url": "required", "/action/name": "unknown_field"},
        ),
        ([], {"": "wrong_type"}),
    ],
)
def test_a_patch_is_checked_as_the_task_that_comes_of_it(
    ann: Caller, patch: dict[str, object], expected: dict[str, str]
) -> None:
    shown = ann.created()
    response = ann.patch(f"/api/tasks/{shown['id']}", patch)
    assert response.status_code == 422
    assert faults(response) == expected
    assert json_of(ann.get(f"/api/tasks/{shown['id']}")) == shown


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("if_match", "goes"),
    [('"1"', True), ("*", True), ('"7", "1"', True), ('"2"', False), ('W/"1"', False), ("x", False)],
)
def test_if_match_says_which_version_is_meant(ann: Caller, method: str, if_match: str, goes: bool) -> None:
    shown = ann.created()
    path = f"/api/tasks/{shown['id']}"
    response = ann.send(method, path, None if method == "DELETE" else task(name="new"), headers={"If-Match": if_match})
    if goes:
        assert response.status_code in (200, 204)
    else:
        assert response.status_code == 412
        assert json_of(response)["code"] == "version_conflict"
        assert json_of(ann.get(path)) == shown


def test_a_deleted_task_is_gone_and_its_runs_are_not(world: World, ann: Caller) -> None:
    shown = ann.created()
    world.store.insert_run(ended_run(shown["id"], "ann", NOW))
    response = ann.delete(f"/api/tasks/{shown['id']}")
    assert (response.status_code, response.body) == (204, b"")
    assert ann.get(f"/api/tasks/{shown['id']}").status_code == 404
    assert ann.delete(f"/api/tasks/{shown['id']}").status_code == 404
    assert len(json_of(ann.get(f"/api/tasks/{shown['id']}/runs"))["items"]) == 1


def test_pause_and_resume_with_a_reason(world: World, ann: Caller) -> None:
    shown = ann.created()
    paused = ann.post(f"/api/tasks/{shown['id']}/pause", {"reason": "holiday"})
    assert paused.status_code == 200
    assert json_of(paused)["state"] == "paused"
    assert json_of(paused)["pause_reason"] == "holiday"
    assert json_of(paused)["next_run_at"] is None
    assert header(paused, "etag") == '"2"'
    world.clock.advance(timedelta(minutes=90))
    resumed = json_of(ann.post(f"/api/tasks/{shown['id']}/resume"))
    assert (resumed["state"], resumed["pause_reason"]) == ("active", "")
    assert resumed["next_run_at"] == in_(7200)


def test_pause_needs_no_body_but_takes_an_empty_object(ann: Caller) -> None:
    path = f"/api/tasks/{ann.created()['id']}/pause"
    assert ann.post(path).status_code == 200
    assert ann.post(path, b"", headers={"Content-Type": "application/json"}).status_code == 200
    assert ann.post(path, {}).status_code == 200
    assert faults(ann.post(path, {"reason": 5, "why": ""})) == {"/reason": "wrong_type", "/why": "unknown_field"}


def test_run_now_answers_the_run_also_when_the_task_is_paused(world: World, ann: Caller) -> None:
    shown = ann.created(state="paused")
    response = ann.post(f"/api/tasks/{shown['id']}/run")
    run = json_of(response)
    assert response.status_code == 202
    assert header(response, "location") == f"/api/runs/{run['id']}"
    assert (run["trigger"], run["status"], run["due_at"]) == ("manual", "queued", in_(0))
    assert len(world.queue.waiting("light")) == 1
    assert json_of(ann.get(f"/api/runs/{run['id']}")) == run
    assert ann.post(f"/api/tasks/{shown['id']}/run", {"when": "now"}).status_code == 422


def test_an_account_without_the_right_may_not_define_commands(world: World) -> None:
    carl = world.caller("carl", can_run_commands=False)
    response = carl.post("/api/tasks", task(action={"type": "command", "command": "id"}))
    assert (response.status_code, json_of(response)["code"]) == (403, "not_allowed")
    shown = carl.created()
    assert (
        carl.patch(
            f"/api/tasks/{shown['id']}", {"action": {"type": "command", "command": "id", "name": None}}
        ).status_code
        == 403
    )


def test_a_once_is_taken_in_the_past_up_to_its_grace(ann: Caller) -> None:
    assert ann.created(schedule={"type": "once", "at": in_(-3599)})["state"] == "completed"
    late = {"type": "once", "at": in_(-3601)}
    assert faults(ann.post("/api/tasks", task(schedule=late))) == {"/schedule/at": "past"}
    assert ann.created(schedule=late, misfire={"grace_seconds": 7200})


def test_a_task_with_nothing_left_is_completed_and_can_still_be_sent_back(world: World, ann: Caller) -> None:
    shown = ann.created(schedule={"type": "once", "at": in_(60)})
    world.clock.advance(timedelta(hours=5))
    ended = json_of(ann.get(f"/api/tasks/{shown['id']}"))
    assert (ended["state"], ended["next_run_at"]) == ("completed", None)
    assert ann.put(f"/api/tasks/{shown['id']}", ended | {"name": "new"}).status_code == 200


def test_a_task_says_what_it_costs_and_what_that_assumes(ann: Caller) -> None:
    made = ann.created(schedule={"type": "interval", "every": 5, "unit": "minutes"})
    cost = made["cost_estimate"]
    assert cost["runs_per_month"] == 8640
    assert 0.01 < cost["usd_per_month"] < 0.1
    assert cost.keys() == {"usd_per_month", "runs_per_month", "assumes", "prices_of"}
    [listed] = json_of(ann.get("/api/tasks"))["items"]
    assert listed["cost_estimate"] == cost
    paused = json_of(ann.post(f"/api/tasks/{made['id']}/pause", {}))
    assert (paused["cost_estimate"]["usd_per_month"], paused["cost_estimate"]["runs_per_month"]) == (0, 0)
