"""Rules of the protocol that take a particular moment to matter: each test fails where its rule is taken out."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from chalicelib.bootstrap.whole import System
from chalicelib.core.run import AttemptStatus
from chalicelib.core.window import HORIZON
from chalicelib.settings import Settings
from tests.core.building import HELLO, at, once
from tests.faults.judging import settle
from tests.faults.scenario import definition
from tests.faults.story import ANN, Story
from tests.faults.telling import told
from tests.faults.trouble import Trouble


def _create(seconds: float, system: System) -> object:
    return system.catalog.create(ANN, definition("once", schedule=once(seconds)))


def test_an_entry_that_arrives_after_its_window_was_read_is_repeated_where_every_pass_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked for at 28.4 s, beyond the horizon; the pass of 46 s reads its window; the write arrives at 48.4 s."""
    due = 119.5
    assert at(due) - at(28.4) > HORIZON
    story = Story(plan={("api", 0): Trouble.STALL}, first_tick=at(16))
    with told(monkeypatch, story):
        story.ask(at(28.4), "once", partial(_create, due))
        settle(story, at(200))
    assert [start.at - at(due) < timedelta(seconds=1) for start in story.starts] == [True]


def test_a_worker_that_slept_past_its_lease_cannot_record_over_its_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first performs its action and sleeps before it records it; a copy of its message comes after its lease."""
    slow = definition("once") | {"action": HELLO | {"kwargs": {"seconds": 3}}}
    story = Story(plan={("work", 2): Trouble.STALL})
    with told(monkeypatch, story):
        story.ask(at(0.3), "once", lambda system: system.catalog.create(ANN, slow))
        story.timeline.at(at(163), lambda: story.redeliver(*story.bodies[0]))
        story.play(at(170))  # the second has recorded its end, and then the first has woken up
        [run] = story.runs().values()
        assert [attempt.status for attempt in run.attempts] == [AttemptStatus.LOST, AttemptStatus.SUCCEEDED]
        settle(story, at(400))
    assert [start.attempt for start in story.starts] == [1, 2]


def test_a_dispatcher_that_slept_deletes_no_late_entry_that_others_still_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """One late entry, whose message the API did not come to send.

    30 s   the first pass reads it, and sleeps before it puts it under its window
    60 s   the second pass reads that window, says so in the control row at 72 s, and dies before it sends
    65 s   the first wakes up, puts the entry under the window that was read, and must not delete the late one
    """
    plan = {
        ("api", 1): Trouble.DIE_BEFORE,
        ("pass", 13): Trouble.STALL,
        ("pass", 17): Trouble.SLOW_ANSWER,
        ("pass", 21): Trouble.SLOW_ANSWER,
        ("pass", 22): Trouble.SLOW_ANSWER,
        ("pass", 23): Trouble.ALL_REFUSED,
        ("pass", 24): Trouble.DIE_BEFORE,
    }
    story = Story(plan=plan, settings=Settings())
    with told(monkeypatch, story):
        story.ask(at(28), "once", partial(_create, 100))
        settle(story, at(300))
    met = [story.calls.requests[call].operation for call in plan if call[0] == "pass"]
    sends = ["SendMessageBatch"] * 2
    assert met == ["BatchWriteItem", "Query", "BatchGetItem", "PutItem", *sends], story.history()
    assert len(story.starts) == 1
