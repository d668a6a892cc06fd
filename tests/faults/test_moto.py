"""The same sweep against moto: every call of tick, pass and work, with the process dying before it or after it, or its
answer lost.

By default every thirteenth of these 489 stories is told, in about 20 seconds; `FAULTS=all` tells them all, which takes
five minutes on one core. The stub and moto are two readings of what AWS does: that they tell the same story is a test
of both.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from functools import cache

import pytest

from tests.core.building import at
from tests.faults.aws import MakeAws
from tests.faults.aws.on_moto import OnMoto
from tests.faults.aws.stub import Stub
from tests.faults.calls import Plan
from tests.faults.chance import Chance
from tests.faults.judging import outcomes, settle
from tests.faults.scenario import END, tell
from tests.faults.story import Story
from tests.faults.telling import told
from tests.faults.trouble import Trouble

SHARES = 4
"""The sweep is told by so many tests, so that they can run side by side."""
EVERY = 13
"""Not a multiple of the number of troubles: each of them gets its turn."""
TROUBLES = (Trouble.DIE_BEFORE, Trouble.DIE_AFTER, Trouble.LOST)
KINDS = frozenset({"tick", "pass", "work"})


@pytest.mark.parametrize("share", range(SHARES))
def test_whatever_happens_to_one_call_nothing_is_lost_or_doubled_on_moto(
    share: int, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    undisturbed = _undisturbed()
    calls = [call for call in undisturbed.calls.requests if call[0] in KINDS]
    points = [(call, trouble) for call in calls for trouble in TROUBLES][share::SHARES]
    points = points if os.environ.get("FAULTS") == "all" else points[share::EVERY]
    for call, trouble in points:
        story = _told(monkeypatch, OnMoto, {call: trouble})
        assert story.calls.met == [trouble], story.history()
        if trouble is Trouble.LOST:
            assert outcomes(story) == outcomes(undisturbed), story.history()
    record_property("fault points on moto", len(points))


def test_moto_and_the_stub_tell_the_same_story(monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed = _undisturbed()
    assert {task.shard for task in undisturbed.tasks().values()} == {0, 1}
    same = _told(monkeypatch, Stub, {})
    assert outcomes(same) == outcomes(undisturbed)
    assert _starts(same) == _starts(undisturbed)
    assert same.calls.counts == undisturbed.calls.counts


def _starts(story: Story) -> list[tuple[datetime, datetime, int]]:
    return sorted((start.at, start.due_at, start.attempt) for start in story.starts)


@pytest.mark.parametrize("seed", range(2))
def test_messages_that_come_twice_and_late_change_nothing_on_moto(
    seed: int, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    chance = Chance(seed=seed, twice=0.3, held=0.15, lost_ticks=0.2, trouble=0.01, stale=0.3)
    story = Story(chance=chance, calm_from=at(150), make_aws=OnMoto)
    with told(monkeypatch, story):
        tell(story, "basics")
        settle(story, END)
    record_property("seeds", 1)


@cache
def _undisturbed() -> Story:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return _told(monkeypatch, OnMoto, {})


def _told(monkeypatch: pytest.MonkeyPatch, make_aws: MakeAws, plan: Plan) -> Story:
    story = Story(plan=plan, make_aws=make_aws)
    with told(monkeypatch, story):
        tell(story, "basics")
        settle(story, END)
    return story
