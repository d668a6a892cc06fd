"""Changing the password. These tests make real hashes, a quarter of a second each."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from app import app
from chalicelib.core.people.account import Scope
from chalicelib.engine.requests.people.passwords import hash_password
from tests.web.building import Caller, World, faults, in_, json_of
from tests.web.pages.browser import Browser

OLD, NEW = "correct horse battery", "staple of the correct horse"


@cache
def known_hash() -> str:
    """Of the old password, made once for all tests."""
    return hash_password(OLD)


@pytest.fixture
def eve(world: World) -> Caller:
    """Somebody whose password is known."""
    return world.caller("eve", password_hash=known_hash())


def test_another_password_logs_out_everything_but_scripts(world: World, eve: Caller, nobody: Caller) -> None:
    elsewhere = replace(eve, token=json_of(nobody.post("/api/login", {"username": "eve", "password": OLD}))["token"])
    script, browser = world.scoped(eve, Scope.READ), Browser(app, session=world.session_of(eve))
    response = eve.post("/api/password", {"current": OLD, "new": NEW})
    answered = json_of(response)
    assert (response.status_code, answered.keys(), answered["expires_at"]) == (
        200,
        {"token", "expires_at"},
        in_(30 * 24 * 3600),
    )
    assert [caller.get("/api/me").status_code for caller in (eve, elsewhere, script)] == [401, 401, 200]
    assert browser.get("/dashboard").url.startswith("/login")
    assert replace(eve, token=answered["token"]).get("/api/me").status_code == 200
    logins = [nobody.post("/api/login", {"username": "eve", "password": word}).status_code for word in (OLD, NEW)]
    assert logins == [401, 200]


BAD: list[tuple[Any, dict[str, str]]] = [
    ({}, {"/current": "required", "/new": "required"}),
    ({"current": OLD, "new": NEW, "username": "root"}, {"/username": "unknown_field"}),
    ({"current": "not this one", "new": NEW}, {"/current": "wrong_password"}),
    ({"current": OLD, "new": OLD}, {"/new": "unchanged"}),
    ({"current": OLD, "new": "short"}, {"/new": "wrong_length"}),
    ({"current": OLD, "new": "x" * 257}, {"/new": "wrong_length"}),
    ({"current": OLD, "new": "Password123"}, {"/new": "common_password"}),
    ({"current": OLD, "new": "half \ud800 a pair"}, {"/new": "unpaired_surrogate"}),
    ({"current": None, "new": NEW}, {"/current": "null"}),
]


@pytest.mark.parametrize(("body", "expected"), BAD)
def test_a_bad_change_is_refused_and_changes_nothing(
    world: World, eve: Caller, body: Any, expected: dict[str, str]
) -> None:
    response = eve.post("/api/password", body)
    assert (response.status_code, faults(response)) == (422, expected)
    assert world.store.user("eve") == eve.user
    assert eve.get("/api/me").status_code == 200


def test_the_password_is_not_the_name(world: World) -> None:
    caller = world.caller("evelyneveeve", password_hash=known_hash())
    response = caller.post("/api/password", {"current": OLD, "new": "EvelynEveEve"})
    assert (response.status_code, faults(response)) == (422, {"/new": "same_as_username"})


def test_a_script_cannot_change_the_password(world: World, eve: Caller) -> None:
    response = world.scoped(eve, *Scope).post("/api/password", {"current": OLD, "new": NEW})
    assert (response.status_code, json_of(response)["code"]) == (403, "not_allowed")
    assert world.store.user("eve") == eve.user


def test_nothing_is_kept_of_a_request_that_holds_passwords(world: World, eve: Caller) -> None:
    body = {"current": OLD, "new": NEW}
    assert eve.post("/api/password", body, headers={"Idempotency-Key": "one"}).status_code == 200
    assert vars(world.store)["_answers"] == {}


def test_a_hash_of_weaker_parameters_is_made_anew_at_login(world: World, nobody: Caller) -> None:
    weak = hashlib.scrypt(OLD.encode(), salt=bytes(16), n=2**4, r=8, p=1, dklen=32)
    stored = f"scrypt$4$8$1${'A' * 22}==${_text(weak)}"
    world.caller("eve", password_hash=stored)
    assert nobody.post("/api/login", {"username": "eve", "password": "not this one"}).status_code == 401
    known = world.store.user("eve")
    assert known is not None
    assert known.password_hash == stored
    assert nobody.post("/api/login", {"username": "eve", "password": OLD}).status_code == 200
    known = world.store.user("eve")
    assert known is not None
    assert known.password_hash.startswith("scrypt$15$8$3$")
    assert nobody.post("/api/login", {"username": "eve", "password": OLD}).status_code == 200


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_guessing_the_current_password_meets_the_limit_of_logging_in(eve: Caller) -> None:
    guesses = [eve.post("/api/password", {"current": f"guess number {n}", "new": NEW}) for n in range(11)]
    assert [guess.status_code for guess in guesses] == [422] * 10 + [429]
    assert int(guesses[-1].headers["Retry-After"]) > 0
