"""The task form in a real browser: what it means follows what is typed; without scripts the same is a button away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.run import Attempt, AttemptStatus, Run, RunStatus
from tests.browser.conftest import Arriving
from tests.browser.person import DESK, PHONE, PLAIN, Person, Screen
from tests.web.building import NOW, Caller, World, json_of

DAILY = {"type": "cron", "expression": "30 2 * * 1-5", "time_zone": "America/New_York"}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.caller("ann")


def entering(person: Person, world: World, ann: Caller) -> Person:
    """Somebody who is logged in as ann."""
    person.keep(world.session_of(ann))
    return person


def choose(person: Person, field: str, value: str) -> None:
    person.page.locator(f"main input[name={field}][value={value}]").check(force=True)


def meaning(person: Person, words: str) -> None:
    """Wait until the part beside the form says something."""
    person.page.locator(".meaning").get_by_text(words).first.wait_for()


def end(world: World) -> Run:
    """Let the only trial succeed."""
    (run,) = (run for runs in world.store._runs.values() for run in runs.values())
    attempt = Attempt(number=1, started_at=NOW, finished_at=NOW, status=AttemptStatus.SUCCEEDED, output="hello there\n")
    done = replace(run, status=RunStatus.SUCCEEDED, attempts=(attempt,), token="end", finished_at=NOW)
    world.store.replace_run(done, token=run.token)
    return done


def test_what_it_means_follows_what_is_typed(somebody: Arriving, world: World, ann: Caller) -> None:
    person = entering(somebody(), world, ann)
    person.go("/task/create")
    assert person.page.locator("[name=time_zone]").input_value() == "Europe/Paris"
    choose(person, "schedule_type", "cron")
    person.fill(expression="0 0 13 * 5", time_zone="Asia/Tokyo")
    meaning(person, "At 00:00, on day 13 of the month, or on Friday (Asia/Tokyo)")
    meaning(person, "fires when either matches")
    meaning(person, "Europe/Paris (yours)")
    assert person.page.locator(".due-times tbody tr").count() == 10
    person.fill(expression="0 99")
    person.page.locator(".field", has=person.page.locator("[name=expression]")).get_by_text("2 fields where").wait_for()
    assert person.page.locator("[name=expression]").get_attribute("aria-invalid") == "true"
    assert person.page.locator("[name=name]").get_attribute("aria-invalid") is None
    person.fill(expression="*/10 * * * *")
    meaning(person, "Every 10 minutes")
    assert person.page.locator("[name=expression]").get_attribute("aria-invalid") is None


@pytest.mark.parametrize("screen", [DESK, PHONE, PLAIN])
def test_tabs_show_what_was_chosen_and_only_that(somebody: Arriving, world: World, ann: Caller, screen: Screen) -> None:
    person = entering(somebody(screen), world, ann)
    person.go("/task/create")
    for field, value, own in (
        ("action_type", "http", "url"),
        ("action_type", "function", "args"),
        ("action_type", "aws", "service"),
        ("action_type", "command", "command"),
        ("schedule_type", "daily", "daily_at"),
        ("schedule_type", "once", "at"),
        ("schedule_type", "cron", "expression"),
        ("schedule_type", "interval", "every"),
    ):
        choose(person, field, value)
        others = (
            {"url", "args", "service", "command"}
            if field == "action_type"
            else {"daily_at", "at", "expression", "every"}
        )
        assert person.page.locator(f"[name={own}]").is_visible()
        assert not [name for name in others - {own} if person.page.locator(f"[name={name}]").is_visible()]


@pytest.mark.parametrize("screen", [DESK, PLAIN])
def test_an_edit_is_reviewed_before_it_is_saved(somebody: Arriving, world: World, ann: Caller, screen: Screen) -> None:
    made = ann.created(schedule=DAILY)
    person = entering(somebody(screen), world, ann)
    person.go(f"/task/{made['id']}/update")
    person.fill(name="weekly report", daily_at="04:45")
    person.button("Review changes").click()
    person.page.get_by_text("Due after saving").wait_for()
    assert "weekly report" in person.text
    assert json_of(ann.get(f"/api/tasks/{made['id']}"))["version"] == 1
    person.press("Save these changes")
    assert "The changes were saved." in person.text
    task = json_of(ann.get(f"/api/tasks/{made['id']}"))
    assert (task["name"], task["schedule"]["expression"]) == ("weekly report", "45 4 * * 1-5")


@pytest.mark.parametrize("screen", [DESK, PLAIN])
def test_a_draft_is_tried_once_without_being_stored(
    somebody: Arriving, world: World, ann: Caller, screen: Screen
) -> None:
    person = entering(somebody(screen), world, ann)
    person.go("/task/create")
    person.fill(command="echo hello there")
    person.button("Try it once").click()
    person.page.get_by_text("Tried once").wait_for()
    end(world)
    if not screen.scripts:
        person.press("See how it went")
    person.page.locator("#trial pre").get_by_text("hello there").wait_for()
    assert person.page.locator("[name=command]").input_value() == "echo hello there"
    assert json_of(ann.get("/api/tasks"))["items"] == []


def test_without_scripts_a_button_says_what_it_means(somebody: Arriving, world: World, ann: Caller) -> None:
    person = entering(somebody(PLAIN), world, ann)
    person.go("/task/create")
    choose(person, "schedule_type", "daily")
    person.fill(name="precious", daily_at="08:15", daily_zone="Asia/Tokyo")
    person.press("Show what this means")
    assert "At 08:15 (Asia/Tokyo)" in person.text
    assert person.page.locator("[name=name]").input_value() == "precious"


def test_of_a_lost_race_each_field_is_chosen(somebody: Arriving, world: World, ann: Caller) -> None:
    made = ann.created()
    person = entering(somebody(), world, ann)
    person.go(f"/task/{made['id']}/update")
    ann.patch(f"/api/tasks/{made['id']}", {"name": "theirs", "timeout_seconds": 9})
    person.fill(name="mine", grace_seconds="10")
    person.press("Save")
    assert "Somebody saved this task while you were editing" in person.text
    choose(person, "keep_name", "theirs")
    person.press("Save")
    task = json_of(ann.get(f"/api/tasks/{made['id']}"))
    assert (task["name"], task["timeout_seconds"], task["misfire"]["grace_seconds"]) == ("theirs", 9, 10)


def test_who_is_logged_out_while_typing_is_told(somebody: Arriving, world: World, ann: Caller) -> None:
    person = entering(somebody(), world, ann)
    person.go("/task/create")
    person.context.clear_cookies()
    person.fill(every="7")
    meaning(person, "Log in")


def test_the_days_of_a_week_stand_side_by_side(somebody: Arriving, world: World, ann: Caller) -> None:
    person = entering(somebody(), world, ann)
    person.go("/task/create")
    choose(person, "schedule_type", "daily")
    boxes = [person.page.locator(f"#day_{day}").bounding_box() for day in ("mon", "tue")]
    assert [box is not None for box in boxes] == [True, True]
    assert len({box["y"] for box in boxes if box is not None}) == 1
