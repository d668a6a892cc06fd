"""What the OpenAPI document says of answers is what the API really answers, on every route."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.owed.auditing import UNDELIVERABLE
from chalicelib.core.people.account import Scope
from chalicelib.core.run import Coalesced, RunStatus
from chalicelib.web.api.document.openapi import document
from tests.web.building import NOW, World, ended_run, json_of
from tests.web.routes import MAKERS, NEW_PASSWORD, OLD_PASSWORD, ROUTES, People, Route, people_of

DOCUMENT = document("")
SCHEMAS: Mapping[str, Any] = DOCUMENT["components"]["schemas"]
KINDS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}

ZOE = {"username": "zoe", "password": NEW_PASSWORD, "email": "zoe@example.com"}
BODIES: Mapping[str, Any] = {
    "POST /api/register": ZOE,
    "POST /api/login": {"username": "ann", "password": OLD_PASSWORD},
}


def faults(value: Any, schema: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """How a value differs from what a schema says, and what it holds that the schema does not tell of."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    if all(list(faults(value, one)) for one in schema.get("anyOf", ())) and "anyOf" in schema:
        yield f"{where} is none of its kinds: {value!r}"
    if value not in schema.get("enum", [value]):
        yield f"{where} is not one of {schema['enum']}: {value!r}"
    if not isinstance(value, KINDS[schema["type"]] if "type" in schema else object):
        yield f"{where} is no {schema['type']}: {value!r}"
    elif isinstance(value, dict) and "properties" in schema:
        yield from _of_members(value, schema, where)
    elif isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            yield from faults(one, schema["items"], f"{where}/{number}")


def _of_members(value: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    properties = schema["properties"]
    yield from (f"{where}/{name} is not told of" for name in value.keys() - properties.keys())
    yield from (f"{where}/{name} is missing" for name in set(schema.get("required", ())) - value.keys())
    for name in value.keys() & properties.keys():
        yield from faults(value[name], properties[name], f"{where}/{name}")


def furnished(people: People) -> None:
    """Something of every kind, so that no list is empty and no answer bare."""
    for kind, make in MAKERS.items():
        make(people, next(route for route in ROUTES if route.kind == kind))
    made = people.owner.created(
        notify={"webhook": "https://example.com/hook"}, retry={"max_attempts": 2, "max_age_seconds": 60}
    )
    for minutes, more in (
        (3, {"status": RunStatus.MISSED, "attempts": (), "coalesced": Coalesced(first=NOW, last=NOW, count=2)}),
        (2, {"status": RunStatus.LOST, "error": UNDELIVERABLE}),
        (1, {}),
    ):
        due = NOW - timedelta(minutes=minutes)
        people.world.store.insert_run(ended_run(made["id"], people.owner.id, due, **more))


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_answer_is_what_the_document_says(world: World, route: Route) -> None:
    people = people_of(world)
    furnished(people)
    thing = "" if route.parameter is None else MAKERS[route.kind](people, route)
    caller = people.admin if route.scope is Scope.ADMIN else people.owner
    body = BODIES.get(str(route), route.body) if route.takes_body else None
    answer = caller.send(route.method, route.at(thing), body, headers=route.headers)
    described = DOCUMENT["paths"][route.path][route.method.lower()]["responses"].get(str(answer.status_code))
    assert described is not None, answer.body
    if "content" not in described:
        assert answer.body == b""
        return
    assert list(faults(json_of(answer), described["content"]["application/json"]["schema"])) == []


def test_a_refusal_is_the_problem_that_the_document_describes(world: World) -> None:
    answer = world.caller("ann").post("/api/tasks", {"name": ""})
    assert (answer.status_code, list(faults(json_of(answer), SCHEMAS["Problem"]))) == (422, [])


def test_every_reference_of_the_document_leads_to_a_schema() -> None:
    named = {text.partition('"')[0] for text in json.dumps(DOCUMENT).split('"#/components/schemas/')[1:]}
    assert named <= SCHEMAS.keys()
    assert len(named) > 40


def test_everything_but_what_is_no_json_has_an_answer_of_its_own() -> None:
    bare = {
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method, one in methods.items()
        for answer in one["responses"].values()
        if answer.get("content", {}).get("application/json", {}).get("schema") == {"type": "object"}
    }
    assert bare == {"GET /api/openapi.json"}
