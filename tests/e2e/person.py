"""Somebody with an account and a command line, at an installation of any kind."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
PATIENCE = timedelta(seconds=150)
"""A pass comes every thirty seconds, and this machine may be busy."""
ANN = {"username": "ann", "password": "correct horse battery", "email": "ann@example.com"}
HELLO = {"type": "function", "name": "print_hello"}


class Asked(Protocol):
    """Where a person asks."""

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """The JSON answer of the API."""
        ...


class Person:
    """Somebody with an account and a command line."""

    def __init__(self, stack: Asked, token: str) -> None:
        self.stack, self.token = stack, token

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.stack.ask(method, path, body, self.token)

    def create(self, name: str, action: dict[str, Any], schedule: dict[str, Any], **more: Any) -> str:
        task = self.ask("POST", "/api/tasks", {"name": name, "action": action, "schedule": schedule} | more)
        return str(task["id"])

    def runs(self, task_id: str) -> list[dict[str, Any]]:
        """The runs of a task, the oldest first."""
        found: list[dict[str, Any]] = self.ask("GET", f"/api/tasks/{task_id}/runs?limit=100")["items"]
        return found[::-1]

    def ended(self, task_id: str, count: int = 1) -> list[dict[str, Any]]:
        """The runs of a task once so many have ended."""

        def enough() -> list[dict[str, Any]] | None:
            found = [run for run in self.runs(task_id) if run["status"] not in ("queued", "running", "retrying")]
            return found if len(found) >= count else None

        return eventually(enough)


def eventually(look: Callable[[], T | None]) -> T:
    """What is seen in the end."""
    until = time.monotonic() + PATIENCE.total_seconds()
    while time.monotonic() < until:
        seen = look()
        if seen is not None:
            return seen
        time.sleep(0.5)
    raise AssertionError(f"not seen within {PATIENCE}")


def in_(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def registered(stack: Asked) -> Person:
    return Person(stack, stack.ask("POST", "/api/register", ANN)["token"])
