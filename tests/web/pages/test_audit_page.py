"""The page of the audit log: what was done in words, since and until when, page by page, and whose."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app import app
from chalicelib.core.people.account import Role
from chalicelib.web.pages.account import audit
from tests.web.building import Caller, World, in_
from tests.web.pages.browser import Browser


@pytest.fixture
def root(world: World) -> Caller:
    return world.caller("root", role=Role.ADMIN)


@pytest.fixture
def roots(world: World, root: Caller) -> Browser:
    return Browser(app, session=world.session_of(root))


def test_what_one_did_is_told_in_words_with_where_it_is_to_be_seen(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    world.clock.advance(timedelta(seconds=1))
    anns.post(f"/task/{made['id']}/pause")
    page = anns.get("/audit")
    assert page.text.index("Pause a task") < page.text.index("Define a task")
    assert f"/task/{made['id']}" in page.reader.links
    assert "by session" in page.text
    assert "by token" in page.text
    assert "request-1" in page.text


def test_an_attempt_to_log_in_is_told_as_refused(anns: Browser, ann: Caller, nobody: Caller) -> None:
    nobody.post("/api/login", {"username": "ann", "password": "not the password"})
    page = anns.get("/audit")
    assert ("refused" in page.text, "nobody proven" in page.text) == (True, True)


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", ["c2", "c1", "c0"]),
        (f"from={in_(3600)}", ["c2", "c1"]),
        ("from=2026-11-21T13:00&to=2026-11-21T13:59", ["c1"]),
        ("to=2026-11-21T12:30", ["c0"]),
        ("from=2030-01-01T00:00", []),
        ("to=1980-01-01T00:00", []),
        ("from=2026-11-21T14:00&to=2026-11-21T12:00", []),
    ],
)
def test_acts_since_and_until(anns: Browser, ann: Caller, world: World, query: str, seen: list[str]) -> None:
    for number in range(3):
        ann.put(f"/api/secrets/c{number}", {"value": "x"})
        world.clock.advance(timedelta(hours=1))
    page = anns.get(f"/audit?{query}")
    assert re.findall(r'href="/secrets/(c\d)"', page.html) == seen


def test_a_time_without_an_offset_is_by_the_clock_that_is_shown(anns: Browser, ann: Caller) -> None:
    ann.put("/api/secrets/c0", {"value": "x"})
    anns.post("/zone", {"choice": "mine", "mine": "Asia/Tokyo", "next": "/audit"})
    assert "/secrets/c0" in anns.get("/audit?from=2026-11-21T21:00").reader.links
    assert "/secrets/c0" not in anns.get("/audit?from=2026-11-21T21:01").reader.links


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=9999", "to=9999-12-31T23:59-23:00", "from=%00", "to=2026-13-01"]
)
def test_a_time_that_cannot_be_read_is_said_beside_its_field(anns: Browser, query: str) -> None:
    page = anns.get(f"/audit?{query}")
    assert page.status == 422
    assert "like 2026-01-31T09:00" in page.said(query.partition("=")[0])


@pytest.mark.parametrize("query", ["cursor=x", "owner=a%20b"])
def test_what_else_is_wrong_is_said_on_top(roots: Browser, query: str) -> None:
    page = roots.get(f"/audit?{query}")
    assert (page.status, page.html.count('class="error"')) == (422, 1)


def test_acts_come_page_by_page_within_the_same_filter(
    anns: Browser, ann: Caller, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "ACTS_SHOWN", 3)
    for number in range(7):
        ann.put(f"/api/secrets/c{number}", {"value": "x"})
        world.clock.advance(timedelta(minutes=1))
    seen, url = [], "/audit?to=2026-11-21T12:05"
    for _ in range(2):
        page = anns.get(url)
        seen += re.findall(r'href="/secrets/(c\d)"', page.html)
        url = next((link for link in page.reader.links if "cursor=" in link), "")
    assert seen == ["c4", "c3", "c2", "c1", "c0"]
    assert "/audit?to=2026-11-21T12%3A05" in page.reader.links


def test_an_admin_sees_anybodys_and_nobody_else_does(roots: Browser, anns: Browser, ann: Caller, bob: Caller) -> None:
    bob.put("/api/secrets/of-bob", {"value": "x"})
    page = roots.get("/audit?owner=bob")
    assert "of bob" in page.text
    assert "/api/secrets/of-bob" in page.text
    assert "/secrets/of-bob" not in page.reader.links
    refused = anns.get("/audit?owner=bob")
    assert (refused.status, "of-bob" in refused.text) == (403, False)
    assert "of-bob" not in anns.get("/audit").text


def test_an_empty_log_says_so(anns: Browser) -> None:
    assert "Nothing has been changed yet." in anns.get("/audit").text
    assert "Nothing was done in this time." in anns.get("/audit?from=2026-11-01T00:00").text
