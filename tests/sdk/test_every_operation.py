"""The library has a method for every operation of the API, and its types are those of the OpenAPI document."""

from __future__ import annotations

import inspect
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from itertools import islice
from typing import Any, NotRequired, get_origin, get_type_hints

import pytest

from chalicelib.web.api.document.openapi import document
from punctual_client import Client, shapes
from tests.actions.serving import Server, answer
from tests.sdk.place import Place

DOCUMENT = document("test")
ANYTHING = json.dumps({"items": [], "next_cursor": None, "state": "succeeded", "status": "succeeded"})
CALLS: dict[str, Callable[[Client], object]] = {
    "health": lambda client: client.health(),
    "openapi": lambda client: client.openapi(),
    "me": lambda client: client.me(),
    "preview": lambda client: client.preview({}, after="x", count=1),
    "audit": lambda client: client.audit(owner="x"),
    "tasks.list": lambda client: client.tasks.list(state="active", tag=["a", "b"], q="x", owner="x"),
    "tasks.create": lambda client: client.tasks.create({}),
    "tasks.check": lambda client: client.tasks.check({}),
    "tasks.get": lambda client: client.tasks.get("x"),
    "tasks.replace": lambda client: client.tasks.replace("x", {}),
    "tasks.change": lambda client: client.tasks.change("x", {}),
    "tasks.delete": lambda client: client.tasks.delete("x"),
    "tasks.pause": lambda client: client.tasks.pause("x", "y"),
    "tasks.resume": lambda client: client.tasks.resume("x"),
    "tasks.run": lambda client: client.tasks.run("x"),
    "tasks.backfill": lambda client: client.tasks.backfill("x", "y", "z"),
    "tasks.skip": lambda client: client.tasks.skip("x", "y"),
    "tasks.runs": lambda client: client.tasks.runs("x", status="failed", start="y", end="z"),
    "runs.list": lambda client: client.runs.list(status=["failed"], owner="x"),
    "runs.get": lambda client: client.runs.get("x"),
    "runs.cancel": lambda client: client.runs.cancel("x"),
    "runs.retry": lambda client: client.runs.retry("x"),
    "runs.redrive": lambda client: client.runs.redrive(),
    "runs.wait": lambda client: client.runs.wait("x"),
    "groups.create": lambda client: client.groups.create({}),
    "groups.list": lambda client: client.groups.list(state="running", owner="x"),
    "groups.get": lambda client: client.groups.get("x"),
    "groups.members": lambda client: client.groups.members("x"),
    "groups.cancel": lambda client: client.groups.cancel("x"),
    "groups.retry": lambda client: client.groups.retry("x"),
    "groups.wait": lambda client: client.groups.wait("x"),
    "functions.schedules": lambda client: client.functions.schedules(),
    "functions.sync": lambda client: client.functions.sync(["x"]),
    "functions.list": lambda client: client.functions.list(),
    "calendars.list": lambda client: client.calendars.list(),
    "calendars.get": lambda client: client.calendars.get("x"),
    "calendars.put": lambda client: client.calendars.put("x", "y"),
    "calendars.delete": lambda client: client.calendars.delete("x"),
    "secrets.list": lambda client: client.secrets.list(),
    "secrets.put": lambda client: client.secrets.put("x", "y"),
    "secrets.delete": lambda client: client.secrets.delete("x"),
    "tokens.list": lambda client: client.tokens.list(),
    "tokens.create": lambda client: client.tokens.create("x", ["read"]),
    "tokens.rotate": lambda client: client.tokens.rotate("x"),
    "tokens.revoke": lambda client: client.tokens.revoke("x"),
    "users.list": lambda client: client.users.list(),
    "users.get": lambda client: client.users.get("x"),
    "users.change": lambda client: client.users.change("x", {}),
    "invitations.list": lambda client: client.invitations.list(),
    "invitations.create": lambda client: client.invitations.create(),
    "invitations.take_back": lambda client: client.invitations.take_back("x"),
    "account.register": lambda client: client.account.register("x", "y", "z", invitation="i"),
    "account.login": lambda client: client.account.login("x", "y"),
    "account.logout": lambda client: client.account.logout(),
    "account.me": lambda client: client.account.me(),
    "account.change_password": lambda client: client.account.change_password("x", "y"),
    "account.alert_key": lambda client: client.account.alert_key(),
}
"""Every method, called with anything."""
NAMED = {"TaskAnswer": "Task", "GroupAnswer": "Group", "Task": "", "Group": ""}
"""Schemas that the library calls otherwise: what is given has no type there."""
NOT_OPERATIONS = {"with_token", "from_environment", "clock"}


