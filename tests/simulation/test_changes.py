"""Changes at arbitrary instants: nothing lost, doubled, early, or started after it was acknowledged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chalicelib.core.instant import to_text
from infra.simulation.conditions import Conditions, Outage
from infra.simulation.play import Actions, Play
from infra.simulation.scenario import scenario
from tests.core.building import HELLO, START, at
from tests.simulation.accounting import faults

SPAN = 1800
"""Seconds played."""
NAMES = ("a", "b", "c")
instants = st.integers(0, SPAN * 10).map(lambda n: n / 10)
intervals = st.sampled_from([7, 30, 77, 600]).map(lambda n: {"type": "interval", "every": n, "unit": "seconds"})
crons = st.sampled_from(["* * * * *", "*/20 * * * * *", "*/5 * * * *"]).map(
    lambda text: {"type": "cron", "expression": text}
)
onces = instants.map(lambda seconds: {"type": "once", "at": to_text(at(seconds))})
schedules = st.one_of(intervals, crons, onces)
ANEW = dict.fromkeys(("every", "unit", "expression", "time_zone", "at"))
"""A merge patch that takes every field away, for another schedule to be put in its place."""


@st.composite
def tasks(draw: st.DrawFn, name: str) -> dict[str, Any]:
    task: dict[str, Any] = {"name": name, "action": HELLO, "schedule": draw(schedules)}
    task["misfire"] = {
        "catch_up": draw(st.sampled_from(["all", "latest", "none"])),
        "grace_seconds": draw(st.sampled_from([0, 60, 3600])),
    }
    if draw(st.booleans()):
        task["created_at"] = to_text(at(draw(instants) - SPAN / 2))
    return task


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    do = draw(st.sampled_from(["pause", "resume", "edit", "edit", "run", "delete"]))
    event: dict[str, Any] = {"at": to_text(at(draw(instants))), "task": draw(st.sampled_from(NAMES)), "do": do}
    return event | ({"with": {"schedule": ANEW | draw(schedules)}} if do == "edit" else {})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    return {"items": [draw(tasks(name)) for name in NAMES], "events": draw(st.lists(events(), max_size=6))}


@st.composite
def conditions_of_a_world(draw: st.DrawFn) -> Conditions:
    begin = draw(instants)
    away = Outage(begin=at(begin), end=at(begin + draw(st.sampled_from([120, 900]))))
    return Conditions(
        seed=draw(st.integers(0, 999)),
        tick_phase=timedelta(seconds=draw(st.integers(0, 59))),
        tick_jitter=timedelta(seconds=draw(st.sampled_from([0, 20]))),
        lost_ticks=draw(st.sampled_from([0.0, 0.2])),
        doubled_ticks=draw(st.sampled_from([0.0, 0.2])),
        outages=draw(st.sampled_from([(), (away,)])),
        delivery=timedelta(milliseconds=200),
    )


@given(document=documents(), conditions=conditions_of_a_world(), seconds=st.sampled_from([0, 0, 40]))
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # to shrink a whole world takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
def test_changes_at_any_instant(document: dict[str, Any], conditions: Conditions, seconds: int) -> None:
    actions = Actions(duration=timedelta(seconds=seconds))
    play = Play(scenario=scenario(document), begin=START, end=at(SPAN), conditions=conditions, actions=actions)
    assert faults(play.run()) == []
