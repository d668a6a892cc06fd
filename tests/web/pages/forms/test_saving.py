"""Saving: what will change is shown first, lost races show both versions, copies begin with what there is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.building import Caller, World, json_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.test_tasks import HTTP, stored

PART = {"hx-request": "true"}
DAILY = {"type": "cron", "expression": "30 2 * * 1-5", "time_zone": "Europe/Paris"}


def form_of(browser: Browser, task_id: str) -> dict[str, str]:
    return browser.get(f"/task/{task_id}/update").form(f"/task/{task_id}/update").fields


def reviewed(browser: Browser, task_id: str, headers: dict[str, str] | None = None, /, **changed: str) -> Page:
    return browser.post(f"/task/{task_id}/review", form_of(browser, task_id) | changed, **headers or {})


def test_a_review_shows_each_field_before_and_after_and_the_due_times_and_saves_when_told_to(
    anns: Browser, ann: Caller
) -> None:
    made = ann.created(schedule=DAILY)
    page = reviewed(anns, made["id"], name="weekly", daily_at="04:45", day_fri="", backoff="fixed")
    assert page.status == 200
    assert "Name nightly report weekly" in page.text
    assert "Time of the day 02:30 04:45" in page.text
    assert "On Fridays yes no" in page.text
    assert "Wait before a retry next half minute a fixed time" in page.text
    assert "Due now 23 Nov 01:30:00" in page.text
    assert "Due after saving 23 Nov 03:45:00" in page.text
    assert "Timeout" not in page.text
    assert stored(ann)["name"] == "nightly report"
    saved = anns.submit(page, f"/task/{made['id']}/update")
    assert "The changes were saved." in saved.text
    task = stored(ann)
    assert (task["name"], task["schedule"]["expression"], task["retry"]["backoff"]) == (
        "weekly",
        "45 4 * * 1-4",
        "fixed",
    )


def test_who_goes_on_editing_finds_everything_as_it_was_typed(anns: Browser, ann: Caller) -> None:
    made = ann.created(action={"type": "command", "command": "echo", "stdin": "\none\n\ntwo\n"})
    page = reviewed(anns, made["id"], name="weekly", env="A=1\nB=2")
    back = anns.post("/task/preview", page.form(f"/task/{made['id']}/update").fields)
    fields = back.form(f"/task/{made['id']}/update").fields
    assert (fields["name"], fields["env"], fields["stdin"]) == ("weekly", "A=1\nB=2", "\none\n\ntwo\n")
    assert stored(ann)["version"] == 1


def test_a_review_of_another_schedule_tells_only_what_counts(anns: Browser, ann: Caller) -> None:
    made = ann.created(schedule={"type": "interval", "every": 7, "unit": "hours"})
    page = reviewed(anns, made["id"], schedule_type="cron", expression="*/5 * * * *")
    assert "When Every … Cron" in page.text
    assert "Every 7 –" in page.text
    assert "Cron expression – */5 * * * *" in page.text
    assert "Date and time" not in page.text


def test_a_review_without_changes_says_so(anns: Browser, ann: Caller) -> None:
    page = reviewed(anns, ann.created()["id"])
    assert "The form says what is stored already." in page.text
    assert "The next due times stay as they are." in page.text


def test_a_task_that_is_paused_by_the_edit_is_due_no_more(anns: Browser, ann: Caller) -> None:
    page = reviewed(anns, ann.created(schedule=DAILY)["id"], paused="yes")
    assert "Paused no yes" in page.text
    assert "Due after saving Nothing" in page.text


def test_the_script_gets_the_review_as_a_part_of_the_page(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    part = reviewed(anns, made["id"], PART, name="other")
    assert "<!doctype" not in part.html
    assert "What will change" in part.text
    wrong = reviewed(anns, made["id"], PART, every="soon", name="")
    assert wrong.status == 200
    assert [tag["data-field"] for _, tag in wrong.reader.tags if "data-field" in tag] == ["name", "every"]


def test_a_review_of_what_is_wrong_is_the_form_again(anns: Browser, ann: Caller) -> None:
    page = reviewed(anns, ann.created()["id"], every="soon", name="precious")
    assert page.status == 422
    assert "whole number" in page.said("every")
    assert 'value="precious"' in page.html


def test_a_review_is_not_recorded_and_saves_nothing(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    before = json_of(ann.get("/api/audit"))["items"]
    assert reviewed(anns, made["id"], name="other").status == 200
    assert json_of(ann.get("/api/audit"))["items"] == before
    assert stored(ann) == made


def test_nobody_reviews_or_copies_what_belongs_to_another(bobs: Browser, ann: Caller) -> None:
    made = ann.created()
    assert bobs.post(f"/task/{made['id']}/review", {"name": "x"}).status == 404
    assert bobs.post("/task/preview", {"task": made["id"]}).status == 404
    assert bobs.get(f"/task/{made['id']}/duplicate").status == 404
    assert made["name"] not in bobs.post("/task/preview", {"copy_of": made["id"]}).text


def lost(anns: Browser, ann: Caller, theirs: dict[str, Any], **mine: str) -> Page:
    """The form of a task that somebody else changed while it was open."""
    made = ann.created(action={"type": "http", "method": "GET", "url": "https://example.com/"})
    path = f"/task/{made['id']}/update"
    form = anns.get(path)
    assert ann.patch(f"/api/tasks/{made['id']}", theirs).status_code == 200
    page = anns.submit(form, path, **mine)
    assert page.status == 409
    return page


def test_a_lost_race_shows_both_and_proposes_for_each_field_who_changed_it(anns: Browser, ann: Caller) -> None:
    page = lost(anns, ann, {"name": "theirs", "timeout_seconds": 9}, name="mine", url="https://example.com/mine")
    path = f"/task/{stored(ann)['id']}/update"
    fields = page.form(path).fields
    chosen = {name: text for name, text in fields.items() if name.startswith("keep_")}
    assert chosen == {"keep_name": "mine", "keep_url": "mine", "keep_timeout_seconds": "theirs"}
    assert "Name theirs mine" in page.text
    assert (stored(ann)["name"], stored(ann)["version"]) == ("theirs", 2)
    anns.submit(page, path)
    task = stored(ann)
    assert (task["name"], task["action"]["url"], task["timeout_seconds"]) == ("mine", "https://example.com/mine", 9)


def test_of_a_lost_race_each_field_may_be_chosen(anns: Browser, ann: Caller) -> None:
    page = lost(anns, ann, {"name": "theirs", "timeout_seconds": 9}, name="mine", url="https://example.com/mine")
    path = f"/task/{stored(ann)['id']}/update"
    anns.submit(page, path, keep_name="theirs", keep_timeout_seconds="mine")
    task = stored(ann)
    assert (task["name"], task["action"]["url"], task["timeout_seconds"]) == ("theirs", "https://example.com/mine", 60)


def test_what_was_chosen_of_a_lost_race_can_be_reviewed(anns: Browser, ann: Caller) -> None:
    page = lost(anns, ann, {"name": "theirs", "timeout_seconds": 9}, name="mine", description="new")
    task_id = stored(ann)["id"]
    sent = page.form(f"/task/{task_id}/update").fields | {"keep_name": "theirs"}
    review = anns.post(f"/task/{task_id}/review", sent)
    assert "Description – new" in review.text
    assert "theirs mine" not in review.text
    assert "Timeout" not in review.text


def test_a_review_of_what_somebody_else_changed_meanwhile_is_the_lost_race_already(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    form = form_of(anns, made["id"])
    ann.patch(f"/api/tasks/{made['id']}", {"name": "theirs"})
    page = anns.post(f"/task/{made['id']}/review", form | {"name": "mine"})
    assert page.status == 409
    assert "Somebody saved this task" in page.text


def test_a_race_that_is_lost_again_is_shown_again(anns: Browser, ann: Caller) -> None:
    page = lost(anns, ann, {"name": "theirs"}, name="mine")
    task_id = stored(ann)["id"]
    ann.patch(f"/api/tasks/{task_id}", {"description": "and this"})
    again = anns.submit(page, f"/task/{task_id}/update")
    assert again.status == 409
    assert "Description and this –" in again.text
    assert again.form(f"/task/{task_id}/update").fields["keep_description"] == "theirs"


def test_a_copy_is_the_form_filled_and_stores_nothing_until_it_is_sent(
    anns: Browser, ann: Caller, world: World
) -> None:
    command = {"type": "command", "command": "\nfirst\r\nsecond", "env": {"A": " b "}, "stdin": "x\ny"}
    made = ann.created(name="x" * 98, action=command, schedule=DAILY, state="paused", tags=["a, b"], metadata={"t": 1})
    page = anns.get(f"/task/{made['id']}/duplicate")
    assert page.status == 200
    assert page.form("/task/create").fields["name"] == "x" * 93 + " (copy)"
    assert len(json_of(ann.get("/api/tasks"))["items"]) == 1
    anns.submit(page, "/task/create")
    copy, original = sorted(json_of(ann.get("/api/tasks"))["items"], key=lambda task: task["id"] == made["id"])
    own = ("id", "name", "state", "created_at", "updated_at", "next_run_at", "pause_reason", "version", "cost_estimate")
    assert {name: copy[name] for name in copy if name not in own} == {
        name: original[name] for name in original if name not in own
    }
    assert (copy["state"], original["state"]) == ("active", "paused")


def test_a_copy_can_be_changed_before_it_is_created_and_its_original_deleted_meanwhile(
    anns: Browser, ann: Caller
) -> None:
    made = ann.created(tags=["a, b", "c"])
    page = anns.get(f"/task/{made['id']}/duplicate")
    ann.delete(f"/api/tasks/{made['id']}")
    anns.submit(page, "/task/create", **HTTP)
    assert (stored(ann)["action"]["type"], stored(ann)["tags"]) == ("http", ["a, b", "c"])


@pytest.mark.parametrize("given", [{"task": "../x"}, {"copy_of": "../x"}, {"task": "x" * 500}])
def test_what_is_no_id_names_no_task(anns: Browser, given: dict[str, str]) -> None:
    assert anns.post("/task/preview", given).status in (200, 404)


def test_everything_that_the_api_takes_is_on_the_form(anns: Browser, ann: Caller) -> None:
    page = anns.get("/task/create")
    fields = {
        "name": "all of it",
        "tags": "one\ntwo, three",
        "metadata": '{"team": "ops"}',
        "retention_days": "3",
        "action_type": "command",
        "command_as": "program",
        "command": '["printf", "a b"]',
        "env": 'REGION=eu\nTWO="line\\nbreak"',
        "stdin": "in",
        "schedule_type": "daily",
        "daily_at": "08:15",
        "daily_zone": "Europe/Paris",
        "day_sat": "",
        "day_sun": "",
        "start_at": "2027-01-01T00:00",
        "end_at": "2028-01-01T00:00",
        "max_runs": "5",
        "jitter_seconds": "30",
        "exclude": "2027-12-25\n2027-07-01 to 2027-07-14\nfri 22:00 to 06:00",
        "dst_gap": "skip",
        "dst_fold": "twice",
        "timeout_seconds": "9",
        "max_attempts": "2",
        "backoff": "exponential",
        "delay_seconds": "5",
        "max_delay_seconds": "50",
        "max_age_seconds": "500",
        "catch_up": "all",
        "grace_seconds": "10",
        "overlap": "queue",
        "delivery": "at_most_once",
        "priority": "low",
        "notify_webhook": "https://example.com/hook",
        "notify_missed": "",
        "notify_cooldown_seconds": "60",
        "notify_grace_seconds": "301",
    }
    created = anns.submit(page, "/task/create", **fields)
    assert "The task was created." in created.text
    task = stored(ann)
    assert task["schedule"] == {
        "type": "cron",
        "expression": "15 8 * * 1-5",
        "time_zone": "Europe/Paris",
        "dst_gap": "skip",
        "dst_fold": "twice",
        "start_at": "2026-12-31T23:00:00.000Z",
        "end_at": "2027-12-31T23:00:00.000Z",
        "max_runs": 5,
        "jitter_seconds": 30,
        "exclude": [
            {"date": "2027-12-25"},
            {"from": "2027-07-01", "to": "2027-07-14"},
            {"weekly": ["fri"], "from": "22:00", "to": "06:00"},
        ],
    }
    assert task["action"] == {
        "type": "command",
        "command": ["printf", "a b"],
        "env": {"REGION": "eu", "TWO": "line\nbreak"},
        "stdin": "in",
    }
    assert (task["tags"], task["metadata"], task["retention_days"]) == (["one", "two, three"], {"team": "ops"}, 3)
    assert task["retry"] == {
        "max_attempts": 2,
        "backoff": "exponential",
        "delay_seconds": 5,
        "max_delay_seconds": 50,
        "max_age_seconds": 500,
    }
    assert (task["overlap"], task["delivery"], task["priority"]) == ("queue", "at_most_once", "low")
    assert task["notify"] == {
        "on": ["failed", "did_not_run", "recovered"],
        "webhook": "https://example.com/hook",
        "cooldown_seconds": 60,
        "grace_seconds": 301,
    }


def test_an_aws_call_and_a_signed_request_are_created_on_the_form(anns: Browser, ann: Caller) -> None:
    assert ann.put("/api/secrets/key", {"value": "s3cret-value"}).status_code == 204
    aws = {"action_type": "aws", "service": "sqs", "operation": "send_message", "parameters": '{"QueueUrl": "q"}'}
    anns.submit(anns.get("/task/create"), "/task/create", name="a", **aws)
    assert stored(ann)["action"] == {
        "type": "aws",
        **{k: v for k, v in aws.items() if k not in ("action_type", "parameters")},
        "parameters": {"QueueUrl": "q"},
    }
    ann.delete(f"/api/tasks/{stored(ann)['id']}")
    signed = HTTP | {
        "body_as": "json",
        "body": '{"a": {"secret": "key"}}',
        "expect_status": "200, 204",
        "signing": "key",
    }
    anns.submit(anns.get("/task/create"), "/task/create", name="b", **signed)
    action = stored(ann)["action"]
    assert (action["body"], action["expect_status"], action["signing"]) == (
        {"a": {"secret": "key"}},
        [200, 204],
        {"secret": "key"},
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"action_type": "aws", "service": "iam", "operation": "create_user"}, "operation"),
        ({"notify_webhook": "ftp://a"}, "notify_webhook"),
        ({"notify_sns": "arn:aws:sns:eu-west-1:123456789012:other"}, "notify_sns"),
        ({"exclude": "calendar gone"}, "exclude"),
        ({"max_runs": "2000"}, "max_runs"),
        ({"jitter_seconds": "90000"}, "jitter_seconds"),
        ({"retention_days": "0"}, "retention_days"),
        ({"delay_seconds": "-1"}, "delay_seconds"),
        ({"overlap": "sometimes"}, "overlap"),
        ({"start_at": "2030-01-01T00:00", "end_at": "2029-01-01T00:00"}, "end_at"),
        ({"metadata": '{"a": ' + '"' + "x" * 5000 + '"}'}, "metadata"),
        ({"schedule_type": "daily", "dst_gap": "wait"}, "dst_gap"),
    ],
)
def test_what_the_api_refuses_is_said_beside_its_field(
    anns: Browser, world: World, ann: Caller, fields: dict[str, str], field: str
) -> None:
    page = anns.submit(anns.get("/task/create"), "/task/create", name="x", command="echo", **fields)
    assert page.status == 422
    assert page.said(field)
    assert world.holds_nothing(ann)
