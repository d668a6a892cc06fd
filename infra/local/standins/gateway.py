"""API Gateway's part: Chalice's own local gateway behind a threaded HTTP/1.1 server on loopback.

Beyond what `chalice local` does: requests of several threads do not share state, an unknown path answers 404 and an
unknown method 405 as problem documents (on AWS a gateway response does), HEAD is GET without its body, no request
makes the server hang or print a stack trace, and stopping lets the requests in hand finish.
"""

from __future__ import annotations

import errno
import json
import logging
import socketserver
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, cast

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    LambdaEventConverter,
    LocalChalice,
    LocalGateway,
    MatchResult,
    RouteMatcher,
    ThreadedHTTPServer,
)

from chalicelib.logs import LOGGER, log
from chalicelib.web.frame.headers import EVERYWHERE
from infra.local.choices import Refused
from infra.local.standins.lambdas import DEFAULT_TIMEOUT, timeouts

HOST = "127.0.0.1"
API_FUNCTION = "api_handler"
"""Chalice's own name for the function behind the API."""
BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request body, as on API Gateway. The application's own limit is lower and answers for itself."""
DRAIN_LIMIT = 64 * 1024 * 1024
"""Bytes of a body that was refused which are still read, so that its sender gets to see the answer."""
SILENCE_SECONDS = 60
"""A connection on which nothing comes for this long is closed."""
WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class _BodyRefused(Exception):
    """The body cannot be read, or will not be. Carries the status that says why."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


class Gateway(ThreadedHTTPServer):
    """Listens from the moment it is made, so that a taken port shows early; answers once it serves an application.

    With a `stage`, every address begins with its name, as it does on API Gateway where there is no domain of one's own.
    """

    request_queue_size = 128

    def __init__(self, port: int, *, stage: str = "") -> None:
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            raise Refused(_why_not(port, error)) from error
        self._prefix = f"/{stage}" if stage else ""
        self._in_hand = 0
        self._turn = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}{self._prefix}"

    def server_bind(self) -> None:
        """Binds without asking the name service who 127.0.0.1 is."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def serve(self, application: Chalice) -> None:
        """Answers requests with the application, in threads of its own, until stopped."""
        _make_threaded(application)
        config = Config.create(chalice_app=application, lambda_timeout=timeouts().get(API_FUNCTION, DEFAULT_TIMEOUT))
        self.routes = {path: set(methods) for path, methods in application.routes.items()}
        self.matcher = _StageMatcher(self._prefix, list(application.routes))
        self.gateway = LocalGateway(application, config)
        self.gateway.event_converter = LambdaEventConverter(self.matcher, application.api.binary_types)
        threading.Thread(target=self.serve_forever, args=(0.1,), name="gateway", daemon=True).start()

    def stop(self) -> None:
        """Takes no further connection. Requests in hand go on."""
        self.shutdown()
        self.server_close()

    def wait(self, seconds: float) -> bool:
        """Waits until no request is in hand; False when some still are after that many seconds."""
        with self._turn:
            return self._turn.wait_for(lambda: self._in_hand == 0, seconds)

    @contextmanager
    def request(self) -> Iterator[None]:
        """Counts a request as being in hand."""
        with self._turn:
            self._in_hand += 1
        try:
            yield
        finally:
            with self._turn:
                self._in_hand -= 1
                self._turn.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is a line in the log, not a stack trace on the terminal."""
        log("connection_failed", logging.WARNING, failure=sys.exc_info()[1])


class _StageMatcher(RouteMatcher):
    """Finds the route of an address, in which the stage's name stands before it."""

    def __init__(self, prefix: str, routes: list[str]) -> None:
        super().__init__(routes)
        self._prefix = prefix

    def match_route(self, url: str) -> MatchResult:
        path = url.removeprefix(self._prefix) or "/"
        if not (url.startswith(self._prefix) and path[0] in "/?"):
            raise ValueError(f"outside of the stage: {url}")
        return super().match_route(path if path[0] == "/" else f"/{path}")


