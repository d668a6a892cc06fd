"""Several dispatchers on one shard: one sleeps past its lease while others go on; windows are too large for one."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.bootstrap.whole import System
from chalicelib.settings import Settings
from tests.core.building import at, every, once
from tests.faults.chance import Chance
from tests.faults.judging import settle
from tests.faults.scenario import END, UNTIL_END, definition
from tests.faults.story import ANN, Story
from tests.faults.telling import told
from tests.faults.trouble import Trouble

SHARES = 4
FIRST = 20
"""Of the first four seeds, 23 is one that leads an entry under a window which a stopped pass has begun to read."""
LIMIT = timedelta(seconds=9)
CROWD = 14
"""Pairs of tasks that are due in one window: more than a pass gets done, when every call takes seconds."""
CROWDS = int(os.environ.get("FAULT_SEEDS", "4"))


def _create(name: str, seconds: int, system: System) -> object:
    return system.catalog.create(ANN, definition("once", schedule=every(seconds, **UNTIL_END)) | {"name": name})


def _chain(story: Story) -> Story:
    """One task, whose chain passes hand on from window to window."""
    story.ask(at(0.3), "chain", partial(_create, "chain", 20))
    return story


@pytest.mark.parametrize("share", range(SHARES))
def test_a_dispatcher_that_sleeps_past_its_lease_anywhere_breaks_no_chain(
    share: int, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    reference = Story(settings=Settings())
    with told(monkeypatch, reference):
        settle(_chain(reference), END)
    calls = [call for call in reference.calls.requests if call[0] == "pass"]
    points = [(call, trouble) for call in calls for trouble in (Trouble.STALL, Trouble.STALL_AFTER)]
    for call, trouble in points[share::SHARES]:
        story = Story(plan={call: trouble}, settings=Settings())
        with told(monkeypatch, story):
            settle(_chain(story), END)
        assert story.calls.met
    record_property("fault points", len(points[share::SHARES]))


@pytest.mark.parametrize("share", range(SHARES))
def test_windows_that_take_several_passes_are_worked_off_to_the_end(
    share: int, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """Two entries a page, and calls that take seconds: passes stop in the middle of a window."""
    seeds = range(FIRST + share, FIRST + CROWDS, SHARES)
    for seed in seeds:
        chance = Chance(seed=seed, latency=2 + seed % 3, trouble=0.01 * (seed % 2))
        story = Story(chance=chance, page=3, pass_limit=LIMIT, settings=Settings(), calm_from=at(150))
        with told(monkeypatch, story):
            for n in range(CROWD):
                story.ask(at(0.2 + 1.5 * n), f"task {n}", partial(_create, f"task {n}", 41 + n % 3))
                story.ask(at(0.9 + 1.5 * n), f"one {n}", partial(_create_once, f"one {n}", 122 + n))
            settle(story, at(210))
    record_property("seeds", len(seeds))


def _create_once(name: str, seconds: float, system: System) -> object:
    return system.catalog.create(ANN, definition("once", schedule=once(seconds)) | {"name": name})
