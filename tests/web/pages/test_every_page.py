"""What holds for every page: headers, escaping, whose request it is, where the pages begin, what errors look like."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.errors import Unavailable
from chalicelib.core.people.account import User
from chalicelib.core.run import Attempt, AttemptStatus, RunError, RunStatus
from chalicelib.core.task import Task
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.ports import Page as Part
from chalicelib.settings import Registration, Settings
from chalicelib.web.pages.blueprint import ROUTES
from tests.web.building import NOW, Caller, World, ended_run, task
from tests.web.pages.browser import OWN_FORM, Browser

ATTACK = "</textarea></pre><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{12345*6789}}"
SOMEBODYS = r"<script(?! defer src=\"/static/)|<img|83810205"
"""A script that is not one of ours, a picture, or a template that was filled in twice."""
POSTS = [route.path for route in ROUTES if route.post is not None]


def pages_of(browser: Browser, task_id: str, run_id: str) -> list[str]:
    paths = ("/dashboard", f"/task/{task_id}", f"/task/{task_id}/update", f"/task/{task_id}/delete", f"/run/{run_id}")
    return [browser.get(path).html for path in paths]


def test_whatever_somebody_wrote_is_shown_and_never_obeyed(anns: Browser, ann: Caller, world: World) -> None:
    texts = {"name": ATTACK[:100], "description": ATTACK, "tags": [ATTACK[:50]]}
    actions: list[dict[str, Any]] = [
        {"type": "command", "command": ATTACK, "env": {"A": ATTACK}, "stdin": ATTACK},
        {"type": "http", "method": "GET", "url": f"http://a/?{ATTACK.replace(' ', '')}", "headers": {"A": ATTACK}},
        {"type": "function", "name": "print_hello", "args": [ATTACK]},
    ]
    error = RunError(code="exit_code", detail=ATTACK)
    attempt = Attempt(number=1, started_at=NOW, status=AttemptStatus.FAILED, error=error, output=ATTACK)
    for action in actions:
        made = ann.created(action=action, **texts)
        ann.post(f"/api/tasks/{made['id']}/pause", {"reason": ATTACK})
        run = ended_run(made["id"], ann.id, NOW, task_name=ATTACK, attempts=(attempt,), error=error, result=ATTACK)
        world.store.insert_run(replace(run, status=RunStatus.FAILED))
        for html in pages_of(anns, made["id"], run.id):
            assert "alert(1)" in html
            assert not re.search(SOMEBODYS, html)


def test_what_was_typed_into_a_form_is_shown_and_never_obeyed(anns: Browser, stranger: Browser) -> None:
    form = anns.get("/task/create").form("/task/create")
    refused = anns.post("/task/create", dict.fromkeys(form.fields | form.offers, ATTACK) | anns.proof())
    also = stranger.post("/login", {"username": ATTACK, "password": ATTACK, "next": ATTACK})
    for page in (refused, also, stranger.get("/register?next=<script>"), anns.get("/task/<script>")):
        assert page.status in (200, 401, 404, 422)
        assert not re.search(SOMEBODYS, page.html)


def test_no_script_and_no_style_stands_in_a_page(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    run = ended_run(made["id"], ann.id, NOW)
    world.store.insert_run(run)
    for html in [*pages_of(anns, made["id"], run.id), anns.get("/task/create").html]:
        assert not re.search(r"<script(?! defer src=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", html)


def test_what_every_page_loads_may_be_kept_for_a_year_because_its_name_changes_with_it(stranger: Browser) -> None:
    tags = stranger.get("/login").reader.tags
    links = [tag["href" if name == "link" else "src"] for name, tag in tags if name in ("link", "script")]
    for link in links:
        asset = stranger.get(link)
        assert (asset.status, asset.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    types = [stranger.get(link).headers["Content-Type"] for link in links]
    assert sorted(types) == ["image/svg+xml", "text/css; charset=utf-8", *["text/javascript; charset=utf-8"] * 2]
    assert all(re.search(r"-[0-9a-f]{12}\.(css|js|svg)$", link) for link in links)


@pytest.mark.parametrize("name", ["punctual.css", "..%2F..%2Fsettings.py", "punctual-000000000000.css"])
def test_no_other_file_is_served(stranger: Browser, name: str) -> None:
    assert stranger.get(f"/static/{name}").status == 404


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
@pytest.mark.parametrize("path", POSTS)
def test_another_site_cannot_make_anybody_do_anything(
    anns: Browser, ann: Caller, path: str, headers: dict[str, str]
) -> None:
    made = ann.created()
    sent = {"content-type": "application/x-www-form-urlencoded", **headers}
    page = anns.ask("POST", path.replace("{task_id}", made["id"]), "name=other&password=other", sent)
    assert page.status == 403
    assert "another site" in page.text
    assert ann.get("/api/tasks").json_body["items"] == [made]
    assert anns.set_cookie == ""


@pytest.mark.parametrize("path", ["/pause", "/resume", "/run"])
def test_a_link_changes_nothing(anns: Browser, ann: Caller, path: str) -> None:
    assert anns.ask("GET", f"/task/{ann.created()['id']}{path}").status == 405


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("name=%ff%fe", OWN_FORM["content-type"], 400),
        ("&".join(f"f{number}=1" for number in range(300)), OWN_FORM["content-type"], 400),
        ("name=" + "x" * 300_000, OWN_FORM["content-type"], 413),
        ("name=\ud800", OWN_FORM["content-type"], 400),
        ("--x", "multipart/form-data; boundary=x", 415),
        ('{"name": "x"}', "application/json", 415),
        ("", OWN_FORM["content-type"], 403),
    ],
)
def test_what_is_no_form_is_answered_by_a_page(
    anns: Browser, ann: Caller, world: World, body: str, content_type: str, status: int
) -> None:
    page = anns.ask("POST", "/task/create", body, OWN_FORM | {"content-type": content_type})
    assert page.status == status
    assert page.headers["Content-Type"].startswith("text/html")
    assert world.holds_nothing(ann)


def test_an_error_says_what_happened_under_which_request_and_leads_back(anns: Browser) -> None:
    page = anns.get("/task/missing")
    assert page.status == 404
    assert "There is no such task." in page.text
    assert "request-1" in page.text
    assert "/dashboard" in page.reader.links
    assert "Log out" in page.text


class Broken(Catalog):
    """A catalog that nobody thought of."""

    def tasks(self, caller: User, *, limit: int, after: str | None = None, owner: str | None = None) -> Part[Task]:
        raise ZeroDivisionError("secret detail")


class Away(Catalog):
    """A catalog whose store does not answer."""

    def tasks(self, caller: User, *, limit: int, after: str | None = None, owner: str | None = None) -> Part[Task]:
        raise Unavailable("secret detail")


@pytest.mark.parametrize(("catalog", "status"), [(Broken, 500), (Away, 503)])
def test_what_breaks_inside_leaves_no_trace_on_the_page(anns: Browser, catalog: type[Catalog], status: int) -> None:
    installed = bootstrap.system()
    own = installed.catalog
    broken = catalog(store=own.store, queue=own.queue, clock=own.clock, secrets=own.secrets, shards=own.shards)
    bootstrap.use(replace(installed, catalog=broken))
    page = anns.get("/dashboard")
    assert page.status == status
    assert "request-1" in page.text
    assert "Back to the dashboard" in page.text
    assert not re.search(r"secret detail|Traceback|ZeroDivision|\.py", page.html)


def test_behind_a_stage_every_address_stays_in_it(ann: Caller, world: World) -> None:
    browser = Browser(app, session=world.session_of(ann), prefix="/prod")
    made = browser.submit(browser.get("/prod/task/create"), "/prod/task/create", name="x", command="echo")
    path = made.url.partition("?")[0]
    assert path.startswith("/prod/task/")
    run = browser.submit(made, f"{path}/run")
    assert run.url.startswith("/prod/run/")
    for page in (made, run, browser.get("/prod/dashboard"), browser.get(f"{path}/update"), browser.get("/prod/")):
        addresses = [tag.get("href") or tag.get("action") or "" for _, tag in page.reader.tags]
        assert all(address.startswith(("/prod/", "#")) for address in addresses if address)
        refresh = [tag["content"] for _, tag in page.reader.tags if tag.get("http-equiv") == "refresh"]
        assert all("url=/prod/" in content for content in refresh)
    assert browser.submit(browser.get(f"{path}/delete"), f"{path}/delete").url == "/prod/dashboard?done=deleted"
    assert browser.post("/prod/logout").url == "/prod/login"
    assert (
        browser.get(f"{path}/update").url
        == f"/prod/login?next={path.removeprefix('/prod').replace('/', '%2F')}%2Fupdate"
    )


def test_a_trailing_slash_is_accepted(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    assert anns.get("/dashboard/").status == 200
    assert anns.get(f"/task/{made['id']}/").status == 200


@pytest.mark.parametrize("cookie", ["", "pct_ann_wrong", "nonsense", "x" * 5000, "pct_ann_\udce9"])
def test_a_token_that_proves_nothing_is_no_session(ann: Caller, cookie: str) -> None:
    assert Browser(app, session=cookie).get("/dashboard").url == "/login"


class TestElsewhereThanHere:
    """A deployed stage, where nobody may register."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(stage="prod", registration=Registration.CLOSED)

    def test_the_cookie_is_only_for_encrypted_connections(self, anns: Browser) -> None:
        anns.post("/logout")
        assert anns.set_cookie.endswith("; Secure")

    def test_a_closed_installation_says_so(self, stranger: Browser) -> None:
        assert "Registration is closed" in stranger.get("/register").text
        page = stranger.post("/register", {"username": "ann", "password": "correct horse", "email": "a@example.com"})
        assert page.status == 403
        assert "closed" in page.text


def test_two_people_see_each_their_own(anns: Browser, bobs: Browser, ann: Caller, bob: Caller) -> None:
    ann.post("/api/tasks", task(name="of ann"))
    bob.post("/api/tasks", task(name="of bob"))
    assert ("of ann" in anns.get("/dashboard").text, "of bob" in anns.get("/dashboard").text) == (True, False)
    assert ("of ann" in bobs.get("/dashboard").text, "of bob" in bobs.get("/dashboard").text) == (False, True)
