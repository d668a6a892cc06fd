"""Lambda's Runtime API on loopback: hands events to one process of a function, and hears what came of them.

A process asks for the next event, and posts its answer or its error. That it asks for the first one says that it has
started. (AWS describes this under "Building a custom runtime".)
"""

from __future__ import annotations

import json
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

VERSION = "/2018-06-01/runtime"
FUNCTION_SECONDS = 60
"""What each event gets, as its deadline says it."""


class RuntimeApi:
    """One process's Runtime API."""

    def __init__(self, function: str) -> None:
        self.function = function
        self.started = Event()
        """The process has asked for its first event."""
        self.failures: list[dict[str, Any]] = []
        """Why it could not start."""
        self._events: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
        self._server = _Server(self)
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """Host and port, as `AWS_LAMBDA_RUNTIME_API` has them."""
        return f"127.0.0.1:{self._server.server_port}"

    def ask(self, event: Any, seconds: float) -> tuple[bool, Any]:
        """Whether the process made an answer of the event, and that answer or the error; `Empty` where none came."""
        self._events.put(event)
        return self._answers.get(timeout=seconds)

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def next_event(self) -> bytes | None:
        """The event that the process gets; None once nobody waits for an answer any more."""
        self.started.set()
        while True:
            try:
                return json.dumps(self._events.get(timeout=0.2)).encode()
            except Empty:
                if self._server.closed:
                    return None

    def answered(self, kind: str, said: bytes) -> None:
        """What the process posted: `response`, or `error`."""
        self._answers.put((kind == "response", json.loads(said or b"null")))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        self.closed = False
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_close(self) -> None:
        self.closed = True
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """The next event."""
        assert self.path == f"{VERSION}/invocation/next"
        event = self.server.api.next_event()
        if event is None:
            self.close_connection = True
            return
        name = self.server.api.function
        self._answer(
            200,
            event,
            **{
                "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + FUNCTION_SECONDS) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
                "Lambda-Runtime-Trace-Id": "Root=1-67891233-abcdef012345678912345678",
            },
        )

    def do_POST(self) -> None:
        """What came of an event, or of the start."""
        said = (
            self.rfile.read(int(self.headers["Content-Length"])) if "Content-Length" in self.headers else self._rest()
        )
        if self.path == f"{VERSION}/init/error":
            self.server.api.failures.append(json.loads(said))
        else:
            self.server.api.answered(self.path.rpartition("/")[2], said)
        self._answer(202, b'{"status":"OK"}')

    def _rest(self) -> bytes:
        """A body in chunks: awslambdaric sends its answers so."""
        said = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            said += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return said

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name that http.server calls it by)
        """Nothing: what matters is asserted."""
