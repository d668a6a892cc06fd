"""Every call of whoever ends runs and tells owners of it meets every trouble: nothing is left untold or told as more.

By default each call meets a few troubles; `FAULTS=all` lets it meet all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from chalicelib.bootstrap.whole import System
from chalicelib.core.run import RunStatus
from tests.core.building import at, definition_json, every
from tests.faults.judging import settle, unsettled
from tests.faults.replica import need_not_be_consistent
from tests.faults.story import ANN, Story
from tests.faults.telling import told
from tests.faults.trouble import Trouble, possible

Point = tuple[tuple[str, int], Trouble]
END = at(110)
SHARES = 4
EVERY = int(os.environ.get("FAULTS_EVERY", "41"))
"""Of the pairs of call and trouble, every so manieth is told by default."""
AUDITS = (5, 15, 90)
"""Minutes after everything has come to rest; at the last, what was waited for in vain is forgotten."""
FAILURES = frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.LOST})
TASK: dict[str, Any] = definition_json(
    every(20, max_runs=5),
    action={"type": "function", "name": "print_hello", "kwargs": {"broken_until": 70}},
    retry={"max_attempts": 1},
    misfire={"catch_up": "all", "grace_seconds": 604_800},
    notify={"webhook": "https://example.com/", "cooldown_seconds": 60},
)
"""Three failures and a success; all but the first come within the cool-down."""


@pytest.mark.parametrize("share", range(SHARES))
def test_whatever_happens_to_one_call_no_alert_is_lost(share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    points = list(_points(_undisturbed()))[share::SHARES]
    for point in points if os.environ.get("FAULTS") == "all" else points[share::EVERY]:
        story = _told(monkeypatch, dict([point]))
        assert _wrong(story) == [], story.history()


def test_undisturbed_it_is_two_letters_and_each_is_sent_once() -> None:
    story = _undisturbed()
    assert _wrong(story) == []
    told = [(alert["kind"], alert["count"]) for _, letter in story.mailbox.taken for alert in letter.body["alerts"]]
    assert told == [("failed", 1), ("recovered", 2)]


def test_nothing_that_is_told_rests_on_a_read_that_may_be_stale() -> None:
    """An audit looks at runs as they were a moment ago, and then again, consistently, before it says anything."""
    requests = _undisturbed().calls.requests
    stale = [request for (kind, _), request in requests.items() if kind != "api" and need_not_be_consistent(request)]
    assert [request for request in stale if "-runs'" not in str(request.parameters)] == []


def _told(monkeypatch: pytest.MonkeyPatch, plan: dict[tuple[str, int], Trouble]) -> Story:
    story = Story(plan=plan)
    with told(monkeypatch, story):
        story.ask(at(1.1), "hello", _created)
        story.audit(at(150))
        settle(story, END)
        story.ticking = False
        for minutes in AUDITS:
            story.audit(story.now + timedelta(minutes=minutes))
        story.play(story.now + timedelta(minutes=AUDITS[-1] + 10))
        assert unsettled(story, END) == []
    return story


def _created(system: System) -> object:
    return system.catalog.create(ANN, TASK)


def _wrong(story: Story) -> list[str]:
    """What was not told, or told as more than it was. The same alert may come twice."""
    alerts = {alert["id"]: alert for _, letter in story.mailbox.taken for alert in letter.body["alerts"]}
    failed = [run for run in story.runs().values() if run.status in FAILURES]
    counted = sum(alert["count"] for alert in alerts.values())
    found = [] if counted == len(failed) else [f"{len(failed)} runs failed, and {counted} were told: {alerts}"]
    recoveries = [alert for alert in alerts.values() if alert["kind"] == "recovered" or alert["recovered_at"]]
    succeeded = any(run.status is RunStatus.SUCCEEDED for run in story.runs().values())
    found += [] if bool(recoveries) == (bool(failed) and succeeded) else [f"recoveries told: {alerts}"]
    cues = [item["id"]["S"] for item in story.stored.accounts() if item["owner"]["S"].startswith("alerts#due")]
    return found + [f"cue {key} stays" for key in cues]


@cache
def _undisturbed() -> Story:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return _told(monkeypatch, {})


def _points(story: Story) -> Iterator[Point]:
    """Every call of a worker, and those of the auditor that are about alerts."""
    for call, request in story.calls.requests.items():
        about = call[0] == "work" or (call[0] == "audit" and "accounts" in str(request.parameters))
        for trouble in Trouble:
            if about and possible(trouble, request):
                yield call, trouble
