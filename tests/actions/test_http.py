"""The http action: what is asked, what becomes of the answer, and how long it may take."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.actions.http import Http
from chalicelib.core.run import OUTPUT_LIMIT, AttemptStatus, Outcome
from tests.actions.serving import Internet, Script, Server, answer, saying

CONTEXT = {"task_id": "t1", "run_id": "t1-1767225600000", "due_at": "2026-01-01T00:00:00.000Z", "attempt": "2"}
TIME = timedelta(seconds=10)
LITTLE_TIME = timedelta(seconds=0.3)


def ask(script: Script, timeout: timedelta = TIME, **action: Any) -> tuple[Outcome, list[str]]:
    """What a request to a server that follows the script comes to, and what the server was asked."""
    with Server(script) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]]})
        http = Http(resolve=internet.resolve, dial=internet.dial)
        outcome = http.perform({"url": "http://public.test/", "method": "GET"} | action, timeout, CONTEXT)
        return outcome, server.requests


def failure(outcome: Outcome) -> tuple[str, bool]:
    """Code and permanence of an attempt's failure."""
    assert outcome.status is AttemptStatus.FAILED
    assert outcome.error is not None
    return outcome.error.code, outcome.error.permanent


# What is asked


def test_an_answer_of_200_has_succeeded_with_status_and_body() -> None:
    outcome, _ = ask(saying(answer(body="hello ☃")))
    assert outcome == Outcome(
        status=AttemptStatus.SUCCEEDED,
        output="hello ☃",
        result={"status": 200, "body": "hello ☃"},
        http_status=200,
    )


def test_the_request_names_the_host_the_path_and_the_run() -> None:
    _, [request] = ask(saying(answer()), url="http://public.test/a b?q=1&r=☃#part", headers={"X-Key": "k"})
    lines = request.lower().splitlines()
    assert lines[0] == "get /a%20b?q=1&r=%e2%98%83 http/1.1"
    assert {"host: public.test", "x-key: k", "user-agent: punctual", "punctual-attempt: 2"} <= set(lines)
    assert "punctual-run-id: t1-1767225600000" in lines


def test_a_port_is_part_of_the_host_header() -> None:
    _, [request] = ask(saying(answer()), url="http://public.test:8080")
    assert "Host: public.test:8080" in request.splitlines()


def test_text_is_sent_as_text() -> None:
    _, [request] = ask(saying(answer()), method="POST", body="hello ☃")
    assert "content-type: text/plain; charset=utf-8" in request
    assert request.endswith("\n\nhello ☃")


@pytest.mark.parametrize(("body", "sent"), [({"a": [1]}, '{"a": [1]}'), ([], "[]"), (0, "0"), (False, "false")])
def test_anything_else_is_sent_as_json(body: Any, sent: str) -> None:
    _, [request] = ask(saying(answer()), method="PUT", body=body)
    assert request.startswith("PUT / HTTP/1.1")
    assert "content-type: application/json" in request
    assert request.endswith(f"\n\n{sent}")


def test_the_tasks_own_content_type_and_user_agent_are_kept() -> None:
    headers = {"Content-Type": "text/csv", "USER-AGENT": "mine"}
    _, [request] = ask(saying(answer()), method="POST", body="a,b", headers=headers)
    assert "content-type: text/csv" in request
    assert "user-agent: mine" in request
    assert "text/plain" not in request


def test_a_task_cannot_say_how_its_request_is_framed_or_whom_it_is_for() -> None:
    headers = {"Host": "other.test", "Content-Length": "1", "Transfer-Encoding": "chunked", "Connection": "upgrade"}
    _, [request] = ask(saying(answer()), method="POST", body="abc", headers=headers)
    assert "Host: public.test" in request
    assert "Content-Length: 3" in request
    assert "other.test" not in request
    assert "chunked" not in request
    assert "upgrade" not in request


