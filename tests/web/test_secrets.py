"""Secrets over the API: given, listed by name, named by tasks, never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.building import Caller, World, check_refused, faults, json_of, task

HTTP = {"type": "http", "method": "POST", "url": "https://example.com/"}
REFERENCE = {"secret": "api-key"}
VALUE = "s3cret-value"


def put(caller: Caller, name: str = "api-key", value: str = VALUE) -> None:
    response = caller.put(f"/api/secrets/{name}", {"value": value})
    assert (response.status_code, response.body) == (204, b""), response.body


def test_a_secret_is_given_listed_by_name_and_deleted(ann: Caller) -> None:
    put(ann)
    put(ann, value="another")
    shown = {"name": "api-key", "updated_at": "2026-11-21T12:00:00.250Z"}
    assert json_of(ann.get("/api/secrets")) == {"items": [shown], "next_cursor": None}
    assert ann.delete("/api/secrets/api-key").status_code == 204
    assert ann.delete("/api/secrets/api-key").status_code == 404
    assert json_of(ann.get("/api/secrets"))["items"] == []


def test_a_value_is_never_shown_again(ann: Caller) -> None:
    put(ann)
    assert ann.get("/api/secrets/api-key").status_code == 405
    shown = ann.created(action=HTTP | {"headers": {"Authorization": REFERENCE}})
    answers = [ann.get("/api/secrets"), ann.get(f"/api/tasks/{shown['id']}"), ann.get("/api/tasks")]
    assert all(VALUE.encode() not in response.body for response in answers)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"value": ""}, {"/value": "wrong_length"}),
        ({"value": "x" * 4097}, {"/value": "wrong_length"}),
        ({"value": "☃" * 1366}, {"/value": "too_large"}),
        ({"value": "a\0b"}, {"/value": "wrong_form"}),
        ({"value": 5}, {"/value": "wrong_type"}),
        ({"value": None}, {"/value": "null"}),
        ({}, {"/value": "required"}),
        ({"value": "x", "name": "y"}, {"/name": "unknown_field"}),
        ([], {"": "wrong_type"}),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused_and_not_quoted(
    ann: Caller, body: Any, expected: dict[str, str]
) -> None:
    response = ann.put("/api/secrets/api-key", body)
    assert (response.status_code, faults(response)) == (422, expected)
    assert json_of(ann.get("/api/secrets"))["items"] == []


@pytest.mark.parametrize("value", ["x", "x" * 4096, "line\nline\n", "{{}}", "☃" * 1365])
def test_any_other_text_can_be_a_value(ann: Caller, value: str) -> None:
    put(ann, value=value)


@pytest.mark.parametrize("name", ["a b", "x" * 65, ".", "..", "...", "a/b", "%2e%2e%2fbob%2fkey", "ä", "key:1"])
def test_a_name_is_of_letters_digits_and_some_signs(ann: Caller, name: str) -> None:
    assert ann.put(f"/api/secrets/{name}", {"value": VALUE}).status_code in (403, 404, 422)
    assert ann.delete(f"/api/secrets/{name}").status_code in (403, 404)
    assert json_of(ann.get("/api/secrets"))["items"] == []


def test_an_account_has_a_hundred_secrets_at_most(ann: Caller, bob: Caller) -> None:
    for n in range(100):
        put(ann, f"k{n}")
    response = ann.put("/api/secrets/one-more", {"value": VALUE})
    assert (response.status_code, faults(response)) == (422, {"/name": "too_many"})
    put(ann, "k7", "new")
    put(bob)


@pytest.mark.parametrize(
    "action",
    [
        HTTP | {"headers": {"Authorization": REFERENCE, "secret": "of a header"}},
        HTTP | {"body": REFERENCE},
        HTTP | {"body": {"a": [REFERENCE]}, "signing": REFERENCE},
        HTTP | {"signing": [REFERENCE, REFERENCE]},
        {"type": "command", "command": "env", "env": {"KEY": REFERENCE, "B": "b"}},
        {"type": "function", "name": "add", "args": [REFERENCE], "kwargs": {"y": REFERENCE}},
        {"type": "aws", "service": "sqs", "operation": "send_message", "parameters": {"MessageBody": REFERENCE}},
    ],
)
def test_a_task_may_name_a_secret_wherever_a_value_may_stand(world: World, ann: Caller, action: Any) -> None:
    check = ann.post("/api/tasks", task(action=action))
    assert check.status_code == 422
    assert set(faults(check).values()) == {"unknown_secret"}
    assert all(pointer.startswith("/action/") for pointer in faults(check))
    assert world.holds_nothing(ann)
    put(ann)
    shown = ann.created(action=action)
    assert shown["action"] == action
    assert json_of(ann.get(f"/api/tasks/{shown['id']}"))["action"] == action
    assert ann.put(f"/api/tasks/{shown['id']}", shown).status_code == 200


def test_the_place_of_an_unknown_secret_is_named(world: World, ann: Caller) -> None:
    put(ann)
    headers = {"Authorization": REFERENCE, "X~Key": {"secret": "other"}}
    body = task(action=HTTP | {"headers": headers, "body": [{"secret": "gone"}]})
    check_refused(world, ann, body, {"/action/headers/X~0Key": "unknown_secret", "/action/body/0": "unknown_secret"})


def test_somebody_elses_secret_is_none(world: World, ann: Caller, bob: Caller) -> None:
    put(ann)
    body = task(action=HTTP | {"headers": {"Authorization": REFERENCE}})
    check_refused(world, bob, body, {"/action/headers/Authorization": "unknown_secret"})
    assert json_of(bob.get("/api/secrets"))["items"] == []
    assert bob.delete("/api/secrets/api-key").status_code == 404
    put(bob, value="of bob")
    assert len(json_of(ann.get("/api/secrets"))["items"]) == 1


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (HTTP | {"headers": {"A": {"secret": "x y"}}}, {"/action/headers/A/secret": "wrong_form"}),
        (HTTP | {"headers": {"A": {"secret": "../bob/key"}}}, {"/action/headers/A/secret": "wrong_form"}),
        (HTTP | {"body": {"a": {"secret": ""}}}, {"/action/body/a/secret": "wrong_form"}),
        (HTTP | {"headers": {"A": {"secret": "x", "b": 1}}}, {"/action/headers/A": "invalid_value"}),
        (HTTP | {"headers": {"A": {"secret": 5}}}, {"/action/headers/A": "wrong_type"}),
        (HTTP | {"headers": {"A": {"name": "x"}}}, {"/action/headers/A": "invalid_value"}),
        (HTTP | {"url": REFERENCE}, {"/action/url": "wrong_type"}),
        (HTTP | {"signing": "whsec_abc"}, {"/action/signing": "wrong_type"}),
        (HTTP | {"signing": []}, {"/action/signing": "wrong_length"}),
        (HTTP | {"signing": [REFERENCE] * 3}, {"/action/signing": "wrong_length"}),
        (HTTP | {"body": [{"secret": f"k{n}"} for n in range(11)]}, {"/action": "too_many_secrets"}),
        ({"type": "command", "command": REFERENCE}, {"/action/command": "wrong_type"}),
        ({"type": "command", "command": "x", "env": {"A": 5}}, {"/action/env/A": "wrong_type"}),
        ({"type": "command", "command": "x", "env": {"A": None}}, {"/action/env/A": "null"}),
        ({"type": "command", "command": "x", "stdin": REFERENCE}, {"/action/stdin": "wrong_type"}),
    ],
)
def test_what_names_no_secret_is_refused_in_a_sentence(
    world: World, ann: Caller, action: Any, expected: dict[str, str]
) -> None:
    put(ann)
    check_refused(world, ann, task(action=action), expected)


def test_a_patch_may_put_a_secret_in_the_place_of_a_text(ann: Caller) -> None:
    put(ann)
    shown = ann.created(action=HTTP | {"headers": {"Authorization": "text"}})
    changed = ann.patch(f"/api/tasks/{shown['id']}", {"action": {"headers": {"Authorization": REFERENCE}}})
    assert json_of(changed)["action"]["headers"] == {"Authorization": REFERENCE}
    unknown = {"action": {"headers": {"Authorization": {"secret": "gone"}}}}
    response = ann.patch(f"/api/tasks/{shown['id']}", unknown)
    assert (response.status_code, faults(response)) == (422, {"/action/headers/Authorization": "unknown_secret"})


def test_the_document_describes_them(ann: Caller) -> None:
    document = json.loads(ann.get("/api/openapi.json").body)
    assert document["paths"]["/api/secrets/{name}"]["put"]["responses"].keys() == {"204", "429", "default"}
    assert document["components"]["schemas"]["SecretReference"]["required"] == ["secret"]
