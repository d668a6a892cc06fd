"""The choice of a time zone: with scripts and without, kept from page to page, with the whole instant on hover."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Arriving
from tests.browser.person import DESK, PLAIN, Screen
from tests.web.building import World

TOKYO = {"type": "cron", "expression": "30 2 * * *", "time_zone": "Asia/Tokyo"}
"""Due at 17:30 UTC, which is 18:30 in Paris, where people's browsers are."""


@pytest.mark.parametrize("screen", [DESK, PLAIN], ids=["scripts", "plain"])
def test_times_are_shown_in_the_zone_of_the_task_of_who_looks_or_in_utc(
    somebody: Arriving, world: World, screen: Screen
) -> None:
    ann = world.caller("ann")
    made = ann.created(schedule=TOKYO)["id"]
    person = somebody(screen)
    person.keep(world.session_of(ann))
    person.go(f"/task/{made}")
    assert "17:30" in person.page.locator("main").inner_text()
    person.press("the task's zone")
    assert person.url == f"/task/{made}"
    assert "02:30" in person.page.locator("main").inner_text()
    if screen.scripts:
        person.press("mine")
        assert "18:30" in person.page.locator("main").inner_text()
        assert "Europe/Paris" in person.text
        person.go("/dashboard")
        assert "Europe/Paris" in person.text
    person.go(f"/task/{made}")
    person.press("UTC")
    assert "17:30" in person.page.locator("main").inner_text()


def test_who_has_no_scripts_says_where_they_are(somebody: Arriving, world: World) -> None:
    ann = world.caller("ann")
    made = ann.created(schedule=TOKYO)["id"]
    person = somebody(PLAIN)
    person.keep(world.session_of(ann))
    person.go(f"/task/{made}")
    person.press("mine")
    assert person.url.startswith("/settings")
    person.choose("choice", "mine")
    person.fill(mine="America/New_York")
    person.press("Use it")
    person.go(f"/task/{made}")
    assert "12:30" in person.page.locator("main").inner_text()
    assert "America/New_York" in person.text


def test_every_time_tells_the_whole_instant(somebody: Arriving, world: World) -> None:
    ann = world.caller("ann")
    made = ann.created(schedule=TOKYO)["id"]
    person = somebody()
    person.keep(world.session_of(ann))
    for address in ("/dashboard", "/tasks", f"/task/{made}"):
        person.go(address)
        times = person.page.locator("main time").evaluate_all("all => all.map(one => [one.dateTime, one.title])")
        assert times
        for instant, title in times:
            assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", instant)
            assert re.search(r"2026.*\d\d:\d\d:\d\d", title), title
