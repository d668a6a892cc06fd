"""Forms are taken only from who was shown them, and what was typed is not lost over it."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from app import app
from tests.web.building import Caller, World, json_of, task
from tests.web.pages.browser import HOST, OWN_FORM, Browser
from tests.web.pages.test_every_page import POSTS

PASSWORD = "correct horse battery"
ANN = {"username": "ann", "password": PASSWORD, "email": "ann@example.com"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
BROWSERS = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": f"https://{HOST}"},
    {"referer": f"https://{HOST}/dashboard"},
    {"sec-fetch-mode": "navigate"},
    {"sec-ch-ua": '"Chromium"'},
]
"""What a browser may say of a form, each enough to know it by; what none of them says is another site."""


@pytest.mark.parametrize("headers", BROWSERS)
@pytest.mark.parametrize("path", [path for path in POSTS if path != "/logout"])
def test_a_browsers_form_without_the_proof_does_nothing(
    anns: Browser, ann: Caller, world: World, path: str, headers: dict[str, str]
) -> None:
    made = ann.created()
    typed = {"username": "eve", "password": PASSWORD, "email": "e@example.com", "name": "other", "command": "echo"}
    page = anns.ask("POST", re.sub(r"{\w+}", made["id"], path), urlencode(typed), FORM | headers)
    assert page.status == 403
    assert "This form was made for an earlier visit, so nothing was done" in page.text
    assert json_of(ann.get("/api/tasks"))["items"] == [made]
    assert anns.set_cookie == ""
    assert world.store.user_named("eve") is None


@pytest.mark.parametrize("headers", BROWSERS)
def test_logging_out_needs_the_proof_as_well(anns: Browser, headers: dict[str, str]) -> None:
    assert anns.ask("POST", "/logout", "", FORM | headers).status == 403
    assert anns.get("/dashboard").url == "/dashboard"


@pytest.mark.parametrize("headers", BROWSERS)
def test_with_the_proof_it_does(anns: Browser, ann: Caller, headers: dict[str, str]) -> None:
    path = f"/task/{ann.created()['id']}/pause"
    assert anns.ask("POST", path, urlencode(anns.proof()), FORM | headers).status == 303


def test_every_form_of_every_page_carries_the_proof(anns: Browser, stranger: Browser, ann: Caller) -> None:
    path = f"/task/{ann.created()['id']}"
    known = [
        anns.get(one) for one in ("/dashboard", "/task/create", "/logout", path, f"{path}/update", f"{path}/delete")
    ]
    strangers = [stranger.get(one) for one in ("/login", "/register", "/logout")]
    for browser, pages in ((anns, known), (stranger, strangers)):
        forms = [form for page in pages for form in page.reader.forms if form.method == "post"]
        assert len(forms) >= len(pages)
        assert {form.fields["csrf_token"] for form in forms} == {browser.proof()["csrf_token"]}


@pytest.mark.parametrize("wrong", ["", "x", "ü", "0" * 64, "\x00"])
def test_another_proof_is_none(anns: Browser, ann: Caller, wrong: str) -> None:
    assert anns.post(f"/task/{ann.created()['id']}/pause", {"csrf_token": wrong}).status == 403


def test_the_proof_of_somebody_else_is_none(anns: Browser, bobs: Browser, stranger: Browser, ann: Caller) -> None:
    path = f"/task/{ann.created()['id']}/pause"
    for other in (bobs, stranger):
        assert anns.post(path, other.proof()).status == 403
    assert stranger.post("/register", {**ANN, "username": "eve"} | anns.proof()).status == 403


def test_the_proof_of_an_earlier_session_is_none(stranger: Browser) -> None:
    stranger.post("/register", ANN)
    earlier = stranger.proof()
    stranger.post("/logout")
    stranger.post("/login", ANN)
    assert stranger.post("/logout", earlier).status == 403
    assert stranger.get("/dashboard").url == "/dashboard"


def test_the_proof_tells_nothing_of_the_token(anns: Browser, ann: Caller) -> None:
    page = anns.get("/task/create")
    assert ann.token is not None
    assert ann.token not in page.html
    assert len(anns.proof()["csrf_token"]) == 64


def test_a_form_made_for_an_earlier_visit_is_shown_again_and_loses_nothing(anns: Browser, ann: Caller) -> None:
    typed = {"name": "nightly", "action_type": "command", "command": "echo precious", "csrf_token": "of yesterday"}
    again = anns.submit(anns.get("/task/create"), "/task/create", **typed)
    assert again.status == 403
    assert "Look through it, and send it again." in again.text
    assert again.form("/task/create").fields["command"] == "echo precious"
    assert anns.submit(again, "/task/create").url.endswith("?done=created")
    (made,) = json_of(ann.get("/api/tasks"))["items"]
    path = f"/task/{made['id']}/update"
    again = anns.submit(anns.get(path), path, name="weekly", csrf_token="of yesterday")
    assert (again.status, json_of(ann.get("/api/tasks"))["items"]) == (403, [made])
    anns.submit(again, path)
    assert json_of(ann.get("/api/tasks"))["items"][0]["name"] == "weekly"


def test_logging_in_again_after_a_stale_form_keeps_the_name_and_never_the_password(stranger: Browser) -> None:
    again = stranger.submit(stranger.get("/register"), "/register", **ANN | {"csrf_token": "of yesterday"})
    form = again.form("/register")
    assert (again.status, form.fields["username"], form.fields["password"]) == (403, "ann", "")
    assert PASSWORD not in again.html
    assert stranger.submit(again, "/register", password=PASSWORD).url == "/dashboard"


def test_a_button_of_an_earlier_visit_leads_back_to_its_page(anns: Browser, ann: Caller) -> None:
    path = f"/task/{ann.created()['id']}"
    page = anns.post(f"{path}/pause", {"csrf_token": "of yesterday"})
    assert page.status == 403
    assert path in page.reader.links


@pytest.mark.parametrize("headers", [{"referer": "https://evil.example/"}, {"sec-fetch-site": "none"}])
def test_what_another_site_may_have_typed_is_not_shown_beside_a_proof(anns: Browser, headers: dict[str, str]) -> None:
    page = anns.ask("POST", "/task/create", "name=x&command=evil", FORM | headers)
    assert page.status == 403
    assert "evil" not in page.html
    assert "/task/create" not in [form.action for form in page.reader.forms]


def test_logging_out_twice_is_no_mistake(anns: Browser) -> None:
    page = anns.get("/dashboard")
    anns.submit(page, "/logout")
    assert anns.submit(page, "/logout").url == "/login"


def test_what_is_no_browser_needs_no_proof(stranger: Browser, world: World) -> None:
    assert stranger.ask("POST", "/register", urlencode(ANN), FORM).status == 303
    made = stranger.ask("POST", "/task/create", urlencode({"name": "x", "command": "echo"}), FORM)
    assert made.status == 303
    assert stranger.ask("POST", f"{made.headers['Location'].partition('?')[0]}/pause", "", FORM).status == 303
    assert stranger.ask("POST", "/logout", "", FORM).headers["Location"] == "/login"
    assert stranger.ask("POST", "/login", urlencode(ANN), FORM).headers["Location"] == "/dashboard"


@pytest.mark.parametrize("path", ["/register", "/login"])
@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain; application/json", "multipart/form-data; boundary=x", FORM["content-type"], ""]
)
def test_json_is_only_what_no_form_can_send(stranger: Browser, world: World, path: str, kind: str) -> None:
    body = '{"username": "ann", "password": "correct horse battery", "email": "a@example.com"}'
    sent = {"content-type": kind} if kind else {}
    page = stranger.ask("POST", path, body, sent)
    assert page.status in (401, 415, 422)
    assert page.headers["Content-Type"].startswith("text/html")
    assert not world.store.has_accounts()
    refused = stranger.ask("POST", path, body, OWN_FORM | sent)
    assert refused.status in (403, 415)


def test_json_from_ones_own_page_needs_no_proof_and_from_elsewhere_is_refused(stranger: Browser) -> None:
    body = '{"username": "ann", "password": "correct horse battery", "email": "a@example.com"}'
    json_form = OWN_FORM | {"content-type": "application/json"}
    assert stranger.ask("POST", "/register", body, json_form | {"sec-fetch-site": "cross-site"}).status == 403
    assert stranger.ask("POST", "/register", body, json_form).status == 201
    assert stranger.set_cookie == ""


def test_no_page_opens_a_task_to_json_without_the_proof(anns: Browser, ann: Caller) -> None:
    path = f"/task/{ann.created()['id']}/pause"
    page = anns.ask("POST", path, "{}", OWN_FORM | {"content-type": "application/json"})
    assert page.status == 415
    assert json_of(ann.get("/api/tasks"))["items"][0]["state"] == "active"


def test_the_api_takes_no_cookie(anns: Browser) -> None:
    assert anns.ask("GET", "/api/me").status == 401
    assert anns.ask("POST", "/api/tasks", str(task()), {"content-type": "application/json"}).status == 401


@pytest.mark.parametrize("cookie", ["x", "0" * 300, "ü" * 43, "a b"])
def test_a_cookie_that_was_not_made_here_proves_nothing(world: World, cookie: str) -> None:
    browser = Browser(app)
    browser.cookies["form"] = cookie
    browser.get("/login")
    assert browser.cookies["form"] != cookie
    assert len(browser.cookies["form"]) == 43
