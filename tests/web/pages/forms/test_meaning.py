"""What a form means is told beside it as one types: without storing, counting or recording anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.instant import to_text
from chalicelib.core.schedule import from_record
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, json_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.test_tasks import COMMAND, CRON, FUNCTION, INTERVAL, ONCE

PART = {"hx-request": "true"}
PREVIEW = "/task/preview"


def meant(browser: Browser, form: str = "/task/create", **fields: str) -> Page:
    """The part of the page that the script asks for."""
    return browser.post(PREVIEW, task_form(browser, form) | fields, **PART)


def task_form(browser: Browser, path: str) -> dict[str, str]:
    page = browser.get(path)
    return next(form.fields for form in page.reader.forms if "action_type" in form.fields)


def test_the_sentence_and_ten_due_times_are_told_in_the_tasks_zone_and_in_mine(anns: Browser) -> None:
    part = meant(anns, **CRON | {"expression": "0 9 * * *", "mine": "Europe/Paris"})
    assert (part.status, "<!doctype" in part.html) == (200, False)
    assert "At 09:00 (Asia/Tokyo)" in part.text
    assert "The next 10 due times Asia/Tokyo Europe/Paris (yours)" in part.text
    assert "Sun 22 Nov 09:00 Sun 22 Nov 01:00" in part.text
    assert part.html.count("<tr>") == 11


def test_one_zone_is_enough_where_both_are_the_same(anns: Browser) -> None:
    assert "(yours)" in meant(anns, **CRON | {"mine": "Asia/Tokyo"}).text
    assert "UTC" not in meant(anns, **CRON | {"mine": "Asia/Tokyo"}).text


def test_the_form_as_it_is_opened_tells_it_too_and_without_a_script_a_button_does(anns: Browser, ann: Caller) -> None:
    page = anns.get("/task/create")
    assert "Every 5 minutes" in page.text
    typed = page.form("/task/create").fields | {"name": "precious", "schedule_type": "cron", "expression": "@hourly"}
    again = anns.post(PREVIEW, typed)
    assert again.status == 200
    assert "Every hour" in again.text
    assert again.form("/task/create").fields["name"] == "precious"
    made = ann.created()
    edited = anns.post(PREVIEW, anns.get(f"/task/{made['id']}/update").form(f"/task/{made['id']}/update").fields)
    assert edited.form(f"/task/{made['id']}/update").fields["name"] == made["name"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (CRON | {"expression": "0 0 13 * 5"}, "fires when either matches"),
        (INTERVAL, "Fires more than once a minute"),
        (
            CRON | {"expression": "30 2 * * *", "time_zone": "Europe/Paris", "start_at": "2027-03-27T00:00"},
            "jumps over",
        ),
        (ONCE | {"at": "2020-01-01T00:00"}, "There is no due time after this instant"),
        (INTERVAL | {"every": "1", "unit": "days", "exclude": "2026-11-24"}, "Excluded by date 2026-11-24"),
        (INTERVAL | {"every": "1", "unit": "days", "max_runs": "2"}, "The last due time is"),
    ],
)
def test_every_warning_of_the_preview_is_told(anns: Browser, fields: dict[str, str], words: str) -> None:
    assert words in meant(anns, **fields).text


def test_what_is_left_out_is_told_with_the_reason(anns: Browser, world: World, ann: Caller) -> None:
    holidays = Calendar(owner=ann.id, name="holidays", spans=((NOW, NOW.replace(day=24)),), updated_at=NOW)
    world.store.put_calendar(holidays)
    part = meant(anns, **INTERVAL | {"every": "1", "unit": "days", "exclude": "calendar holidays"})
    assert "Left out: Sun 22 Nov 12:00 by calendar holidays" in part.text
    assert "holidays" in anns.get("/task/create").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (INTERVAL | {"every": "5", "unit": "minutes"}, "About 8,640 runs a month, $0.07 at list prices"),
        (INTERVAL | COMMAND | {"every": "5", "unit": "minutes"}, "About 8,640 runs a month, $0.18 at list prices"),
        (CRON | {"expression": "0 0 1 1 *"}, "Less than a run a month, less than a cent"),
        (INTERVAL | {"paused": "yes"}, "About 864,000 runs a month"),
    ],
)
def test_what_it_would_cost_is_estimated_as_by_the_api(anns: Browser, fields: dict[str, str], words: str) -> None:
    assert words in meant(anns, **FUNCTION | fields).text


def test_the_estimate_is_the_apis(anns: Browser, ann: Caller) -> None:
    cost = json_of(
        ann.get(f"/api/tasks/{ann.created(schedule={'type': 'interval', 'every': 1, 'unit': 'minutes'})['id']}")
    )
    said = f"${cost['cost_estimate']['usd_per_month']:,.2f} at list prices"
    assert said in meant(anns, **FUNCTION | {"schedule_type": "interval", "every": "1", "unit": "minutes"}).text


def test_what_is_not_right_is_told_of_its_field_and_what_is_still_empty_is_not(anns: Browser) -> None:
    part = meant(anns, **CRON | {"expression": "0 99", "timeout_seconds": "x"})
    assert part.status == 200
    assert "Cron expression : 2 fields where five" in part.text
    assert "Timeout : Write a number of seconds" in part.text
    assert "Name" not in part.text
    fields = [tag["data-field"] for _, tag in part.reader.tags if "data-field" in tag]
    assert fields == ["expression", "timeout_seconds"]


def test_without_a_script_it_stands_beside_the_field(anns: Browser) -> None:
    page = anns.post(PREVIEW, task_form(anns, "/task/create") | {"every": "soon"})
    assert page.status == 200
    assert "whole number" in page.said("every")


def test_the_chosen_function_is_told_with_its_signature_and_docstring(anns: Browser) -> None:
    part = meant(anns, **FUNCTION | {"function": "add"})
    assert "add(x: float, y: float) -> float Add two numbers." in part.text


def test_looking_changes_nothing_is_not_recorded_and_counts_for_no_limit(
    anns: Browser, ann: Caller, world: World
) -> None:
    fields = task_form(anns, "/task/create") | {"csrf_token": anns.proof()["csrf_token"], "name": "x"}
    for _ in range(3):
        assert anns.post(PREVIEW, fields, **PART).status == 200
    assert json_of(ann.get("/api/audit"))["items"] == []
    assert world.holds_nothing(ann)


def test_a_form_of_an_earlier_visit_comes_back_with_what_was_typed(anns: Browser) -> None:
    page = anns.post(PREVIEW, task_form(anns, "/task/create") | {"name": "precious", "csrf_token": "stale"})
    assert page.status == 403
    assert page.form("/task/create").fields["name"] == "precious"
    part = anns.post(PREVIEW, task_form(anns, "/task/create") | {"csrf_token": "stale"}, **PART)
    assert (part.status, "<!doctype" in part.html) == (200, False)
    assert "made for an earlier visit" in part.text


def test_an_interval_that_is_edited_keeps_its_pace(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule={"type": "interval", "every": 7, "unit": "hours"})
    world.clock.advance(timedelta(hours=1))
    assert "Sat 21 Nov 19:00" in meant(anns, f"/task/{made['id']}/update").text


class TestWhoMayDoLess:
    """Somebody without rights, on an installation that allows nothing."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings()

    def test_is_told_which_tabs_are_not_for_them_and_why(self, world: World) -> None:
        eve = world.caller("eve", can_run_commands=False, can_call_aws=False)
        page = Browser(app, session=world.session_of(eve)).get("/task/create")
        assert "this account may not run commands" in page.text
        assert "this account may not call AWS" in page.text
        assert "allows no AWS calls" in page.text
        assert page.form("/task/create").fields["action_type"] == "http"


