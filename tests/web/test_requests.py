"""What every route of the API has in common: tokens, idempotency keys, problems, prefixes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from chalice.app import ChaliceUnhandledError, Response

from app import app
from chalicelib.adapters.memory import MemoryStore
from chalicelib.core.errors import Unavailable
from chalicelib.web.frame.problems import problems_middleware
from tests.web.building import Caller, World, faults, header, json_of, task

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Token",
        "Token ",
        "pct_ann_x",
        "Basic YTpi",
        "Token pct_ann_wrong",
        "Token pct_zoe_x",
        "Token pct_ann_",
        "Token a b",
        "Token ü",
        "Token " + "x" * 100_000,
        "Token pct_" + "a" * 5000 + "_x",
        "Bearer null",
        "Token\tpct",
    ],
)
def test_a_token_that_proves_nothing_is_refused(ann: Caller, nobody: Caller, value: str) -> None:
    assert nobody.get("/api/me", headers={"Authorization": value}).status_code == 401


@pytest.mark.parametrize("before", ["", "Token", "Basic ", "Digest ", "Token Token "])
def test_a_token_without_its_scheme_is_refused(ann: Caller, nobody: Caller, before: str) -> None:
    response = nobody.get("/api/me", headers={"Authorization": f"{before}{ann.token}"})
    assert response.status_code == 401
    assert "Authorization: Token" in json_of(response)["detail"]


IMPOSSIBLE = ["x" * 257, "pct_" + "a" * 5000 + "_x", "pct_ann_\x01", "pct_ann_é", "pct_ann_l0", "pct_ann_l0_"]
IMPOSSIBLE += ["pcs_ann_s0_x", "pct_ann_s0_x", "pcs_ann_l0_x", "tok_ann_l0_x", "pct_a#n_l0_x", "pct_ann_l#_x", "a.b.c"]


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_what_can_be_no_token_is_not_looked_up(
    nobody: Caller, ann: Caller, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(MemoryStore, "token", None)
    assert nobody.get("/api/me", headers={"Authorization": f"Token {text}"}).status_code == 401


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "token", "BEARER", "  Token  "])
def test_token_and_bearer_mean_the_same(ann: Caller, nobody: Caller, scheme: str) -> None:
    assert nobody.get("/api/me", headers={"Authorization": f"{scheme} {ann.token}"}).status_code == 200


def test_the_same_idempotency_key_gets_the_same_answer_and_does_nothing_twice(world: World, ann: Caller) -> None:
    headers = {"Idempotency-Key": "one"}
    first = ann.post("/api/tasks", task(), headers=headers)
    again = ann.post("/api/tasks", task(), headers=headers)
    assert (again.status_code, again.body) == (first.status_code, first.body)
    assert (header(again, "location"), header(again, "etag")) == (header(first, "location"), '"1"')
    assert len(json_of(ann.get("/api/tasks"))["items"]) == 1
    other = ann.post("/api/tasks", task(), headers={"Idempotency-Key": "two"})
    assert json_of(other)["id"] != json_of(first)["id"]


def test_an_idempotency_key_is_for_one_request_only(ann: Caller, bob: Caller) -> None:
    headers = {"Idempotency-Key": "one"}
    shown = json_of(ann.post("/api/tasks", task(), headers=headers))
    other_body = ann.post("/api/tasks", task(name="other"), headers=headers)
    assert ann.post(f"/api/tasks/{shown['id']}/pause", headers={"Idempotency-Key": "two"}).status_code == 200
    other_path = ann.post(f"/api/tasks/{shown['id']}/resume", headers={"Idempotency-Key": "two"})
    for response in (other_body, other_path):
        assert response.status_code == 422
        assert faults(response) == {"/headers/Idempotency-Key": "invalid_idempotency_key"}
    assert bob.post("/api/tasks", task(name="other"), headers=headers).status_code == 201


def test_a_refused_request_leaves_its_idempotency_key_free(ann: Caller) -> None:
    headers = {"Idempotency-Key": "one"}
    assert ann.post("/api/tasks", task(name=""), headers=headers).status_code == 422
    assert ann.post("/api/tasks", task(), headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "a\x7fb"])
def test_an_idempotency_key_that_is_none_is_refused(world: World, ann: Caller, key: str) -> None:
    assert ann.post("/api/tasks", task(), headers={"Idempotency-Key": key}).status_code == 422
    assert world.holds_nothing(ann)


def test_a_method_that_a_path_does_not_have_says_which_it_has(ann: Caller) -> None:
    response = ann.delete("/api/tasks")
    assert response.status_code == 405
    assert header(response, "content-type") == "application/problem+json"
    assert set(str(header(response, "allow")).split(", ")) == {"GET", "POST"}
    assert json_of(response)["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/api/tasks/", "/api/me/", "/api/runs/", "/api/health/", "/api/tasks/?limit=1"])
def test_a_trailing_slash_is_accepted(ann: Caller, path: str) -> None:
    assert ann.get(path).status_code == 200


def test_every_answer_is_kept_from_caches_and_from_guessing(ann: Caller, nobody: Caller) -> None:
    for response in (
        ann.get("/api/tasks"),
        nobody.get("/api/tasks"),
        ann.post("/api/tasks", b"{"),
        nobody.get("/api/health"),
        ann.delete("/api/me"),
    ):
        assert header(response, "cache-control") == "no-store"
        assert header(response, "x-content-type-options") == "nosniff"


def test_a_failing_store_is_told_as_such_and_may_be_asked_again(
    ann: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Unavailable("Query: arn:aws:sts::123456789012:assumed-role/punctual is not authorized")

    monkeypatch.setattr("chalicelib.adapters.memory.MemoryStore.tasks_of", refuse)
    response = ann.get("/api/tasks")
    assert response.status_code == 503
    assert header(response, "retry-after") == "1"
    assert json_of(response)["code"] == "unavailable"
    assert "send it again" in json_of(response)["detail"]
    assert b"arn:aws" not in response.body


def test_a_failure_of_our_own_shows_no_more_than_its_request_id(
    ann: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("chalicelib.adapters.memory.MemoryStore.tasks_of", fail)
    response = ann.get("/api/tasks")
    problem = json_of(response)
    assert response.status_code == 500
    assert (problem["code"], problem["errors"]) == ("internal_error", [])
    assert b"secret" not in response.body
    (record,) = [record for record in caplog.records if record.getMessage() == "request_failed"]
    fields = record.__dict__["fields"]
    assert fields == {"request_id": problem["request_id"], "route": "GET /api/tasks"}
    assert "secret inside" in str(record.exc_info)


def event(method: str, path: str, resource: str, **more: Any) -> dict[str, Any]:
    """What API Gateway sends for a request."""
    context = {"httpMethod": method, "resourcePath": resource, "path": path, "requestId": "gateway-id"}
    empty = {"headers": None, "pathParameters": None, "multiValueQueryStringParameters": None, "stageVariables": None}
    return empty | {"requestContext": context, "body": None, "isBase64Encoded": False} | more


def test_behind_a_stage_prefix_locations_begin_with_it(ann: Caller) -> None:
    body = json.dumps(task())
    headers = {"authorization": f"Token {ann.token}", "Content-Type": "application/json"}
    answer = app(event("POST", "/prod/api/tasks", "/api/tasks", headers=headers, body=body), None)
    assert answer["statusCode"] == 201
    assert answer["headers"]["Location"].startswith("/prod/api/tasks/")


def test_a_body_that_the_gateway_encoded_is_decoded_and_measured(ann: Caller) -> None:
    headers = {"authorization": f"Token {ann.token}"}
    answer = app(
        event("POST", "/api/preview", "/api/preview", headers=headers, body="e30=", isBase64Encoded=True), None
    )
    assert answer["statusCode"] == 422


def test_a_body_that_no_encoding_takes_is_no_json(ann: Caller) -> None:
    headers = {"authorization": f"Token {ann.token}"}
    answer = app(event("POST", "/api/preview", "/api/preview", headers=headers, body='"\ud800"'), None)
    assert answer["statusCode"] == 400


def test_problems_carry_the_gateways_request_id(nobody: Caller) -> None:
    answer = app(event("GET", "/api/me", "/api/me"), None)
    assert '"request_id":"gateway-id"' in answer["body"]


def test_an_event_that_is_no_request_is_a_failure_without_a_trace(world: World) -> None:
    answer = app({"requestContext": {}}, None)
    assert (answer["statusCode"], "Traceback" in answer["body"]) == (500, False)
    assert '"code":"internal_error"' in answer["body"]


def test_what_escapes_every_view_is_a_problem_too(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> Response:
        raise ChaliceUnhandledError("secret inside")

    response = problems_middleware(None, fail)
    assert (response.status_code, "secret" in response.body) == (500, False)
    assert json.loads(response.body)["code"] == "internal_error"


@pytest.mark.parametrize("breaks", ["create_task", "put_answer"])
def test_a_request_that_broke_off_after_its_task_was_stored_makes_no_second_one(
    breaks: str, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = getattr(world.store, breaks)

    def write_and_break(*arguments: Any) -> None:
        write(*arguments)
        monkeypatch.undo()
        raise Unavailable("no answer")

    monkeypatch.setattr(world.store, breaks, write_and_break)
    headers = {"Idempotency-Key": "one"}
    assert ann.post("/api/tasks", task(), headers=headers).status_code == 503
    world.clock.advance(timedelta(seconds=61))
    again, third = (ann.post("/api/tasks", task(), headers=headers) for _ in range(2))
    assert again.status_code == 201
    assert json_of(third) == json_of(again)
    assert [item["id"] for item in json_of(ann.get("/api/tasks"))["items"]] == [json_of(again)["id"]]


def test_a_run_that_was_asked_for_by_a_request_that_broke_off_is_made_once(
    world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = json_of(ann.post("/api/tasks", task()))["id"]

    def break_off(*arguments: Any) -> None:
        monkeypatch.undo()
        raise Unavailable("no answer")

    monkeypatch.setattr(world.queue, "send_runs", break_off)
    path, headers = f"/api/tasks/{made}/run", {"Idempotency-Key": "one"}
    assert ann.post(path, headers=headers).status_code == 503
    world.clock.advance(timedelta(seconds=1))
    assert ann.post(path, headers=headers).status_code == 202
    assert len(json_of(ann.get(f"/api/tasks/{made}/runs"))["items"]) == 1


def test_while_a_request_is_being_answered_another_with_its_key_waits(
    world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def die(*arguments: Any) -> None:
        monkeypatch.undo()
        raise Died

    monkeypatch.setattr(world.store, "create_task", die)
    headers = {"Idempotency-Key": "one"}
    with pytest.raises(Died):
        ann.post("/api/tasks", task(), headers=headers)
    assert ann.post("/api/tasks", task(), headers=headers).status_code == 409
    world.clock.advance(timedelta(seconds=61))
    assert ann.post("/api/tasks", task(), headers=headers).status_code == 201
