"""What the simulator found: changes during an outage, each reduced to the least that shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.instant import to_text
from chalicelib.core.run import RunStatus
from infra.simulation.conditions import Conditions, Outage
from infra.simulation.play import History, Play
from infra.simulation.scenario import scenario
from tests.core.building import HELLO, START, at, every, once
from tests.engine.conftest import ANN, Stage
from tests.simulation.accounting import faults

HOUR = 3600


def played(item: dict[str, Any], events: list[dict[str, Any]], outage: tuple[float, float], end: float) -> History:
    """A task and what happens to it, with nobody there for a while."""
    document = {"items": [{"name": "t", "action": HELLO} | item], "events": events}
    conditions = Conditions(outages=(Outage(begin=at(outage[0]), end=at(outage[1])),))
    return Play(scenario=scenario(document), begin=START, end=at(end), conditions=conditions).run()


def event(seconds: float, do: str, **more: Any) -> dict[str, Any]:
    return {"at": to_text(at(seconds)), "task": "t", "do": do} | more


@pytest.mark.parametrize("catch_up", ["all", "latest", "none"])
def test_what_the_api_sent_itself_is_in_no_range(catch_up: str) -> None:
    item = {
        "schedule": every(20),
        "created_at": to_text(at(100)),
        "misfire": {"catch_up": catch_up, "grace_seconds": 9},
    }
    history = played(item, [], (95, 1800), 2400)
    assert faults(history) == []


def test_a_pause_takes_away_more_than_one_pass_records() -> None:
    history = played({"schedule": every(30)}, [event(5 * HOUR, "pause")], (60, 5.5 * HOUR), 6 * HOUR)
    assert faults(history) == []


def test_an_entry_of_an_earlier_definition_does_not_stand_in_the_way() -> None:
    new = {"schedule": {"type": "interval", "every": 77, "unit": "seconds", "at": None}}
    item = {"schedule": once(1800), "misfire": {"catch_up": "all", "grace_seconds": 0}}
    history = played(item, [event(600, "edit", **{"with": new})], (300, 2400), 3600)
    assert faults(history) == []


def test_a_task_that_was_edited_and_then_paused_is_skipped_once() -> None:
    new = {"schedule": {"type": "interval", "every": 77, "unit": "seconds", "at": None}}
    events = [event(300, "edit", **{"with": new}), event(2400, "pause")]
    history = played({"schedule": once(1500)}, events, (600, 3000), 3600)
    assert faults(history) == []


def test_an_earlier_entry_in_the_same_page_does_not_end_the_chain() -> None:
    new = {"schedule": {"type": "interval", "every": 60, "unit": "seconds", "at": None}}
    history = played({"schedule": once(400)}, [event(330, "edit", **{"with": new})], (300, 900), 1800)
    assert faults(history) == []
    assert history.runs[-1].due_at > at(1700)


def test_an_edit_to_a_moment_of_the_past_leaves_a_record_of_what_it_took_away() -> None:
    stage = Stage()
    policy = {"catch_up": "all", "grace_seconds": 3600}
    task = stage.create(every(25), misfire=policy)
    stage.world.play(at(160))
    stage.world.ticking = False
    stage.world.play(at(421))
    ran = stage.runs(task)[-1].due_at
    document = {"name": "hello", "action": dict(task.definition.action), "schedule": once(160), "misfire": policy}
    stage.world.system.catalog.replace(ANN, task.id, document)
    stage.world.ticking = True
    stage.world.play(at(700))
    found = stage.runs(task)
    assert [run.status for run in found if run.due_at == at(160)] == [RunStatus.SUCCEEDED]
    taken = [run for run in found if run.error is not None and run.error.code == "edited"]
    assert sum(run.coalesced.count if run.coalesced else 1 for run in taken) == (at(421) - ran) // timedelta(seconds=25)
