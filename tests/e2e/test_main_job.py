"""The main job, as somebody does it who has just cloned the repository: start, register, define tasks, look at runs.

The whole system runs as processes of its own, with a real clock, so these tests wait for what they expect to see.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.e2e.person import HELLO, Person, eventually, in_, registered
from tests.infra.stacks import running


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
