"""Registering, logging in and out, and who one is. These tests make real hashes, a quarter of a second each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.settings import Registration, Settings
from tests.web.building import Caller, World, faults, header, in_, json_of

ZOE = {"username": "zoe", "password": "correct horse battery", "email": "zoe@example.com"}


def with_token(nobody: Caller, token: str) -> Caller:
    return Caller(client=nobody.client, token=token)


def test_from_registering_to_logging_out(world: World, nobody: Caller) -> None:
    response = nobody.post("/api/register", ZOE)
    registered = json_of(response)
    assert response.status_code == 201
    user = registered["user"]
    assert user == {
        "id": user["id"],
        "username": "zoe",
        "email": "zoe@example.com",
        "role": "admin",
        "can_run_commands": True,
        "can_call_aws": True,
    }
    assert b"correct horse" not in response.body
    assert json_of(with_token(nobody, registered["token"]).get("/api/me")) == user

    login = nobody.post("/api/login", {"username": "ZOE", "password": ZOE["password"]})
    assert login.status_code == 200
    assert json_of(login)["expires_at"] == in_(30 * 24 * 3600)
    zoe = with_token(nobody, json_of(login)["token"])
    assert zoe.get("/api/me").status_code == 200

    out = zoe.post("/api/logout")
    assert (out.status_code, out.body) == (204, b"")
    assert zoe.get("/api/me").status_code == 401
    assert with_token(nobody, registered["token"]).get("/api/me").status_code == 200

    world.clock.advance(timedelta(days=30))
    assert with_token(nobody, registered["token"]).get("/api/me").status_code == 401


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(nobody: Caller, ann: Caller) -> None:
    wrong = nobody.post("/api/login", {"username": "ann", "password": "not the password"})
    unknown = nobody.post("/api/login", {"username": "nobody", "password": "not the password"})
    assert wrong.status_code == unknown.status_code == 401
    assert header(wrong, "www-authenticate")
    assert json_of(wrong) | {"request_id": ""} == json_of(unknown) | {"request_id": ""}


def test_a_name_that_is_taken_in_any_case_is_refused(nobody: Caller, ann: Caller) -> None:
    response = nobody.post("/api/register", ZOE | {"username": "ANN"})
    assert (response.status_code, json_of(response)["code"]) == (409, "conflict")


BAD: list[tuple[Any, dict[str, str]]] = [
    ([], {"": "wrong_type"}),
    ({}, {"/username": "required", "/password": "required", "/email": "required"}),
    (ZOE | {"role": "admin"}, {"/role": "unknown_field"}),
    (ZOE | {"username": None, "password": None}, {"/username": "null", "/password": "null"}),
    *[(ZOE | {"username": name}, {"/username": "wrong_length"}) for name in ("", "zo", "z" * 65)],
    *[
        (ZOE | {"username": name}, {"/username": "wrong_form"})
        for name in ("zoe zoe", "zoé", "zoe\n", "zo\x00e", "<b>", "a/b")
    ],
    (ZOE | {"username": "zo\ud800e"}, {"/username": "unpaired_surrogate"}),
    (ZOE | {"username": 12345}, {"/username": "wrong_type"}),
    *[(ZOE | {"password": word}, {"/password": "wrong_length"}) for word in ("", "123456789", "x" * 257)],
    *[
        (ZOE | {"password": word}, {"/password": "common_password"})
        for word in ("Password123", "1234567890", "zzzzzzzzzzzz")
    ],
    (ZOE | {"username": "zoe.zoe-zoe", "password": "Zoe.Zoe-Zoe"}, {"/password": "same_as_username"}),
    *[
        (ZOE | {"email": mail}, {"/email": "wrong_form"})
        for mail in ("", "zoe", "zoe@", "@example.com", "a b@c.d", "a@b@c.d", "a@b..c", "a@b.c\n")
    ],
    (ZOE | {"email": "a" * 60 + "@" + "b" * 200}, {"/email": "wrong_length"}),
    (
        {"username": "z", "password": "1234567890", "email": ""},
        {"/username": "wrong_length", "/password": "common_password", "/email": "wrong_form"},
    ),
]


@pytest.mark.parametrize(("body", "expected"), BAD)
def test_a_bad_registration_is_refused(world: World, nobody: Caller, body: Any, expected: dict[str, str]) -> None:
    response = nobody.post("/api/register", body)
    assert response.status_code == 422
    assert faults(response) == expected
    assert not world.store.has_accounts()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/username": "required", "/password": "required"}),
        ({"username": "ann", "password": 5}, {"/password": "wrong_type"}),
        ({"username": "a" * 65, "password": "x" * 257}, {"/username": "wrong_length", "/password": "wrong_length"}),
        ({"username": "ann", "password": "x", "token": "y"}, {"/token": "unknown_field"}),
    ],
)
def test_a_bad_login_is_refused(nobody: Caller, body: Any, expected: dict[str, str]) -> None:
    response = nobody.post("/api/login", body)
    assert (response.status_code, faults(response)) == (422, expected)


@pytest.mark.parametrize(("registration", "open_for"), [(Registration.FIRST, 1), (Registration.CLOSED, 0)])
class TestWithRegistrationClosing:
    @pytest.fixture
    def settings(self, registration: Registration) -> Settings:
        return Settings(stage="dev", registration=registration)

    def test_nobody_registers_once_it_is_closed(self, world: World, nobody: Caller, open_for: int) -> None:
        answers = [nobody.post("/api/register", ZOE | {"username": f"user{number}"}) for number in range(2)]
        assert [answer.status_code for answer in answers] == [201] * open_for + [403] * (2 - open_for)
        assert json_of(answers[-1])["code"] == "not_allowed"
