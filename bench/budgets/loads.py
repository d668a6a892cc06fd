"""Loads: installations whose passes have begun, with tasks that are due in one window: full batches of ten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bench.installation import Installation, say_hello
from chalicelib.ports import Action
from chalicelib.settings import Settings

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WINDOW_SECONDS = 30
BEFORE_WINDOW = datetime(2026, 3, 2, 9, 2, 16, tzinfo=UTC)
"""A pass from then on handles the window of 09:03:00."""
MANY = 10**9

Schedules = Callable[[int], Mapping[str, Any]]
"""The schedule of the n-th task."""


def hourly(n: int) -> dict[str, Any]:
    """Due in the window of 09:03:00, and every hour after it."""
    start = f"2026-03-02T09:03:{n % WINDOW_SECONDS:02}Z"
    return {"type": "interval", "every": 1, "unit": "hours", "start_at": start}


def cron(n: int) -> dict[str, Any]:
    """The same by cron, and the first 5,040 expressions are each another one."""
    day, month = 28 + n // 420 % 4, 1 + n // 1680 % 3
    expression = f"{n % WINDOW_SECONDS} 3 9,{10 + n // 30 % 14} 1-{day} {month}-12 *"
    return {"type": "cron", "expression": expression}


def begun(perform: Action = say_hello, **settings: Any) -> Installation:
    """An installation whose passes have begun, without the list of runs across tasks."""
    given = {"run_feed": False, "max_tasks": MANY, "max_runs_per_minute": MANY, "max_stored_bytes": MANY}
    place = Installation(START, Settings(**given | settings), perform)
    place.play(30)
    place.books.reset()
    return place


def before_window(place: Installation) -> None:
    """Play on until everything before the window of 09:03:00 has been handled, and the next pass handles that."""
    place.play(90)
    place.advance((BEFORE_WINDOW - place.clock.now()).total_seconds())
    place.books.reset()


def due(number: int, schedules: Schedules = hourly, **settings: Any) -> Installation:
    """An installation whose next pass has so many tasks before it."""
    place = begun(**settings)
    for n in range(number):
        place.create(schedules(n))
    before_window(place)
    return place
