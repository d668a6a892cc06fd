"""Who has an account is not told by a failed log-in: not by its answer, and not by the work that it makes.

The work is counted, because a test that takes the time fails on a busy machine; `python -m bench.time_logins` takes it.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from app import app
from chalicelib.engine.requests.people import accounts
from tests.web.building import Caller, World, json_of
from tests.web.pages.browser import Browser
from tests.web.routes import OLD_HASH

Work = list[dict[str, Any]]
HASH = {"n": 2**15, "r": 8, "p": 3, "dklen": 32, "salt": 16}
"""What one guess costs, a quarter of a second."""


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """The hashes that were made, each by its parameters and the length of its salt."""
    made: Work = []
    scrypt = hashlib.scrypt

    def counted(password: bytes, *, salt: bytes, maxmem: int, **given: int) -> bytes:
        made.append(given | {"salt": len(salt)})
        return scrypt(password, salt=salt, maxmem=maxmem, **given)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return made


@pytest.mark.parametrize("name", ["ann", "ANN", "nobody", "", "\u00e4 name that nobody could have", "name#ann"])
def test_every_failed_login_makes_one_hash_of_the_same_cost(ann: Caller, nobody: Caller, work: Work, name: str) -> None:
    response = nobody.post("/api/login", {"username": name, "password": "not the password"})
    assert response.status_code == 401
    assert work == [HASH]


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_a_page_makes_the_same_hash(ann: Caller, work: Work, name: str) -> None:
    browser = Browser(app)
    page = browser.submit(browser.get("/login"), "/login", username=name, password="not the password")
    assert page.url == "/login"
    assert work == [HASH]


@pytest.mark.parametrize("password", ["", "☃" * 256])
def test_no_password_is_refused_without_its_hash(ann: Caller, nobody: Caller, work: Work, password: str) -> None:
    assert nobody.post("/api/login", {"username": "ann", "password": password}).status_code == 401
    assert work == [HASH]


def test_however_often_somebody_tries_a_known_name_is_answered_like_an_unknown_one(
    world: World, nobody: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.caller("known", password_hash=OLD_HASH)
    monkeypatch.setattr(accounts, "NOBODYS_HASH", OLD_HASH)
    for _ in range(12):
        known, unknown = (
            nobody.post("/api/login", {"username": name, "password": "wrong"}) for name in ("known", "nobody")
        )
        assert known.status_code == unknown.status_code
        assert known.status_code in (401, 429)
        assert dict(known.headers) == dict(unknown.headers)
        assert json_of(known) | {"request_id": ""} == json_of(unknown) | {"request_id": ""}
