"""The frame of every page: what it is asked again for, in which time zone it shows instants, and the way around."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.web.building import NOW, Caller, World, ended_run
from tests.web.pages.browser import OWN_FORM, Browser

PARIS = {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"}


def test_a_page_on_which_nothing_has_changed_is_not_sent_again(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    first = anns.get("/dashboard")
    known = {"if-none-match": first.headers["ETag"]}
    world.clock.advance(timedelta(seconds=3))
    again = anns.ask("GET", "/dashboard", headers=known)
    assert (again.status, again.html) == (304, "")
    world.store.insert_run(ended_run(made["id"], ann.id, NOW))
    changed = anns.ask("GET", "/dashboard", headers=known)
    assert changed.status == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_nobody_is_told_that_the_page_of_another_has_not_changed(anns: Browser, stranger: Browser) -> None:
    tag = anns.get("/dashboard").headers["ETag"]
    assert stranger.ask("GET", "/dashboard", headers={"if-none-match": tag}).status == 303


def choose(anns: Browser, choice: str, mine: str = "", next_: str = "/dashboard") -> str:
    given = {"choice": choice, "mine": mine, "next": next_} | anns.proof()
    page = anns.post("/zone", given)
    return page.url


@pytest.mark.parametrize(
    ("choice", "mine", "shown"),
    [
        ("utc", "Asia/Tokyo", "01:30:00"),
        ("task", "Asia/Tokyo", "02:30:00 CET"),
        ("mine", "Asia/Tokyo", "10:30:00 JST"),
        ("mine", "America/St_Johns", "22:00:00 NST"),
    ],
)
def test_times_are_shown_in_the_zone_that_was_chosen(
    anns: Browser, ann: Caller, choice: str, mine: str, shown: str
) -> None:
    task = ann.created(schedule=PARIS)
    assert choose(anns, choice, mine, f"/task/{task['id']}") == f"/task/{task['id']}"
    page = anns.get(f"/task/{task['id']}")
    assert re.search(rf"\b{shown}(?! [A-Z]{{3}})", page.text)


@pytest.mark.parametrize("mine", ["", "Mars/Olympus", "../../etc/passwd", "x" * 5000, "\x00"])
def test_who_wants_a_zone_that_is_not_known_is_led_to_where_it_is_named(anns: Browser, mine: str) -> None:
    given = {"choice": "mine", "mine": mine, "next": "/dashboard"} | anns.proof()
    answer = anns.ask("POST", "/zone", "&".join(f"{k}={v}" for k, v in given.items()), OWN_FORM)
    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (303, "/settings")
    assert "Times are in UTC" in anns.get("/dashboard").text


def test_choosing_a_zone_leads_nowhere_else_and_is_no_change(anns: Browser, ann: Caller) -> None:
    assert choose(anns, "utc", next_="//evil.example/") == "/dashboard"
    assert not [act for act in ann.get("/api/audit").json_body["items"] if "/zone" in act["action"]]


def test_what_was_done_is_said_once(anns: Browser, ann: Caller) -> None:
    task = ann.created()
    page = anns.get(f"/task/{task['id']}?done=saved&refresh=on")
    assert "The changes were saved." in page.text
    assert "done=" not in page.html
    assert "refresh=on" in page.html
