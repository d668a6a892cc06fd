"""What scale is worked out from is what the accounting stub counts, and what the model comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bench.accounting.items.sizes import item_size
from bench.installation import Installation
from bench.million import conditions_of, figures
from chalicelib.core.window import window_of
from chalicelib.engine.audit.chains import Chains
from chalicelib.engine.audit.windows import Windows
from chalicelib.settings import Settings
from infra import scale

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = START + timedelta(minutes=3)
RUNS = 200


@pytest.fixture(scope="module")
def place() -> Installation:
    """Two hundred tasks that are due once a day and have run once."""
    place = Installation(START, Settings(run_feed=False))
    place.play(30)
    for n in range(RUNS):
        start_at = f"2026-03-02T09:03:{n % 30:02}Z"
        place.create({"type": "interval", "every": 1, "unit": "days", "start_at": start_at})
    assert place.play(600) == RUNS
    return place


def test_items_are_as_large_as_is_said(place: Installation) -> None:
    said = {"tasks": scale.TASK_BYTES, "agenda": scale.ENTRY_BYTES, "runs": scale.RUN_BYTES}
    for table, size in said.items():
        sizes = [item_size(item) for item in place.books.items(place.settings.table(table))]
        assert sum(sizes) / len(sizes) == pytest.approx(size, rel=0.05), table


@pytest.mark.parametrize("ended", [False, True])
def test_a_look_at_a_run_reads_what_is_said(place: Installation, ended: bool) -> None:
    auditor = place.system.auditor
    windows = Windows(store=auditor.store, queue=auditor.queue, clock=place.clock, end=timedelta(days=9))
    place.books.reset()
    assert windows.check(window_of(DUE), 0, ended=ended) == 0
    assert place.books.units().read / RUNS == pytest.approx(scale.RUN_LOOK_UNITS, abs=0.01)


def test_a_look_at_a_task_reads_what_is_said_and_so_does_a_scan(place: Installation) -> None:
    store = place.system.auditor.store
    place.books.reset()
    assert Chains(store=store, clock=place.clock).check(None) == (0, None)
    assert place.books.units().read / RUNS == pytest.approx(scale.TASK_LOOK_UNITS, abs=0.01)
    place.books.reset()
    assert len(store.tasks_in(0, after=None).items) == RUNS
    assert place.books.units().read / RUNS == pytest.approx(scale.SCAN_UNITS, rel=0.05)


def test_a_shard_sends_as_many_before_their_window_as_is_said_and_not_many_more() -> None:
    assert figures(scale.ON_TIME, 1, 0, conditions_of())["all_sent_after_s"] <= 0
    assert figures(scale.ON_TIME * 5 // 4, 1, 0, conditions_of())["all_sent_after_s"] > 1
