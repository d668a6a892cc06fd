"""The local API Gateway, serving a small application: what a client sees, also a rude one."""

from __future__ import annotations

import http.client
import json
import logging.handlers
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chalice.app import Chalice, Request, Response

from chalicelib.logs import LOGGER
from chalicelib.web.frame.headers import EVERYWHERE
from infra.local.choices import Refused
from infra.local.standins.gateway import BODY_LIMIT, Gateway

MEETING = threading.Barrier(2)
LOG = logging.handlers.BufferingHandler(capacity=1000)


def current(app: Chalice) -> Request:
    assert app.current_request is not None
    return app.current_request


def small_application() -> Chalice:
    app = Chalice(app_name="small")

    @app.route("/hello")
    def hello() -> Any:
        return {"hello": "world"}

    @app.route("/echo", methods=["POST"])
    def echo() -> Any:
        request = current(app)
        return {"body": request.json_body, "query": request.query_params}

    @app.route("/gone", methods=["DELETE"])
    def gone() -> Response:
        return Response(body="", status_code=204)

    @app.route("/cookies")
    def cookies() -> Response:
        return Response(body="<p>", headers={"Content-Type": "text/html", "Set-Cookie": ["a=1", "b=2"]})

    @app.route("/broken")
    def broken() -> Any:
        raise RuntimeError("broken on purpose")

    @app.route("/meet/{name}")
    def meet(name: str) -> Any:
        MEETING.wait(30)
        return {"asked": (current(app).uri_params or {})["name"]}

    return app


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    served, handlers = Gateway(0), LOGGER.handlers
    LOGGER.handlers = [LOG]
    served.serve(small_application())
    yield served
    served.stop()
    LOGGER.handlers = handlers


