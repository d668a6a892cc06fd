"""Requests of the API, from the event of API Gateway to its answer, with tables and queues in memory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from chalice.test import Client

from app import app
from bench.budgets.loads import MANY, hourly
from bench.budgets.processor import ROUNDS
from bench.budgets.table import Row, row, short
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemorySecrets, MemoryStore
from chalicelib.bootstrap import whole
from chalicelib.settings import Settings

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
REQUESTS = 200
CALL = {"type": "http", "method": "GET", "url": "https://example.com/"}
ACCOUNT = {"username": "bench", "password": "correct horse battery", "email": "bench@example.com"}


def rows() -> Iterator[Row]:
    """The least of a few rounds. `per_second` is what one process with a processor of its own answers."""
    ask = _installation()
    headers = {"Authorization": f"Token {ask('POST', '/api/register', ACCOUNT, {})['token']}"}
    document = {"name": "hello", "action": CALL, "schedule": hourly(0)}
    path = f"/api/tasks/{ask('POST', '/api/tasks', document, headers)['id']}"
    yield _row("API request, get a task", lambda: ask("GET", path, None, headers))
    yield _row("API request, create a task", lambda: ask("POST", "/api/tasks", document, headers))


def _row(name: str, request: Callable[[], object]) -> Row:
    seconds = min(_round(request) for _ in range(ROUNDS)) / REQUESTS
    return row(name, 1000 * seconds, per_second=short(1 / seconds))


def _round(request: Callable[[], object]) -> float:
    begun = time.process_time()
    for _ in range(REQUESTS):
        request()
    return time.process_time() - begun


def _installation() -> Callable[[str, str, Any, dict[str, str]], Any]:
    """What asks an installation in memory; an answer that is not a success breaks off."""
    clock = ManualClock(START)
    settings = Settings(max_tasks=MANY, max_runs_per_minute=MANY, max_stored_bytes=MANY)
    store, queue, secrets = MemoryStore(), MemoryQueue(clock), MemorySecrets(clock)
    whole.use(whole.assemble(settings, store=store, queue=queue, clock=clock, actions={}, secrets=secrets))
    http = Client(app).http

    def ask(method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        answer = http.request(method, path, headers={"Content-Type": "application/json"} | headers, body=content)
        if answer.status_code >= 300:
            raise RuntimeError(f"{method} {path} was answered with {answer.status_code}: {answer.body!r}")
        return answer.json_body

    return ask
