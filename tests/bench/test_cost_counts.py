"""The counts that costs are worked out from are those of the accounting stub."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.installation import Installation
from chalicelib.core.overview import costs
from chalicelib.settings import Settings

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RUNS = 200
CONFIG = Path(__file__).parents[2] / ".chalice" / "config.json"


def hourly(n: int) -> dict[str, Any]:
    """Due in the window of 09:03:00: full batches."""
    return {"type": "interval", "every": 1, "unit": "hours", "start_at": f"2026-03-02T09:03:{n % 30:02}Z"}


def installation(**settings: Any) -> Installation:
    """An installation whose passes have begun."""
    place = Installation(START, Settings(**settings))
    place.play(30)
    place.books.reset()
    return place


def test_an_idle_minute_costs_what_is_counted() -> None:
    place = installation()
    place.play(270)
    place.books.reset()
    place.play(600)
    units = place.books.units()
    assert (units.write / 10, units.read / 10) == (costs.IDLE_WRITES, costs.IDLE_READS)
    assert place.books.units(operation="SendMessageBatch").chunks / 10 == costs.IDLE_SENT
    assert place.books.count(operation="DeleteMessage") / 10 == costs.IDLE_DELETED
    assert len(place.calls()) / 10 / sum(costs.IDLE_INVOCATIONS.values()) < 2.2  # what IDLE_OWN_TIME assumes


def test_an_audit_that_finds_nothing_costs_what_is_counted() -> None:
    place = installation()
    place.play(270)
    place.system.auditor.audit()
    place.play(300)
    place.books.reset()
    assert place.system.auditor.audit().found == 0
    units = place.books.units()
    assert (units.write, units.read) == (costs.AUDIT_WRITES, costs.AUDIT_READS)
    assert place.books.count(operation="ReceiveMessage") == costs.AUDIT_RECEIVED


@pytest.mark.parametrize("feed", [False, True])
def test_a_run_costs_what_is_counted(feed: bool) -> None:
    place = installation(run_feed=feed)
    for n in range(RUNS):
        place.create(hourly(n))
    place.play(60)
    place.books.reset()
    assert place.play(160) == RUNS
    units, minutes = place.books.units(), 160 / 60
    writes = (units.write - minutes * costs.IDLE_WRITES) / RUNS
    reads = (units.read - minutes * costs.IDLE_READS) / RUNS
    sent = place.books.units(operation="SendMessageBatch").chunks - 3 * costs.IDLE_SENT
    assert writes == pytest.approx(costs.RUN_WRITES + costs.FEED_WRITES * feed, abs=0.02)
    assert costs.RUN_READS - 0.1 <= reads <= costs.RUN_READS
    assert sent / place.messages == costs.SENT / costs.BATCH
    assert place.messages < RUNS  # what a message holds besides its first run is not counted: that is the owner's gain


def test_a_run_alone_is_not_dearer_than_what_is_counted() -> None:
    place = installation(run_feed=False)
    place.create({"type": "interval", "every": 1, "unit": "minutes", "start_at": "2026-03-02T09:00:07Z"})
    place.play(120)
    place.books.reset()
    runs = place.play(600)
    units, idle = place.books.units(), 10.0
    assert runs == 10
    assert (units.write - idle * costs.IDLE_WRITES) / runs <= costs.RUN_WRITES + costs.ROUSED_WRITES
    assert (units.read - idle * costs.IDLE_READS) / runs <= costs.RUN_READS + costs.ROUSED_READS
    assert (place.books.units(operation="SendMessageBatch").chunks - idle * costs.IDLE_SENT) / runs <= costs.SENT


def test_the_functions_have_the_memory_that_is_counted() -> None:
    config = json.loads(CONFIG.read_text())
    of = {name: one.get("lambda_memory_size") for name, one in config["lambda_functions"].items()}
    assert {name: of[name] or config["lambda_memory_size"] for name in costs.MEMORY} == dict(costs.MEMORY)
