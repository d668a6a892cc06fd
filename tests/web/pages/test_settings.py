"""Settings and the password: who one is, how times are shown, what one uses, and another password."""

from __future__ import annotations

import pytest

from app import app
from tests.web.building import Caller, World, json_of
from tests.web.pages.browser import OWN_FORM, Browser
from tests.web.routes import NEW_PASSWORD, OLD_HASH, OLD_PASSWORD


@pytest.fixture
def ann(world: World) -> Caller:
    return world.caller("ann", password_hash=OLD_HASH)


def logs_in(password: str) -> bool:
    return Browser(app).post("/login", {"username": "ann", "password": password}).status == 200


class TestPassword:
    def test_another_one_counts_and_everybody_else_is_logged_out(
        self, anns: Browser, ann: Caller, world: World
    ) -> None:
        elsewhere, script = Browser(app, session=world.session_of(ann)), world.scoped(ann)
        page = anns.submit(anns.get("/password"), "/password", current=OLD_PASSWORD, new=NEW_PASSWORD)
        assert page.url == "/settings?done=password"
        assert "The password was changed." in page.text
        assert elsewhere.get("/settings").url.startswith("/login")
        assert ann.get("/api/me").status_code == 401
        assert script.get("/api/me").status_code == 200
        assert (logs_in(OLD_PASSWORD), logs_in(NEW_PASSWORD)) == (False, True)

    @pytest.mark.parametrize(
        ("current", "new", "field", "words"),
        [
            ("some other sentence", NEW_PASSWORD, "current", "not the password of this account"),
            (OLD_PASSWORD, "short", "new", "10 to 256"),
            (OLD_PASSWORD, "1234567890", "new", "everybody tries first"),
            (OLD_PASSWORD, OLD_PASSWORD, "new", "another than the current"),
            ("", "", "new", "10 to 256"),
        ],
    )
    def test_what_is_refused_is_said_and_nothing_typed_comes_back(
        self, anns: Browser, current: str, new: str, field: str, words: str
    ) -> None:
        page = anns.post("/password", {"current": current, "new": new})
        assert page.status == 422
        assert words in page.said(field)
        assert not any(text in page.html for text in (current, new) if text)
        assert logs_in(OLD_PASSWORD)

    def test_guessing_it_meets_the_limits_of_logging_in(self, anns: Browser) -> None:
        statuses = [
            anns.post("/password", {"current": f"guess {number}", "new": NEW_PASSWORD}).status for number in range(11)
        ]
        assert statuses == [422] * 10 + [429]
        page = anns.post("/password", {"current": OLD_PASSWORD, "new": NEW_PASSWORD})
        assert (page.status, "Retry-After" in page.headers) == (429, True)

    def test_neither_is_in_the_audit_log(self, anns: Browser, world: World, ann: Caller) -> None:
        script = world.scoped(ann)
        anns.post("/password", {"current": OLD_PASSWORD, "new": NEW_PASSWORD})
        acts = script.get("/api/audit")
        assert "POST /password" in {act["action"] for act in json_of(acts)["items"]}
        assert OLD_PASSWORD not in acts.body.decode() + anns.get("/audit").html
        assert NEW_PASSWORD not in acts.body.decode() + anns.get("/audit").html

    def test_a_form_of_an_earlier_visit_changes_nothing(self, anns: Browser) -> None:
        page = anns.ask("POST", "/password", f"csrf_token=old&current={OLD_PASSWORD}&new={NEW_PASSWORD}", OWN_FORM)
        assert (page.status, NEW_PASSWORD in page.html) == (403, False)
        assert logs_in(OLD_PASSWORD)

    def test_who_is_not_logged_in_has_none_to_change(self, stranger: Browser) -> None:
        assert stranger.get("/password").url == "/login?next=%2Fpassword"


def test_settings_say_who_one_is_and_what_one_uses(anns: Browser, ann: Caller) -> None:
    ann.created()
    page = anns.get("/settings")
    assert all(words in page.text for words in ("ann@example.com", "member", "run commands", "call AWS"))
    assert "Tasks 1 of 10,000" in page.text
    assert {"/password", "/tokens"} <= set(page.reader.links)


def test_the_key_of_ones_alerts_is_ones_own(anns: Browser, bobs: Browser, ann: Caller, bob: Caller) -> None:
    keys = [json_of(caller.get("/api/alerts/key"))["key"] for caller in (ann, bob)]
    pages = [browser.get("/settings").html for browser in (anns, bobs)]
    assert [[key in page for key in keys] for page in pages] == [[True, False], [False, True]]


class TestTimes:
    def test_one_names_ones_zone_without_any_script(self, anns: Browser) -> None:
        form = anns.get("/settings").form("/zone")
        assert "mine" in form.fields
        page = anns.post("/zone", form.fields | {"choice": "mine", "mine": "Asia/Tokyo", "next": "/settings?done=zone"})
        assert page.url == "/settings?done=zone"
        assert "in your time zone, Asia/Tokyo" in page.text
        assert "21:00:00 JST" in page.text

    @pytest.mark.parametrize(
        ("mine", "words"), [("", "Which one is yours?"), ("Mars/Olympus", "There is no such time zone")]
    )
    def test_one_that_there_is_not_is_said_beside_its_field(self, anns: Browser, mine: str, words: str) -> None:
        page = anns.post("/zone", {"choice": "mine", "mine": mine, "next": "/settings?done=zone"})
        assert words in page.html
        assert "Times are in UTC" in page.text
