"""The list of tasks and the first steps in a real browser: ticking, keys, renewal, a phone, and no scripts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arriving
from tests.browser.person import DESK, DESK_AT_NIGHT, PHONE, PLAIN, PLAIN_PHONE, Person, Screen
from tests.web.building import Caller, World, ended_run, json_of

RENEWAL_MS = 5_500
"""A little more than what lies between two renewals, by the page's own clock."""


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody with six tasks, in a known order."""
    caller = world.caller("ann")
    for number in range(6):
        world.clock.advance(timedelta(milliseconds=1))
        caller.created(name=f"number {number}", tags=["even" if number % 2 == 0 else "odd"])
    return caller


def at_tasks(somebody: Arriving, world: World, ann: Caller, screen: Screen = DESK) -> Person:
    """Ann, who looks at her list; time stands still in her browser until it is moved."""
    person = somebody(screen)
    person.keep(world.session_of(ann))
    person.page.clock.install()
    person.go("/tasks")
    return person


def states(world: World, ann: Caller) -> dict[str, str]:
    return {task["name"][-1]: task["state"] for task in json_of(ann.get("/api/tasks"))["items"]}


def focused(person: Person) -> str:
    return str(person.page.evaluate("() => document.activeElement.textContent"))


def test_one_box_ticks_all_and_the_bar_counts_them(somebody: Arriving, world: World, ann: Caller) -> None:
    person = at_tasks(somebody, world, ann)
    pause, bar = person.page.get_by_role("button", name="Pause"), person.page.locator("[data-ticked]")
    expect(pause).to_be_disabled()
    person.page.get_by_label("Tick number 3").check()
    expect(bar).to_have_text("1 ticked:")
    everything = person.page.get_by_label("Tick all tasks on this page")
    everything.check()
    expect(bar).to_have_text("6 ticked:")
    person.page.get_by_label("Tick number 0").uncheck()
    expect(bar).to_have_text("5 ticked:")
    person.press("Pause")
    assert "5 tasks paused" in person.text
    assert states(world, ann) == {"0": "active"} | dict.fromkeys("12345", "paused")


def test_a_stretch_is_ticked_with_shift(somebody: Arriving, world: World, ann: Caller) -> None:
    person = at_tasks(somebody, world, ann)
    person.page.get_by_label("Tick number 4").click()
    person.page.get_by_label("Tick number 1").click(modifiers=["Shift"])
    expect(person.page.locator("[data-ticked]")).to_have_text("4 ticked:")
    person.press("Delete…")
    assert "Delete these 4 tasks?" in person.text
    person.press("Delete 4 tasks")
    assert "4 tasks deleted" in person.text
    assert set(states(world, ann)) == {"0", "5"}


def test_the_page_renews_itself_and_never_loses_what_is_ticked(somebody: Arriving, world: World, ann: Caller) -> None:
    person = at_tasks(somebody, world, ann)
    ann.created(name="a newer one")
    with person.page.expect_response(lambda answer: answer.url.endswith("/tasks")):
        person.page.clock.run_for(RENEWAL_MS)
    person.page.clock.run_for(100)
    expect(person.page.get_by_role("link", name="a newer one")).to_be_visible()
    expect(person.page.get_by_label("Tick all tasks on this page")).to_be_visible()

    person.page.get_by_label("Tick number 2").check()
    ann.created(name="the newest")
    person.page.clock.run_for(4 * RENEWAL_MS)
    expect(person.page.get_by_label("Tick number 2")).to_be_checked()
    expect(person.page.get_by_role("link", name="the newest")).to_have_count(0)

    person.page.get_by_label("Tick number 2").uncheck()
    person.page.clock.run_for(RENEWAL_MS)
    expect(person.page.get_by_role("link", name="the newest")).to_be_visible()


def test_keys_lead_through_the_list_also_while_it_renews_itself(somebody: Arriving, world: World, ann: Caller) -> None:
    person = at_tasks(somebody, world, ann)
    for key, where in (("j", "number 5"), ("j", "number 4"), ("j", "number 3"), ("k", "number 4")):
        person.page.keyboard.press(key)
        assert focused(person) == where
    ann.created(name="a newer one")
    with person.page.expect_response(lambda answer: answer.url.endswith("/tasks")):
        person.page.clock.run_for(RENEWAL_MS)
    person.page.clock.run_for(100)
    expect(person.page.get_by_role("link", name="a newer one")).to_be_visible()
    assert focused(person) == "number 4"
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert person.url.startswith("/task/")
    expect(person.page.get_by_role("heading", level=1)).to_contain_text("number 4")


def test_the_countdown_goes_on_between_two_renewals(somebody: Arriving, world: World, ann: Caller) -> None:
    person = at_tasks(somebody, world, ann)
    countdown = person.page.locator("tbody [data-moving]").first
    expect(countdown).to_have_text("in 59 min")
    person.page.clock.run_for(61_000)
    expect(countdown).to_have_text("in 58 min")


def test_search_tag_and_state_stand_in_the_address(somebody: Arriving, world: World, ann: Caller) -> None:
    person = at_tasks(somebody, world, ann)
    person.page.keyboard.press("/")
    person.page.keyboard.type("number")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    with person.page.expect_navigation():
        person.page.locator("tbody").get_by_role("link", name="odd").first.click()
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="Active", exact=True).click()
    assert person.url == "/tasks?q=number&state=active&tag=odd"
    assert person.page.locator("tbody [data-row]").all_inner_texts() == ["number 5", "number 3", "number 1"]
    person.page.reload()
    assert person.page.locator("[data-search]").input_value() == "number"
    with person.page.expect_navigation():
        person.page.get_by_role("link", name="tagged odd").click()
    assert person.url == "/tasks?q=number&state=active"


@pytest.mark.parametrize("screen", [PLAIN, PLAIN_PHONE])
def test_without_scripts_all_of_it_works(somebody: Arriving, world: World, ann: Caller, screen: Screen) -> None:
    person = somebody(screen)
    person.keep(world.session_of(ann))
    person.go("/tasks")
    for number in (1, 2):
        person.page.get_by_label(f"Tick number {number}").check()
    person.press("Pause")
    assert "2 tasks paused" in person.text
    assert [states(world, ann)[number] for number in "012"] == ["active", "paused", "paused"]
    assert person.page.get_by_label("Tick all tasks on this page").count() == 0
    person.fill(q="number 1")
    person.press("Search")
    assert person.url == "/tasks?q=number+1&tag="
    person.page.get_by_label("Tick number 1").check()
    person.press("Delete…")
    person.press("Delete the task")
    assert "1 task deleted" in person.text


@pytest.mark.parametrize("address", ["/tasks", "/tasks?q=nothing", "/welcome"])
@pytest.mark.parametrize("screen", [PHONE, DESK_AT_NIGHT])
def test_nothing_is_wider_than_the_screen(
    somebody: Arriving, world: World, ann: Caller, screen: Screen, address: str
) -> None:
    ann.created(name="x" * 100, tags=["y" * 50, "z" * 50])
    person = at_tasks(somebody, world, ann, screen)
    person.go(address)
    assert person.page.evaluate("() => document.documentElement.scrollWidth") <= screen.width


def test_a_newcomer_sees_the_first_run_turn_green(somebody: Arriving, world: World) -> None:
    person = somebody()
    person.page.clock.install()
    person.register("zoe")
    assert person.url == "/dashboard"
    person.press("Try it")
    assert person.url == "/welcome?done=made"
    sample = person.page.locator(".steps li").first
    expect(sample).to_contain_text("waiting")
    zoe = world.store.user_named("zoe")
    assert zoe is not None
    (task,) = world.store.tasks_of(zoe.id, limit=2, after=None).items
    due = task.next_due(world.clock.now())
    assert isinstance(due, datetime)
    world.clock.set(due + timedelta(seconds=1))
    world.store.insert_run(ended_run(task.id, zoe.id, due))
    person.page.clock.run_for(RENEWAL_MS)
    expect(sample.locator(".state.good")).to_have_text("succeeded")
    expect(sample).to_contain_text("hello")
