"""Who gets where: every route of the OpenAPI document for every sort of caller.

Nothing here lists routes, but which are public: what is expected of a cell follows from the document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.core.people.account import Scope, TokenKind
from tests.web.building import NOW, Caller, World, header, json_of
from tests.web.routes import MAKERS, REACHED_BY_ADMINS, ROUTES, People, Route, people_of

PUBLIC = {"POST /api/register", "POST /api/login", "GET /api/health", "GET /api/openapi.json"}
"""What is open to everybody. A route becomes public here, on purpose, or not at all."""


def scope_holder(people: People, route: Route) -> Caller:
    """Whose tokens could have the scope of a route."""
    return people.admin if route.scope is Scope.ADMIN else people.owner


def with_scopes(holder: Caller, people: People, *scopes: Scope) -> Caller:
    assert holder.user is not None
    return replace(holder, token=people.world.token_of(holder.user, TokenKind.LOGIN, *scopes))


def no_token(people: People, route: Route) -> Caller:
    return people.world.nobody()


def expired(people: People, route: Route) -> Caller:
    assert people.owner.user is not None
    return replace(
        people.owner, token=people.world.token_of(people.owner.user, TokenKind.NAMED, *Scope, expires_at=NOW)
    )


def revoked(people: People, route: Route) -> Caller:
    dead = with_scopes(people.owner, people, *Scope)
    assert dead.post("/api/logout").status_code == 204
    return dead


def logged_out_everywhere(people: People, route: Route) -> Caller:
    """The password was changed after this token was given out."""
    user = people.owner.user
    assert user is not None
    return replace(people.owner, token=people.world.token_of(replace(user, epoch=user.epoch + 1)))


def session_of_a_browser(people: People, route: Route) -> Caller:
    return replace(people.owner, token=people.world.session_of(people.owner))


def wrong_scope(people: People, route: Route) -> Caller:
    """Good for everything but what the route needs, or what would imply it."""
    implying = {Scope.WRITE} if route.scope is Scope.READ else set()
    return with_scopes(scope_holder(people, route), people, *(set(Scope) - {route.scope} - implying))


def right_scope(people: People, route: Route) -> Caller:
    return with_scopes(scope_holder(people, route), people, route.scope or Scope.READ)


def owner(people: People, route: Route) -> Caller:
    return people.owner


def other_member(people: People, route: Route) -> Caller:
    return people.other


def admin(people: People, route: Route) -> Caller:
    return people.admin


Sort = Callable[[People, Route], Caller]
PROVING_NOTHING: list[Sort] = [no_token, expired, revoked, logged_out_everywhere, session_of_a_browser]
SORTS: list[Sort] = [*PROVING_NOTHING, wrong_scope, right_scope, owner, other_member, admin]
MALFORMED = ["{}", "token={}", "Basic {}", "Token: {}", "Token,{}", "Token {0} {0}", 'Token "{}"', "Token {}, Token {}"]


def expected(route: Route, sort: Sort) -> set[int]:
    """The statuses that a cell may have, by what the document says of the route."""
    if sort in PROVING_NOTHING:
        return {401}
    if sort is wrong_scope and route.scope is not None:
        return {403}
    if route.scope is Scope.ADMIN and sort not in (right_scope, admin):
        return {403}
    foreign = sort is other_member or (sort is admin and route.kind not in REACHED_BY_ADMINS)
    return {404} if foreign and route.names_something else set(route.statuses)


def thing_for(people: People, route: Route) -> str:
    """What the path's parameter names; fails where `MAKERS` does not know how to make such a thing."""
    return "" if route.parameter is None else MAKERS[route.kind](people, route)


def send(caller: Caller, route: Route, thing: str) -> HTTPResponse:
    body = route.body if route.takes_body else None
    return caller.send(route.method, route.at(thing), body, headers=route.headers)


KEPT = ("_tasks", "_runs", "_windows", "_late", "_users", "_tokens", "_invitations", "_calendars")


def kept(world: World) -> str:
    """All that matters of what is stored."""
    return repr([vars(world.store)[name] for name in KEPT])


def told(response: HTTPResponse) -> tuple[int, dict[str, str], dict[str, Any]]:
    """All that somebody learns from an answer, but for the name of the request."""
    return response.status_code, dict(response.headers), json_of(response) | {"request_id": ""}


def test_what_is_public_is_so_on_purpose() -> None:
    assert {str(route) for route in ROUTES if route.public} == PUBLIC


def test_every_other_route_asks_for_a_scope_but_for_logging_out() -> None:
    assert {str(route) for route in ROUTES if not route.public and route.scope is None} == {"POST /api/logout"}


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.public], ids=str)
def test_who_gets_where(world: World, route: Route, sort: Sort) -> None:
    people = people_of(world)
    thing, caller = thing_for(people, route), sort(people, route)
    before = kept(world)
    response = send(caller, route, thing)
    assert response.status_code in expected(route, sort), response.body
    if response.status_code in (401, 403, 404):
        assert kept(world) == before
        assert header(response, "content-type") == "application/problem+json"
    if response.status_code == 401:
        assert header(response, "www-authenticate") == 'Token realm="punctual"'
    if response.status_code == 403:
        assert json_of(response)["code"] == ("insufficient_scope" if sort is wrong_scope else "not_allowed")
        assert sort is not wrong_scope or f"`{route.scope}`" in json_of(response)["detail"]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
@pytest.mark.parametrize("route", [route for route in ROUTES if route.public], ids=str)
def test_on_a_public_route_nobody_is_asked_for_a_token(world: World, route: Route, sort: Sort) -> None:
    people = people_of(world)
    answers = [caller.send(route.method, route.path, b"") for caller in (sort(people, route), world.nobody())]
    assert {answer.status_code for answer in answers} == {200 if route.method == "GET" else 400}


@pytest.mark.parametrize("form", MALFORMED)
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.public], ids=str)
def test_a_token_in_a_header_of_another_form_is_none(world: World, route: Route, form: str) -> None:
    people = people_of(world)
    thing, before = thing_for(people, route), kept(world)
    header_of_another_form = {"Authorization": form.format(people.admin.token, people.owner.token)}
    response = world.nobody().send(route.method, route.at(thing), b"{", headers=header_of_another_form)
    assert (response.status_code, json_of(response)["code"]) == (401, "not_authenticated")
    assert kept(world) == before


@pytest.mark.parametrize("sort", [other_member, admin], ids=lambda sort: sort.__name__)
@pytest.mark.parametrize("route", [route for route in ROUTES if route.names_something], ids=str)
def test_what_is_somebody_elses_answers_byte_for_byte_like_what_is_missing(
    world: World, route: Route, sort: Sort
) -> None:
    people = people_of(world)
    thing, caller = thing_for(people, route), sort(people, route)
    foreign = send(caller, route, thing)
    if foreign.status_code in route.statuses:
        assert sort is admin
        assert route.kind in REACHED_BY_ADMINS
        return
    for missing in (thing[:-1] + "0", thing[:-1] + "1", "zz" + thing[2:], "t" + "0" * 25, "0"):
        if missing != thing:
            assert told(send(caller, route, missing)) == told(foreign)
