"""Every call of tick, pass, work and API meets every trouble, one at a time; then everything has to come right.

By default each call meets a few troubles; `FAULTS=all` lets it meet all of them, which takes a quarter of an hour.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.faults.judging import outcomes, settle
from tests.faults.replica import need_not_be_consistent
from tests.faults.scenario import END, tell
from tests.faults.story import Story
from tests.faults.telling import told
from tests.faults.trouble import PASSING, Trouble, possible

Record = Callable[[str, object], None]
Point = tuple[tuple[str, int], Trouble]
PAIRS = int(os.environ.get("FAULT_PAIRS", "4"))
SHARES = 4
"""Each part is swept by so many tests, so that they can run side by side."""
EVERY = {"schedules": 23, "attempts": 19, "changes": 41, "overlaps": 37}
"""Of the pairs of call and trouble of each part, every so manieth is told by default: what fits into half a minute."""


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("part", EVERY)
def test_whatever_happens_to_one_call_nothing_is_lost_or_doubled(
    part: str, share: int, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    undisturbed = _undisturbed(part)
    points = list(_points(undisturbed))[share::SHARES]
    points = points if os.environ.get("FAULTS") == "all" else points[share :: EVERY[part]]
    for point in points:
        story = _told(part, monkeypatch, dict([point]))
        if point[1] in PASSING and point[0][0] != "api" and part != "overlaps":  # there, who is slow is overtaken
            assert outcomes(story) == outcomes(undisturbed), story.history()
    record_property("fault points", len(points))


@pytest.mark.parametrize("part", EVERY)
def test_whatever_happens_to_two_calls_nothing_is_lost_or_doubled(
    part: str, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    points, chance = list(_points(_undisturbed(part))), random.Random(part)
    for _ in range(PAIRS):
        story = Story(plan=dict(chance.sample(points, 2)))
        with told(monkeypatch, story):
            tell(story, part)
            settle(story, END)
    record_property("pairs of faults", PAIRS)


@pytest.mark.parametrize("part", EVERY)
def test_only_the_owner_is_shown_what_may_be_stale(part: str) -> None:
    """Nothing that tick, pass and work decide rests on a read that does not ask for consistency."""
    requests = _undisturbed(part).calls.requests
    assert {kind for (kind, _), request in requests.items() if need_not_be_consistent(request)} <= {"api"}


def _told(part: str, monkeypatch: pytest.MonkeyPatch, plan: dict[tuple[str, int], Trouble]) -> Story:
    story = Story(plan=plan)
    with told(monkeypatch, story):
        tell(story, part)
        settle(story, END)
    assert len(story.calls.met) >= len(plan)
    return story


@cache
def _undisturbed(part: str) -> Story:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return _told(part, monkeypatch, {})


def _points(story: Story) -> Iterator[Point]:
    """Each call with each trouble that can befall it."""
    for call, request in story.calls.requests.items():
        for trouble in Trouble:
            if possible(trouble, request):
                yield call, trouble