@pytest.mark.parametrize(
    "action",
    [
        {"headers": {"X-A": "a\r\nX-B: b"}},
        {"headers": {"X-A": "a\n b"}},
        {"headers": {"X-A\r\nX-B": "b"}},
        {"headers": {"X A": "b"}},
        {"headers": {"X-A": "☃"}},
        {"method": "GET / HTTP/1.1\r\nX-B: b\r\n\r\nGET"},
        {"method": " "},
        {"url": "http://public.test/\r\nX-B: b"},
        {"url": "http://public.test\r\n/"},
        {"url": "http://user:secret@public.test/"},
        {"url": "http://public.test@evil.test/"},
        {"url": "http://"},
        {"url": "http:///path"},
        {"url": "http://a b/"},
        {"url": "http://[::1"},
        {"url": "http://public.test:99999/"},
        {"url": "file:///etc/passwd"},
        {"url": "ftp://public.test/"},
        {"url": "public.test"},
        {"url": ""},
        {"body": "\ud800", "method": "POST"},
    ],
)
def test_a_request_that_cannot_be_made_is_never_sent_nor_tried_again(action: dict[str, Any]) -> None:
    outcome, requests = ask(saying(answer()), **action)
    assert failure(outcome) == ("invalid_request", True)
    assert requests == []


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    outcome, _ = ask(saying(answer()))
    assert outcome.status is AttemptStatus.SUCCEEDED


# What becomes of the answer


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        ("400 Bad Request", True),
        ("404 Not Found", True),
        ("410 Gone", True),
        ("422 Wrong", True),
        ("408 Slow", False),
        ("425 Early", False),
        ("429 Many", False),
        ("500 Error", False),
        ("503 Down", False),
        ("302 Found", False),
    ],
)
def test_another_status_is_a_failure_and_a_wrong_request_is_not_tried_again(status: str, permanent: bool) -> None:
    outcome, _ = ask(saying(answer(status, "why")))
    assert failure(outcome) == ("unexpected_status", permanent)
    assert outcome.http_status == int(status[:3])
    assert outcome.output == "why"
    assert outcome.error is not None
    assert status in outcome.error.detail


@pytest.mark.parametrize("expected", [404, [200, 404]])
def test_an_expected_status_has_succeeded(expected: Any) -> None:
    outcome, _ = ask(saying(answer("404 Not Found")), expect_status=expected)
    assert outcome.status is AttemptStatus.SUCCEEDED


def test_a_status_that_was_not_expected_is_a_failure_even_if_it_is_a_200() -> None:
    outcome, _ = ask(saying(answer("200 OK")), expect_status=[201])
    assert failure(outcome) == ("unexpected_status", False)


def test_an_answer_without_a_body_has_none() -> None:
    outcome, _ = ask(saying(answer("204 No Content")))
    assert (outcome.status, outcome.output) == (AttemptStatus.SUCCEEDED, "")
    outcome, _ = ask(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), method="HEAD")
    assert (outcome.status, outcome.output) == (AttemptStatus.SUCCEEDED, "")


def test_a_body_in_chunks_is_put_together() -> None:
    chunks = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    outcome, _ = ask(saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks))
    assert outcome.output == "abcde"


def endless(connection: socket.socket, request: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def test_an_endless_body_is_cut_and_the_connection_given_up() -> None:
    outcome, _ = ask(endless)
    assert (outcome.status, outcome.output_truncated) == (AttemptStatus.SUCCEEDED, True)
    assert len(outcome.output.encode()) <= OUTPUT_LIMIT
    assert "only the first 65536 bytes are kept" in outcome.output
    assert len(outcome.result["body"].encode()) <= 1024


def test_a_compressed_body_cannot_swell() -> None:
    small = gzip.compress(b"x" * 1_000_000)
    outcome, _ = ask(saying(answer(body=small, Content_Encoding="gzip")))
    assert outcome.status is AttemptStatus.SUCCEEDED
    assert "xxx" not in outcome.output


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 999999 What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
    ],
)
def test_an_answer_that_is_none_is_a_failure_that_another_try_may_mend(said: bytes) -> None:
    outcome, _ = ask(saying(said))
    assert failure(outcome) == ("connection_failed", False)


