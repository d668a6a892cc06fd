"""Limits at the front door: 429 with Retry-After, by the API and by the pages alike, and no header that gets around."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app import app
from chalicelib.core.people import rates
from chalicelib.core.people.rates import Rate
from tests.web.building import Caller, World, header, json_of, task
from tests.web.pages.browser import Browser

ZOE = {"username": "zoe", "password": "correct horse battery", "email": "zoe@example.com"}
WRONG = {"username": "ann", "password": "not the password"}
Source = Callable[[str], None]


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    """Says from which address the next requests come, as API Gateway does."""
    handle = type(app).__call__
    address = ["203.0.113.7"]

    def from_there(self: Any, event: dict[str, Any], context: Any) -> Any:
        event["requestContext"]["identity"] = {"sourceIp": address[0]}
        return handle(self, event, context)

    monkeypatch.setattr(type(app), "__call__", from_there)
    return lambda given: address.__setitem__(0, given)


@pytest.fixture
def used_up(world: World) -> Callable[..., None]:
    """Use up what somebody may do of something in the present period."""

    def use(rate: Rate, of: str, left: int = 0) -> None:
        counter = rate.counter(of, world.clock.now())
        for _ in range(rate.many - left):
            world.store.count(counter, rate.many)

    return use


def check_too_many(response: Any, seconds: int) -> None:
    problem = json_of(response)
    assert (response.status_code, problem["status"], problem["code"]) == (429, 429, "too_many_requests")
    assert header(response, "content-type") == "application/problem+json"
    assert header(response, "retry-after") == str(seconds)
    assert "too many" in problem["detail"]


def test_the_eleventh_attempt_to_log_in_has_to_wait(source: Source, world: World, ann: Caller, nobody: Caller) -> None:
    assert [nobody.post("/api/login", WRONG).status_code for _ in range(10)] == [401] * 10
    check_too_many(nobody.post("/api/login", WRONG), 300)
    assert ann.get("/api/me").status_code == 200
    source("198.51.100.9")
    assert nobody.post("/api/login", WRONG).status_code == 401


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-Ip", "True-Client-Ip", "Via"])
def test_no_header_makes_another_source_of_a_request(
    source: Source, used_up: Callable[..., None], nobody: Caller, name: str
) -> None:
    used_up(rates.LOG_INS_OF_SOURCE, "203.0.113.7")
    check_too_many(nobody.post("/api/login", WRONG, headers={name: "198.51.100.1"}), 300)


def test_an_unknown_name_has_to_wait_as_a_known_one(source: Source, ann: Caller, nobody: Caller) -> None:
    unknown = WRONG | {"username": "nobody"}
    answers = [[nobody.post("/api/login", given) for _ in range(11)] for given in (WRONG, unknown)]
    for known, other in zip(*answers, strict=True):
        assert known.status_code == other.status_code
        assert json_of(known) | {"request_id": ""} == json_of(other) | {"request_id": ""}


def test_who_logs_in_elsewhere_with_the_right_password_gets_in(source: Source, nobody: Caller) -> None:
    assert nobody.post("/api/register", ZOE).status_code == 201
    source("198.51.100.9")
    for _ in range(11):
        nobody.post("/api/login", {"username": "zoe", "password": "not the password"})
    source("203.0.113.7")
    right = {"username": "zoe", "password": ZOE["password"]}
    assert nobody.post("/api/login", right).status_code == 200
    source("198.51.100.9")
    assert nobody.post("/api/login", right).status_code == 429


def test_a_body_that_is_wrong_is_no_attempt(source: Source, ann: Caller, nobody: Caller) -> None:
    assert [nobody.post("/api/login", {"username": "ann"}).status_code for _ in range(12)] == [422] * 12
    assert nobody.post("/api/login", WRONG).status_code == 401


def test_registrations_of_a_source(source: Source, used_up: Callable[..., None], nobody: Caller) -> None:
    used_up(rates.REGISTRATIONS, "203.0.113.7", left=1)
    assert nobody.post("/api/register", ZOE).status_code == 201
    check_too_many(nobody.post("/api/register", ZOE | {"username": "yan"}), 3600)
    source("198.51.100.9")
    assert nobody.post("/api/register", ZOE | {"username": "yan"}).status_code == 201


def test_writes_of_an_account(used_up: Callable[..., None], ann: Caller, bob: Caller) -> None:
    made = ann.created()
    used_up(rates.WRITES, "ann")
    path = f"/api/tasks/{made['id']}"
    for response in (
        ann.post("/api/tasks", task()),
        ann.put(path, task()),
        ann.patch(path, {"name": "other"}),
        ann.delete(path),
        ann.post(f"{path}/pause"),
    ):
        check_too_many(response, 60)
    assert ann.get(path).status_code == 200
    assert len(json_of(ann.get("/api/tasks"))["items"]) == 1
    assert ann.post(f"{path}/run").status_code == 202
    bob.created()


def test_runs_of_an_account(used_up: Callable[..., None], ann: Caller, bob: Caller) -> None:
    path = f"/api/tasks/{ann.created()['id']}"
    used_up(rates.RUNS, "ann", left=1)
    run = json_of(ann.post(f"{path}/run"))
    for asked in (f"{path}/run", f"/api/runs/{run['id']}/retry", "/api/runs/redrive"):
        check_too_many(ann.post(asked), 60)
    assert ann.patch(path, {"name": "other"}).status_code == 200
    assert bob.post(f"/api/tasks/{bob.created()['id']}/run").status_code == 202


def test_with_the_next_period_it_goes_on(world: World, used_up: Callable[..., None], ann: Caller) -> None:
    used_up(rates.WRITES, "ann")
    refused = ann.post("/api/tasks", task())
    world.clock.advance(refused_for(refused))
    ann.created()


def refused_for(response: Any) -> Any:
    from_ = header(response, "retry-after")
    assert from_ is not None
    return rates.MINUTE * int(from_) / 60


def test_a_strangers_writes_are_refused_without_being_counted(world: World, nobody: Caller) -> None:
    assert nobody.post("/api/tasks", task()).status_code == 401
    assert world.store.count(rates.WRITES.counter("", world.clock.now()), 1) == 1


def test_the_form_for_the_password_says_how_long_to_wait(
    source: Source, used_up: Callable[..., None], stranger: Browser, ann: Caller
) -> None:
    used_up(rates.LOG_INS, "203.0.113.7 ann")
    page = stranger.submit(stranger.get("/login"), "/login", **WRONG)
    assert (page.status, page.headers["Retry-After"]) == (429, "300")
    assert "Too many attempts to log in to this account failed" in page.text
    assert page.form("/login").fields["username"] == "ann"


def test_the_form_for_an_account_is_limited_too(
    source: Source, used_up: Callable[..., None], stranger: Browser, nobody: Caller
) -> None:
    used_up(rates.REGISTRATIONS, "203.0.113.7")
    page = stranger.submit(stranger.get("/register"), "/register", **ZOE)
    assert (page.status, page.headers["Retry-After"]) == (429, "3600")
    assert "Too many accounts were asked for from this address" in page.text
    assert nobody.post("/register", ZOE).status_code == 429


def test_buttons_of_the_pages_count_like_the_api(used_up: Callable[..., None], anns: Browser, ann: Caller) -> None:
    path = f"/task/{ann.created()['id']}"
    used_up(rates.RUNS, "ann")
    page = anns.submit(anns.get(path), f"{path}/run")
    assert (page.status, page.headers["Retry-After"]) == (429, "60")
    assert "Too many runs were asked for by this account" in page.text
    assert anns.submit(anns.get(path), f"{path}/pause").status == 200
    used_up(rates.WRITES, "ann")
    assert anns.submit(anns.get(path), f"{path}/resume").status == 429
