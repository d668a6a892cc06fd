"""`python -m bench`: every line of the table of budgets has its row, and those that are counts are met."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.__main__ import GROUPS, main, rows_of
from bench.budgets.table import BUDGETS, COUNTED, TABLE, row

FIELDS = ["name", "value", "unit", "must", "stretch", "ok"]
MISSED: set[str] = set()
"""Budgets of counts that are not met. Whoever meets one takes it out."""

WRITTEN: dict[str, tuple[float, float | None]] = {
    "write units per run, feed off": (3.1, 2.1),
    "write units per run, feed on": (4.1, None),
    "dollars per million runs": (2.75, 1.40),
    "dispatcher CPU per 1,000 due runs, intervals": (0.30, 0.15),
    "dispatcher CPU per 1,000 due runs, distinct crons": (0.40, 0.25),
    "calls per 1,000 dispatched runs": (170, 80),
    "calls of a pass with 100 due, 1M tasks to 1k": (1.0, None),
    "CPU of a pass with 100 due, 1M tasks beside 1k": (10, None),
    "calls of an idle minute": (14, 10),
    "idle dollars per month": (1.50, 0.75),
    "lateness of a burst of 10,000, p50": (5, None),
    "lateness of a burst of 10,000, p99": (8, 2),
    "lateness of a burst of 10,000, cold, p50": (5, None),
    "lateness of a burst of 10,000, cold, p99": (8, 2),
    "lateness of a steady load, p99": (1.5, 0.3),
    "lateness of a steady load, cold, ticks at any second, p99": (1.5, 0.3),
    "lateness of a million in a minute, p99": (30, 2),
    "lateness of high priority behind 10,000 low": (2, 0.1),
    "lateness on this machine, p95": (150, 25),
    "deployment package": (6, 4),
    "imports of light": (150, None),
}
"""The table as it was agreed on, line by line: must and stretch."""


def test_every_line_of_the_table_has_its_row_and_its_figures() -> None:
    binding = {name: (one.must, one.stretch) for name, one in BUDGETS.items() if one.must is not None}
    assert binding == WRITTEN
    assert GROUPS.keys() == TABLE.keys()


@pytest.mark.parametrize("group", COUNTED)
def test_what_is_counted_is_within_its_budget(group: str) -> None:
    rows = list(rows_of(group))
    assert [one["name"] for one in rows] == list(TABLE[group])
    assert {one["name"] for one in rows if not one["ok"]} == MISSED & TABLE[group].keys(), rows
    assert all(list(one)[: len(FIELDS)] == FIELDS and one["value"] > 0 for one in rows)


@pytest.mark.parametrize(("calls", "status"), [(14, 0), (15, 1)])
def test_a_missed_budget_is_said_and_ends_with_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, calls: float, status: int
) -> None:
    names = {"calls of an idle minute": calls, "calls per 1,000 dispatched runs": 170}
    monkeypatch.setitem(GROUPS, "calls", lambda: (row(name, value) for name, value in names.items()))
    assert main(["calls"]) == status
    printed = _printed(capsys)
    assert printed["calls of an idle minute"]["ok"] is (status == 0)
    assert printed["calls per 1,000 dispatched runs"]["ok"] is True


def test_what_cannot_be_computed_has_a_row_that_says_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Any:
        raise RuntimeError("the emulator did not start")

    monkeypatch.setitem(GROUPS, "here", broken)
    assert main(["here"]) == 1
    found = _printed(capsys)["lateness on this machine, p95"]
    assert found["error"] == "RuntimeError: the emulator did not start"
    assert (found["value"], found["must"], found["ok"]) == (None, 150, False)


def test_an_unknown_group_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["speed"])
    assert ended.value.code == 2
    assert "there is no group 'speed': take some of units, " in capsys.readouterr().err


def _printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return {one["name"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