@pytest.fixture(scope="module")
def asked() -> dict[str, list[str]]:
    """What each method asks for, as `METHOD path?query`."""

    def script(connection: socket.socket, request: str) -> None:
        connection.sendall(answer("200 OK", ANYTHING, Connection="close"))

    found = {}
    with Server(script) as server:
        client = Client(f"http://127.0.0.1:{server.port}", "pct_a_b_c")
        for name, call in CALLS.items():
            server.requests.clear()
            made = call(client)
            if isinstance(made, Iterator):
                list(islice(made, 1))
            found[name] = [" ".join(request.split(" ", 2)[:2]) for request in server.requests]
    return found


def operations() -> dict[str, dict[str, Any]]:
    """The API's operations, by `METHOD path` without the names of parameters."""
    return {
        f"{method.upper()} {_nameless(path)}": described
        for path, methods in DOCUMENT["paths"].items()
        for method, described in methods.items()
    }


def _nameless(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def _operation(request: str, known: dict[str, dict[str, Any]]) -> str | None:
    """The operation that a request asks for; one without parameters before one with."""
    target = request.partition("?")[0]
    return next(
        (
            name
            for name in sorted(known, key=lambda name: name.count("{}"))
            if re.fullmatch(re.escape(name).replace(r"\{\}", "[^/]+"), target)
        ),
        None,
    )


def test_every_operation_of_the_api_has_a_method(asked: dict[str, list[str]]) -> None:
    known = operations()
    met = {_operation(request, known) for requests in asked.values() for request in requests}
    assert set(known) - met == set()


def test_no_method_asks_for_what_the_api_does_not_have(asked: dict[str, list[str]]) -> None:
    known = operations()
    strays = {name: requests for name, requests in asked.items() if _operation(requests[0], known) is None}
    assert strays == {}


def test_every_parameter_of_a_query_can_be_given(asked: dict[str, list[str]]) -> None:
    known = operations()
    given: dict[str, set[str]] = {}
    for request in (request for requests in asked.values() for request in requests):
        name, query = _operation(request, known), request.partition("?")[2]
        given.setdefault(str(name), set()).update(part.partition("=")[0] for part in query.split("&"))
    lacking = {
        name: missing
        for name, described in known.items()
        if (missing := _query_of(described) - given[name] - {"cursor", "limit"})
    }
    assert lacking == {}


def _query_of(described: dict[str, Any]) -> set[str]:
    return {one["name"] for one in described.get("parameters", ()) if one["in"] == "query"}


def test_every_method_is_called_here() -> None:
    client = Client("http://127.0.0.1:1")
    parts = {name: part for name, part in vars(client).items() if is_dataclass(part) and not name.startswith("_")}
    found = {f"{name}.{method}" for name, part in parts.items() for method in _methods(part)}
    assert found | (set(_methods(client)) - NOT_OPERATIONS) == set(CALLS)


def _methods(thing: object) -> list[str]:
    return [name for name, _ in inspect.getmembers(thing, inspect.ismethod) if not name.startswith("_")]


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["schemas"]))
def test_the_types_are_those_of_the_document(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    known = getattr(shapes, NAMED.get(name, name) or "none", None)
    answered = {ref for one in operations().values() for ref in _answers_of(one)}
    if known is None:
        assert name not in answered or name.endswith("List")
        return
    hints = get_type_hints(known, include_extras=True)
    optional = {field for field in schema["properties"] if field not in schema["required"]}
    assert set(hints) == set(schema["properties"])
    assert {field for field, hint in hints.items() if get_origin(hint) is NotRequired} == optional


def _answers_of(described: dict[str, Any]) -> set[str]:
    succeeded = [one for status, one in described["responses"].items() if status.startswith("2")]
    return set(re.findall(r"#/components/schemas/(\w+)", json.dumps(succeeded)))


def test_the_document_is_the_one_that_is_served(here: Place) -> None:
    assert set(here.client(None).openapi()["paths"]) == set(DOCUMENT["paths"])
