"""Requests made at random from the OpenAPI document, right ones and wrong ones: none fails, and each answer is sound.

They are the same requests in every run: a few dozen for each operation, or with `FUZZ=all` a thousand.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok

from chalicelib.core.people.account import Scope
from chalicelib.engine.requests.people import accounts, passwords
from chalicelib.web.api.document.openapi import document
from tests.web.building import Caller, World
from tests.web.routes import MAKERS, OLD_HASH, ROUTES, Route, people_of
from tests.web.wsgi import WsgiApplication

EXAMPLES = 1000 if os.environ.get("FUZZ") == "all" else 40
HANGING = timedelta(seconds=30)
"""Most answers take a few milliseconds: only what would never end takes this long."""


def _without_security(described: Any) -> Any:
    """Who gets in is shown by the matrix: here the tokens are ours, and Schemathesis takes none of them away."""
    if not isinstance(described, dict):
        return described
    return {name: _without_security(value) for name, value in described.items() if name != "security"}


SCHEMA = schemathesis.openapi.from_dict(_without_security(document("")))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)}
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SENDABLE = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=300).map(
    str.strip
)
HEADERS = st.fixed_dictionaries(
    {}, optional={name: SENDABLE | st.sampled_from(['"1"', "*"]) for name in ("Idempotency-Key", "If-Match", "Accept")}
)
"""Headers that routes look at, and of which the document says nothing."""


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of a second for each account that is made would be most of the time."""
    monkeypatch.setattr(passwords, "SCRYPT_LOG_N", 4)
    monkeypatch.setattr(accounts, "NOBODYS_HASH", OLD_HASH)


@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_request_made_from_the_document_gets_a_sound_answer(world: World, route: Route) -> None:
    people = people_of(world)
    allowed, other = (people.admin, people.owner) if route.scope is Scope.ADMIN else (people.owner, people.admin)
    callers = [allowed, allowed, allowed, other, world.nobody()]
    thing = "" if route.parameter is None else MAKERS[route.kind](people, route)
    application = WsgiApplication(world.client)
    operation = OPERATIONS[str(route)]

    @settings(max_examples=EXAMPLES, deadline=HANGING, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)),
        headers=HEADERS,
        caller=st.sampled_from(callers),
        real=st.booleans(),
    )
    def send(case: Case[Any], headers: dict[str, str], caller: Caller, real: bool) -> None:
        if real and route.parameter is not None:
            case.path_parameters[route.parameter] = thing
        token = {} if caller.token is None else {"Authorization": f"Token {caller.token}"}
        response = case.call(app=application, headers=headers | token)
        case.validate_response(response, checks=CHECKS)
        check_sound(response)

    send()


def check_sound(response: Response) -> None:
    """An answer tells nothing about our inside, and is kept from caches and from guessing."""
    assert response.headers["cache-control"] == ["no-store"]
    assert response.headers["x-content-type-options"] == ["nosniff"]
    assert b"Traceback" not in response.content
    if response.status_code >= 400:
        problem = json.loads(response.content)
        assert response.headers["content-type"] == ["application/problem+json"]
        assert (problem["status"], bool(problem["detail"])) == (response.status_code, True)
    if response.status_code == 429:
        assert int(response.headers["retry-after"][0]) > 0
