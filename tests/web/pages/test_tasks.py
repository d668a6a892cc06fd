"""A task's life on the pages: created, looked at, run, paused, edited, deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.core.task import to_json
from tests.web.building import NOW, Caller, World, ended_run, json_of
from tests.web.pages.browser import Browser, Page

COMMAND = {"action_type": "command", "command": "echo hello"}
HTTP = {
    "action_type": "http",
    "method": "POST",
    "url": "https://example.com/hook?a=1",
    "headers": "Accept: text/plain\r\nX-Empty:",
    "body": "line one\r\nline two",
}
FUNCTION = {"action_type": "function", "function": "print_hello", "args": '["world"]', "kwargs": ""}
ONCE = {"schedule_type": "once", "at": "2026-11-22T09:30", "at_zone": "Europe/Paris"}
INTERVAL = {"schedule_type": "interval", "every": "3", "unit": "seconds"}
CRON = {"schedule_type": "cron", "expression": "30 * * * * *", "time_zone": "Asia/Tokyo"}


def create(browser: Browser, **fields: str) -> Page:
    return browser.submit(browser.get("/task/create"), "/task/create", **{"name": "nightly report"} | COMMAND | fields)


def stored(caller: Caller) -> dict[str, Any]:
    """The caller's only task, as the API tells it."""
    (only,) = json_of(caller.get("/api/tasks"))["items"]
    return dict(only)


@pytest.mark.parametrize(
    ("fields", "action"),
    [
        (COMMAND, {"type": "command", "command": "echo hello"}),
        (
            HTTP,
            {
                "type": "http",
                "method": "POST",
                "url": "https://example.com/hook?a=1",
                "headers": {"Accept": "text/plain", "X-Empty": ""},
                "body": "line one\nline two",
            },
        ),
        (FUNCTION, {"type": "function", "name": "print_hello", "args": ["world"]}),
    ],
)
def test_each_type_of_action_is_created_and_shown(
    anns: Browser, ann: Caller, fields: dict[str, str], action: dict[str, Any]
) -> None:
    page = create(anns, **fields)
    assert (page.status, stored(ann)["action"]) == (200, action)
    assert page.url == f"/task/{stored(ann)['id']}?done=created"
    assert "The task was created." in page.text


@pytest.mark.parametrize(
    ("fields", "schedule", "words"),
    [
        (ONCE, {"type": "once", "at": "2026-11-22T08:30:00.000Z"}, "22 Nov 08:30:00"),
        (INTERVAL, {"type": "interval", "every": 3, "unit": "seconds"}, "Every 3 seconds"),
        (CRON, {"type": "cron", "expression": "30 * * * * *", "time_zone": "Asia/Tokyo"}, "21:00:30 in Asia/Tokyo"),
        ({**ONCE, "at": "2026-11-22T08:30:00.250+01:00"}, {"type": "once", "at": "2026-11-22T07:30:00.250Z"}, "07:30"),
    ],
)
def test_each_type_of_schedule_is_created_and_shown(
    anns: Browser, ann: Caller, fields: dict[str, str], schedule: dict[str, Any], words: str
) -> None:
    page = create(anns, **fields)
    assert {name: stored(ann)["schedule"].get(name) for name in schedule} == schedule
    assert words in page.text


def test_everything_on_the_form_is_stored(anns: Browser, ann: Caller) -> None:
    create(
        anns,
        description="what it is for",
        tags="billing, mail\n\ncron\nbilling, mail",
        timeout_seconds="2.5",
        max_attempts="7",
        backoff="exponential",
        catch_up="all",
        grace_seconds="90",
        priority="high",
        paused="yes",
    )
    task = stored(ann)
    assert (task["description"], task["tags"], task["timeout_seconds"]) == (
        "what it is for",
        ["billing, mail", "cron"],
        2.5,
    )
    assert (task["retry"]["max_attempts"], task["retry"]["backoff"]) == (7, "exponential")
    assert task["misfire"] == {"catch_up": "all", "grace_seconds": 90}
    assert (task["priority"], task["state"]) == ("high", "paused")


