"""A way to an installation on which answers get lost: requests are done, and whoever sent them hears nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.actions.serving import Server


@contextmanager
def relay(url: str, *, lost: int = 0) -> Iterator[Server]:
    """Passes on what it gets, and loses the first answers to requests that change something."""
    left = [lost]

    def script(connection: socket.socket, request: str) -> None:
        answer = _asked(url, request)
        if left[0] and not request.startswith("GET "):
            left[0] -= 1
            return
        connection.sendall(answer)

    with Server(script) as server:
        yield server


def _asked(url: str, request: str) -> bytes:
    head, _, body = request.partition("\n\n")
    lines = [line for line in head.splitlines() if not line.lower().startswith("connection:")]
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", body]).encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


def key_of(request: str) -> str | None:
    """The idempotency key of a request."""
    found = [line.partition(": ")[2] for line in request.splitlines() if line.lower().startswith("idempotency-key:")]
    return found[0] if found else None