# How long it may take


def trickling(head: bytes) -> Script:
    def script(connection: socket.socket, request: str) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"x")
            threading.Event().wait(0.01)

    return script


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 "])
def test_the_timeout_holds_however_slowly_the_bytes_come_and_the_connection_is_cut(head: bytes) -> None:
    with Server(trickling(head)) as server:
        http = Http(allow_private_targets=True)
        outcome = http.perform({"url": f"http://127.0.0.1:{server.port}"}, LITTLE_TIME, CONTEXT)
        assert outcome.status is AttemptStatus.TIMED_OUT
        assert outcome.error is not None
        assert outcome.error.code == "timeout"
        assert server.hung_up.wait(10)


def test_the_timeout_holds_when_the_name_is_not_answered() -> None:
    answered = threading.Event()

    def silent(host: str, port: int) -> Sequence[str]:
        answered.wait(10)
        raise socket.gaierror("too late")

    outcome = Http(resolve=silent).perform({"url": "http://slow.test/"}, LITTLE_TIME, CONTEXT)
    answered.set()
    assert outcome.status is AttemptStatus.TIMED_OUT


def test_a_connection_made_after_the_time_was_up_is_not_used() -> None:
    gate, asked = threading.Event(), threading.Event()

    def script(connection: socket.socket, request: str) -> None:
        asked.set()

    with Server(script) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]]})

        def slow(address: tuple[str, int], timeout: float) -> socket.socket:
            gate.wait(10)
            connected = internet.dial(address, timeout)
            made.append(connected)
            return connected

        made: list[socket.socket] = []
        http = Http(resolve=internet.resolve, dial=slow)
        outcome = http.perform({"url": "http://public.test/"}, LITTLE_TIME, CONTEXT)
        assert outcome.status is AttemptStatus.TIMED_OUT
        gate.set()
        while not made or made[0].fileno() != -1:
            threading.Event().wait(0.005)
        assert not asked.is_set()


def test_no_further_address_is_tried_after_the_time_was_up() -> None:
    gate, called = threading.Event(), []

    def dead(address: tuple[str, int], timeout: float) -> socket.socket:
        called.append(address[0])
        gate.wait(10)
        raise ConnectionRefusedError("nobody there")

    before = threading.active_count()
    http = Http(resolve=lambda host, port: ["93.184.216.34", "1.1.1.1"], dial=dead)
    outcome = http.perform({"url": "http://public.test/"}, LITTLE_TIME, CONTEXT)
    assert outcome.status is AttemptStatus.TIMED_OUT
    gate.set()
    while threading.active_count() > before:
        threading.Event().wait(0.005)
    assert called == ["93.184.216.34"]


def test_nobody_there_is_a_failure_that_another_try_may_mend() -> None:
    with Server(saying(answer())) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]]}, dead={"93.184.216.34"})
        http = Http(resolve=internet.resolve, dial=internet.dial)
        for host in ("public.test", "no-such.test"):
            outcome = http.perform({"url": f"http://{host}/"}, TIME, CONTEXT)
            assert failure(outcome) == ("connection_failed", False)


def test_a_dead_address_leaves_the_next_to_be_tried() -> None:
    with Server(saying(answer())) as server:
        addresses = ["2606:4700:4700::1111", "93.184.216.34"]
        internet = Internet(server, {"public.test": [addresses]}, dead={"2606:4700:4700::1111"})
        http = Http(resolve=internet.resolve, dial=internet.dial)
        assert http.perform({"url": "http://public.test/"}, TIME, CONTEXT).status is AttemptStatus.SUCCEEDED
        assert [address for address, _ in internet.called] == addresses
