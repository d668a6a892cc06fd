"""The contract of those who deliver letters: in memory, by webhook and by SNS."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.session import Session

from chalicelib.actions.http import Http
from chalicelib.actions.webhook import Webhook
from chalicelib.adapters.memory import Mailbox
from chalicelib.adapters.sns import Topics
from chalicelib.core.alerting.letter import Letter
from chalicelib.ports import Notifier
from chalicelib.settings import Settings
from tests.actions.serving import Internet, Server, answer, saying
from tests.actions.test_signing import headers, verifies

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LETTER = Letter(id="alert_t_failed_1", title="Punctual: naive failed", body={"text": "naïve failed", "alerts": []})
HOOK = "http://public.test/hook?team=ops"


@dataclass(frozen=True, kw_only=True)
class Way:
    """A notifier, an address that takes letters, and one that does not."""

    notifier: Notifier
    address: str
    broken: str


@pytest.fixture(params=["memory", "webhook", "sns"])
def way(request: pytest.FixtureRequest, session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    if request.param == "memory":
        yield Way(notifier=_Refusing(), address="anywhere", broken="broken")
    elif request.param == "sns":
        arn = session.create_client("sns").create_topic(Name="punctual-local-alerts-ops")["TopicArn"]
        yield Way(notifier=Topics(Settings(), session=session), address=arn, broken=f"{arn}-gone")
    else:
        with asked(answer()) as (webhook, _):
            yield Way(notifier=webhook, address=HOOK, broken="http://unknown.test/")


class _Refusing(Mailbox):
    """A mailbox with one address that does not work."""

    def __call__(self, address: str, letter: Letter, key: str) -> str | None:
        self.refusal = "no answer" if address == "broken" else None
        return super().__call__(address, letter, key)


@contextmanager
def asked(*answers: bytes) -> Iterator[tuple[Webhook, Server]]:
    """A webhook whose internet is one server."""
    with Server(saying(*answers)) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]], "inside.test": [["10.0.0.7"]]})
        yield Webhook(http=Http(resolve=internet.resolve, dial=internet.dial, now=lambda: AT)), server


def test_a_letter_that_is_taken_is_not_refused(way: Way) -> None:
    assert way.notifier(way.address, LETTER, KEY) is None


def test_why_a_letter_was_not_taken_is_said_in_words_and_without_the_key(way: Way) -> None:
    refusal = way.notifier(way.broken, LETTER, KEY)
    assert refusal
    assert KEY not in refusal


def test_a_webhook_is_a_signed_post_of_json_under_the_letters_id() -> None:
    with asked(answer("204 No Content")) as (webhook, server):
        assert webhook(HOOK, LETTER, KEY) is None
        [request] = server.requests
    got, body = headers(request), request.partition("\n\n")[2]
    assert request.startswith("POST /hook?team=ops HTTP/1.1")
    assert (got["webhook-id"], got["content-type"]) == ("alert_t_failed_1", "application/json")
    assert json.loads(body) == LETTER.body
    assert verifies(request, KEY)
    assert "punctual-run-id" not in got


@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "307 Temporary Redirect"])
def test_a_redirect_is_no_delivery(status: str) -> None:
    with asked(answer(status, Location="http://public.test/login"), answer()) as (webhook, server):
        refusal = webhook(HOOK, LETTER, KEY)
        assert len(server.requests) == 1
    assert refusal == f"the server answered {status[:3]}, and alerts follow no redirect: give the new address"


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "500 Internal Server Error", "503 Busy"])
def test_a_server_that_refuses_is_quoted(status: str) -> None:
    with asked(answer(status)) as (webhook, _):
        assert webhook(HOOK, LETTER, KEY) == f"the server answered {status}"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://inside.test/", "inside.test is not on the public internet"),
        ("http://public.test:25/", "port 25 is none that web servers use"),
        ("http://user:pw@public.test/", "the URL must not hold a user: use a header"),
    ],
)
def test_a_webhook_reaches_nothing_that_an_http_action_may_not(address: str, why: str) -> None:
    with asked(answer()) as (webhook, server):
        assert webhook(address, LETTER, KEY) == why
        assert server.requests == []


def test_only_topics_for_alerts_of_this_stage_are_published_to(session: Session) -> None:
    topics = Topics(Settings(stage="dev"), session=session)
    for name in ("punctual-prod-alerts-ops", "punctual-dev-tasks", "orders", "punctual-dev-alerts-"):
        refusal = topics(f"arn:aws:sns:us-east-1:123456789012:{name}", LETTER, KEY)
        assert refusal == "alerts go to topics named punctual-dev-alerts-* only"


def test_what_is_published_is_the_letter(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    arn = session.create_client("sns").create_topic(Name="punctual-local-alerts-ops")["TopicArn"]
    published: list[dict[str, Any]] = []
    topics = Topics(Settings(), session=session)
    topics._clients.get("sns").meta.events.register(
        "before-parameter-build.sns.Publish", lambda params, **_: published.append(dict(params))
    )
    assert topics(arn, LETTER, KEY) is None
    [sent] = published
    assert (sent["TopicArn"], sent["Subject"]) == (arn, LETTER.title)
    assert json.loads(sent["Message"]) == LETTER.body


def test_nothing_of_a_letter_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "punctual"), asked(answer()) as (webhook, _):
        webhook(HOOK, LETTER, KEY)
    assert not any(KEY in str(vars(record)) or "naïve" in str(vars(record)) for record in caplog.records)
