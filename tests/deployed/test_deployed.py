"""The package, deployed: its own rule, queues and roles run it, and a person uses it at its address.

Everything is as `make package` and `make deploy` make it, in an AWS that enforces policies. What takes two ticks is
waited for, so the whole takes about three minutes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from typing import Any

import pytest

from tests.deployed.conftest import Deploy
from tests.deployed.installation import FUNCTIONS, Installation
from tests.e2e.person import HELLO, Person, eventually, in_, registered

BEYOND = 100
"""Seconds. What is due so late is not sent by the API: a tick, a pass and its message have to bring it."""
SECONDS = {"type": "interval", "unit": "seconds"}
LONG = "for n in $(seq 400); do echo line $n; done"
"""Output that is too long to be kept with its run."""


class Canary(BaseHTTPRequestHandler):
    """Answers, and says what it was told."""

    def do_GET(self) -> None:
        content = self.headers.get("X-Key", "").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *said: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def canary() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def stage(deploy: Deploy) -> Installation:
    """A stage from which http actions may reach this machine."""
    return deploy("proof", AllowPrivateTargets="1")


@pytest.fixture(scope="module")
def tasks(stage: Installation, canary: str) -> tuple[Person, dict[str, str]]:
    """Somebody's tasks of every kind, by name, so that they run while each test waits for its own."""
    ann = registered(stage)
    ann.ask("PUT", "/api/secrets/key", {"value": "swordfish"})
    return ann, {
        "beyond": ann.create("beyond", HELLO, {"type": "once", "at": in_(BEYOND)}),
        "once": ann.create("once", HELLO, {"type": "once", "at": in_(3)}),
        "five": ann.create("five", HELLO, SECONDS | {"every": 5}),
        "http": ann.create(
            "http",
            {"type": "http", "method": "GET", "url": canary, "headers": {"X-Key": {"secret": "key"}}},
            {"type": "once", "at": in_(4)},
        ),
        "command": ann.create("command", {"type": "command", "command": LONG}, {"type": "once", "at": in_(3)}),
        "urgent": ann.create("urgent", HELLO, {"type": "once", "at": in_(3)}, priority="high"),
        "failing": ann.create(
            "failing",
            {"type": "command", "command": "exit 3"},
            {"type": "once", "at": in_(2)},
            retry={"max_attempts": 2},
        ),
        "queued": ann.create("queued", HELLO, SECONDS | {"every": 20}, overlap="queue"),
    }


Tasks = tuple[Person, dict[str, str]]


def test_each_function_has_a_role_of_its_own(stage: Installation) -> None:
    assert len({stage.role(name) for name in FUNCTIONS}) == len(FUNCTIONS)


def test_the_console_is_served_below_the_stage_of_its_address(stage: Installation) -> None:
    page = stage.fetch("GET", "/login").decode()
    assert 'action="/api/login"' in page
    assert 'href="/api/static/' in page
    assert b"{" in stage.fetch("GET", "/api/openapi.json")


@pytest.mark.parametrize("name", ["once", "urgent"])
def test_what_is_due_in_three_seconds_runs_once_and_not_early(tasks: Tasks, name: str) -> None:
    ann, ids = tasks
    [run] = ann.ended(ids[name])
    assert (run["status"], run["output"], len(run["attempts"])) == ("succeeded", "hello, world\n", 1)
    assert run["lateness_ms"] >= 0


def test_a_command_runs_in_the_sandbox_and_all_of_its_output_is_kept(tasks: Tasks) -> None:
    ann, ids = tasks
    [run] = ann.ended(ids["command"])
    assert (run["status"], run["result"]) == ("succeeded", {"exit_code": 0})
    whole = ann.ask("GET", f"/api/runs/{run['id']}")
    assert whole["output"].splitlines() == [f"line {n}" for n in range(1, 401)]


def test_a_call_is_made_with_a_secret_that_nobody_sees(tasks: Tasks) -> None:
    ann, ids = tasks
    [run] = ann.ended(ids["http"])
    assert (run["status"], run["result"]["status"]) == ("succeeded", 200)
    assert "swordfish" not in str(run)


def test_a_failed_attempt_is_tried_again_in_the_next_window(tasks: Tasks) -> None:
    ann, ids = tasks
    [run] = ann.ended(ids["failing"])
    assert (run["status"], [each["exit_code"] for each in run["attempts"]]) == ("failed", [3, 3])


def test_a_rule_ticks_and_passes_bring_what_is_due_later(stage: Installation, tasks: Tasks) -> None:
    ann, ids = tasks
    [run] = ann.ended(ids["beyond"])
    assert (run["status"], len(run["attempts"])) == ("succeeded", 1)

    def two_ticks() -> list[int] | None:
        found = stage.logged("coordinator", "tick")
        return found if len(found) >= 2 else None

    ticks = eventually(two_ticks)
    apart = [later - earlier for earlier, later in pairwise(ticks)]
    assert all(55_000 < each < 65_000 for each in apart), apart


def test_each_due_time_of_an_interval_has_one_run_which_is_never_early(tasks: Tasks) -> None:
    ann, ids = tasks
    for name, every, count in (("five", 5, 24), ("queued", 20, 6)):
        runs = ann.ended(ids[name], count)
        dues = [datetime.fromisoformat(run["due_at"]) for run in runs]
        assert [(later - earlier).total_seconds() for earlier, later in pairwise(dues)] == [every] * (len(dues) - 1)
        assert {(run["status"], len(run["attempts"])) for run in runs} == {("succeeded", 1)}
        assert min(run["lateness_ms"] for run in runs) >= 0


def test_no_function_was_refused_anything(stage: Installation, tasks: Tasks) -> None:
    ann, ids = tasks
    ann.ended(ids["beyond"])
    assert stage.fire("auditor") is None
    said: dict[str, Any] = {
        name: [line["message"] for line in stage.lines(name) if "AccessDenied" in line["message"]] for name in FUNCTIONS
    }
    assert said == {name: [] for name in FUNCTIONS}
