"""Lambda's Invoke API on loopback, for the one function that another one calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations").fullmatch

Invoke = Callable[[str, Any], Any]
"""The name of a function and an event, to what it answers."""


class InvokeApi:
    """Hands what is invoked to `invoke`."""

    def __init__(self, invoke: Invoke) -> None:
        self._server = _Server(invoke)
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        """As `AWS_ENDPOINT_URL_LAMBDA` has it."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, invoke: Invoke) -> None:
        self.invoke = invoke
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Answer as a function that was invoked and waited for."""
        asked = PATH(self.path)
        assert asked is not None
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = json.dumps(self.server.invoke(asked[1], event)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Amz-Executed-Version", "$LATEST")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name that http.server calls it by)
        """Nothing: what matters is asserted."""
