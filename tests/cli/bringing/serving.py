"""A person's command line, in front of the real application."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click.testing

from punctual_cli.main import main
from punctual_client import Client
from tests.web.building import Caller


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
