"""Write units of an executed run, counted by the accounting stub. The passes' own are in them, the creation is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from bench.budgets.loads import Schedules, begun, cron, hourly
from bench.budgets.table import Row, row
from bench.installation import DONE, Installation, say_hello
from chalicelib.core.run import AttemptStatus, Outcome
from chalicelib.ports import Action

RUNS = 200
SECONDS = 160
"""From a minute before the window until everything in it has run, and been tried again."""
RETRY = {"max_attempts": 2, "backoff": "fixed", "delay_seconds": 5}
FAILED = Outcome(status=AttemptStatus.FAILED, output="not yet\n")


def rows() -> Iterator[Row]:
    """Recurring light runs of less than 1 KB."""
    yield row("write units per run, feed off", per_run(played(hourly)))
    yield row("write units per run, feed on", per_run(played(hourly, run_feed=True)))
    yield row("write units per run, cron", per_run(played(cron)))
    yield row("write units per run, with one retry", per_run(played(hourly, {"retry": RETRY}, perform=failing_once())))
    yield row("write units per run, overlap skip", per_run(played(hourly, {"overlap": "skip"})))


def per_run(place: Installation) -> float:
    """Write units of a run, on the average."""
    return place.books.units().write / RUNS


def played(
    schedules: Schedules, more: Mapping[str, Any] | None = None, *, perform: Action = say_hello, **settings: Any
) -> Installation:
    """An installation in which so many runs have just been performed, and nothing else is on the books."""
    place = begun(perform, **settings)
    for n in range(RUNS):
        place.create(schedules(n), **more or {})
    place.play(60)
    place.books.reset()
    place.messages = 0
    handled = place.play(SECONDS)
    expected = RUNS if perform is say_hello else 2 * RUNS
    if handled != expected:
        raise RuntimeError(f"{handled} messages were handled, and not {expected}")
    return place


def failing_once() -> Action:
    """An action that fails at the first attempt of each task."""
    tried = set[str]()

    def perform(action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        again = context["task_id"] in tried
        tried.add(context["task_id"])
        return DONE if again else FAILED

    return perform