@pytest.mark.parametrize(
    "given",
    [
        {
            "action": {
                "type": "command",
                "command": ["printf", "%s\n", "a b"],
                "env": {"REGION": "eu"},
                "stdin": "x\r\ny",
            }
        },
        {"action": {"type": "command", "command": "\nfirst\r\nsecond"}},
        {"action": {"type": "http", "method": "PUT", "url": "https://example.com", "headers": {"A": "b: c"}}},
        {
            "action": {
                "type": "http",
                "method": "GET",
                "url": "https://example.com",
                "body": "\r\nx",
                "expect_status": [201],
            }
        },
        {"action": {"type": "function", "name": "print_hello", "kwargs": {"name": "Zoë <b>"}}},
        {"action": {"type": "aws", "service": "sqs", "operation": "send_message", "parameters": {"QueueUrl": "q"}}},
        {"schedule": {"type": "once", "at": "2026-11-22T08:30:00.250Z"}},
        {"schedule": {"type": "interval", "every": 90, "unit": "minutes", "start_at": "2026-12-01T00:00:00.000Z"}},
        {"schedule": {"type": "interval", "every": 1, "unit": "weeks", "max_runs": 4}},
        {"schedule": {"type": "cron", "expression": "@daily", "time_zone": "Europe/Paris", "dst_fold": "twice"}},
        {"metadata": {"team": "ops"}, "retention_days": 3, "delivery": "at_most_once", "tags": ["a b", "c"]},
        {"retry": {"max_attempts": 2, "backoff": "fixed", "delay_seconds": 5, "max_delay_seconds": 9}},
    ],
)
def test_saving_the_form_as_it_stands_changes_nothing(
    anns: Browser, ann: Caller, world: World, given: dict[str, Any]
) -> None:
    made = ann.created(**given)
    before = world.store.task(made["id"])
    assert before is not None
    page = anns.submit(anns.get(f"/task/{made['id']}/update"), f"/task/{made['id']}/update")
    assert "The changes were saved." in page.text
    after = world.store.task(made["id"])
    assert after is not None
    assert to_json(after.definition) == to_json(before.definition)
    assert after.changed_at == before.changed_at


def test_an_edit_keeps_what_the_form_does_not_show(anns: Browser, ann: Caller) -> None:
    action = {"type": "command", "command": "echo old", "env": {"REGION": "eu"}}
    made = ann.created(action=action, metadata={"team": "ops"})
    path = f"/task/{made['id']}/update"
    anns.submit(anns.get(path), path, command="echo new", name="renamed")
    task = stored(ann)
    assert task["action"] == {"type": "command", "command": "echo new", "env": {"REGION": "eu"}}
    assert (task["name"], task["metadata"], task["version"]) == ("renamed", {"team": "ops"}, 2)


def test_another_type_of_action_takes_nothing_over(anns: Browser, ann: Caller) -> None:
    made = ann.created(action={"type": "command", "command": "echo old", "env": {"REGION": "eu"}})
    path = f"/task/{made['id']}/update"
    anns.submit(anns.get(path), path, **FUNCTION)
    assert stored(ann)["action"] == {"type": "function", "name": "print_hello", "args": ["world"]}


