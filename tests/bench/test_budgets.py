"""The budgets that are counts: calls and units, on the accounting stub."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from bench.installation import Installation
from chalicelib.core.run import RunStatus
from chalicelib.settings import Settings

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def hourly(n: int) -> dict[str, Any]:
    """Due in the window of 09:03:00, and every hour after it."""
    return {"type": "interval", "every": 1, "unit": "hours", "start_at": f"2026-03-02T09:03:{n % 30:02}Z"}


def installation(**settings: Any) -> Installation:
    """An installation whose passes have begun."""
    place = Installation(START, Settings(**settings))
    place.play(30)
    place.books.reset()
    return place


def test_a_pass_over_a_thousand_due_runs_makes_at_most_170_calls() -> None:
    place = installation()
    tasks = [place.create(hourly(n)) for n in range(1000)]
    place.play(90)
    place.books.reset()
    while place.clock.now() < datetime(2026, 3, 2, 9, 2, 16, tzinfo=UTC):
        place.advance(1)
    place.system.dispatcher.handle(0)
    assert len(place.calls()) <= 170, Counter(call[1:] for call in place.calls())
    sent = len(place.books.items("punctual-local-agenda"))
    place.play(90)
    newest = place.system.reports.last_runs(place.owner, [task.id for task in tasks], 2)
    assert all([run.status for run in newest[task.id]] == [RunStatus.SUCCEEDED] for task in tasks)
    assert sent >= 2000  # the entries of this window, and everybody's next


def test_an_idle_minute_of_one_shard_makes_at_most_14_calls() -> None:
    place = installation()
    place.play(270)
    place.books.reset()
    place.play(60)
    assert len(place.calls()) <= 14, Counter(call[1:] for call in place.calls())


@pytest.mark.parametrize(("run_feed", "must"), [(False, 3.1), (True, 4.1)])
def test_an_executed_run_costs_three_write_units_and_one_for_the_feed(run_feed: bool, must: float) -> None:
    place = installation(run_feed=run_feed)
    for n in range(200):
        place.create(hourly(n))
    place.play(60)
    place.books.reset()
    assert place.play(160) == 200
    assert place.books.units().write / 200 <= must, place.books.by_operation()


def test_a_pass_costs_the_same_however_many_tasks_there_are() -> None:
    counts = []
    for others in (0, 1000):
        place = installation()
        for n in range(others):
            place.create(place.once(86_400 + n))
        for n in range(50):
            place.create(hourly(n))
        place.play(60)
        place.books.reset()
        place.play(120)
        counts.append(Counter(call[1:] for call in place.calls()))
    assert counts[0] == counts[1]