class Handler(ChaliceRequestHandler):
    """One connection."""

    timeout = SILENCE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, request: Any, client_address: Any, server: Gateway) -> None:
        self._gateway = server
        socketserver.StreamRequestHandler.__init__(self, request, client_address, server)

    def _generic_handle(self) -> None:
        with self._gateway.request():
            try:
                body = self._body()
            except _BodyRefused as refused:
                self.close_connection = True
                self._send_problem(refused.status, refused.code, refused.detail)
                self._drain()
                return
            self._respond(body)
            self.wfile.flush()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _generic_handle

    def _respond(self, body: bytes | None) -> None:
        methods = self._methods()
        if methods is None:
            self._send_problem(HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this path.")
            return
        method = "GET" if self.command == "HEAD" and "HEAD" not in methods else self.command
        if method not in methods | {"OPTIONS"}:
            self._send_not_allowed(methods)
            return
        answer = self._gateway.gateway.handle_request(method, self.path, dict(self.headers), body)
        headers = {**answer["headers"], **answer["multiValueHeaders"]}
        content = self._handle_binary(answer)["body"] or b""
        self._send(answer["statusCode"], headers, content if isinstance(content, bytes) else content.encode())

    def _methods(self) -> set[str] | None:
        try:
            return self._gateway.routes[self._gateway.matcher.match_route(self.path).route]
        except ValueError:
            return None

    def _body(self) -> bytes | None:
        if "Transfer-Encoding" in self.headers:
            raise _BodyRefused(HTTPStatus.LENGTH_REQUIRED, "length_required", "A body needs a Content-Length.")
        length = self.headers.get("Content-Length", "0").strip()
        if not (length.isascii() and length.isdigit()):
            raise _BodyRefused(HTTPStatus.BAD_REQUEST, "bad_request", "Content-Length must be a number of bytes.")
        if int(length) > BODY_LIMIT:
            raise _BodyRefused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"A body may have {BODY_LIMIT} bytes at most."
            )
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _BodyRefused(HTTPStatus.BAD_REQUEST, "bad_request", "The body ended before its Content-Length.")
        return body or None

    def _drain(self) -> None:
        """Reads on for a moment: a connection closed on unread bytes takes the answer down with it."""
        self.wfile.flush()
        self.connection.settimeout(1)
        left = DRAIN_LIMIT
        try:
            while left > 0 and (piece := self.rfile.read1(64 * 1024)):
                left -= len(piece)
        except OSError:
            return

    def _send(self, status: int, headers: Mapping[str, Any], content: bytes) -> None:
        headers = dict(headers)
        if status in WITHOUT_BODY:
            headers.pop("Content-Type", None)
        else:
            headers.setdefault("Content-Type", "application/json")
            headers["Content-Length"] = str(len(content))
        self.send_response(status)
        self._send_headers(headers)
        if self.command != "HEAD" and status not in WITHOUT_BODY:
            self.wfile.write(content)

    def _send_not_allowed(self, methods: set[str]) -> None:
        allowed = methods | ({"HEAD"} if "GET" in methods else set())
        detail = f"This path does not take {self.command}."
        self._send_problem(
            HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", detail, {"Allow": ", ".join(sorted(allowed))}
        )

    def _send_problem(
        self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        request_id = str(uuid.uuid4())
        problem = {
            "type": "about:blank",
            "title": status.phrase,
            "status": int(status),
            "detail": detail,
            "code": code,
            "request_id": request_id,
            "errors": [],
        }
        kind = {"Content-Type": "application/problem+json", "x-amzn-RequestId": request_id}
        closing = {"Connection": "close"} if self.close_connection else {}
        self._send(status, {**EVERYWHERE, **kind, **closing, **(headers or {})}, json.dumps(problem).encode())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers what is not even a request with a problem document, where http.server would send a page."""
        status = HTTPStatus(code)
        self.command = getattr(self, "command", None) or ""
        self.request_version = self.protocol_version  # or the answer to nonsense would have no status line
        if status is HTTPStatus.NOT_IMPLEMENTED:  # a method that no path here has
            status = HTTPStatus.METHOD_NOT_ALLOWED
        self.close_connection = True
        self._send_problem(status, status.name.lower(), message or status.description or status.phrase)

    def log_message(self, *said: Any) -> None:
        """Says nothing: the application logs its own requests."""

    def version_string(self) -> str:
        return "Punctual"


def _make_threaded(application: Chalice) -> None:
    """Gives each thread a `current_request` of its own, as each Lambda has; and one log for everything."""
    if not isinstance(application, LocalChalice):
        kinds = (LocalChalice, type(application))
        application.__class__ = cast(type[Chalice], type("ThreadedChalice", kinds, {}))
    application.log.handlers = list(LOGGER.handlers)
    application.log.propagate = False


def _why_not(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {HOST} is taken: stop what uses it, or choose another one with PORT=."
    return f"Port {port} of {HOST} cannot be used: {error.strerror}."
