"""A server for one test, scripted byte by byte, and an internet in which names lead to it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, str], None]
"""What to do with a connection once its request was read."""


def answer(status: str = "200 OK", body: str | bytes = "", **headers: str) -> bytes:
    """A complete answer. Underscores in the names of headers stand for dashes."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *lines])
    return head.encode() + b"\r\n\r\n" + content


def saying(*answers: bytes) -> Script:
    """Gives one answer after another, the last again and again."""
    waiting = list(answers)

    def script(connection: socket.socket, request: str) -> None:
        connection.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return script


class Server:
    """Takes connections one by one on a free port of this machine, keeps the requests, and follows the script."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[str] = []
        self.hung_up = threading.Event()
        self._script, self._tls = script, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with suppress(OSError), connection, self._secured(connection) as secured:
                self._answer(secured)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def _answer(self, connection: socket.socket) -> None:
        request = _read(connection)
        self.requests.append(request)
        try:
            self._script(connection, request)
        except OSError:
            self.hung_up.set()


def _read(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.decode().lower().splitlines() if line.startswith("content-length:")]
    length = int(lengths[0].partition(":")[2]) if lengths else 0
    while len(body) < length:
        body += _some(connection)
    return f"{head.decode()}\n\n{body.decode()}"


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("hung up")
    return received


@dataclass
class Internet:
    """Names with the addresses they lead to, one list after another, the last again and again; and who was called.

    Every address that is called leads to the server, whatever the port.
    """

    server: Server
    names: dict[str, list[Sequence[str]]]
    dead: set[str] = field(default_factory=set)
    resolved: list[str] = field(default_factory=list)
    called: list[tuple[str, int]] = field(default_factory=list)

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.resolved.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        waiting = self.names[host]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def dial(self, address: tuple[str, int], timeout: float) -> socket.socket:
        self.called.append(address)
        if address[0] in self.dead:
            raise ConnectionRefusedError("nobody there")
        return socket.create_connection(("127.0.0.1", self.server.port), timeout)
