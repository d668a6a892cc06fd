"""Outages: hours without a tick, and a day-old message; and trouble on top of that."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chalicelib.bootstrap.whole import System
from chalicelib.core.window import NEAR
from chalicelib.settings import Settings
from tests.core.building import HELLO, at, every, once
from tests.faults.judging import settle, unsettled
from tests.faults.scenario import END, tell
from tests.faults.story import ANN, Story
from tests.faults.telling import told
from tests.faults.trouble import Trouble, possible

HOURS = 7
"""More than the six after which a watermark is not stepped through any more."""
BACK = at(HOURS * 3600)
LATER = at(HOURS * 3600 + 400)
TASKS = {
    "all": {"schedule": every(3600), "misfire": {"catch_up": "all", "grace_seconds": 86_400}},
    "latest": {"schedule": every(600), "misfire": {"catch_up": "latest", "grace_seconds": 86_400}},
    "none": {"schedule": every(1800), "misfire": {"catch_up": "none"}},
    "within": {"schedule": once(3000), "misfire": {"catch_up": "all", "grace_seconds": 86_400}},
    "after": {"schedule": once(HOURS * 3600 + 130)},
}
JUMP = 90
"""Calls of the passes that come after the outage until all tasks have been hinted at and dispatched; then they only
look into the windows that were jumped over."""
STORIES = int(os.environ.get("FAULT_PAIRS", "5"))


def _story(plan: dict[tuple[str, int], Trouble]) -> Story:
    return Story(plan=plan, settings=Settings())


def _tell(story: Story) -> int:
    """Everything is asked for, then nobody is there for seven hours. How many calls passes had made by then."""
    for n, (name, more) in enumerate(TASKS.items()):
        data = {"name": name, "action": HELLO} | more
        story.ask(at(1 + n), name, partial(_create, data))
    story.play(at(20))
    story.ticking = False
    story.play(BACK)
    story.ticking = True
    return story.calls.counts["pass"]


def _create(data: dict[str, Any], system: System) -> object:
    return system.catalog.create(ANN, data)


def _points(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[str, int], Trouble]]:
    story = _story({})
    with told(monkeypatch, story):
        before = _tell(story)
        settle(story, LATER)
    jump = {("pass", before + n) for n in range(JUMP)}
    calls = [(call, request) for call, request in story.calls.requests.items() if call in jump]
    return [(call, trouble) for call, request in calls for trouble in Trouble if possible(trouble, request)]


@pytest.mark.parametrize("share", range(2))
def test_the_jump_over_an_outage_loses_nothing_whatever_happens_to_one_call(
    share: int, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    points = random.Random(share).sample(_points(monkeypatch), STORIES)
    for call, trouble in points:
        story = _story({call: trouble})
        with told(monkeypatch, story):
            _tell(story)
            settle(story, LATER)
        assert story.calls.met, story.history()
    record_property("fault points", len(points))


@pytest.mark.parametrize("part", ["changes", "overlaps", "attempts"])
def test_messages_of_yesterday_change_nothing(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    with told(monkeypatch, story):
        tell(story, part)
        settle(story, END)
        before, starts, story.ticking = story.runs(), list(story.starts), False
        story.play(at(86_400))
        bodies = list(story.bodies)
        random.Random(part).shuffle(bodies)
        for channel, body in bodies:
            story.redeliver(channel, body)
        story.play(story.now + NEAR)
        assert (story.runs(), story.starts) == (before, starts), story.history()
        assert not unsettled(story, END)
