"""What is sent to break things, on every route that the OpenAPI document has: refused alike, shortly, never by failing.

What is wrong with one kind of body has its tests beside that kind; here is what no route may take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from tests.web.building import Caller, World, faults, header, in_, json_of, task
from tests.web.routes import GOOD_BODIES, MAKERS, ROUTES, People, Route, people_of

JSON = {"Content-Type": "application/json"}
WITH_JSON = [route for route in ROUTES if route.takes_body and not route.calendar]
WITH_ID = [route for route in ROUTES if route.parameter is not None]
PATHS = sorted({route.path for route in ROUTES})
LISTS = [route for route in ROUTES if "limit" in route.query]
MOST_TOLD = 4096
"""Bytes of a refusal: however much was sent, little comes back."""


@pytest.fixture
def people(world: World) -> People:
    return people_of(world)


def thing_for(people: People, route: Route) -> str:
    return "" if route.parameter is None else MAKERS[route.kind](people, route)


def of(people: People, route: Route) -> Caller:
    """Somebody who may ask for it."""
    return people.admin if route.scope == "admin" else people.owner


HOSTILE: Mapping[str, tuple[bytes, int, str]] = {
    "duplicate keys": (b'{"a": 1, "a": 2}', 400, "'a' is given twice"),
    "duplicate keys within": (b'{"a": [{"b": 1, "b": 1}]}', 400, "'b' is given twice"),
    "deep lists": (b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400, "deeper than 32"),
    "deep objects": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, 400, "deeper than 32"),
    "a little too deep": (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", 400, "deeper than 32"),
    "latin-1": ('{"name": "Zoë"}'.encode("latin-1"), 400, "UTF-8"),
    "utf-16": ('{"name": "Zoe"}'.encode("utf-16"), 400, "UTF-8"),
    "overlong utf-8": (b'{"name": "\xc0\xae"}', 400, "UTF-8"),
    "surrogates as utf-8": (b'{"name": "\xed\xa0\x80"}', 400, "UTF-8"),
    "NaN": (b'{"a": NaN}', 400, "NaN"),
    "Infinity": (b'{"a": Infinity}', 400, "Infinity"),
    "too large a number": (b'{"a": 1e400}', 422, "64 bits"),
    "a long number": (b'{"a": ' + b"9" * 5000 + b"}", 422, "64 bits"),
    "a long negative number": (b'{"a": -' + b"9" * 5000 + b"}", 422, "64 bits"),
    "half a pair": (b'{"a": "\\ud800"}', 422, "surrogate"),
    "a name of half a pair": (b'{"\\udfff": 1}', 422, "surrogate"),
    "a form": (b"name=x&password=y", 400, "not JSON"),
    "XML": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 400, "not JSON"),
    "a list": (b"[]", 422, "object"),
    "a text": (b'"x"', 422, "object"),
    "null": (b"null", 422, "object"),
    "a prototype": (b'{"__proto__": {"role": "admin"}}', 422, "no field here"),
    "a constructor": (b'{"constructor": {"prototype": {}}}', 422, "no field here"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("route", WITH_JSON, ids=str)
def test_no_route_takes_such_a_body(people: People, route: Route, name: str) -> None:
    raw, status, said = HOSTILE[name]
    response = of(people, route).send(route.method, route.at(thing_for(people, route)), raw, headers=JSON)
    problem = json_of(response)
    assert (response.status_code, len(response.body) < MOST_TOLD) == (status, True), response.body
    assert said in problem["detail"] + "".join(error["detail"] for error in problem["errors"])


STRANGE_IDS = [
    "..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e",
    "..%2f..%2fusers",
    "..%5c..%5cusers",
    "%252e%252e%252f",
    "%c0%ae%c0%ae",
    quote("\u2024\u2024"),
    quote("．．／"),
    "%00",
    "x%00",
    "%0d%0aSet-Cookie:%20a=b",
    "*",
    "%23",
    "!slot",
    "a%23output",
    "'%20OR%201=1--",
    "%7B%7D",
    "-",
    "__proto__",
    "x" * 5000,
]


@pytest.mark.parametrize("strange", STRANGE_IDS, ids=lambda strange: strange[:25])
@pytest.mark.parametrize("route", WITH_ID, ids=str)
def test_a_strange_id_names_nothing(people: People, route: Route, strange: str) -> None:
    caller = of(people, route)
    missing, response = (
        caller.send(route.method, route.at(thing), route.body, headers=route.headers) for thing in ("zz", strange)
    )
    if route.names_something:
        assert response.status_code == 404
        assert json_of(response) | {"request_id": ""} == json_of(missing) | {"request_id": ""}
    else:
        assert response.status_code in (422, *route.statuses), response.body


METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X"]
KNOWN = {path: {route.method for route in ROUTES if route.path == path} for path in PATHS}


@pytest.mark.parametrize(
    ("path", "method"), [(path, method) for path in PATHS for method in METHODS if method not in KNOWN[path]]
)
def test_a_method_that_a_path_does_not_have_is_answered_with_those_it_has(
    people: People, path: str, method: str
) -> None:
    response = people.admin.send(method, path.replace("{", "").replace("}", ""))
    assert (response.status_code, json_of(response)["code"]) == (405, "method_not_allowed")
    assert set(str(header(response, "allow")).split(", ")) == KNOWN[path]


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_no_header_and_no_query_makes_another_method_of_one(ann: Caller, name: str) -> None:
    path = f"/api/tasks/{ann.created()['id']}"
    assert ann.get(path, headers={name: "DELETE"}).status_code == 200
    assert ann.post(f"{path}/pause", headers={name: "DELETE"}).status_code == 200
    assert ann.get(f"{path}?{name}=DELETE").status_code == 200
    assert ann.post("/api/preview", GOOD_BODIES["Preview"], headers={name: "GET"}).status_code == 200
    assert json_of(ann.get(path))["state"] == "paused"


@pytest.mark.parametrize("name", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "Host", "X-Forwarded-For"])
def test_no_header_leads_elsewhere(ann: Caller, name: str) -> None:
    made = ann.post("/api/tasks", task(), headers={name: "/api/users"})
    assert made.status_code == 201
    assert str(header(made, "location")) == f"/api/tasks/{json_of(made)['id']}"


@pytest.mark.parametrize(
    "name", ["Authorization", "Idempotency-Key", "If-Match", "Content-Type", "Cookie", "Accept", "X-Anything"]
)
@pytest.mark.parametrize("value", ["x" * 2**20, "é" * 2**10, "a,b;c=" * 2**10, ""], ids=["1 MB", "é", "lists", "empty"])
def test_a_strange_header_fails_nothing(ann: Caller, name: str, value: str) -> None:
    shown = ann.created()
    response = ann.patch(f"/api/tasks/{shown['id']}", {"name": "renamed"}, headers={name: value})
    refused = {"Authorization": 401, "If-Match": 412, "Content-Type": 415}
    assert response.status_code == refused.get(name, 200), response.body
    assert len(response.body) < MOST_TOLD
    posted = ann.post("/api/tasks", task(), headers={name: value})
    assert posted.status_code in (201, 401, 415, 422)


def test_headers_that_came_twice_count_as_a_list(ann: Caller) -> None:
    shown = ann.created()
    path = f"/api/tasks/{shown['id']}"
    assert ann.patch(path, {"name": "a"}, headers={"If-Match": '"7", "1"'}).status_code == 200
    assert ann.patch(path, {"name": "b"}, headers={"If-Match": '"7", "1"'}).status_code == 412
    assert ann.patch(path, {"name": "b"}, headers={"Authorization": f"Token {ann.token}, Token x"}).status_code == 401


ABSURD = ["&&&", "=", "?", "%", "%zz", "a[b][c]=1", "&".join(f"p{n}={n}" for n in range(5000)), "x" * 100_000]


@pytest.mark.parametrize("query", ABSURD, ids=lambda query: query[:10])
@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=str)
def test_what_a_query_says_beyond_the_document_is_not_looked_at(people: People, route: Route, query: str) -> None:
    path = route.at(thing_for(people, route))
    response = of(people, route).get(f"{path}?{query}")
    assert response.status_code == 200, response.body
    assert response.body == of(people, route).get(path).body


@pytest.mark.parametrize(
    "limit", ["-1", "0", "101", "9" * 5000, "1e2", "0x10", "NaN", "%00", "null", "1,2", "%F0%9D%9F%8F"]
)
@pytest.mark.parametrize("route", LISTS, ids=str)
def test_no_list_takes_such_a_limit(people: People, route: Route, limit: str) -> None:
    for query in (f"limit={limit}", f"limit=5&limit={limit}"):
        response = of(people, route).get(f"{route.at(thing_for(people, route))}?{query}")
        assert (response.status_code, faults(response)) == (422, {"/limit": "out_of_range"})


@pytest.mark.parametrize(
    "cursor", ["x", "e30", "%00", "bnVsbA", "WyJ0YXNrcyIsICIwIl0.AAAA", "." * 3, "A" * 5000, "%ff"]
)
@pytest.mark.parametrize("route", LISTS, ids=str)
def test_no_list_takes_such_a_cursor(people: People, route: Route, cursor: str) -> None:
    response = of(people, route).get(f"{route.at(thing_for(people, route))}?cursor={cursor}")
    assert (response.status_code, set(faults(response))) == (422, {"/cursor"})


def test_ten_thousand_tags_are_one_thing_that_is_wrong(world: World, ann: Caller) -> None:
    several: list[list[Any]] = [["x"] * 10_000, [{}] * 10_000, [""] * 10_000]
    for tags in several:
        response = ann.post("/api/tasks", task(tags=tags))
        assert response.status_code == 422
        assert len(response.body) < 20_000
    assert ann.get("/api/tasks?" + "&".join(f"tag=t{n}" for n in range(10_000))).status_code in (200, 422)
    assert world.holds_nothing(ann)


HTML = "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


def test_html_is_a_text_like_any_other(ann: Caller) -> None:
    texts: dict[str, Any] = {"name": HTML, "description": HTML, "tags": [HTML[:50]], "metadata": {HTML: [HTML]}}
    action = {"type": "command", "command": HTML, "env": {"A": HTML}, "stdin": HTML}
    shown = ann.created(**texts, action=action)
    response = ann.get(f"/api/tasks/{shown['id']}")
    read = json_of(response)
    assert {name: read[name] for name in texts} == texts
    assert read["action"] == action
    assert header(response, "content-type") == "application/json"
    assert header(response, "x-content-type-options") == "nosniff"
    token = json_of(ann.post("/api/tokens", {"name": HTML, "scopes": ["read"]}))
    assert token["name"] == HTML
    assert ann.post(f"/api/tasks/{shown['id']}/pause", {"reason": HTML}).status_code == 200
    run = json_of(ann.post(f"/api/tasks/{shown['id']}/run"))
    assert json_of(ann.get(f"/api/runs/{run['id']}"))["task_name"] == HTML
    assert [item["id"] for item in json_of(ann.get(f"/api/tasks?tag={quote(HTML[:50])}"))["items"]] == [shown["id"]]


def test_what_would_be_a_prototype_elsewhere_is_a_name_here(ann: Caller) -> None:
    metadata = {"__proto__": {"role": "admin"}, "constructor": {"prototype": 1}, "hasOwnProperty": None, "": 1}
    shown = ann.created(metadata=metadata)
    assert json_of(ann.get(f"/api/tasks/{shown['id']}"))["metadata"] == metadata


READ_ONLY = {
    "id": "x" * 26,
    "owner": "bob",
    "version": 99,
    "created_at": in_(-9),
    "updated_at": in_(-9),
    "next_run_at": in_(1),
    "last_run": {"status": "succeeded"},
}
OF_THE_SYSTEM = ["shard", "changed_at", "attempts", "status", "token", "lease", "due_at", "epoch", "role", "runs"]


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_field_that_only_the_system_sets_is_left_alone_by_put_and_refused_by_patch(ann: Caller, name: str) -> None:
    shown = ann.created(state="paused")
    path, wrong = f"/api/tasks/{shown['id']}", {name: READ_ONLY[name]}
    refused = ann.patch(path, wrong)
    assert (refused.status_code, faults(refused)) == (422, {f"/{name}": "read_only"})
    changing = {"version": 0, "updated_at": ""}
    assert json_of(ann.put(path, shown | wrong)) | changing == shown | changing
    assert {known: json_of(ann.post("/api/tasks", task() | wrong))[known] for known in ("owner", "version")} == {
        "owner": "ann",
        "version": 1,
    }


@pytest.mark.parametrize("name", OF_THE_SYSTEM)
def test_what_is_no_field_of_a_task_is_refused(ann: Caller, name: str) -> None:
    shown = ann.created()
    path = f"/api/tasks/{shown['id']}"
    answers = [
        ann.put(path, task() | {name: 1}),
        ann.patch(path, {name: 1}),
        ann.post("/api/tasks", task() | {name: 1}),
    ]
    assert [(answer.status_code, faults(answer)) for answer in answers] == [(422, {f"/{name}": "unknown_field"})] * 3
    assert json_of(ann.get(path)) == shown


REQUEST = {"type": "http", "method": "GET", "url": "https://example.com/"}
NAMING: Mapping[str, Any] = {
    "calendars": lambda name: {"schedule": GOOD_BODIES["Preview"]["schedule"] | {"exclude": [{"calendar": name}]}},
    "secrets": lambda name: {"action": REQUEST | {"headers": {"A": {"secret": name}}}},
}
"""Parts of a task that name something by an id of its own."""


@pytest.mark.parametrize("kind", NAMING)
@pytest.mark.parametrize("asked", ["POST", "PUT", "PATCH"])
def test_what_is_somebody_elses_is_missing_also_where_a_body_names_it(people: People, kind: str, asked: str) -> None:
    route = next(route for route in WITH_ID if route.kind == kind and route.method == "PUT")
    known, missing = thing_for(people, route), "m1ss1ng"
    path = "/api/tasks" if asked == "POST" else f"/api/tasks/{people.other.created()['id']}"
    whole: dict[str, Any] = {} if asked == "PATCH" else task()
    foreign, absent = (people.other.send(asked, path, whole | NAMING[kind](name)) for name in (known, missing))
    assert (foreign.status_code, absent.status_code) == (422, 422)
    assert (
        foreign.body.decode().replace(known, missing).split('"request_id"')[0]
        == absent.body.decode().split('"request_id"')[0]
    )
    assert faults(foreign) == faults(absent)
    assert people.owner.post("/api/tasks", task() | NAMING[kind](known)).status_code == 201
