"""The table of budgets: what is computed, by group, and how much it may be. Less is better everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
DIGITS = 4
"""Significant ones of a value."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """`must` is the most that a value may be, `stretch` the aim. A row without `must` only says how much it is."""

    unit: str
    must: float | None = None
    stretch: float | None = None


UNITS, SECONDS, RATIO = "write units", "CPU s", "ratio"

TABLE: Mapping[str, Mapping[str, Budget]] = {
    "units": {
        "write units per run, feed off": Budget(unit=UNITS, must=3.1, stretch=2.1),
        "write units per run, feed on": Budget(unit=UNITS, must=4.1),
        "write units per run, cron": Budget(unit=UNITS),
        "write units per run, with one retry": Budget(unit=UNITS),
        "write units per run, overlap skip": Budget(unit=UNITS),
    },
    "dollars": {
        "dollars per million runs": Budget(unit="USD", must=2.75, stretch=1.40),
        "idle dollars per month": Budget(unit="USD", must=1.50, stretch=0.75),
    },
    "calls": {
        "calls per 1,000 dispatched runs": Budget(unit="calls", must=170, stretch=80),
        "calls of an idle minute": Budget(unit="calls", must=14, stretch=10),
    },
    "cpu": {
        "dispatcher CPU per 1,000 due runs, intervals": Budget(unit=SECONDS, must=0.30, stretch=0.15),
        "dispatcher CPU per 1,000 due runs, distinct crons": Budget(unit=SECONDS, must=0.40, stretch=0.25),
        "worker CPU per 1,000 runs": Budget(unit=SECONDS),
        "CPU of an idle minute": Budget(unit=SECONDS),
    },
    "growth": {
        "calls of a pass with 100 due, 1M tasks to 1k": Budget(unit=RATIO, must=1.0),
    },
    "growth-cpu": {
        "CPU of a pass with 100 due, 1M tasks beside 1k": Budget(unit="% apart", must=10.0),
        "CPU per due run, 20k due to 1k": Budget(unit=RATIO),
        "memory peak of a pass, 10k due to 1k": Budget(unit=RATIO),
    },
    "lateness": {
        "lateness of a burst of 10,000, p50": Budget(unit="s", must=5.0),
        "lateness of a burst of 10,000, p99": Budget(unit="s", must=8.0, stretch=2.0),
        "lateness of a burst of 10,000, cold, p50": Budget(unit="s", must=5.0),
        "lateness of a burst of 10,000, cold, p99": Budget(unit="s", must=8.0, stretch=2.0),
        "lateness of a steady load, p99": Budget(unit="s", must=1.5, stretch=0.3),
        "lateness of a steady load, cold, ticks at any second, p99": Budget(unit="s", must=1.5, stretch=0.3),
        "lateness when a tick comes 59 s late, p99": Budget(unit="s"),
        "lateness of a million in a minute, p50": Budget(unit="s"),
        "lateness of a million in a minute, p99": Budget(unit="s", must=30.0, stretch=2.0),
        "lateness of high priority behind 10,000 low": Budget(unit="s", must=2.0, stretch=0.1),
    },
    "here": {
        "lateness on this machine, p95": Budget(unit="ms", must=150, stretch=25),
    },
    "package": {
        "deployment package": Budget(unit="MB", must=6.0, stretch=4.0),
        "imports of light": Budget(unit="ms", must=150),
    },
    "api": {
        "API request, get a task": Budget(unit="CPU ms"),
        "API request, create a task": Budget(unit="CPU ms"),
    },
}
BUDGETS = {name: budget for group in TABLE.values() for name, budget in group.items()}
COUNTED = ("units", "dollars", "calls", "growth")
"""Groups that ask no clock of this machine: the same figures everywhere."""


def row(name: str, value: float, **more: Any) -> Row:
    """A computed value beside its budget.

    >>> row("deployment package", 6.01234, files=2)
    {'name': 'deployment package', 'value': 6.012, 'unit': 'MB', 'must': 6.0, 'stretch': 4.0, 'ok': False, 'files': 2}
    """
    budget = BUDGETS[name]
    ok = budget.must is None or value <= budget.must
    return _row(name, short(value), ok) | more


def failed(name: str, why: str) -> Row:
    """What could not be computed has not met its budget."""
    return _row(name, None, False) | {"error": why}


def short(value: float) -> float:
    """To so many digits as are of interest.

    >>> short(0.123456), short(123456.7)
    (0.1235, 123500.0)
    """
    return float(f"{value:.{DIGITS}g}")


def _row(name: str, value: float | None, ok: bool) -> Row:
    budget = BUDGETS[name]
    facts = {"name": name, "value": value, "unit": budget.unit}
    return facts | {"must": budget.must, "stretch": budget.stretch, "ok": ok}
