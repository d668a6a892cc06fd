"""The main path through every page, by hand: with scripts on a desk and without on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from chalicelib.core.run import Attempt, AttemptStatus, RunError, RunStatus
from tests.browser.conftest import EVERYWHERE, Arriving
from tests.browser.person import PASSWORD, Person, Screen
from tests.web.building import NOW, World, ended_run
from tests.web.furniture import ICS

BROKEN = Attempt(
    number=1,
    started_at=NOW,
    finished_at=NOW,
    status=AttemptStatus.FAILED,
    error=RunError(code="exception", detail="ValueError: no orders of yesterday"),
)


@pytest.fixture
def ann(somebody: Arriving, screen: Screen) -> Person:
    """Somebody who has just made an account: the first, so that she is the admin."""
    arrived = somebody(screen)
    arrived.register("ann")
    return arrived


def create(person: Person, name: str) -> str:
    """Make a task that runs a command every hour; the address of its page."""
    person.go("/dashboard")
    person.press("New task")
    person.fill(name=name)
    person.choose("action_type", "command")
    person.fill(command="echo hello")
    person.press("Create the task")
    expect(person.page.get_by_role("status")).to_contain_text("The task was created.")
    return person.url.partition("?")[0]


@EVERYWHERE
def test_a_sample_is_one_click_away_for_who_has_just_come(ann: Person) -> None:
    ann.go("/welcome")
    ann.press("Try it")
    ann.go("/tasks")
    expect(ann.page.locator("main")).to_contain_text("sample")


@EVERYWHERE
def test_a_task_is_made_run_paused_resumed_and_deleted(ann: Person) -> None:
    task = create(ann, "nightly report")
    ann.press("Run now")
    assert ann.url.startswith("/run/")
    expect(ann.page.locator("h1, .head").first).to_contain_text("queued")
    ann.press("Cancel")
    expect(ann.page.locator("h1, .head").first).to_contain_text("cancelled")
    ann.go(task)
    ann.page.locator("summary", has_text=re.compile("^Pause$")).click()
    ann.fill(reason="the bank is closed")
    ann.press("Pause the task")
    expect(ann.page.locator("main")).to_contain_text("the bank is closed")
    ann.press("Resume")
    expect(ann.page.locator("h1")).to_contain_text("active")
    ann.press("Delete")
    expect(ann.page.locator("h1")).to_contain_text("Delete nightly report?")
    ann.press("Delete the task")
    ann.go("/tasks")
    expect(ann.page.locator("main")).not_to_contain_text("nightly report")


@EVERYWHERE
def test_a_task_is_changed_and_copied(ann: Person) -> None:
    task = create(ann, "nightly report")
    ann.press("Edit")
    ann.fill(name="weekly report")
    ann.press("Save")
    assert ann.url.partition("?")[0] == task
    expect(ann.page.get_by_role("status")).to_contain_text("The changes were saved.")
    expect(ann.page.locator("h1")).to_contain_text("weekly report")
    ann.press("Duplicate")
    ann.press("Create the task")
    assert ann.url.partition("?")[0] not in (task, "/task/create")


@EVERYWHERE
def test_a_due_time_is_skipped_and_put_back_and_the_past_is_run(ann: Person) -> None:
    task = create(ann, "nightly report")
    ann.press("Skip")
    ann.go(task)
    ann.press("Put back")
    ann.go(task)
    ann.press("Run due times of the past…")
    expect(ann.page.locator("h1")).to_contain_text("Run due times of the past")


@EVERYWHERE
def test_tasks_are_found_and_dealt_with_together(ann: Person) -> None:
    for name in ("apples", "pears"):
        create(ann, name)
    ann.go("/tasks")
    ann.fill(q="app")
    ann.press("Search")
    assert "q=app" in ann.url
    expect(ann.page.locator("main")).to_contain_text("apples")
    expect(ann.page.locator("main")).not_to_contain_text("pears")
    ann.go("/tasks")
    for box in ann.page.locator("main input[name=task]").all():
        box.check()
    ann.press("Pause")
    expect(ann.page.locator("main .state", has_text="paused")).to_have_count(2)


@EVERYWHERE
def test_what_failed_leads_from_the_dashboard_to_its_run_and_is_tried_again(ann: Person, world: World) -> None:
    task = create(ann, "nightly report").removeprefix("/task/")
    user = world.store.user_named("ann")
    assert user is not None
    failed = {"status": RunStatus.FAILED, "attempts": (BROKEN,), "error": BROKEN.error}
    world.store.insert_run(ended_run(task, user.id, NOW, task_name="nightly report", **failed))
    ann.go("/dashboard")
    expect(ann.page.locator("main")).to_contain_text("failed")
    ann.page.locator(f"main a[href^='/run/{task}']").first.click()
    expect(ann.page.locator("main")).to_contain_text("no orders of yesterday")
    ann.press("Retry")
    expect(ann.page.locator("h1, .head").first).to_contain_text("queued")


@EVERYWHERE
def test_calendars_secrets_and_tokens_are_kept_and_dropped(ann: Person) -> None:
    ann.go("/calendars")
    ann.fill(name="holidays", ics=ICS.decode())
    ann.press("Keep it")
    expect(ann.page.locator("main")).to_contain_text("holidays")
    ann.go("/calendars/holidays/delete")
    ann.press("Delete the calendar")
    ann.go("/secrets")
    ann.fill(name="warehouse-key", value="s3cret")
    ann.press("Keep it")
    expect(ann.page.locator("main")).to_contain_text("warehouse-key")
    expect(ann.page.locator("main")).not_to_contain_text("s3cret")
    ann.go("/secrets/warehouse-key/delete")
    ann.press("Delete the secret")
    ann.go("/tokens")
    ann.fill(name="deploys")
    ann.page.locator("main [name=scope_read]").check()
    ann.press("Make the token")
    expect(ann.page.locator("main")).to_contain_text("pct_")
    ann.press("I have copied it")
    expect(ann.page.locator("main")).not_to_contain_text("pct_")
    ann.page.locator("main a[href$='/revoke']").click()
    ann.press("Revoke the token")
    expect(ann.page.locator("main table")).to_have_count(0)


@EVERYWHERE
def test_a_password_is_changed_and_the_old_one_lets_nobody_in(ann: Person) -> None:
    ann.go("/password")
    ann.fill(current=PASSWORD, new="staple of the correct horse")
    ann.press("Change it")
    ann.log_out()
    ann.log_in("ann")
    assert ann.url.startswith("/login")
    ann.fill(username="ann", password="staple of the correct horse")
    ann.press("Log in")
    assert ann.url.startswith("/dashboard")


@EVERYWHERE
def test_the_menu_leads_everywhere(ann: Person) -> None:
    ann.page.locator("details.menu summary").click()
    words = ann.page.locator("details.menu a").all_inner_texts()
    assert len(words) >= 9
    for word in words:
        ann.go("/dashboard")
        ann.page.locator("details.menu summary").click()
        with ann.page.expect_response(lambda response: response.request.is_navigation_request()) as answered:
            ann.page.locator("details.menu").get_by_role("link", name=word, exact=True).click()
        assert answered.value.status == 200
        expect(ann.page.locator("h1")).to_have_count(1)
    ann.page.locator("details.menu summary").click()
    with ann.page.expect_navigation():
        ann.page.locator("details.menu").get_by_role("button", name="Log out").click()
    assert ann.url == "/login"
