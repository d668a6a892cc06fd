"""Previews, functions, health and the OpenAPI document."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from app import app
from tests.web.building import HOURLY, Caller, World, faults, in_, json_of

PARIS = {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"}


def test_a_preview_shows_due_times_in_utc_and_in_the_schedules_zone(world: World, ann: Caller) -> None:
    body = {"schedule": PARIS, "after": "2026-03-27T12:00:00Z", "count": 3}
    response = ann.post("/api/preview", body)
    shown = json_of(response)
    assert response.status_code == 200
    assert shown["next"] == [
        {"utc": "2026-03-28T01:30:00.000Z", "local": "2026-03-28T02:30:00.000+01:00"},
        {"utc": "2026-03-29T01:00:00.000Z", "local": "2026-03-29T03:00:00.000+02:00"},
        {"utc": "2026-03-30T00:30:00.000Z", "local": "2026-03-30T02:30:00.000+02:00"},
    ]
    assert shown["description"]
    assert all({"code", "detail"} <= warning.keys() <= {"code", "detail", "at"} for warning in shown["warnings"])
    assert world.holds_nothing(ann)


def test_a_preview_shows_the_next_ten_from_now_on(ann: Caller) -> None:
    shown = json_of(ann.post("/api/preview", {"schedule": HOURLY}))
    assert [due["utc"] for due in shown["next"]] == [in_(3600 * n) for n in range(1, 11)]
    assert len(json_of(ann.post("/api/preview", {"schedule": HOURLY, "count": 100}))["next"]) == 100


def test_a_preview_of_the_past_is_as_though_it_were_defined_then(ann: Caller) -> None:
    body = {"schedule": HOURLY | {"max_runs": 2}, "after": "2020-01-01T00:00:00+02:00"}
    shown = json_of(ann.post("/api/preview", body))
    assert [due["utc"] for due in shown["next"]] == ["2019-12-31T23:00:00.000Z", "2020-01-01T00:00:00.000Z"]


def test_a_preview_warns_of_day_fields_that_are_or_ed(ann: Caller) -> None:
    shown = json_of(ann.post("/api/preview", {"schedule": {"type": "cron", "expression": "0 0 13 * 5"}}))
    assert "day_fields_or" in [warning["code"] for warning in shown["warnings"]]


def test_a_preview_after_the_last_due_time_is_empty(ann: Caller) -> None:
    body = {"schedule": {"type": "once", "at": in_(60)}, "after": in_(61)}
    response = ann.post("/api/preview", body)
    assert (response.status_code, json_of(response)["next"]) == (200, [])
    assert [warning["code"] for warning in json_of(response)["warnings"]] == ["never_fires"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], {"": "wrong_type"}),
        ({}, {"/schedule": "required"}),
        ({"schedule": HOURLY, "task": "x"}, {"/task": "unknown_field"}),
        ({"schedule": HOURLY, "count": 0}, {"/count": "out_of_range"}),
        ({"schedule": HOURLY, "count": 101}, {"/count": "out_of_range"}),
        ({"schedule": HOURLY, "count": None, "after": None}, {"/count": "null", "/after": "null"}),
        ({"schedule": HOURLY, "after": "2026-01-01"}, {"/after": "invalid_instant"}),
        ({"schedule": HOURLY, "after": "2100-01-02T00:00:00Z"}, {"/after": "out_of_range"}),
        ({"schedule": HOURLY | {"every": 0}}, {"/schedule/every": "out_of_range"}),
        ({"schedule": PARIS | {"expression": "0 0 30 2 *"}}, {"/schedule": "never_fires"}),
        ({"schedule": PARIS | {"expression": "0 0 30 2 *"}, "after": in_(0)}, {"/schedule": "never_fires"}),
        ({"schedule": {"type": "once", "at": in_(-1)}}, {"/schedule": "never_fires"}),
        (
            {"schedule": PARIS | {"expression": "x", "time_zone": "y"}, "after": "z", "count": "1"},
            {
                "/schedule/expression": "invalid_cron",
                "/schedule/time_zone": "unknown_time_zone",
                "/after": "invalid_instant",
                "/count": "wrong_type",
            },
        ),
    ],
)
def test_a_bad_preview_is_refused(ann: Caller, body: Any, expected: dict[str, str]) -> None:
    response = ann.post("/api/preview", body)
    assert (response.status_code, faults(response)) == (422, expected)


def test_the_functions_that_a_task_may_call_are_listed_with_their_parameters(ann: Caller) -> None:
    listed = {function["name"]: function for function in json_of(ann.get("/api/functions"))["items"]}
    assert {"print_hello", "print_time", "write_to_file", "add"} <= listed.keys()
    assert [(parameter["name"], parameter["required"]) for parameter in listed["add"]["parameters"]] == [
        ("x", True),
        ("y", True),
    ]
    assert listed["add"]["description"] == "Add two numbers."


def test_health_says_which_version_answers_to_anybody(nobody: Caller) -> None:
    response = nobody.get("/api/health")
    shown = json_of(response)
    assert (response.status_code, shown["status"], shown["stage"]) == (200, "ok", "local")
    assert re.fullmatch(r"\d+\.\d+\.\d+", shown["version"])


def test_the_openapi_document_has_every_route_and_no_other(nobody: Caller) -> None:
    paths = json_of(nobody.get("/api/openapi.json"))["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    served = {(method, path) for path, methods in app.routes.items() for method in methods if path.startswith("/api/")}
    assert described == served


def test_the_openapi_document_says_which_routes_are_public(nobody: Caller) -> None:
    paths = json_of(nobody.get("/api/openapi.json"))["paths"]
    for path, methods in paths.items():
        for method, described in methods.items():
            answer = nobody.send(method.upper(), re.sub(r"{\w+}", "x", path))
            assert (answer.status_code == 401) == bool(described["security"])


def test_every_reference_in_the_openapi_document_leads_somewhere(nobody: Caller) -> None:
    document = json_of(nobody.get("/api/openapi.json"))
    text = json.dumps(document)
    names = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert names <= document["components"]["schemas"].keys()
    assert "\\\\Z" not in text
