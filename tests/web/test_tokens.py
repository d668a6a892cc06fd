"""Named tokens: what they are good for, until when, and what becomes of their secrets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.adapters.memory import MemoryStore
from chalicelib.core.errors import Unavailable
from chalicelib.core.people.account import Role, Scope, TokenKind
from tests.web.building import Caller, World, faults, in_, json_of, task
from tests.web.pages.browser import Browser
from tests.web.routes import ROUTES

READ_ONLY = {"name": "ci", "scopes": ["read"]}
DAY = 24 * 3600


def made(caller: Caller, **given: Any) -> dict[str, Any]:
    response = caller.post("/api/tokens", READ_ONLY | given)
    assert response.status_code == 201, response.body
    return dict(json_of(response))


def holding(caller: Caller, text: str) -> Caller:
    return replace(caller, token=text)


def test_a_token_is_made_listed_used_and_revoked(ann: Caller) -> None:
    shown = made(ann, expires_at=in_(DAY), scopes=["run", "read"])
    text = shown.pop("token")
    assert text.startswith("pct_")
    assert shown == {
        "id": shown["id"],
        "name": "ci",
        "scopes": ["read", "run"],
        "created_at": in_(0),
        "expires_at": in_(DAY),
        "last_used_at": None,
        "previous_valid_until": None,
    }
    script = holding(ann, text)
    assert json_of(script.get("/api/tokens"))["items"] == [shown | {"last_used_at": in_(0)}]
    assert script.get("/api/me").status_code == 200
    assert ann.delete(f"/api/tokens/{shown['id']}").status_code == 204
    assert script.get("/api/me").status_code == 401
    assert json_of(ann.get("/api/tokens"))["items"] == []


def test_of_a_token_only_a_hash_is_kept_and_nothing_shown_later_is_one(world: World, ann: Caller) -> None:
    shown = made(ann)
    secret = shown["token"].split("_", 3)[3]
    assert len(secret) >= 43
    assert secret not in repr(vars(world.store))
    listed = ann.get("/api/tokens").body.decode()
    assert secret not in listed
    kept = world.store.token(ann.id, shown["id"])
    assert kept is not None
    assert kept.digest not in listed
    for guess in (shown["id"], kept.digest, f"pct_{ann.id}_{shown['id']}", f"pct_{ann.id}_{shown['id']}_{kept.digest}"):
        assert holding(ann, guess).get("/api/me").status_code == 401


def test_a_token_that_has_ended_is_none(world: World, ann: Caller) -> None:
    script = holding(ann, made(ann, expires_at=in_(60))["token"])
    world.clock.advance(timedelta(seconds=59.9))
    assert script.get("/api/me").status_code == 200
    world.clock.advance(timedelta(seconds=0.1))
    assert script.get("/api/me").status_code == 401


@pytest.mark.parametrize("given", [{}, {"expires_at": None}])
def test_a_token_without_an_end_has_none(world: World, ann: Caller, given: dict[str, Any]) -> None:
    script = holding(ann, made(ann, **given)["token"])
    world.clock.advance(timedelta(days=4000))
    assert script.get("/api/me").status_code == 200


BAD: list[tuple[Any, dict[str, str]]] = [
    ([], {"": "wrong_type"}),
    ({}, {"/name": "required", "/scopes": "required"}),
    (READ_ONLY | {"name": ""}, {"/name": "wrong_length"}),
    (READ_ONLY | {"name": "x" * 101}, {"/name": "wrong_length"}),
    (READ_ONLY | {"name": "a\x00b"}, {"/name": "wrong_form"}),
    (READ_ONLY | {"name": "a\ud800b"}, {"/name": "unpaired_surrogate"}),
    (READ_ONLY | {"scopes": []}, {"/scopes": "wrong_length"}),
    (READ_ONLY | {"scopes": "read"}, {"/scopes": "wrong_type"}),
    (READ_ONLY | {"scopes": ["read"] * 5}, {"/scopes": "wrong_length"}),
    (READ_ONLY | {"scopes": ["read", "everything"]}, {"/scopes/1": "unknown_value"}),
    (READ_ONLY | {"scopes": [None]}, {"/scopes/0": "null"}),
    (READ_ONLY | {"expires_at": "tomorrow"}, {"/expires_at": "invalid_instant"}),
    (READ_ONLY | {"expires_at": 5}, {"/expires_at": "wrong_type"}),
    (READ_ONLY | {"expires_at": in_(0)}, {"/expires_at": "out_of_range"}),
    (READ_ONLY | {"expires_at": in_(367 * DAY)}, {"/expires_at": "out_of_range"}),
    (READ_ONLY | {"owner": "bob"}, {"/owner": "unknown_field"}),
    (READ_ONLY | {"__proto__": {"scopes": ["admin"]}}, {"/__proto__": "unknown_field"}),
]


@pytest.mark.parametrize(("body", "expected"), BAD)
def test_a_bad_token_is_refused(world: World, ann: Caller, body: Any, expected: dict[str, str]) -> None:
    response = ann.post("/api/tokens", body)
    assert (response.status_code, faults(response)) == (422, expected)
    assert world.store.tokens_of(ann.id, TokenKind.NAMED) == []


def test_an_account_has_a_hundred_tokens_at_most(world: World, ann: Caller) -> None:
    for _ in range(100):
        world.scoped(ann, Scope.READ)
    assert ann.post("/api/tokens", READ_ONLY).status_code == 409


def test_the_document_tells_what_each_route_needs() -> None:
    needs = {(route.method, route.at("x")): route.scope for route in ROUTES if route.scope is not None}
    assert needs["GET", "/api/tasks"] == "read"
    assert needs["POST", "/api/preview"] == "read"
    assert needs["POST", "/api/tasks"] == needs["POST", "/api/tasks/x/pause"] == "write"
    assert needs["POST", "/api/tokens"] == needs["DELETE", "/api/tokens/x"] == "write"
    assert {path for (_, path), scope in needs.items() if scope == "run"} == {
        "/api/tasks/x/run",
        "/api/tasks/x/backfill",
        "/api/tasks/x/skip",
        "/api/groups/x/cancel",
        "/api/groups/x/retry",
        "/api/runs/x/cancel",
        "/api/runs/x/retry",
        "/api/runs/redrive",
    }
    assert {path for (_, path), scope in needs.items() if scope == "admin"} == {
        "/api/functions/schedules/sync",
        "/api/users",
        "/api/users/x",
        "/api/invitations",
        "/api/invitations/x",
    }


def test_who_may_write_may_read_and_nothing_else(world: World, ann: Caller) -> None:
    writer = world.scoped(ann, Scope.WRITE)
    shown = writer.created()
    assert writer.get(f"/api/tasks/{shown['id']}").status_code == 200
    assert writer.post(f"/api/tasks/{shown['id']}/run").status_code == 403
    reader = world.scoped(ann, Scope.READ)
    assert reader.post("/api/tasks", task()).status_code == 403
    assert reader.post("/api/logout").status_code == 204
    assert reader.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    ("own", "wanted", "status", "code"),
    [
        ({Scope.READ}, ["read"], 403, "insufficient_scope"),
        ({Scope.WRITE}, ["write", "read"], 201, None),
        ({Scope.WRITE}, ["run"], 403, "insufficient_scope"),
        ({Scope.WRITE, Scope.RUN}, ["read", "run", "write"], 201, None),
        ({Scope.WRITE, Scope.RUN}, ["read", "admin"], 403, "not_allowed"),
    ],
)
def test_a_token_grants_no_more_than_it_has(
    world: World, ann: Caller, own: set[Scope], wanted: list[str], status: int, code: str | None
) -> None:
    response = world.scoped(ann, *own, expires_at=None).post("/api/tokens", {"name": "child", "scopes": wanted})
    assert (response.status_code, json_of(response).get("code")) == (status, code)


def test_the_scope_admin_is_for_admins_and_their_tokens_that_have_it(world: World, ann: Caller) -> None:
    root = world.caller("root", role=Role.ADMIN)
    assert ann.post("/api/tokens", {"name": "x", "scopes": ["admin"]}).status_code == 403
    assert ann.get("/api/users").status_code == 403
    assert (
        world.scoped(root, Scope.WRITE, Scope.RUN).post("/api/tokens", {"name": "x", "scopes": ["admin"]}).status_code
        == 403
    )
    assert holding(root, made(root, scopes=["admin"])["token"]).get("/api/users").status_code == 200


def test_a_token_makes_and_renews_none_that_outlives_it(world: World, ann: Caller) -> None:
    lasting = made(ann, scopes=["write"])
    short = holding(ann, made(ann, scopes=["write"], expires_at=in_(DAY))["token"])
    for end in (None, in_(DAY + 1)):
        response = short.post("/api/tokens", READ_ONLY | {"expires_at": end})
        assert (response.status_code, faults(response)) == (422, {"/expires_at": "outlives"})
    assert short.post("/api/tokens", READ_ONLY | {"expires_at": in_(DAY)}).status_code == 201
    assert short.post(f"/api/tokens/{lasting['id']}/rotate").status_code == 403
    assert holding(ann, lasting["token"]).get("/api/me").status_code == 200


def test_a_rotated_token_has_two_secrets_for_a_while(world: World, ann: Caller) -> None:
    shown = made(ann, scopes=["read", "write"])
    old = holding(ann, shown["token"])
    rotated = json_of(old.post(f"/api/tokens/{shown['id']}/rotate", {"overlap_seconds": 60}))
    new = holding(ann, rotated["token"])
    assert rotated["id"] == shown["id"]
    assert rotated["token"] != shown["token"]
    assert rotated["previous_valid_until"] == in_(60)
    assert [caller.get("/api/me").status_code for caller in (old, new)] == [200, 200]
    world.clock.advance(timedelta(seconds=60))
    assert [caller.get("/api/me").status_code for caller in (old, new)] == [401, 200]
    assert json_of(ann.get("/api/tokens"))["items"][0]["previous_valid_until"] is None


def test_a_replaced_secret_cannot_prolong_itself(ann: Caller) -> None:
    shown = made(ann, scopes=["write"])
    old = holding(ann, shown["token"])
    assert old.post(f"/api/tokens/{shown['id']}/rotate").status_code == 200
    assert old.post(f"/api/tokens/{shown['id']}/rotate").status_code == 403
    assert old.post("/api/tokens", {"name": "x", "scopes": ["write"]}).status_code == 422


@pytest.mark.parametrize(("given", "lives"), [(None, 3600), ({}, 3600), ({"overlap_seconds": 0}, 0)])
def test_the_overlap_is_an_hour_unless_told_otherwise(world: World, ann: Caller, given: Any, lives: int) -> None:
    shown = made(ann)
    assert ann.post(f"/api/tokens/{shown['id']}/rotate", given).status_code == 200
    old = holding(ann, shown["token"])
    world.clock.advance(timedelta(seconds=max(0, lives - 1)))
    assert old.get("/api/me").status_code == (200 if lives else 401)
    world.clock.advance(timedelta(seconds=1))
    assert old.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"overlap_seconds": -1}, {"/overlap_seconds": "out_of_range"}),
        ({"overlap_seconds": 604_801}, {"/overlap_seconds": "out_of_range"}),
        ({"overlap_seconds": "1"}, {"/overlap_seconds": "wrong_type"}),
        ({"overlap_seconds": 1.5}, {"/overlap_seconds": "wrong_type"}),
        ({"scopes": ["admin"]}, {"/scopes": "unknown_field"}),
    ],
)
def test_a_bad_rotation_is_refused(ann: Caller, body: Any, expected: dict[str, str]) -> None:
    shown = made(ann)
    response = ann.post(f"/api/tokens/{shown['id']}/rotate", body)
    assert (response.status_code, faults(response)) == (422, expected)
    assert holding(ann, shown["token"]).get("/api/me").status_code == 200


def test_a_weaker_token_cannot_renew_a_stronger_one(world: World, ann: Caller) -> None:
    shown = made(ann, scopes=["read", "run", "write"])
    response = world.scoped(ann, Scope.WRITE).post(f"/api/tokens/{shown['id']}/rotate")
    assert (response.status_code, json_of(response)["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(("method", "below"), [("DELETE", ""), ("POST", "/rotate")])
def test_somebody_elses_token_answers_like_a_missing_one_and_so_does_a_login(
    world: World, ann: Caller, bob: Caller, method: str, below: str
) -> None:
    shown = made(ann)
    login = str(bob.token).split("_")[2]
    answers = [bob.send(method, f"/api/tokens/{token_id}{below}") for token_id in (shown["id"], "t0", login, "%00")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert {json_of(answer)["detail"] for answer in answers} == {"there is no such token"}
    assert holding(ann, shown["token"]).get("/api/me").status_code == 200
    assert bob.get("/api/me").status_code == 200


def test_an_admin_does_not_get_at_the_tokens_of_others(world: World, ann: Caller) -> None:
    shown = made(ann)
    root = world.caller("root", role=Role.ADMIN)
    assert root.delete(f"/api/tokens/{shown['id']}").status_code == 404
    assert json_of(root.get("/api/tokens"))["items"] == []


def test_a_use_is_noted_once_an_hour(world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    note = MemoryStore.note_use

    def count(store: MemoryStore, owner: str, token_id: str, at: Any) -> None:
        noted.append(token_id)
        note(store, owner, token_id, at)

    monkeypatch.setattr(MemoryStore, "note_use", count)
    shown = made(ann)
    script = holding(ann, shown["token"])
    for _ in range(5):
        script.get("/api/me")
        world.clock.advance(timedelta(minutes=20))
    assert noted == [shown["id"]] * 2
    assert json_of(ann.get("/api/tokens"))["items"][0]["last_used_at"] == in_(3600)


def test_a_use_that_cannot_be_noted_fails_no_request(ann: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable("throttled")

    monkeypatch.setattr(MemoryStore, "note_use", refuse)
    assert holding(ann, made(ann)["token"]).get("/api/me").status_code == 200


def test_a_session_is_no_token_and_a_token_no_session(world: World, ann: Caller) -> None:
    session = world.session_of(ann)
    assert Browser(app, session=session).get("/dashboard").url == "/dashboard"
    for text in (session, session.replace("pcs_", "pct_")):
        assert holding(ann, text).get("/api/me").status_code == 401
    for text in (str(ann.token), made(ann)["token"]):
        for cookie in (text, text.replace("pct_", "pcs_")):
            assert Browser(app, session=cookie).get("/dashboard").url.startswith("/login")


def test_a_secret_is_shown_once_even_where_the_request_comes_again(ann: Caller, world: World) -> None:
    headers = {"Idempotency-Key": "one"}
    first, again = (json_of(ann.post("/api/tokens", READ_ONLY, headers=headers)) for _ in range(2))
    assert again == first | {"token": None}
    assert len(json_of(ann.get("/api/tokens"))["items"]) == 1
    assert first["token"].split("_", 3)[3] not in repr(vars(world.store))


FORGED = [
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4iLCJyb2xlIjoiYWRtaW4ifQ.AAAA",
    "pct_ann",
    "pct_ann_",
    "pct_ann__",
    "pct_ann_l0_",
    "pct__l0_" + "s" * 43,
    "pct_ann_l0_" + "s" * 42,
    "pct_ann_l0_" + "s" * 44,
    "pct_ann_l0_" + "S" * 43,
    "PCT_ann_l0_" + "s" * 43,
    "pct_bob_l0_" + "s" * 43,
    "pct_ann_#_" + "s" * 43,
    "pct_installation_first_x",
    "x" * 2**20,
    "pct_ann_l0_" + "s" * 2**20,
]


@pytest.mark.parametrize("text", FORGED, ids=lambda text: text[:20])
def test_what_is_no_token_of_ours_proves_nothing(ann: Caller, bob: Caller, text: str) -> None:
    assert ann.token == "pct_ann_l0_" + "s" * 43
    response = holding(ann, text).get("/api/me")
    assert response.status_code == 401
    assert len(response.body) < 1000


@pytest.mark.parametrize("name", ["X-Api-Key", "Cookie", "Proxy-Authorization", "X-Auth-Token"])
def test_a_token_counts_in_its_header_only(nobody: Caller, ann: Caller, name: str) -> None:
    assert nobody.get("/api/me", headers={name: f"Token {ann.token}"}).status_code == 401
    assert nobody.get(f"/api/me?token={ann.token}&access_token={ann.token}").status_code == 401
