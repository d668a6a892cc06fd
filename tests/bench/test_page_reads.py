"""How much the list of tasks reads: as much as it shows, however many tasks an account has."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app import app
from bench.installation import Installation
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.people.account import TokenKind
from chalicelib.functions import registry
from chalicelib.settings import Settings
from chalicelib.web.pages.charts.strip import RUNS
from chalicelib.web.pages.work.task_list import ROWS
from tests.web.building import ended_run
from tests.web.pages.browser import Browser

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOURLY = {"type": "interval", "every": 1, "unit": "hours"}
AROUND = 3
"""Calls that every page makes: two to know who asks, and one to spare."""


@pytest.fixture(scope="module")
def place() -> Installation:
    """An installation with one account that has a thousand tasks, the newest with more runs than are shown."""
    made = Installation(START, Settings())
    made.system.accounts.store.create_user(made.owner, first=True)
    tasks = []
    for number in range(1000):
        made.advance(0.001)
        tags = {"tags": ["rare"]} if number < 3 else {}
        tasks.append(made.create(HOURLY, name=f"number {number:04}", **tags))
    for task in tasks[-2 * ROWS :]:
        for minute in range(RUNS + 5):
            run = ended_run(task.id, task.owner, START - timedelta(minutes=minute))
            assert made.system.reports.store.insert_run(run) is None
    return made


@pytest.fixture
def owners(place: Installation) -> Browser:
    """The browser of whom they belong to. It has been here before: the key that signs cursors is made once."""
    registry.load()
    bootstrap.use(place.system)
    browser = Browser(app, session=place.system.tokens.issue(place.owner, TokenKind.SESSION).text)
    assert browser.get("/tasks").status == 200
    return browser


@pytest.mark.parametrize(
    ("query", "rows", "queries"),
    [("", ROWS, 1), ("q=number", ROWS, 1), ("state=active", ROWS, 1), ("tag=rare", 3, 3), ("q=nothing", 0, 3)],
)
def test_a_page_of_a_thousand_tasks_reads_what_it_shows(
    place: Installation, owners: Browser, query: str, rows: int, queries: int
) -> None:
    place.books.reset()
    page = owners.get(f"/tasks?{query}")
    assert page.status == 200
    assert page.html.count('name="task"') == rows
    calls = Counter(operation for _, operation, _ in place.calls())
    assert calls.total() <= rows + queries + AROUND, calls
    assert place.books.units().write == 0


def test_a_strip_costs_one_query_for_its_task(place: Installation, owners: Browser) -> None:
    place.books.reset()
    page = owners.get("/tasks")
    assert page.html.count("<title>") - 1 == ROWS * RUNS
    assert Counter(operation for _, operation, _ in place.calls())["Query"] == ROWS + 1
