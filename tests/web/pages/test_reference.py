"""The API reference: everything of the OpenAPI document is on it, and its examples work."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest

from app import app
from chalicelib.web.api.document.openapi import document
from chalicelib.web.pages.about.described import described
from tests.web.building import Caller, World
from tests.web.pages.browser import Browser
from tests.web.routes import ROUTES, Route

DOCUMENT = document("")
REFERENCE = described(DOCUMENT, "https://punctual.example")
OPERATIONS = [(m.upper(), path) for path, methods in DOCUMENT["paths"].items() for m in methods]


@pytest.fixture
def html(stranger: Browser) -> str:
    return stranger.get("/reference").html


def folded(html: str, anchor: str) -> str:
    """One operation or schema of the page."""
    start = html.index(f'<details id="{anchor}"')
    return html[start : html.index("</details>", start)]


def test_every_operation_of_the_document_is_on_it(html: str) -> None:
    assert len(OPERATIONS) > 40
    for one in REFERENCE.operations:
        part = folded(html, one.anchor)
        assert f">{one.method}</span> <code>{one.path}</code>" in part
        told = DOCUMENT["paths"][one.path][one.method.lower()]
        assert told["summary"].replace("'", "&#39;") in part
        assert all(f"<code>{parameter['name']}</code>" in part for parameter in told.get("parameters", ()))
        assert all(status in part for status in told["responses"] if status != "default")
    assert {(one.method, one.path) for one in REFERENCE.operations} == set(OPERATIONS)


def test_every_schema_and_each_of_its_fields_is_on_it(html: str) -> None:
    schemas: dict[str, Any] = DOCUMENT["components"]["schemas"]
    assert len(schemas) > 60
    for name, schema in schemas.items():
        part = folded(html, name)
        assert all(f"<code>{field}</code>" in part for field in schema.get("properties", ()))
        assert all(f"&#34;{value}&#34;" in part for value in schema.get("enum", ()))


def test_every_link_on_it_leads_somewhere(stranger: Browser) -> None:
    page = stranger.get("/reference")
    places = {tag["id"] for _, tag in page.reader.tags if "id" in tag}
    assert {link[1:] for link in page.reader.links if link.startswith("#")} <= places
    assert len(places) == len([tag for _, tag in page.reader.tags if "id" in tag])


def test_what_is_added_to_the_document_is_on_it_by_itself() -> None:
    again = json.loads(json.dumps(DOCUMENT))
    again["paths"]["/api/moons/{moon_id}"] = {
        "get": {"summary": "One moon", "tags": ["moons"], "security": [{"token": ["read"]}], "responses": {}}
    }
    again["components"]["schemas"]["Moon"] = {"type": "object", "properties": {"phase": {"enum": ["new", "full"]}}}
    found = described(again, "")
    assert [group.name for group in found.groups][-1] == "moons"
    assert "Moon" in {schema.name for schema in found.schemas}


@pytest.mark.parametrize(
    ("words", "there", "away"),
    [
        ("backfill", "post-tasks-task_id-backfill", "get-tasks"),
        ("DELETE token", "delete-tokens-token_id", "get-tokens"),
        ("cron expression", "CronSchedule", "HttpAction"),
        ("pause", "Reason", "Calendar"),
    ],
)
def test_it_can_be_searched(stranger: Browser, words: str, there: str, away: str) -> None:
    html = stranger.get(f"/reference?q={words}").html
    assert (f'<details id="{there}"' in html, f'<details id="{away}"' in html) == (True, False)


def test_a_search_that_finds_nothing_says_so_and_is_never_obeyed(stranger: Browser) -> None:
    page = stranger.get("/reference?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "No operation has these words" in page.text
    assert "<script>alert" not in page.html


def test_it_is_for_anybody_and_its_examples_go_to_where_it_was_asked(stranger: Browser, world: World) -> None:
    assert "curl http://punctual.example/api/health" in stranger.get("/reference").html
    staged = Browser(app, prefix="/prod").get("/prod/reference")
    assert "curl http://punctual.example/prod/api/health" in staged.html


@pytest.mark.parametrize("route", [route for route in ROUTES if route.takes_body], ids=str)
def test_the_body_of_an_example_is_one_that_the_api_takes(world: World, ann: Caller, route: Route) -> None:
    """Whatever else may be wrong with it: what it names is not there, the caller is no admin."""
    [one] = [one for one in REFERENCE.operations if (one.method, one.path) == (route.method, route.path)]
    words = shlex.split(one.curl.replace("\\\n", " "))
    if "--data-binary" in words:
        return
    answer = ann.send(route.method, route.at("x1"), json.loads(words[words.index("-d") + 1]))
    assert answer.status_code not in (400, 413, 415, 500)
    assert answer.status_code != 422 or "unknown" not in answer.body.decode()


def test_an_example_says_method_address_and_token() -> None:
    [run] = [one for one in REFERENCE.operations if one.path == "/api/tasks/{task_id}/run"]
    words = shlex.split(run.curl.replace("\\\n", " "))
    assert words[:4] == ["curl", "-X", "POST", "https://punctual.example/api/tasks/<task_id>/run"]
    assert "Authorization: Token $TOKEN" in words


def test_scopes_are_as_the_endpoints_declare_them(html: str) -> None:
    assert "Needs a token with the scope <code>admin</code>" in folded(html, "get-users")
    assert "For anybody, without a token" in folded(html, "get-health")
    assert "Needs any token" in folded(html, "post-logout")
    assert re.search(r"Retry-After", folded(html, "post-tasks"))
