"""Cookies: out of reach of scripts, other sites and other stages, new at each log-in, gone after log-out."""

from __future__ import annotations

import pytest

from app import app
from chalicelib.settings import Settings
from tests.web.building import Caller, World
from tests.web.pages.browser import Browser

PASSWORD = "correct horse battery"
ANN = {"username": "ann", "password": PASSWORD, "email": "ann@example.com"}
SESSION_ATTRIBUTES = {"Max-Age=2592000", "HttpOnly", "SameSite=Lax"}


def cookie(text: str) -> tuple[str, set[str]]:
    """The name of a cookie that is set, and its attributes."""
    pair, *attributes = text.split("; ")
    return pair.partition("=")[0], set(attributes)


def set_by_get(browser: Browser, url: str) -> tuple[str, set[str]]:
    return cookie(browser.ask("GET", url).headers["Set-Cookie"])


@pytest.mark.parametrize(("prefix", "path"), [("", "Path=/"), ("/prod", "Path=/prod")])
def test_on_the_local_stage(world: World, prefix: str, path: str) -> None:
    browser = Browser(app, prefix=prefix)
    assert set_by_get(browser, f"{prefix}/login") == ("form", {path, "HttpOnly", "SameSite=Lax"})
    browser.post(f"{prefix}/register", ANN)
    assert cookie(browser.set_cookie) == ("session", {path, *SESSION_ATTRIBUTES})


def test_what_is_set_once_is_kept(stranger: Browser) -> None:
    stranger.get("/login")
    assert "Set-Cookie" not in stranger.ask("GET", "/register").headers


def test_logging_in_gives_a_new_token_whatever_the_browser_had(stranger: Browser, anns: Browser, bob: Caller) -> None:
    stranger.session = planted = "pct_eve_" + "p" * 43
    stranger.post("/register", ANN | {"username": "zoe"})
    assert stranger.session not in ("", planted)
    stolen = Browser(app, session=planted)
    assert stolen.get("/dashboard").url == "/login"


def test_logging_in_as_another_ends_the_session_that_was_there(stranger: Browser, bobs: Browser) -> None:
    stranger.post("/register", ANN)
    before = bobs.session
    bobs.post("/login", ANN)
    assert "ann" in bobs.get("/dashboard").text
    assert Browser(app, session=before).get("/dashboard").url == "/login"


def test_logging_out_makes_the_browser_forget(anns: Browser) -> None:
    anns.post("/logout")
    assert cookie(anns.set_cookie) == ("session", {"Path=/", "Max-Age=0", "HttpOnly", "SameSite=Lax"})
    assert anns.session == ""


class TestDeployed:
    """Where there is TLS."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(stage="dev")

    @pytest.mark.parametrize(
        ("prefix", "kind", "path"), [("", "__Host-", "Path=/"), ("/dev", "__Secure-", "Path=/dev")]
    )
    def test_only_encrypted_and_only_for_this_installation(
        self, world: World, ann: Caller, prefix: str, kind: str, path: str
    ) -> None:
        stranger = Browser(app, prefix=prefix)
        expected = (f"{kind}form", {path, "HttpOnly", "SameSite=Lax", "Secure"})
        assert set_by_get(stranger, f"{prefix}/login") == expected
        browser = Browser(app, prefix=prefix, session=world.session_of(ann))
        assert browser.get(f"{prefix}/dashboard").url == f"{prefix}/dashboard"
        browser.post(f"{prefix}/logout")
        name, attributes = cookie(browser.set_cookie)
        assert name == f"{kind}session"
        assert attributes == {path, "Max-Age=0", "HttpOnly", "SameSite=Lax", "Secure"}

    def test_a_cookie_of_another_name_is_no_session(self, world: World, ann: Caller) -> None:
        browser = Browser(app)
        browser.cookies["session"] = world.session_of(ann)
        assert browser.get("/dashboard").url == "/login"
