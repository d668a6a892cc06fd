"""The pages of tokens: a text is on one answer and nowhere else, and what a token is good for is what was chosen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app import app
from chalicelib.core.people.account import Role
from chalicelib.engine.requests.people.tokens import MOST_NAMED
from tests.engine.place import listening
from tests.web.building import Caller, World, json_of
from tests.web.pages.browser import OWN_FORM, Browser, Page

TEXT = re.compile(r"pct_\w+_t\w+_[A-Za-z0-9_-]{43}")


def made(browser: Browser, **chosen: str) -> Page:
    return browser.submit(browser.get("/tokens"), "/tokens", **{"name": "deploys", **chosen})


def text_of(page: Page) -> str:
    [text] = TEXT.findall(page.html)
    return str(text)


def listed(caller: Caller) -> list[dict[str, object]]:
    return list(json_of(caller.get("/api/tokens"))["items"])


def test_a_tokens_text_is_shown_once_and_works(anns: Browser, ann: Caller) -> None:
    with listening() as said:
        page = made(anns, scope_read="yes", scope_write="")
    text = text_of(page)
    assert (page.status, page.url, page.headers.get("Location")) == (201, "/tokens", None)
    assert replace(ann, token=text).get("/api/tasks").status_code == 200
    elsewhere = [anns.get("/tokens").html, anns.get("/audit").html, ann.get("/api/audit").body.decode(), str(said)]
    assert not any(text in other or text.rpartition("_")[2] in other for other in elsewhere)
    assert page.headers["Cache-Control"] == "no-store"


def test_it_is_good_for_what_was_chosen_and_ends_when_it_was_said(anns: Browser, ann: Caller) -> None:
    text_of(anns.post("/tokens", {"name": "runs", "scope_run": "yes", "scope_read": "yes", "ends": "7"}))
    text_of(anns.post("/tokens", {"name": "for ever", "scope_write": "yes", "ends": ""}))
    found = {one["name"]: (one["scopes"], one["expires_at"]) for one in listed(ann)}
    assert found["runs"] == (["read", "run"], "2026-11-28T12:00:00.250Z")
    assert found["for ever"] == (["write"], None)
    page = anns.get("/tokens")
    assert all(words in page.text for words in ("28 Nov 12:00:00", "never yet", "never"))


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": "", "scope_read": "yes"}, "name", "1 to 100"),
        ({"name": "x" * 101, "scope_read": "yes"}, "name", "1 to 100"),
        ({"name": "no scope"}, "scopes", "one or more"),
    ],
)
def test_what_makes_no_token_is_said_beside_its_field(
    anns: Browser, ann: Caller, typed: dict[str, str], field: str, words: str
) -> None:
    page = anns.post("/tokens", typed)
    assert page.status == 422
    assert words in page.said(field)
    assert page.form("/tokens").fields["name"] == typed["name"]
    assert listed(ann) == []


def test_a_member_is_not_offered_what_only_admins_may_and_does_not_get_it(anns: Browser, ann: Caller) -> None:
    assert "scope_admin" not in anns.get("/tokens").form("/tokens").offers
    page = anns.post("/tokens", {"name": "root", "scope_admin": "yes"})
    assert (page.status, "only an admin" in page.text.lower()) == (403, True)
    assert listed(ann) == []


def test_an_admin_may_give_a_token_what_admins_may(world: World) -> None:
    root = world.caller("root", role=Role.ADMIN)
    text = text_of(made(Browser(app, session=world.session_of(root)), scope_admin="yes"))
    assert replace(root, token=text).get("/api/users").status_code == 200


def test_renewing_gives_another_text_and_the_former_counts_as_long_as_was_chosen(
    anns: Browser, ann: Caller, world: World
) -> None:
    old = text_of(made(anns))
    path = f"/tokens/{listed(ann)[0]['id']}/rotate"
    page = anns.submit(anns.get(path), path, overlap_seconds="3600")
    new = text_of(page)
    assert (page.status, new != old, "still counts for 1 h" in page.text) == (200, True, True)
    assert [replace(ann, token=text).get("/api/me").status_code for text in (old, new)] == [200, 200]
    assert "former text counts until" in anns.get("/tokens").text
    world.clock.advance(timedelta(hours=1, seconds=1))
    assert [replace(ann, token=text).get("/api/me").status_code for text in (old, new)] == [401, 200]


def test_a_former_text_can_be_dead_at_once(anns: Browser, ann: Caller) -> None:
    old = text_of(made(anns))
    page = anns.post(f"/tokens/{listed(ann)[0]['id']}/rotate", {"overlap_seconds": "0"})
    assert "The former text is dead" in page.text
    assert replace(ann, token=old).get("/api/me").status_code == 401


def test_one_that_has_ended_cannot_be_renewed_and_says_so(anns: Browser, ann: Caller, world: World) -> None:
    anns.post("/tokens", {"name": "short", "scope_read": "yes", "ends": "7"})
    world.clock.advance(timedelta(days=8))
    assert "ended" in anns.get("/tokens").text
    page = anns.post(f"/tokens/{listed(ann)[0]['id']}/rotate", {"overlap_seconds": "0"})
    assert (page.status, "make another" in page.text) == (409, True)


def test_revoking_asks_first_and_kills_it(anns: Browser, ann: Caller) -> None:
    text = text_of(made(anns))
    path = f"/tokens/{listed(ann)[0]['id']}/revoke"
    asked = anns.get(path)
    assert replace(ann, token=text).get("/api/me").status_code == 200
    assert anns.submit(asked, path).url == "/tokens?done=revoked"
    assert replace(ann, token=text).get("/api/me").status_code == 401


def test_nobody_renews_or_revokes_somebody_elses(anns: Browser, bobs: Browser, ann: Caller) -> None:
    text = text_of(made(anns))
    token_id = listed(ann)[0]["id"]
    assert "deploys" not in bobs.get("/tokens").text.replace('"deploys", "laptop"', "")
    for path in (f"/tokens/{token_id}/rotate", f"/tokens/{token_id}/revoke"):
        assert (bobs.get(path).status, bobs.post(path).status) == (404, 404)
    assert replace(ann, token=text).get("/api/me").status_code == 200


def test_more_than_an_account_may_have_are_refused(anns: Browser, ann: Caller, world: World) -> None:
    for _ in range(MOST_NAMED):
        world.scoped(ann)
    page = made(anns)
    assert (page.status, "delete one first" in page.text) == (409, True)


def test_a_form_of_an_earlier_visit_makes_nothing(anns: Browser, ann: Caller) -> None:
    page = anns.ask("POST", "/tokens", "csrf_token=old&name=deploys&scope_run=yes", OWN_FORM)
    assert page.status == 403
    assert page.form("/tokens").fields["scope_run"] == "yes"
    assert listed(ann) == []
