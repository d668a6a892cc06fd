"""Registering, logging in and out on the pages."""

from __future__ import annotations

import json
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from app import app
from chalicelib.core.people.account import Role, User
from chalicelib.settings import Registration, Settings
from tests.web.building import Caller, World
from tests.web.pages.browser import HOST, Browser

PASSWORD = "correct horse battery"
ANN = {"username": "ann", "password": PASSWORD, "email": "ann@example.com"}


def registered(world: World) -> User | None:
    return world.store.user_named("ann")


def test_who_registers_is_logged_in_and_sees_how_to_begin(stranger: Browser) -> None:
    page = stranger.submit(stranger.get("/register"), "/register", **ANN)
    assert (page.status, page.url) == (200, "/dashboard")
    assert "Create your first task" in page.text
    assert "/task/create" in page.reader.links


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Browser) -> None:
    stranger.post("/register", ANN)
    attributes = stranger.set_cookie.split("; ")[1:]
    assert set(attributes) == {"Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Lax"}


def test_logging_out_kills_the_token_and_logging_in_gives_another(stranger: Browser) -> None:
    stranger.post("/register", ANN)
    first = stranger.session
    page = stranger.post("/logout")
    assert page.url == "/login"
    assert stranger.session == ""
    assert "Max-Age=0" in stranger.set_cookie
    stranger.session = first
    assert stranger.get("/dashboard").url == "/login"
    stranger.session = ""
    page = stranger.submit(stranger.get("/login"), "/login", username="ANN", password=PASSWORD)
    assert page.url == "/dashboard"
    assert stranger.session not in ("", first)


def test_a_wrong_password_is_said_and_the_name_stays_typed(stranger: Browser) -> None:
    page = stranger.post("/login", {"username": "nobody", "password": "wrong password"})
    assert page.status == 401
    assert "Name or password is wrong." in page.text
    assert page.form("/login").fields["username"] == "nobody"
    assert "wrong password" not in page.html
    assert stranger.set_cookie == ""


def test_a_bad_registration_says_what_is_wrong_beside_each_field(stranger: Browser, world: World) -> None:
    page = stranger.post("/register", {"username": "a b", "password": "short", "email": "ann@example.com"})
    assert page.status == 422
    assert page.said("username")
    assert page.said("password")
    form = page.form("/register")
    assert (form.fields["username"], form.fields["email"], form.fields["password"]) == ("a b", "ann@example.com", "")
    assert not world.store.has_accounts()


def test_a_name_that_is_taken_is_said_beside_it(stranger: Browser, ann: Caller) -> None:
    page = stranger.post("/register", ANN)
    assert page.status == 409
    assert "taken" in page.said("username")


ELSEWHERE = [
    "",
    "https://evil.example/",
    "https:evil.example",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\t//evil.example",
    " //evil.example",
    "/task\r\nSet-Cookie: a=b",
    "/\u2028/evil.example",
    "/\uff0fevil.example",
    "/task/\xe9",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "?x",
    "/" + "x" * 20_000,
]
"""What leads to another site, or could be read so, or is no address at all."""
HERE = [
    "/task/create",
    "/task/7?page=2&x=%2F",
    "/%2f%2fevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/@evil",
]
"""Odd or not, these stay on this host."""


@pytest.mark.parametrize("prefix", ["", "/prod"])
@pytest.mark.parametrize("wanted", ELSEWHERE + HERE)
def test_after_logging_in_one_is_led_on_but_never_to_another_site(
    ann: Caller, world: World, wanted: str, prefix: str
) -> None:
    led_to = prefix + (wanted if wanted in HERE else "/dashboard")
    known = Browser(app, session=world.session_of(ann), prefix=prefix)
    asked = f"{prefix}/login?{urlencode({'next': wanted})}"
    assert known.ask("GET", asked).headers["Location"] == led_to
    assert urlsplit(urljoin(f"https://{HOST}{prefix}/login", led_to)).netloc == HOST


