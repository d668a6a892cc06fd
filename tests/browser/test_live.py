"""Live pages in a browser: they ask again every five seconds, are told when nothing has changed, and disturb nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Response, expect

from chalicelib.core.people.account import TokenKind
from tests.browser.conftest import Arriving
from tests.browser.person import PLAIN, Person
from tests.web.building import NOW, Caller, World, ended_run

EVERY_MS = 5_000
NIGHTLY = {"type": "cron", "expression": "30 2 * * *"}
"""Nothing about it changes in the minutes after noon."""
HIDE = """hidden => {
    const told = { hidden, visibilityState: hidden ? "hidden" : "visible" };
    for (const [name, value] of Object.entries(told)) {
        Object.defineProperty(document, name, { configurable: true, get: () => value });
    }
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""Puts a tab behind another one, or in front again, as far as a page can tell."""


class Watcher:
    """Somebody in front of a live page, whose browser's time passes when they say so."""

    def __init__(self, person: Person, session: str) -> None:
        self.person, self.page = person, person.page
        self.statuses: list[int] = []
        person.keep(session)
        # A clock that is put in goes on until it is stopped, which may take a busy machine some seconds.
        person.context.clock.install(time=NOW - timedelta(hours=1))
        person.context.clock.pause_at(NOW)
        person.context.on("response", self._count)

    def open(self, address: str) -> None:
        self.person.go(address)
        self.statuses.clear()

    def after_a_while(self) -> Response:
        """What the page is answered when it asks again."""
        with self.page.expect_response(_asked_by_script) as answered:
            self.page.clock.run_for(EVERY_MS)
        return answered.value

    def _count(self, response: Response) -> None:
        if _asked_by_script(response):
            self.statuses.append(response.status)


def _asked_by_script(response: Response) -> bool:
    return "hx-request" in response.request.headers


@pytest.fixture
def ann(world: World) -> Caller:
    return world.caller("ann")


@pytest.fixture
def watcher(somebody: Arriving, world: World, ann: Caller) -> Watcher:
    return Watcher(somebody(), world.session_of(ann))


def happen(world: World, ann: Caller, task_id: str) -> None:
    """A run of a task ends."""
    world.store.insert_run(ended_run(task_id, ann.id, NOW))


@pytest.mark.parametrize("address", ["/dashboard", "/task/{}"])
def test_nothing_is_sent_while_nothing_changes_and_a_change_shows_within_five_seconds(
    watcher: Watcher, world: World, ann: Caller, address: str
) -> None:
    made = ann.created(name="nightly report", schedule=NIGHTLY)["id"]
    watcher.open(address.format(made))
    world.clock.advance(timedelta(seconds=5))
    assert [watcher.after_a_while().status for _ in range(4)] == [304] * 4
    happen(world, ann, made)
    assert watcher.after_a_while().status == 200
    expect(watcher.page.locator("#live")).to_contain_text("succeeded")
    assert watcher.after_a_while().status == 304
    assert watcher.statuses == [304] * 4 + [200, 304]


def test_a_hidden_tab_asks_nothing_and_asks_at_once_when_it_is_shown(watcher: Watcher, ann: Caller) -> None:
    ann.created(schedule=NIGHTLY)
    watcher.open("/dashboard")
    watcher.page.evaluate(HIDE, True)
    watcher.page.clock.run_for(12 * EVERY_MS)
    assert watcher.statuses == []
    with watcher.page.expect_response(_asked_by_script):
        watcher.page.evaluate(HIDE, False)
    assert watcher.statuses == [304]


def test_what_is_selected_is_not_taken_away(watcher: Watcher, world: World, ann: Caller) -> None:
    made = ann.created(description="copy me", schedule=NIGHTLY)["id"]
    watcher.open(f"/task/{made}")
    happen(world, ann, made)
    watcher.page.get_by_text("copy me", exact=True).click(click_count=3)
    watcher.page.clock.run_for(4 * EVERY_MS)
    assert watcher.statuses == []
    assert watcher.page.evaluate("getSelection().toString().trim()") == "copy me"
    watcher.page.evaluate("getSelection().removeAllRanges()")
    assert watcher.after_a_while().status == 200


def test_what_is_ticked_or_typed_is_not_lost(watcher: Watcher, world: World, ann: Caller) -> None:
    made = ann.created(schedule=NIGHTLY)["id"]
    watcher.open("/tasks")
    box, search = watcher.page.locator("main input[name=task]"), watcher.page.locator("[data-search]")
    search.press_sequentially("nigh")
    search.press("Tab")
    happen(world, ann, made)
    watcher.page.clock.run_for(2 * EVERY_MS)
    expect(search).to_have_value("nigh")
    search.fill("")
    box.check()
    watcher.page.clock.run_for(2 * EVERY_MS)
    expect(box).to_be_checked()
    assert watcher.statuses == []
    box.uncheck()
    assert watcher.after_a_while().status == 200


def test_who_is_in_front_of_a_link_stays_there_when_something_changes(
    watcher: Watcher, world: World, ann: Caller
) -> None:
    made = ann.created(schedule=NIGHTLY)["id"]
    watcher.open("/dashboard")
    link = watcher.page.locator(f"#live a[href$='/task/{made}']").first
    link.focus()
    happen(world, ann, made)
    assert watcher.after_a_while().status == 200
    expect(link).to_be_focused()


def test_who_is_logged_out_elsewhere_is_led_to_the_log_in(watcher: Watcher, world: World, ann: Caller) -> None:
    made = ann.created(schedule=NIGHTLY)["id"]
    watcher.open(f"/task/{made}")
    for token in world.store.tokens_of(ann.id, TokenKind.SESSION):
        world.store.delete_token(ann.id, token.id)
    watcher.page.clock.run_for(EVERY_MS)
    watcher.page.wait_for_url(f"**/login?next=**{made}")


def test_a_page_that_was_told_to_stay_asks_nothing(watcher: Watcher, world: World, ann: Caller) -> None:
    ann.created(schedule=NIGHTLY)
    watcher.open("/dashboard")
    watcher.person.press("stop that")
    watcher.page.clock.run_for(12 * EVERY_MS)
    assert watcher.statuses == []
    watcher.person.press("renew it by itself")
    assert watcher.after_a_while().status == 304


def test_without_scripts_a_page_asks_the_browser_to_load_it_again(
    somebody: Arriving, world: World, ann: Caller
) -> None:
    made = ann.created(schedule=NIGHTLY)["id"]
    person = somebody(PLAIN)
    person.keep(world.session_of(ann))
    person.go(f"/task/{made}")
    refresh = person.page.locator("meta[http-equiv=refresh]")
    assert refresh.get_attribute("content") == f"30; url=/task/{made}"


def test_times_count_on_by_themselves(watcher: Watcher, ann: Caller) -> None:
    made = ann.created(schedule={"type": "interval", "every": 1, "unit": "hours"})["id"]
    watcher.open(f"/task/{made}")
    first = watcher.page.locator("#live [data-moving][data-at]").first
    before = first.inner_text()
    watcher.page.evaluate(HIDE, True)
    watcher.page.clock.run_for(10 * 60 * 1000)
    watcher.page.evaluate(HIDE, False)
    watcher.page.clock.run_for(1_000)
    expect(first).not_to_have_text(before)
