"""The http action: when a server that wants to be left alone for a while is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.actions.http import Http
from tests.actions.serving import Internet, Server, answer, saying
from tests.actions.test_http import CONTEXT, TIME, ask

NOW = datetime(2026, 3, 2, 9, 0, 0, 400_000, tzinfo=UTC)
YEARS = "9" * 30
IN_TWO_MINUTES = "Mon, 02 Mar 2026 09:02:00 GMT"


def asked_wait(status: str, *values: str, **action: Any) -> timedelta:
    """How long an answer with these values of `Retry-After` is said to ask for."""
    head = "".join(f"Retry-After: {value}\r\n" for value in values)
    said = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{head}\r\n".encode("latin-1")
    with Server(saying(said)) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]]})
        http = Http(resolve=internet.resolve, dial=internet.dial, now=lambda: NOW)
        outcome = http.perform({"url": "http://public.test/", "method": "GET"} | action, TIME, CONTEXT)
    assert outcome.http_status == int(status[:3])
    return outcome.retry_after


@pytest.mark.parametrize(
    "status", ["429 Many", "503 Down", "408 Slow", "425 Early", "500 Error", "502 Bad", "504 Late", "302 Found"]
)
def test_an_answer_that_is_tried_again_may_say_when(status: str) -> None:
    assert asked_wait(status, "120") == timedelta(seconds=120)


@pytest.mark.parametrize("status", ["200 OK", "204 Nothing", "400 Bad", "403 No", "404 Not Found", "413 Large"])
def test_what_is_not_tried_again_has_nothing_to_wait_for(status: str) -> None:
    assert asked_wait(status, "120") == timedelta(0)


def test_an_expected_status_has_nothing_to_wait_for() -> None:
    assert asked_wait("503 Down", "120", expect_status=503) == timedelta(0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        ("  007  ", 7),
        ("86400", 86_400),
        ("604801", 604_800),
        (YEARS, 604_800),
        (IN_TWO_MINUTES, 120),
        ("Monday, 02-Mar-26 09:02:00 GMT", 120),
        ("Mon Mar  2 09:02:00 2026", 120),
        ("Mon, 02 Mar 2026 09:00:01 GMT", 1),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 604_800),
    ],
)
def test_the_wait_is_given_in_seconds_or_until_a_date(value: str, seconds: int) -> None:
    assert asked_wait("503 Down", value) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "-1",
        "+5",
        "1.5",
        "1e3",
        "0x10",
        "5, 10",
        "soon",
        "NaN",
        "infinity",
        "\xb2",
        "9" * 1000,
        "Mon, 32 Mar 2026 09:02:00 GMT",
        "Mon, 02 Mar 2026 25:61:61 GMT",
        "Mon, 02 Mar 0000 09:02:00 GMT",
        "Mon, 02 Mar 99999 09:02:00 GMT",
        "Mon, 02 Mar 2026 09:02:00 +99999999",
        "2026-03-02T09:02:00Z",
        "1 2 3 4 5 6",
    ],
)
def test_a_wait_that_makes_no_sense_is_none(nonsense: str) -> None:
    assert asked_wait("503 Down", nonsense) == timedelta(0)


def test_of_several_waits_the_longest_counts() -> None:
    assert asked_wait("503 Down", "5", "soon", IN_TWO_MINUTES, "-7", "60") == timedelta(seconds=120)


def test_a_failure_says_how_long_the_server_asks_to_wait() -> None:
    outcome, _ = ask(saying(answer("429 Too Many", Retry_After="30")))
    assert outcome.error is not None
    assert outcome.error.detail == "the server answered 429 Too Many and asks to wait 30 s"
