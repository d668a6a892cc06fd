"""Every call of whoever starts, counts and ends a group meets every trouble: what follows it is recorded once.

By default each call meets a few troubles; `FAULTS=all` lets it meet all of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from chalicelib.bootstrap.whole import System
from chalicelib.core.groups.group import Group, GroupState
from chalicelib.core.run import ON_FAILURE, THEN, RunStatus
from tests.core.building import at
from tests.faults.judging import PATIENCE, STEP, unsettled, wrong
from tests.faults.replica import need_not_be_consistent
from tests.faults.story import ANN, Story
from tests.faults.telling import told
from tests.faults.trouble import Trouble, possible

Point = tuple[tuple[str, int], Trouble]
END = at(70)
SHARES = 4
EVERY = int(os.environ.get("FAULTS_EVERY", "67"))
"""Of the pairs of call and trouble, every so manieth is told by default."""


def calls(name: str, **wishes: Any) -> dict[str, Any]:
    action = {"type": "function", "name": "print_hello", "kwargs": wishes}
    return {"define": {"name": name, "action": action, "retry": {"max_attempts": 8}}}


FOLLOWED = {"then": calls("then"), "on_failure": calls("rescue")}
GROUPS: Mapping[str, dict[str, Any]] = {
    "chord": {"members": [calls("a"), calls("b", fails=1), calls("c", seconds=2)]} | FOLLOWED,
    "chain": {"members": [calls("a"), calls("b"), calls("c")], "order": "chain"} | FOLLOWED,
    "failing": {
        "members": [calls("a"), {"define": {**calls("b", fails=9)["define"], "retry": {"max_attempts": 1}}}],
        **FOLLOWED,
    },
}
ENDS = {"chord": GroupState.SUCCEEDED, "chain": GroupState.SUCCEEDED, "failing": GroupState.FAILED}


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("kind", GROUPS)
def test_whatever_happens_to_one_call_a_group_ends_once_and_is_followed_once(
    kind: str, share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = list(_points(_undisturbed(kind)))[share::SHARES]
    for point in points if os.environ.get("FAULTS") == "all" else points[share::EVERY]:
        story = _told(kind, monkeypatch, dict([point]))
        assert _wrong(kind, story) == [], story.history()


@pytest.mark.parametrize("kind", GROUPS)
def test_undisturbed_a_group_ends_within_the_minute(kind: str) -> None:
    story = _undisturbed(kind)
    assert _wrong(kind, story) == []
    assert [group.state for group in _groups(story)] == [ENDS[kind]]
    assert story.now <= END


@pytest.mark.parametrize("kind", GROUPS)
def test_nothing_about_a_group_rests_on_a_read_that_may_be_stale(kind: str) -> None:
    requests = _undisturbed(kind).calls.requests
    assert [call for call, request in requests.items() if need_not_be_consistent(request)] == []


def _told(kind: str, monkeypatch: pytest.MonkeyPatch, plan: dict[tuple[str, int], Trouble]) -> Story:
    story = Story(plan=plan)
    with told(monkeypatch, story):
        story.ask(at(1.1), "group", lambda system: _create(system, kind))
        story.play(END)
        end = story.now + PATIENCE
        while (unsettled(story, END) or not _at_rest(story)) and story.now < end:
            story.play(story.now + STEP)
        assert unsettled(story, END) == [], story.history()
    return story


def _create(system: System, kind: str) -> None:
    system.groups.create(ANN, {"name": kind} | GROUPS[kind])


def _groups(story: Story) -> list[Group]:
    return story.stored.groups()


def _at_rest(story: Story) -> bool:
    return all(group.state is not GroupState.RUNNING for group in _groups(story))


def _wrong(kind: str, story: Story) -> list[str]:
    """What must not be: a member or what follows recorded twice or not at all, or the wrong end."""
    found, groups = wrong(story), _groups(story)
    runs = [run for run in story.runs().values() if run.part is not None]
    recorded = Counter(run.part.index for run in runs if run.part is not None)
    if not groups:
        return found + ([f"no group, and runs {recorded}"] if recorded else [])
    follower = THEN if ENDS[kind] is GroupState.SUCCEEDED else ON_FAILURE
    wanted = Counter([*range(len(GROUPS[kind]["members"])), follower])
    found += [] if recorded == wanted else [f"recorded are {recorded}, and not {wanted}"]
    found += [f"the group is {group.state}" for group in groups if group.state is not ENDS[kind]]
    follows = [run for run in runs if run.part is not None and run.part.index == follower]
    return found + [f"{run.id} is {run.status}" for run in follows if run.status is not RunStatus.SUCCEEDED]


@cache
def _undisturbed(kind: str) -> Story:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return _told(kind, monkeypatch, {})


def _points(story: Story) -> Iterator[Point]:
    """Every call of the request and of the workers."""
    for call, request in story.calls.requests.items():
        for trouble in Trouble:
            if call[0] in ("api", "work", "pass") and possible(trouble, request):
                yield call, trouble
