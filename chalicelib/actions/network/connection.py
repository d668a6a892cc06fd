"""The connection of an http request: to addresses that were checked, and cut from outside when its time is up."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from urllib3.connection import HTTPConnection, HTTPSConnection

from chalicelib.actions.output import KeptOutput
from chalicelib.core.run import OUTPUT_LIMIT

CONNECT_TIMEOUT = 10
"""Seconds for one address, so that a dead one leaves time for the next."""
Dial = Callable[[tuple[str, int], float], socket.socket]
"""Address and port, and the seconds to wait at most, to a connection; `OSError` where there is none."""
READING = 16 * 1024
"""Bytes of one read."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """An answer, with as much of its body as is kept. `retry_after` holds every value that it gave for this header."""

    status: int
    reason: str
    location: str
    retry_after: tuple[str, ...]
    body: KeptOutput


class Line:
    """One connection at a time, which another thread can cut at any moment.

    Socket timeouts alone would not do: they begin anew with every byte, and a server may send one byte a second.
    """

    def __init__(self, timeout: timedelta, dial: Dial = socket.create_connection) -> None:
        self._dial = dial
        self._timeout = timeout.total_seconds()
        self._turn = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False

    def connect(self, addresses: Sequence[str], port: int) -> None:
        """Connect to the first of the addresses that takes the connection; `OSError` where none does."""
        failure = OSError("the host has no address")
        for address in addresses:
            if self._cut:
                break
            try:
                connected = self._dial((address, port), min(self._timeout, CONNECT_TIMEOUT))
            except OSError as error:
                failure = error
                continue
            return self._hold(connected)
        raise failure

    def secure(self, certificates: ssl.SSLContext, host: str) -> None:
        """Speak TLS from here on, with a server that proves to be this host."""
        assert self._socket is not None
        secured = certificates.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
        self._hold(secured)
        secured.do_handshake()

    def http(self, scheme: str, host: str, port: int) -> HTTPConnection:
        """HTTP over this connection, as if it had been made to the host by name."""
        connection = (HTTPSConnection if scheme == "https" else HTTPConnection)(host, port, timeout=self._timeout)
        connection.sock = self._socket
        return connection

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()

    def cut(self) -> None:
        """End the connection under whoever uses it, and every one that would follow."""
        with self._turn:
            self._cut = True
            if self._socket is not None:
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _hold(self, connected: socket.socket) -> None:
        connected.settimeout(self._timeout)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._turn:
            self._socket = connected
            if not self._cut:
                return
        connected.close()
        raise TimeoutError("the time is up")


def receive(connection: HTTPConnection) -> Received:
    """The answer. Its body is read until it ends or more than enough is there."""
    body = KeptOutput(OUTPUT_LIMIT)
    with connection.getresponse() as response:
        while not body.full and (some := response.read(READING)):
            body.add(some)
    return Received(
        status=response.status,
        reason=response.reason or "",
        location=response.headers.get("location", ""),
        retry_after=tuple(response.headers.getlist("retry-after")),
        body=body,
    )