def ask(gateway: Gateway, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.server_port, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def say(gateway: Gateway, raw: bytes) -> bytes:
    """What comes back for raw bytes, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", gateway.server_port), timeout=30) as connection:
        connection.sendall(raw)
        pieces = []
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def assert_problem(status: int, headers: Any, content: bytes, code: str) -> None:
    problem = json.loads(content)
    assert headers["Content-Type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert (problem["status"], problem["code"]) == (status, code)


def test_a_route_answers(gateway: Gateway) -> None:
    status, headers, content = ask(gateway, "GET", "/hello")
    assert (status, json.loads(content), headers["Content-Type"]) == (200, {"hello": "world"}, "application/json")


def test_a_trailing_slash_and_a_query_are_understood(gateway: Gateway) -> None:
    body = json.dumps({"ü": 1})
    status, _, content = ask(gateway, "POST", "/echo/?a=1", body, **{"Content-Type": "application/json"})
    assert (status, json.loads(content)) == (200, {"body": {"ü": 1}, "query": {"a": "1"}})


@pytest.mark.parametrize("path", ["/nothing", "//", "/hello/there", "/hello%00", "/%ff", "//[bad"])
def test_an_unknown_path_is_a_problem_404(gateway: Gateway, path: str) -> None:
    status, headers, content = ask(gateway, "GET", path, Authorization="Token é".encode("latin-1").decode("latin-1"))
    assert status == 404
    assert_problem(404, headers, content, "not_found")
    assert EVERYWHERE.items() <= dict(headers).items()


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE", "BREW"])
def test_an_unknown_method_is_a_problem_405(gateway: Gateway, method: str) -> None:
    status, headers, content = ask(gateway, method, "/hello")
    assert status == 405
    assert_problem(405, headers, content, "method_not_allowed")
    assert EVERYWHERE.items() <= dict(headers).items()


def test_a_405_says_what_is_allowed(gateway: Gateway) -> None:
    assert ask(gateway, "POST", "/hello")[1]["Allow"] == "GET, HEAD"


def test_head_is_get_without_the_body(gateway: Gateway) -> None:
    _, got, content = ask(gateway, "GET", "/hello")
    status, headers, nothing = ask(gateway, "HEAD", "/hello")
    assert (status, nothing) == (200, b"")
    assert headers["Content-Length"] == got["Content-Length"] == str(len(content))
    assert headers["Content-Type"] == got["Content-Type"]


def test_an_answer_without_content_has_neither_length_nor_type(gateway: Gateway) -> None:
    status, headers, content = ask(gateway, "DELETE", "/gone")
    assert (status, content) == (204, b"")
    assert "Content-Length" not in headers
    assert "Content-Type" not in headers


def test_every_cookie_is_sent(gateway: Gateway) -> None:
    _, headers, content = ask(gateway, "GET", "/cookies")
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert (headers["Content-Type"], content) == ("text/html", b"<p>")


def test_a_view_that_breaks_shows_no_stack_trace(gateway: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
    status, _, content = ask(gateway, "GET", "/broken")
    assert status == 500
    assert b"on purpose" not in content
    assert capfd.readouterr() == ("", "")
    assert "broken on purpose" in LOG.format(LOG.buffer[-1])


def test_requests_at_the_same_time_do_not_share_state(gateway: Gateway) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda name: ask(gateway, "GET", f"/meet/{name}"), ["a", "b"]))
    assert [json.loads(content) for _, _, content in answers] == [{"asked": "a"}, {"asked": "b"}]


def test_a_connection_serves_several_requests(gateway: Gateway) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.server_port, timeout=30)
    for _ in range(3):
        connection.request("GET", "/hello")
        assert connection.getresponse().read() == b'{"hello":"world"}'
        connection.auto_open = 0  # a second connection would be an error
    connection.close()


def test_a_body_beyond_the_limit_is_answered_and_not_waited_for(gateway: Gateway) -> None:
    answer = say(gateway, b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (BODY_LIMIT + 1))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "too_large"' in answer


def test_the_sender_of_a_huge_body_gets_to_see_the_answer(gateway: Gateway) -> None:
    status, headers, content = ask(gateway, "POST", "/echo", b"x" * (BODY_LIMIT + 1))
    assert status == 413
    assert_problem(413, headers, content, "too_large")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_what_is_hardly_http_is_answered_with_a_problem(gateway: Gateway, raw: bytes, status: int) -> None:
    head, _, content = say(gateway, raw).partition(b"\r\n\r\n")
    assert f" {status} ".encode() in head.splitlines()[0]
    assert json.loads(content)["status"] == status


def test_a_client_that_goes_away_does_no_harm(gateway: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", gateway.server_port)) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
    assert ask(gateway, "GET", "/hello")[0] == 200
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_refused_in_one_sentence(gateway: Gateway) -> None:
    with pytest.raises(Refused, match=f"^Port {gateway.server_port} of 127.0.0.1 is taken: .*PORT=\\.$"):
        Gateway(gateway.server_port)


def test_stopping_lets_the_request_in_hand_finish() -> None:
    served, entered, leave = Gateway(0), threading.Event(), threading.Event()
    app = Chalice(app_name="slow")

    @app.route("/slow")
    def slow() -> Any:
        entered.set()
        leave.wait(30)
        return {"done": True}

    served.serve(app)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, served, "GET", "/slow")
        assert entered.wait(30)
        served.stop()
        assert not served.wait(0)
        leave.set()
        assert json.loads(answer.result()[2]) == {"done": True}
    assert served.wait(30)


@pytest.fixture
def stage() -> Iterator[Gateway]:
    served, handlers = Gateway(0, stage="prod"), LOGGER.handlers
    LOGGER.handlers = [LOG]
    served.serve(small_application())
    yield served
    served.stop()
    LOGGER.handlers = handlers


def test_a_stage_stands_before_every_path(stage: Gateway) -> None:
    status, _, content = ask(stage, "GET", "/prod/hello")
    assert (status, json.loads(content)) == (200, {"hello": "world"})
    assert stage.url.endswith(f":{stage.server_port}/prod")


@pytest.mark.parametrize("path", ["/hello", "/", "/production/hello", "/prodhello"])
def test_outside_of_its_stage_there_is_nothing(stage: Gateway, path: str) -> None:
    status, headers, content = ask(stage, "GET", path)
    assert status == 404
    assert_problem(status, headers, content, "not_found")
