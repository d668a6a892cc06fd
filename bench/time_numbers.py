"""`python -m bench.time_numbers`: what time itself costs, one JSON object per line.

The median and the worst of `next_after` over accepted cron expressions, nasty ones among them; the drift of 10,000
intervals; and how long 24 simulated hours of 100 tasks take.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from chalicelib.core.instant import MILLISECOND
from chalicelib.core.schedule import Interval, Unit, next_after
from chalicelib.core.schedule.cron import CronRule, cron_rule
from infra.simulation.conditions import Conditions
from infra.simulation.play import Play
from infra.simulation.scenario import scenario

START = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)
CALLS = 100
ORDINARY = ("* * * * *", "*/5 * * * *", "0 * * * *", "30 2 * * *", "0 9 * * 1-5", "*/10 * * * * *", "0 0 1 * *")
NASTY = (
    "0 0 29 2 *",
    "0 0 29 2 1#1",
    "0 0 30 2 *",
    "0 0 31 4,6,9,11 *",
    "59 59 23 31 12 *",
    "0 0 L * *",
    "0 0 * * L5",
    "0 0 15W * *",
    "0 12 29 2 L1",
    "0 0 31 2 1",
    "cron(0 0 29 2 ? 2096)",
    "cron(0 0 1 1 ? 2099)",
    "*/39 */15 * * *",
    "0 0 1-7 * 1#5",
)
ZONES = ("UTC", "Europe/Paris", "Australia/Lord_Howe", "America/New_York")


def main() -> int:
    """Print every number."""
    for row in (*_cron(), _drift(), _day()):
        print(json.dumps(row), flush=True)
    return 0


def _cron() -> Iterator[dict[str, Any]]:
    ordinary = [_microseconds(cron_rule(text, zone)) for text in ORDINARY for zone in ZONES]
    yield _row("next_after, cron, median", statistics.median(x for one in ordinary for x in one), "us", must=150)
    nasty = {(text, zone): _microseconds(cron_rule(text, zone)) for text in (*ORDINARY, *NASTY) for zone in ZONES}
    (text, zone), worst = max(nasty.items(), key=lambda item: statistics.median(item[1]))
    value = statistics.median(worst)
    yield _row("next_after, cron, median of the worst", value, "us", must=5000, expression=text, time_zone=zone)
    (text, zone), worst = max(nasty.items(), key=lambda item: max(item[1]))
    yield _row("next_after, cron, worst call", max(worst), "us", must=5000, expression=text, time_zone=zone)


def _microseconds(rule: CronRule) -> list[float]:
    """How long calls take whose instants lie 37 hours, and later years, apart: each the best of three.

    The first call compiles the expression, and is not counted. Another process must not be either: hence three.
    """
    rule.next_after(START)
    near = [START + n * timedelta(hours=37) for n in range(CALLS)]
    far = [START + n * timedelta(days=365) for n in range(1, 73)]
    return [min(_once(rule, instant) for _ in range(3)) for instant in (*near, *far)]


def _once(rule: CronRule, instant: datetime) -> float:
    began = perf_counter()
    rule.next_after(instant)
    return (perf_counter() - began) * 1e6


def _drift() -> dict[str, Any]:
    every = Interval(every=7, unit=Unit.SECONDS, anchor=START)
    due: datetime | None = START
    for _ in range(10_000):
        due = next_after(every, due) if due is not None else None
    drift = abs((due or START) - (START + 10_000 * timedelta(seconds=7))) / MILLISECOND
    return _row("drift of 10,000 intervals", drift, "ms", must=0)


def _day() -> dict[str, Any]:
    """Fifty crons and fifty intervals, each once a minute: 144,000 runs."""
    hello = {"type": "function", "name": "print_hello"}
    cron = {"type": "cron", "expression": "* * * * *", "time_zone": "Europe/Paris"}
    interval = {"type": "interval", "every": 60, "unit": "seconds"}
    tasks = [{"name": f"t{n}", "action": hello, "schedule": (cron, interval)[n % 2]} for n in range(100)]
    play = Play(
        scenario=scenario(tasks),
        begin=START,
        end=START + timedelta(days=1),
        conditions=Conditions(delivery=timedelta(milliseconds=200)),
    )
    began = perf_counter()
    runs = len(play.run().runs)
    return _row("24 simulated hours of 100 tasks", perf_counter() - began, "s", must=60, runs=runs)


def _row(name: str, value: float, unit: str, *, must: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": round(value, 1), "unit": unit, "must": must, "ok": value <= must} | more


if __name__ == "__main__":
    sys.exit(main())
