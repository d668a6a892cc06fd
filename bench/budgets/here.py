"""Lateness on this machine: the whole local stack on MiniStack, tasks that are due every five seconds, for a minute.

Everything is there on one machine, and nothing else is measured by its clock: passes, queues, workers, and an emulator
that takes its share of the processors. The stack is that of `make run`, on a free port, with its state in a folder of
its own, and is gone afterwards.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.budgets.table import Row, row
from chalicelib.core.instant import from_text, to_text
from infra.simulation.report import percentile

ROOT = Path(__file__).parents[2]
TASKS, EVERY = 200, timedelta(seconds=5)
FOR = timedelta(seconds=60)
BEFORE = timedelta(seconds=100)
"""Between the beginning of the tasks' creation and the first due time: passes have come by then, and it is quiet."""
AFTER = timedelta(seconds=15)
STOPS_IN = 30.0
ANSWERS_IN = 60.0
READY = re.compile(r"ready at (http://\S+)")
HELLO = {"type": "function", "name": "print_hello"}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who asks the API."""

    url: str
    token: str | None = None

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON answer."""
        headers = {"Content-Type": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Token {self.token}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=ANSWERS_IN) as answer:
            return json.loads(answer.read())


def rows() -> Iterator[Row]:
    """One row, about two and a half minutes later."""
    with tempfile.TemporaryDirectory(prefix="punctual-bench-") as folder, _stack(Path(folder)) as url:
        person = _registered(url)
        first = datetime.now(UTC).replace(microsecond=0) + BEFORE
        tasks = [_created(person, first, number) for number in range(TASKS)]
        left = first - datetime.now(UTC)
        _sleep_until(first + FOR + AFTER)
        found = sorted(late for task in tasks for late in _lateness(person, task, first, first + FOR))
    more = {f"p{percent}": percentile(found, percent) for percent in (50, 99, 100)}
    more |= {"runs": len(found), "due": TASKS * (FOR // EVERY), "created_before": round(left.total_seconds())}
    yield row("lateness on this machine, p95", percentile(found, 95), **more)


def _registered(url: str) -> Person:
    person = Person(url=url)
    account = {"username": "bench", "password": "correct horse battery", "email": "bench@example.com"}
    return replace(person, token=person.ask("POST", "/api/register", account)["token"])


def _created(person: Person, first: datetime, number: int) -> str:
    """A task; all together are due evenly over five seconds."""
    start = first + EVERY * number / TASKS
    schedule = {
        "type": "interval",
        "every": int(EVERY.total_seconds()),
        "unit": "seconds",
        "start_at": to_text(start),
        "end_at": to_text(first + FOR),
    }
    task: Mapping[str, str] = person.ask("POST", "/api/tasks", {"name": "hello", "action": HELLO, "schedule": schedule})
    return task["id"]


def _lateness(person: Person, task_id: str, since: datetime, until: datetime) -> Iterator[int]:
    """Milliseconds of each of its runs."""
    for run in person.ask("GET", f"/api/tasks/{task_id}/runs?limit=100")["items"]:
        if since <= from_text(run["due_at"]) < until:
            if run["status"] != "succeeded":
                raise RuntimeError(f"a run has come to {run['status']}: {run['error']}")
            yield run["lateness_ms"]


def _sleep_until(instant: datetime) -> None:
    time.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


@contextmanager
def _stack(folder: Path) -> Iterator[str]:
    """The local stack's URL; afterwards it has ended, the emulator before it."""
    own = {"ENGINE": "ministack", "PORT": "0", "STATE_DIR": str(folder), "RUN_FEED": "on"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local"], cwd=ROOT, env=kept | own, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield _url(process)
        finally:
            process.send_signal(signal.SIGINT)
            _end(process)


def _url(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        found = READY.search(line)
        if found:
            return found[1]
    raise RuntimeError("the local stack did not start")


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.communicate(timeout=STOPS_IN)
    except subprocess.TimeoutExpired:
        process.kill()  # the emulator dies with it
