"""The real application on memory adapters, served on loopback within this process, and a person's command line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import click.testing

from punctual_cli.main import main
from punctual_client import Client
from tests.web.building import Caller, World

ONE_AT_A_TIME = Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    client: Any = None

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with ONE_AT_A_TIME:
            answer = self.client.http.request(self.command, self.path, headers=headers, body=body)
        content = answer.body if isinstance(answer.body, bytes) else str(answer.body).encode()
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            self.send_header(name, str(value))
        if "content-length" not in {name.lower() for name in answer.headers}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests say what happened."""


@contextmanager
def served(world: World) -> Iterator[str]:
    """Where an installation answers, for as long as it is asked."""
    handler = type("Handler", (_Handler,), {"client": world.client})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command said, and with what it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out, self.err
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is logged in on a command line."""

    url: str
    caller: Caller
    folder: Path

    @property
    def client(self) -> Client:
        return Client(self.url, self.caller.token, retries=0)

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """All tasks, by name: the clock stands still, so that none is older than another."""
        return sorted((dict(task) for task in self.client.tasks.list()), key=lambda task: str(task["name"]))

    def says(self, *words: str, stdin: str | None = None) -> Said:
        """Give a command, and hear what it says. Nothing is a terminal."""
        environment = self.environment()
        result = click.testing.CliRunner().invoke(
            main, list(words), env=environment, input=None if stdin is None else io.BytesIO(stdin.encode())
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(code=result.exit_code, out=result.stdout, err=result.stderr)

    def environment(self) -> Mapping[str, str]:
        return {
            "PUNCTUAL_URL": self.url,
            "PUNCTUAL_TOKEN": self.caller.token or "",
            "XDG_CONFIG_HOME": str(self.folder),
        }

    def file(self, text: str, name: str = "tasks.yaml") -> str:
        """A file of the person's, by its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def applies(self, text: str, *words: str, name: str = "tasks.yaml") -> Said:
        """Apply a file without being asked."""
        return self.says("apply", "-f", self.file(text, name), "--yes", *words)
