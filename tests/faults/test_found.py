"""What the sweeps have found, each told by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.bootstrap.whole import System
from chalicelib.core.run import RunStatus
from tests.core.building import at, once
from tests.faults.judging import settle
from tests.faults.scenario import creation, definition
from tests.faults.story import ANN, Story
from tests.faults.telling import told
from tests.faults.trouble import Trouble


def _twice(story: Story) -> None:
    """One run whose message arrives twice."""
    story.ask(at(0.3), "once", creation("once"))
    story.play(at(19.9))
    [(channel, body)] = story.bodies[:1]
    story.timeline.at(at(20), lambda: story.redeliver(channel, body))


def test_a_worker_that_slept_after_it_was_refused_does_not_start_what_has_ended_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The end of a run has another token than its claim: what was read before it is not found unchanged."""
    story = Story(plan={("work", 1): Trouble.STALL_AFTER})
    with told(monkeypatch, story):
        _twice(story)
        settle(story, at(400))
    assert story.calls.met
    assert [start.attempt for start in story.starts] == [1]


def test_a_worker_that_slept_between_claim_and_start_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease may have ended, the task may have been paused: the same attempt is asked for again."""
    story = Story(plan={("work", 1): Trouble.STALL_AFTER})
    with told(monkeypatch, story):
        story.ask(at(0.3), "once", creation("once"))
        story.ask(at(40), "once", _pause)
        settle(story, at(400))
    assert story.starts == []
    assert [run.status for run in story.runs().values()] == [RunStatus.SKIPPED]


def _pause(system: System) -> object:
    catalog = system.catalog
    [task] = catalog.tasks(ANN, limit=10).items
    return catalog.pause(ANN, task.id)


def test_a_worker_that_slept_before_its_turn_does_not_take_its_successors_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of one task never run at once, though the first sleeps past its lease while it asks for its turn."""
    slow = {"schedule": once(20), "overlap": "queue", "action": {"kwargs": {"seconds": 60}}}
    data = definition("once", **slow) | {"timeout_seconds": 100}
    story = Story(plan={("work", 2): Trouble.STALL})
    with told(monkeypatch, story):
        story.ask(at(0.3), "once", lambda system: system.catalog.create(ANN, data))
        settle(story, at(400))
    spans = [(start.at, start.at + timedelta(seconds=60)) for start in story.starts]
    assert len(spans) == 1
