"""Keys: what a keyboard reaches, what it skips, and the four that do something."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arriving
from tests.browser.person import Person, Screen
from tests.web.building import NOW, Caller, World, ended_run


@pytest.fixture
def ann(world: World) -> Caller:
    return world.caller("ann")


@pytest.fixture
def person(somebody: Arriving, world: World, ann: Caller) -> Person:
    arrived = somebody()
    arrived.keep(world.session_of(ann))
    return arrived


def here(person: Person) -> str:
    """The text of what has the keyboard."""
    return str(person.page.evaluate("document.activeElement.textContent.trim()"))


def test_n_makes_a_new_task(person: Person) -> None:
    person.go("/dashboard")
    with person.page.expect_navigation():
        person.page.keyboard.press("n")
    assert person.url == "/task/create"


def test_j_and_k_go_up_and_down_a_list_and_enter_opens(person: Person, ann: Caller) -> None:
    made = [ann.created(name=f"task {number}") for number in range(3)]
    person.go("/tasks")
    keyboard = person.page.keyboard
    keyboard.press("j")
    first = here(person)
    keyboard.press("j")
    second = here(person)
    keyboard.press("j")
    third = here(person)
    keyboard.press("j")
    assert here(person) == third
    assert {first, second, third} == {task["name"] for task in made}
    keyboard.press("k")
    assert here(person) == second
    with person.page.expect_navigation():
        keyboard.press("Enter")
    assert person.url == "/task/" + next(str(task["id"]) for task in made if task["name"] == second)


def test_a_slash_goes_to_the_search(person: Person, ann: Caller) -> None:
    ann.created()
    person.go("/tasks")
    person.page.keyboard.press("/")
    expect(person.page.locator("[data-search]")).to_be_focused()
    person.page.keyboard.type("n?/j")
    expect(person.page.locator("[data-search]")).to_have_value("n?/j")
    assert person.url == "/tasks"


def test_a_question_mark_shows_the_keys_and_escape_takes_them_away(person: Person) -> None:
    person.go("/dashboard")
    keys = person.page.locator("dialog#keys")
    expect(keys).to_be_hidden()
    person.page.keyboard.press("?")
    expect(keys).to_be_visible()
    person.page.keyboard.press("n")
    assert person.url == "/dashboard"
    person.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    person.button("?").click()
    keys.get_by_role("button", name="Close").click()
    expect(keys).to_be_hidden()


def test_j_goes_on_from_the_line_whose_box_was_ticked(person: Person, ann: Caller) -> None:
    for number in range(3):
        ann.created(name=f"task {number}")
    person.go("/tasks")
    person.page.locator("input[name=task]").nth(1).check()
    person.page.keyboard.press("j")
    assert here(person) == person.page.locator("[data-row]").nth(2).inner_text()


def test_who_switches_the_keys_off_has_them_to_themselves_until_they_switch_them_on(person: Person) -> None:
    person.go("/dashboard")
    switch = person.page.get_by_label("Leave these keys to the browser")
    person.button("?").click()
    switch.check()
    person.page.keyboard.press("Escape")
    person.go("/tasks")
    for key in ("?", "n"):
        person.page.keyboard.press(key)
    expect(person.page.locator("dialog#keys")).to_be_hidden()
    assert person.url == "/tasks"
    person.button("?").click()
    switch.uncheck()
    person.page.keyboard.press("Escape")
    with person.page.expect_navigation():
        person.page.keyboard.press("n")


def test_with_a_modifier_a_key_is_the_browsers(person: Person) -> None:
    person.go("/dashboard")
    for key in ("Control+j", "Alt+n", "Meta+k"):
        person.page.keyboard.press(key)
    assert person.url == "/dashboard"
    assert person.page.evaluate("document.activeElement === document.body")


def test_the_first_stop_skips_the_frame(person: Person) -> None:
    person.go("/dashboard")
    person.page.keyboard.press("Tab")
    skip = person.page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    person.page.keyboard.press("Enter")
    person.page.keyboard.press("Tab")
    assert person.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_menu_opens_and_closes_by_keyboard(person: Person) -> None:
    person.go("/dashboard")
    summary = person.page.locator("details.menu summary")
    summary.focus()
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("link", name="Groups")).to_be_visible()
    person.page.keyboard.press("Tab")
    assert here(person) == "Groups"
    person.page.keyboard.press("Escape")
    expect(person.page.get_by_role("link", name="Groups")).to_be_hidden()
    expect(summary).to_be_focused()


MOVES = """() => [...document.querySelectorAll("*")].filter(one => {
    const { transitionDuration, animationName, animationDuration, scrollBehavior } = getComputedStyle(one);
    const slow = times => times.split(", ").some(time => parseFloat(time) > 0.01);
    const animated = animationName !== "none" && slow(animationDuration);
    return slow(transitionDuration) || animated || scrollBehavior === "smooth";
}).map(one => `${location.pathname} ${one.tagName}.${one.getAttribute("class")}`)"""


def test_nothing_moves_for_who_wants_less_motion(somebody: Arriving, world: World, ann: Caller) -> None:
    made = ann.created()["id"]
    run = ended_run(made, ann.id, NOW)
    world.store.insert_run(run)
    person = somebody(Screen(still=True))
    person.keep(world.session_of(ann))
    moving = []
    for address in ("/dashboard", "/tasks", "/task/create", f"/task/{made}", f"/run/{run.id}"):
        person.go(address)
        moving += person.page.evaluate(MOVES)
    assert moving == []
    person.page.evaluate("document.querySelector('h1').style.transition = 'color 1s'")
    assert person.page.evaluate(MOVES) != [], "what moves would be noticed"
