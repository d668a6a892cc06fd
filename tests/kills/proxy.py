"""A proxy between one part and the emulator. It kills the part, as `kill -9` does, at the call that was chosen."""

from __future__ import annotations

import enum
import http.client
import json
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.infra.stacks import born, descendants

LOOKS = 100
"""Processes come and go while they are listed: the list is asked for again, at most this often."""


class Moment(enum.StrEnum):
    """When a part is killed."""

    BEFORE = "before"
    """Its call never arrives."""
    AFTER = "after"
    """Its call has been performed, and it never gets the answer."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """Where a part is killed: the call, by its operation and its table or queue, and which one of its kind."""

    moment: Moment
    call: str
    number: int = 1

    def __str__(self) -> str:
        return f"{self.moment} {self.call} {self.number}"


class Proxy(ThreadingHTTPServer):
    """Passes calls on and lists them. Once its victim has been killed, nothing of it arrives any more."""

    daemon_threads = True

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.emulator = urlsplit(endpoint).netloc
        self.endpoint = f"http://127.0.0.1:{self.server_port}"
        self.calls: list[str] = []
        self.family: dict[int, int | None] = {}
        self.killed = False
        self.in_flight: dict[str, str] = {}
        self._victim: subprocess.Popen[str] | None = None
        self._point: Point | None = None
        self._in_hand = 0
        self._turn = threading.Condition()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def aim(self, victim: subprocess.Popen[str], point: Point | None) -> None:
        """Kill this process at that point, counted from now on; None: let it live."""
        with self._turn:
            self._victim, self._point = victim, point
            self.calls.clear()

    def kill(self) -> None:
        """End the victim at once, whatever it is doing, and remember what it had started."""
        assert self._victim is not None
        self.killed = True
        self.family = _family(self._victim.pid)
        self._victim.kill()
        self._victim.wait()

    def wait(self) -> None:
        """Wait until the emulator has answered all that had arrived."""
        with self._turn:
            self._turn.wait_for(lambda: self._in_hand == 0)

    @contextmanager
    def call(self, name: str) -> Iterator[Moment | None]:
        """A call that has arrived here, and whether its sender is to die of it."""
        with self._turn:
            if self.killed:
                raise ConnectionAbortedError("from the dead")
            self.calls.append(name)
            point = self._point
            met = point is not None and (point.call, point.number) == (name, Counter(self.calls)[name])
            self.killed = met
            self._in_hand += 1
        try:
            yield point.moment if point is not None and met else None
            if met:
                self.kill()
        finally:
            with self._turn:
                self._in_hand -= 1
                self._turn.notify_all()

    def note(self, name: str, request: Mapping[str, Any], answer: bytes) -> None:
        """Remember which messages the victim has, by their receipt handle, and in which queue."""
        operation = name.partition(" ")[0]
        if operation == "ReceiveMessage":
            for message in json.loads(answer).get("Messages", ()):
                self.in_flight[message["ReceiptHandle"]] = request["QueueUrl"]
        if operation == "DeleteMessageBatch":
            for entry in request["Entries"]:
                self.in_flight.pop(entry["ReceiptHandle"], None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections to a process that was killed break; that is what this is for."""


class Handler(BaseHTTPRequestHandler):
    """One connection of the victim, and one to the emulator."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Proxy

    def setup(self) -> None:
        super().setup()
        self.emulator = http.client.HTTPConnection(self.server.emulator)

    def finish(self) -> None:
        self.emulator.close()
        super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = json.loads(body)
        name = _name(self.headers["X-Amz-Target"], request)
        self.close_connection = True  # unless all goes well
        with self.server.call(name) as met:
            if met is Moment.BEFORE:
                return
            self.emulator.request("POST", self.path, body, dict(self.headers))
            response = self.emulator.getresponse()
            answer = response.read()
            if response.status == 200:
                self.server.note(name, request, answer)
        if met is None:
            self._pass_on(response, answer)

    def _pass_on(self, response: http.client.HTTPResponse, answer: bytes) -> None:
        self.send_response_only(response.status)
        for header, value in response.getheaders():
            if header.lower() != "connection":
                self.send_header(header, value)
        self.end_headers()
        self.wfile.write(answer)
        self.wfile.flush()
        self.close_connection = False

    def log_message(self, *said: Any) -> None:
        """Says nothing."""


def _name(target: str, request: Mapping[str, Any]) -> str:
    """A call's operation, and the tables or the queue that it is about, by the name they have in every stage."""
    whole = [request.get(key, "") for key in ("TableName", "QueueName", "QueueUrl")]
    items = request.get("RequestItems", ())
    written = (write["TableName"] for entry in request.get("TransactItems", ()) for write in entry.values())
    about = {name.rpartition("-")[2] for name in (*whole, *items, *written) if name}
    return " ".join([target.rpartition(".")[2], "+".join(sorted(about))]).rstrip()


def _family(pid: int) -> dict[int, int | None]:
    for _ in range(LOOKS):
        try:
            return {child: born(child) for child in descendants(pid)}
        except OSError:
            continue
    raise AssertionError(f"what {pid} has started changes all the time")
