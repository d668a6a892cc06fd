"""Signed requests: what a receiver that follows Standard Webhooks checks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.actions.http import Http
from chalicelib.actions.network.signing import signature_headers
from chalicelib.core.run import Outcome
from tests.actions.serving import Internet, Server, answer, saying

AT = datetime(2021, 2, 25, 15, 2, 10, 900_000, tzinfo=UTC)
PUBLISHED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(bytes(range(64))).decode()
CONTEXT = {"run_id": "t1-1767225600000", "attempt": "2"}
TIME = timedelta(seconds=10)


def asked(*answers: bytes, **action: Any) -> tuple[Outcome, list[str]]:
    """What a server is asked by a signed request, and what comes of it."""
    with Server(saying(*(answers or (answer(),)))) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]], "other.test": [["1.1.1.1"]]})
        http = Http(resolve=internet.resolve, dial=internet.dial, now=lambda: AT)
        outcome = http.perform({"url": "http://public.test/", "method": "POST"} | action, TIME, CONTEXT)
        return outcome, server.requests


def headers(request: str) -> dict[str, str]:
    head = request.partition("\n\n")[0]
    pairs = (line.partition(": ") for line in head.splitlines()[1:])
    return {name.lower(): value for name, _, value in pairs}


def verifies(request: str, secret: str) -> bool:
    """Whether a receiver with this secret would believe the request."""
    got, body = headers(request), request.partition("\n\n")[2]
    content = f"{got['webhook-id']}.{got['webhook-timestamp']}.{body}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return expected in got["webhook-signature"].split(" ")


def test_the_published_vector_is_what_we_sign() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    assert signature_headers([PUBLISHED], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("body", [{"a": "ü☃"}, "text ☃", [], "", None])
def test_a_receiver_can_check_the_body_as_it_was_sent(body: Any) -> None:
    _, [request] = asked(signing=PUBLISHED, body=body)
    assert verifies(request, PUBLISHED)
    assert not verifies(request, OTHER)
    assert headers(request)["webhook-id"] == CONTEXT["run_id"]
    assert headers(request)["webhook-timestamp"] == "1614265330"


def test_two_secrets_give_two_signatures_while_a_receiver_changes_over() -> None:
    _, [request] = asked(signing=[PUBLISHED, OTHER], body="x")
    assert verifies(request, PUBLISHED)
    assert verifies(request, OTHER)
    assert len(headers(request)["webhook-signature"].split(" ")) == 2


def test_a_task_cannot_forge_the_headers_and_without_a_secret_there_are_none() -> None:
    own = {"Webhook-Signature": "v1,forged", "webhook-id": "forged"}
    _, [request] = asked(signing=PUBLISHED, headers=own)
    assert "forged" not in request
    assert verifies(request, PUBLISHED)
    _, [request] = asked()
    assert "webhook" not in request.lower()


@pytest.mark.parametrize(
    "wrong",
    ["s3cret-s3cret-s3cret", "whsec_", "whsec_not base64!", "whsec_c2hvcnQ=", "whsec_" + "A" * 100, "WHSEC_AAAA"],
)
@pytest.mark.parametrize("signing", [lambda wrong: wrong, lambda wrong: [PUBLISHED, wrong]])
def test_a_secret_that_is_no_key_fails_for_good_before_anything_is_sent(
    wrong: str, signing: Callable[[str], Any]
) -> None:
    outcome, requests = asked(signing=signing(wrong))
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.permanent, requests) == ("invalid_signing_secret", True, [])
    assert wrong not in outcome.error.detail or wrong == "whsec_"


def redirect(status: str, location: str) -> bytes:
    return answer(status, Location=location)


def test_a_redirect_to_another_origin_is_not_signed() -> None:
    _, requests = asked(redirect("307 Temporary", "http://other.test/"), answer(), signing=PUBLISHED, body="x")
    assert "webhook" in requests[0].lower()
    assert "webhook" not in requests[1].lower()


def test_a_redirect_that_drops_the_body_drops_its_signature() -> None:
    _, requests = asked(redirect("303 See Other", "/next"), answer(), signing=PUBLISHED, body="x")
    assert requests[1].startswith("GET /next")
    assert "webhook" not in requests[1].lower()


def test_a_redirect_that_keeps_body_and_origin_keeps_the_signature() -> None:
    _, requests = asked(redirect("308 Permanent", "/next"), answer(), signing=PUBLISHED, body="x")
    assert verifies(requests[1], PUBLISHED)
