"""The main job, as somebody does it who has just cloned the repository: start, register, define tasks, look at runs.

The whole system runs as processes of its own, with a real clock, so these tests wait for what they expect to see.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from tests.infra.stacks import Stack, running

T = TypeVar("T")
PATIENCE = timedelta(seconds=150)
"""A pass comes every thirty seconds, and this machine may be busy."""
ANN = {"username": "ann", "password": "correct horse battery", "email": "ann@example.com"}
HELLO = {"type": "function", "name": "print_hello"}


class Person:
    """Somebody with an account and a command line."""

    def __init__(self, stack: Stack, token: str) -> None:
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


def registered(stack: Stack) -> Person:
    return Person(stack, stack.ask("POST", "/api/register", ANN)["token"])


def test_tasks_of_every_kind_run_and_are_recorded(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path)) as stack:
        ann = registered(stack)
        seconds = {"type": "interval", "unit": "seconds"}
        once = ann.create("once", {"type": "command", "command": "echo hello"}, {"type": "once", "at": in_(5)})
        three = ann.create("three", HELLO, seconds | {"every": 3})
        five = ann.create("five", {"type": "function", "name": "write_to_file"}, seconds | {"every": 5})
        cron = ann.create("cron", HELLO, {"type": "cron", "expression": "30 * * * * *"})
        failing = ann.create(
            "failing",
            {"type": "command", "command": "exit 3"},
            {"type": "once", "at": in_(2)},
            retry={"max_attempts": 2},
        )
        paused, edited, renamed = (ann.create(name, HELLO, {"type": "once", "at": in_(15)}) for name in ("p", "e", "r"))
        ann.ask("POST", f"/api/tasks/{paused}/pause", {"reason": "holiday"})
        ann.ask("PATCH", f"/api/tasks/{edited}", {"schedule": {"at": in_(20)}})
        ann.ask("PATCH", f"/api/tasks/{renamed}", {"name": "another name"})

        assert ann.ended(once)[0]["output"] == "hello\n"
        assert {run["output"] for run in ann.ended(three, 12)} == {"hello, world\n"}
        assert {run["status"] for run in ann.ended(five, 5)} == {"succeeded"}
        on_the_half = [run["due_at"] for run in ann.ended(cron, 1)]
        assert all(due.endswith(":30.000Z") for due in on_the_half)

        failed = ann.ended(failing)[0]
        assert (failed["status"], [a["exit_code"] for a in failed["attempts"]]) == ("failed", [3, 3])
        assert [run["error"]["code"] for run in ann.ended(paused)] == ["paused"]
        assert [run["error"] and run["error"]["code"] for run in ann.ended(edited, 2)] == ["edited", None]
        assert [run["status"] for run in ann.ended(renamed)] == ["succeeded"]

        def between_two_runs() -> dict[str, Any] | None:
            listed = {task["name"]: task for task in ann.ask("GET", "/api/tasks")["items"]}
            return listed if listed["three"]["last_run"]["status"] == "succeeded" else None

        listed = eventually(between_two_runs)
        assert listed["three"]["next_run_at"] > listed["three"]["last_run"]["due_at"]
        assert (listed["once"]["state"], listed["once"]["next_run_at"]) == ("completed", None)
        runs = [run for task in (once, three, five, cron) for run in ann.runs(task)]
        assert all(run["lateness_ms"] >= 0 for run in runs if run["started_at"])
        assert all(len(run["attempts"]) == 1 for run in runs if run["status"] == "succeeded")


def test_ctrl_c_loses_nothing_and_what_is_overdue_runs_late(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path)) as stack:
        ann = registered(stack)
        before = ann.create("before", HELLO, {"type": "once", "at": in_(1)})
        overdue = ann.create("overdue", HELLO, {"type": "once", "at": in_(12)})
        minute = ann.create("interval", HELLO, {"type": "interval", "every": 2, "unit": "seconds"})
        ann.ended(before)
        assert stack.stop() == 0
    time.sleep(12)
    with running(STATE_DIR=str(tmp_path)) as stack:
        ann = Person(stack, ann.token)
        late = ann.ended(overdue)
        assert [(run["status"], len(run["attempts"])) for run in late] == [("succeeded", 1)]
        assert late[0]["lateness_ms"] > 0
        assert [run["status"] for run in ann.runs(before)] == ["succeeded"]
        dues = [run["due_at"] for run in ann.ended(minute, 20)]
        assert len(dues) == len(set(dues))
        assert stack.stop() == 0


def test_sixty_tasks_of_one_window_all_run_once(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path)) as stack:
        ann = registered(stack)
        at = in_(100)
        tasks = [ann.create(f"task {n}", HELLO, {"type": "once", "at": at}) for n in range(60)]
        runs = [ann.ended(task) for task in tasks]
        assert [[(run["status"], len(run["attempts"])) for run in each] for each in runs] == [[("succeeded", 1)]] * 60