@pytest.mark.parametrize("wanted", ["//evil.example/", "/\\evil.example/", "https://evil.example"])
def test_a_form_leads_nowhere_else_either(stranger: Browser, wanted: str) -> None:
    sent = urlencode({**ANN, "next": wanted})
    assert stranger.ask("POST", "/register", sent).headers["Location"] == "/dashboard"
    assert stranger.ask("POST", "/login", sent).headers["Location"] == "/dashboard"
    assert (
        stranger.ask("POST", f"/login?{urlencode({'next': wanted})}", urlencode(ANN)).headers["Location"]
        == "/dashboard"
    )


def test_the_place_one_wanted_to_see_is_kept_through_the_form(stranger: Browser) -> None:
    page = stranger.get("/task/create")
    assert page.url == "/login?next=%2Ftask%2Fcreate"
    assert page.form("/login").fields["next"] == "/task/create"
    failed = stranger.submit(page, "/login", username="ann", password="not this one")
    assert failed.form("/login").fields["next"] == "/task/create"
    stranger.post("/register", ANN)
    stranger.post("/logout")
    assert stranger.submit(failed, "/login", username="ann", password=PASSWORD).url == "/task/create"


@pytest.mark.parametrize("path", ["/", "/dashboard", "/task/create", "/task/abc", "/task/abc/update", "/run/abc-1"])
def test_a_stranger_is_sent_to_log_in(stranger: Browser, path: str) -> None:
    assert stranger.get(path).url.startswith("/login")


class TestByInvitation:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(stage="dev", registration=Registration.CLOSED)

    def test_where_registration_is_closed_an_invitation_lets_one_in(self, world: World, stranger: Browser) -> None:
        root = world.caller("root", role=Role.ADMIN)
        assert "ask its admin for an invitation" in stranger.get("/register").text
        text = json.loads(root.post("/api/invitations").body)["invitation"]
        form = stranger.get(f"/register?invitation={text}")
        assert form.form("/register").fields["invitation"] == text
        wrong = stranger.submit(form, "/register", **ANN | {"password": "short"})
        assert wrong.form("/register").fields["invitation"] == text
        assert stranger.submit(wrong, "/register", **ANN).url == "/dashboard"
        assert "; Secure" in stranger.set_cookie
        assert registered(world) is not None
        stranger.session = ""
        again = stranger.submit(form, "/register", **ANN | {"username": "eve"})
        assert again.status == 403
        assert "unknown, used or has ended" in again.text


def test_a_link_cannot_log_one_out(anns: Browser) -> None:
    page = anns.get("/logout")
    assert page.status == 200
    assert page.form("/logout").method == "post"
    assert anns.get("/dashboard").url == "/dashboard"


def test_json_is_answered_as_by_the_api(stranger: Browser, world: World) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    answer = stranger.ask("POST", "/register", json.dumps(ANN), headers)
    user = registered(world)
    assert user is not None
    assert answer.status == 201
    assert json.loads(answer.html)["user"]["id"] == user.id
    given = {"username": "ann", "password": PASSWORD}
    login = stranger.ask("POST", "/login", json.dumps(given), headers)
    assert login.status == 200
    assert json.loads(login.html).keys() == {"token", "expires_at"}
    assert stranger.set_cookie == ""


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/register", "{", 400), ("/register", "{}", 422), ("/login", '{"username": "a", "password": 1}', 422)],
)
def test_bad_json_is_refused_as_by_the_api(stranger: Browser, path: str, body: str, status: int) -> None:
    answer = stranger.ask("POST", path, body, {"content-type": "application/json"})
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.html)["status"] == status


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
        {"sec-fetch-site": "", "origin": "null"},
        {"sec-fetch-site": "", "origin": f"https://{HOST}.evil.example"},
    ],
)
def test_another_site_cannot_log_anybody_in(stranger: Browser, world: World, headers: dict[str, str]) -> None:
    sent = {name: value for name, value in headers.items() if value}
    page = stranger.ask(
        "POST", "/register", "username=ann", {"content-type": "application/x-www-form-urlencoded"} | sent
    )
    assert page.status == 403
    assert "another site" in page.text
    assert not world.store.has_accounts()