def test_a_lost_race_shows_both_and_stores_nothing_until_it_is_saved_again(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    path = f"/task/{made['id']}/update"
    form = anns.get(path)
    assert ann.patch(f"/api/tasks/{made['id']}", {"name": "theirs"}).status_code == 200
    lost = anns.submit(form, path, name="mine")
    assert lost.status == 409
    assert "Somebody saved this task" in lost.text
    assert "Name theirs mine" in lost.text
    assert stored(ann)["name"] == "theirs"
    anns.submit(lost, path)
    assert stored(ann)["name"] == "mine"


def test_a_race_is_not_forgotten_over_a_wrong_field(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    path = f"/task/{made['id']}/update"
    form = anns.get(path)
    ann.patch(f"/api/tasks/{made['id']}", {"name": "theirs"})
    wrong = anns.submit(form, path, name="mine", every="x")
    assert wrong.status == 422
    assert anns.submit(wrong, path, every="5").status == 409


def test_a_form_without_a_version_that_can_be_read_is_refused(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    path = f"/task/{made['id']}/update"
    assert anns.submit(anns.get(path), path, version="latest").status == 400


def test_pausing_and_resuming(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    path = f"/task/{made['id']}"
    paused = anns.submit(anns.get(path), f"{path}/pause")
    assert "The task is paused" in paused.text
    assert "None while the task is paused" in paused.text
    assert stored(ann)["state"] == "paused"
    anns.submit(paused, f"{path}/resume")
    assert stored(ann)["state"] == "active"


def test_an_edit_of_a_paused_task_keeps_the_reason(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    ann.post(f"/api/tasks/{made['id']}/pause", {"reason": "audit this week"})
    path = f"/task/{made['id']}"
    assert "audit this week" in anns.submit(anns.get(f"{path}/update"), f"{path}/update", name="new name").text


def test_deleting_asks_first_and_keeps_the_runs_readable(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    run = ended_run(made["id"], ann.id, NOW)
    world.store.insert_run(run)
    path = f"/task/{made['id']}"
    assert f"{path}/delete" in anns.get(path).reader.links
    page = anns.get(f"{path}/delete")
    assert json_of(ann.get("/api/tasks"))["items"] != []
    page = anns.submit(page, f"{path}/delete")
    assert page.url == "/dashboard?done=deleted"
    assert json_of(ann.get("/api/tasks"))["items"] == []
    assert "(deleted)" in anns.get(f"/run/{run.id}").text


def test_a_task_shows_what_comes_and_what_was(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule={"type": "interval", "every": 10, "unit": "minutes"})
    for minutes in (10, 20):
        world.store.insert_run(ended_run(made["id"], ann.id, NOW - timedelta(minutes=minutes)))
    page = anns.get(f"/task/{made['id']}")
    assert "12:10:00 in 10 min Skip 12:20:00 in 20 min Skip" in page.text
    assert page.text.index("11:50:00 10 min ago succeeded 120 ms late") < page.text.index("11:40:00 20 min ago")
    assert "hello" in page.text


@pytest.mark.parametrize("path", ["", "/update", "/delete"])
@pytest.mark.parametrize("known", [True, False])
def test_somebody_elses_task_looks_like_a_missing_one(bobs: Browser, ann: Caller, path: str, known: bool) -> None:
    task_id = ann.created()["id"] if known else "01m7vrmmzta7wnpt8k44ms4mzg"
    page = bobs.get(f"/task/{task_id}{path}")
    assert page.status == 404
    assert "There is no such task." in page.text


@pytest.mark.parametrize("path", ["/update", "/delete", "/pause", "/resume", "/run"])
def test_nobody_changes_what_belongs_to_another(bobs: Browser, ann: Caller, path: str) -> None:
    made = ann.created()
    assert bobs.post(f"/task/{made['id']}{path}", {"name": "mine now"}).status == 404
    assert stored(ann) == made


def test_who_may_not_run_commands_is_told_and_keeps_what_was_typed(world: World) -> None:
    eve = world.caller("eve", can_run_commands=False)
    page = create(Browser(app, session=world.session_of(eve)), command="echo precious")
    assert page.status == 403
    assert "may not run commands" in page.text
    assert page.form("/task/create").fields["command"] == "echo precious"


def secret_task(ann: Caller, **action: Any) -> tuple[str, dict[str, Any]]:
    """A task that names a secret in all the places that a form shows or does not show."""
    assert ann.put("/api/secrets/key", {"value": "s3cret-value"}).status_code == 204
    given = {
        "type": "http",
        "method": "POST",
        "url": "https://example.com/",
        "headers": {"Accept": "text/plain", "Authorization": {"secret": "key"}},
        "body": {"a": [{"secret": "key"}]},
        "signing": {"secret": "key"},
    } | action
    return f"/task/{ann.created(action=given)['id']}", given


def test_a_task_that_names_secrets_is_shown_and_saved_with_them(anns: Browser, ann: Caller) -> None:
    path, action = secret_task(ann)
    shown = anns.get(path)
    assert 'Authorization: {"secret": "key"}' in shown.text
    assert "s3cret-value" not in shown.html
    for changes in ({"name": "renamed"}, {"url": "https://example.com/new"}, {"body": '{"b": {"secret": "key"}}'}):
        page = anns.submit(anns.get(f"{path}/update"), f"{path}/update", **changes)
        assert page.status == 200
    expected = action | {"url": "https://example.com/new", "body": {"b": {"secret": "key"}}}
    assert stored(ann)["action"] == expected


def test_a_form_that_names_an_unknown_secret_says_so_beside_the_headers(anns: Browser, ann: Caller) -> None:
    page = create(anns, **HTTP | {"headers": 'Authorization: {"secret": "gone"}'})
    assert page.status == 422
    assert "Names a secret that there is not" in page.text
    assert json_of(ann.get("/api/tasks"))["items"] == []


def test_json_that_is_broken_on_the_form_of_a_task_that_sends_json_is_refused(anns: Browser, ann: Caller) -> None:
    path, action = secret_task(ann)
    page = anns.submit(anns.get(f"{path}/update"), f"{path}/update", body='{"b": ')
    assert page.status == 422
    assert "this is none" in page.text
    assert stored(ann)["action"] == action


def test_the_environment_of_a_command_keeps_its_secrets_when_its_form_is_saved(anns: Browser, ann: Caller) -> None:
    command = {"type": "command", "command": "env", "env": {"KEY": {"secret": "key"}, "B": "b"}}
    assert ann.put("/api/secrets/key", {"value": "s3cret-value"}).status_code == 204
    path = f"/task/{ann.created(action=command)['id']}"
    anns.submit(anns.get(f"{path}/update"), f"{path}/update", command="printenv")
    assert stored(ann)["action"] == command | {"command": "printenv"}
