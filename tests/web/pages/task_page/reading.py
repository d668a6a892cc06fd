"""What tests of the page of a task read of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.core.run import RunStatus
from tests.web.building import NOW, Caller, World, ended_run
from tests.web.pages.browser import Page
from tests.web.pages.reader import Reader

CRON = {"type": "cron", "expression": "*/10 * * * *", "time_zone": "Europe/Paris"}
MINUTE = timedelta(minutes=1)


def path_of(ann: Caller, **changes: Any) -> str:
    return f"/task/{ann.created(**changes)['id']}"


def runs_shown(page: Page) -> list[str]:
    """The ids of the runs in the history, in its order."""
    start = page.html.index('id="history"')
    return [link.removeprefix("/run/") for link in Reader(page.html[start:]).links if link.startswith("/run/")]


def section(page: Page, name: str) -> str:
    """The words of one part of the page."""
    start = page.html.index(f'aria-labelledby="{name}"')
    return Reader("<section " + page.html[start : page.html.index("</section>", start)]).text


def put_runs(world: World, task_id: str, *statuses: RunStatus, each: timedelta = timedelta(days=1)) -> None:
    """Runs of the days before today, the latest first."""
    for back, status in enumerate(statuses, 1):
        world.store.insert_run(ended_run(task_id, "ann", NOW - back * each, status=status))