def test_the_aws_calls_that_are_allowed_are_listed(anns: Browser) -> None:
    page = anns.get("/task/create")
    assert "This installation allows sns:* , sqs:send_message" in page.text
    assert "not for you" not in page.text.lower()


@pytest.mark.parametrize(
    "schedule",
    [
        {"type": "cron", "expression": "0 9 * * *", "time_zone": "Mars/Olympus"},
        {"type": "cron", "expression": "0 9 1 * *", "time_zone": "Mars/Olympus", "start_at": to_text(NOW)},
        {"type": "interval", "every": 1, "unit": "days", "time_zone": "Mars/Olympus", "anchor": 0},
        {"type": "cron", "expression": "@daily", "exclude": [{"calendar": "gone"}], "calendars": {"gone": []}},
    ],
)
def test_a_task_whose_zone_or_calendar_is_known_no_more_can_be_looked_at_and_mended(
    anns: Browser, ann: Caller, world: World, schedule: dict[str, Any]
) -> None:
    made = ann.created()
    stored = world.store.task(made["id"])
    assert stored is not None
    strange = replace(stored.definition, schedule=from_record(schedule))
    assert world.store.replace_task(replace(stored, definition=strange, version=2), None)
    path = f"/task/{made['id']}/update"
    page = anns.get(path)
    assert page.status == 200
    assert anns.post(f"/task/{made['id']}/review", page.form(path).fields | {"name": "x"}).status in (200, 422)
    assert anns.submit(page, path, name="renamed").status in (200, 422)
    mended = anns.submit(anns.get(path), path, schedule_type="once", at="2027-01-01T00:00", at_zone="UTC")
    assert "The changes were saved." in mended.text
