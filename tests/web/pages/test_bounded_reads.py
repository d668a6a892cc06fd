"""What the pages of an account read of AWS: a few calls, and the same ones for a thousand tasks as for ten."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from app import app
from chalicelib.adapters.dynamo.run_items import run_item
from chalicelib.adapters.dynamo.tasks import task_item
from chalicelib.core import task as tasks
from chalicelib.core.run import RunError, RunStatus
from chalicelib.core.task import Task
from tests.policies.installation import Installation, installed
from tests.web.building import HELLO, NOW, ended_run
from tests.web.pages.browser import Browser

PAST = timedelta(hours=12)
SCHEDULES: tuple[dict[str, Any], ...] = (
    {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"},
    {"type": "cron", "expression": "15 9-17 * * 1-5"},
    {"type": "interval", "every": 1, "unit": "hours"},
    {"type": "interval", "every": 5, "unit": "minutes"},
    {"type": "cron", "expression": "0 6 * * 1"},
)
BOUNDS = {"/dashboard": 14, "/week": 12, "/runs": 7, "/runs?status=failed": 7}
"""Calls to AWS that each page may make, the session's and the limits' among them."""


def stored(installation: Installation, owner: str, count: int, runs: int) -> None:
    """So many tasks, created a month ago, and so many runs of theirs in the past twelve hours, some of which failed."""
    created = NOW - timedelta(days=30)
    made = [
        Task(
            id=f"task{n:05}",
            owner=owner,
            shard=0,
            definition=tasks.from_json(
                {"name": f"task {n}", "action": HELLO, "schedule": SCHEDULES[n % len(SCHEDULES)]}, created
            ),
            created_at=created,
            updated_at=created,
            changed_at=created,
        )
        for n in range(count)
    ]
    error = RunError(code="exit_code", detail="ended with exit code 3")
    failed = {"status": RunStatus.FAILED, "error": error}
    ended = [
        ended_run(f"task{n % count:05}", owner, NOW - (n + 1) * PAST / (runs + 1), **({} if n % 50 else failed))
        for n in range(runs)
    ]
    installation.books.seed("punctual-local-tasks", [task_item(task) for task in made])
    installation.books.seed("punctual-local-runs", [run_item(run, feed=True) for run in ended])


def calls_of(count: int, runs: int) -> dict[str, Counter[str]]:
    """What each page asks of AWS for an account with so many tasks and runs."""
    with installed() as made:
        ann = made.world.caller("ann")
        stored(made, ann.id, count, runs)
        browser = Browser(app, session=made.world.session_of(ann))
        browser.get("/dashboard")  # what a process reads once in its life has no part in it
        return {path: _calls(made, browser, path) for path in BOUNDS}


def _calls(installation: Installation, browser: Browser, path: str) -> Counter[str]:
    installation.books.reset()
    assert browser.get(path).status == 200
    return Counter(f"{operation} {target}" for _, operation, target in installation.books.calls)


def test_pages_make_a_bounded_number_of_calls_whatever_the_account_holds() -> None:
    many, few = calls_of(1000, 5000), calls_of(10, 50)
    for path, bound in BOUNDS.items():
        assert many[path].total() <= bound, (path, many[path])
        # A batch takes a hundred runs: of those that are read in full, an account with few has fewer.
        batches = "BatchGetItem punctual-local-runs"
        others = [call for call in many[path] if call != batches and "accounts" not in call]
        assert [many[path][call] for call in others] == [few[path][call] for call in others], path
        assert many[path][batches] <= 4, path


def test_the_dashboard_of_a_thousand_tasks_says_what_it_did_not_look_at() -> None:
    with installed() as made:
        ann = made.world.caller("ann")
        stored(made, ann.id, 1000, 5100)
        page = Browser(app, session=made.world.session_of(ann)).get("/dashboard")
    assert "over 5000" in page.text
    assert "Only the newest 5000 runs are counted" in page.text
    assert "told of the newest 300 tasks; there are more" in page.text
    assert "task 999" in page.text
