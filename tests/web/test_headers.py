"""Every answer of every route carries the headers that keep a browser from doing more with it than it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import app
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.people.account import User
from chalicelib.core.task import Task
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.ports import Page as Part
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, ended_run
from tests.web.pages.browser import OWN_FORM, Browser, Page

ROUTES = [(method, path) for path, methods in app.routes.items() for method in methods]
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
OF_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OF_ITS_OWN = re.compile(
    r"<script(?! defer src=)|<style|<iframe|<object|<embed|<base|\sstyle=|\son[a-z]+\s*=|javascript:|data:"
)
"""What the policy forbids a page, and none should try."""
OTHER_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NO_STAGE = "Strict-Transport-Security"


def check(page: Page, asked: str) -> None:
    """That an answer has all that it must have."""
    is_page = page.headers.get("Content-Type", "").startswith("text/html")
    assert EVERYWHERE.items() <= page.headers.items(), asked
    assert page.headers["Content-Security-Policy"] == (OF_PAGES if is_page else NOTHING), asked
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(page.headers["Permissions-Policy"].split(", "))
    kept = page.status == 200 and asked.startswith("GET /static/")
    assert page.headers["Cache-Control"] == ("public, max-age=31536000, immutable" if kept else "no-store"), asked
    assert not [name for name in page.headers if name.lower().startswith("access-control-")]
    assert not (is_page and OF_ITS_OWN.search(page.html)), asked


def filled(path: str, task_id: str, run_id: str) -> str:
    known = {"task_id": task_id, "run_id": run_id}
    return re.sub(r"{(\w+)}", lambda match: known.get(match[1], "x"), path)


def answers(world: World, ann: Caller, method: str, path: str) -> Iterator[tuple[str, Page]]:
    """What a route answers to its owner, to a stranger, to nonsense, and to far too much."""
    made = ann.created()
    run = ended_run(made["id"], ann.id, NOW)
    world.store.insert_run(run)
    token = {"authorization": f"Token {ann.token}"}
    bodies = {"nothing": ""} if method == "GET" else {"form": "name=x", "nothing": "", "much": "x" * 300_000}
    for address in (filled(path, made["id"], run.id), filled(path, "missing", "missing-1"), filled(path, "!", "!")):
        for name, body in bodies.items():
            for headers in ({}, token, OWN_FORM, token | {"content-type": "application/json"}):
                for session in ("", world.session_of(ann)):
                    browser = Browser(app, session=session)
                    yield f"{method} {address} {name}", browser.ask(method, address, body, dict(headers))


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_answer_has_them(world: World, ann: Caller, method: str, path: str) -> None:
    seen = set()
    for asked, page in answers(world, ann, method, path):
        check(page, asked)
        assert NO_STAGE not in page.headers
        seen.add(page.status)
    assert seen
    assert max(seen) < 500


@pytest.mark.parametrize("path", sorted(app.routes))
def test_a_method_that_a_path_does_not_have(world: World, path: str) -> None:
    for method in set(OTHER_METHODS) - set(app.routes[path]):
        page = Browser(app).ask(method, filled(path, "x", "x"))
        assert page.status == 405
        check(page, f"{method} {path}")


def test_the_style_sheet_has_them(world: World) -> None:
    browser = Browser(app)
    for name, tag in browser.get("/login").reader.tags:
        if name == "link":
            check(browser.get(tag["href"]), f"GET {tag['href']}")


class Broken(Catalog):
    """A catalog that nobody thought of."""

    def tasks(self, caller: User, *, limit: int, after: str | None = None, owner: str | None = None) -> Part[Task]:
        raise ZeroDivisionError("secret detail")


@pytest.mark.parametrize("path", ["/dashboard", "/api/tasks"])
def test_a_failure_of_ours_has_them(world: World, ann: Caller, path: str) -> None:
    installed = bootstrap.system()
    own = installed.catalog
    broken = Broken(store=own.store, queue=own.queue, clock=own.clock, secrets=own.secrets, shards=own.shards)
    bootstrap.use(replace(installed, catalog=broken))
    page = Browser(app, session=world.session_of(ann)).ask("GET", path, headers={"authorization": f"Token {ann.token}"})
    assert page.status == 500
    check(page, path)


class TestDeployed:
    """Where there is TLS."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(stage="dev")

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/login"), ("GET", "/api/health"), ("GET", "/api/me"), ("PUT", "/login"), ("GET", "/static/x")],
    )
    def test_browsers_are_told_to_come_back_encrypted(self, world: World, method: str, path: str) -> None:
        assert Browser(app).ask(method, path).headers[NO_STAGE] == "max-age=31536000"


def test_the_answers_of_the_api_are_json_whatever_stands_in_them(ann: Caller) -> None:
    made = ann.created(name="<script>alert(1)</script>")
    answer = Browser(app).ask("GET", f"/api/tasks/{made['id']}", headers={"authorization": f"Token {ann.token}"})
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.html) == made
