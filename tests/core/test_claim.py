"""Claims, refusals and ends of attempts, and the table of legal moves that they keep to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chalicelib.core.attempts.claim import (
    ACTION_LIMIT,
    Claim,
    Claimed,
    Dropped,
    Postponed,
    claim,
    first_claim,
    lease_for,
    rerouted,
    settled,
)
from chalicelib.core.attempts.refusal import GONE, refusal, refused
from chalicelib.core.errors import IllegalMove
from chalicelib.core.message import RunMessage
from chalicelib.core.run import (
    FINAL,
    LEGAL_MOVES,
    Attempt,
    AttemptStatus,
    Outcome,
    Run,
    RunError,
    RunStatus,
    Trigger,
)
from chalicelib.core.task import Channel
from chalicelib.core.window import Kind
from tests.core.building import START, at, every, make_run, make_task, message

DONE = Outcome(status=AttemptStatus.SUCCEEDED, output="hi", result=7)
BROKE = Outcome(status=AttemptStatus.FAILED, exit_code=3, error=RunError(code="exit_code", detail="ended with 3"))


def decide(run: Run | None, sent: RunMessage, *, now: datetime | None = None, redelivered: bool = False) -> Claim:
    return claim(run, sent, token="mine", now=now or at(1), redelivered=redelivered)


def running(*, lease_until: datetime, attempts: int = 1) -> Run:
    tries = tuple(Attempt(number=n + 1, started_at=at(n)) for n in range(attempts))
    return make_run(START, RunStatus.RUNNING, lease_until=lease_until, attempts=tries)


def begun() -> Run:
    run = first_claim(message(START), "mine", at(0.25))
    assert run is not None
    return run


def test_the_first_claim_begins_attempt_one_under_a_lease() -> None:
    run = begun()
    assert [(a.number, a.started_at) for a in run.attempts] == [(1, at(0.25))]
    assert run.lease_until == at(0.25) + lease_for(Channel.LIGHT)
    assert run.lateness == timedelta(milliseconds=250)


@pytest.mark.parametrize("kind", [Kind.RETRY, Kind.TAKEOVER, Kind.MANUAL])
def test_only_scheduled_and_backfilled_messages_begin_a_run_that_does_not_exist(kind: Kind) -> None:
    assert first_claim(message(START, kind=kind), "mine", START) is None
    assert decide(None, message(START, kind=kind)) == Dropped(reason="no_run")


def test_a_queued_run_is_claimed() -> None:
    decision = decide(make_run(START, RunStatus.QUEUED, trigger=Trigger.MANUAL), message(START, kind=Kind.MANUAL))
    assert isinstance(decision, Claimed)
    assert (decision.run.status, decision.run.token, len(decision.run.attempts)) == (RunStatus.RUNNING, "mine", 1)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_run_that_has_ended_is_left_alone(status: RunStatus) -> None:
    assert decide(make_run(START, status), message(START), redelivered=True) == Dropped(reason="run_ended")


def test_a_retry_is_claimed_by_its_own_message_only() -> None:
    failed = Attempt(number=1, started_at=at(0), status=AttemptStatus.FAILED)
    run = make_run(START, RunStatus.RETRYING, attempts=(failed,))
    assert decide(run, message(START)) == Dropped(reason="attempt_done")
    decision = decide(run, message(START, kind=Kind.RETRY, number=2))
    assert isinstance(decision, Claimed)
    assert [a.number for a in decision.run.attempts] == [1, 2]


def test_a_duplicate_of_a_running_attempt_is_dropped() -> None:
    assert decide(running(lease_until=at(50)), message(START)) == Dropped(reason="duplicate")


def test_a_redelivery_that_meets_a_live_lease_looks_again_after_its_end() -> None:
    decision = decide(running(lease_until=at(50)), message(START), redelivered=True)
    assert isinstance(decision, Postponed)
    assert (decision.entry.kind, decision.entry.start, decision.entry.due_at) == (Kind.TAKEOVER, at(65), START)


def test_a_run_is_taken_over_when_its_lease_has_ended() -> None:
    decision = decide(running(lease_until=at(50)), message(START, kind=Kind.TAKEOVER), now=at(50))
    assert isinstance(decision, Claimed)
    assert [(a.number, a.status) for a in decision.run.attempts] == [
        (1, AttemptStatus.LOST),
        (2, AttemptStatus.RUNNING),
    ]


def test_a_taken_over_run_is_lost_when_no_attempt_is_left() -> None:
    decision = decide(running(lease_until=at(50)), message(START), now=at(51), redelivered=True)
    assert isinstance(decision, Claimed)
    for more in ({"retry": {"max_attempts": 1}}, {"delivery": "at_most_once"}):
        task = make_task(every(60), **more)
        unwanted = refusal(task, decision.run, at(51))
        assert unwanted is not None
        ended = refused(decision.run, task, unwanted, at(51))
        assert (ended.status, [a.status for a in ended.attempts]) == (RunStatus.LOST, [AttemptStatus.LOST])
    assert refusal(make_task(every(60)), decision.run, at(51)) is None


@pytest.mark.parametrize(
    ("schedule", "more", "code"),
    [(every(60), {"state": "paused"}, "paused"), (every(60, start_at="2026-03-02T08:00:01Z"), {}, "edited")],
)
def test_what_is_not_wanted_any_more_is_skipped_with_the_reason(
    schedule: dict[str, Any], more: dict[str, Any], code: str
) -> None:
    unwanted = refusal(make_task(schedule, **more), begun(), at(1))
    assert unwanted is not None
    assert (unwanted.status, unwanted.error.code) == (RunStatus.SKIPPED, code)
    ended = refused(begun(), make_task(schedule, **more), unwanted, at(1))
    assert (ended.started_at, ended.lateness, ended.attempts) == (None, None, ())


def test_a_run_of_a_deleted_task_is_skipped() -> None:
    ended = refused(begun(), None, GONE, at(1))
    assert (ended.status, ended.error and ended.error.code, ended.owner) == (RunStatus.SKIPPED, "deleted", "ann")


def test_a_manual_run_is_wanted_on_a_paused_task() -> None:
    run = make_run(at(7), RunStatus.RUNNING, trigger=Trigger.MANUAL, attempts=(Attempt(number=1, started_at=at(7)),))
    assert refusal(make_task(every(60), state="paused"), run, at(8)) is None


def test_a_first_start_later_than_its_grace_is_missed() -> None:
    task = make_task(every(60), misfire={"grace_seconds": 100, "catch_up": "all"})
    assert refusal(task, begun(), at(100)) is None
    unwanted = refusal(task, begun(), at(100.5))
    assert unwanted is not None
    assert unwanted.status is RunStatus.MISSED


@pytest.mark.parametrize(
    ("catch_up", "late", "starts"),
    [
        ("all", 3000, True),
        ("none", 90, True),
        ("none", 91, False),
        ("latest", 150, True),  # the next due time, 60 s later, is exactly 90 s late: no misfire yet
        ("latest", 151, False),
    ],
)
def test_a_message_that_waited_in_a_queue_meets_the_misfire_policy_too(catch_up: str, late: int, starts: bool) -> None:
    task = make_task(every(60), misfire={"catch_up": catch_up})
    assert (refusal(task, begun(), at(late)) is None) == starts


def test_no_grace_still_allows_for_clocks_that_differ() -> None:
    task = make_task(every(60), misfire={"grace_seconds": 0})
    assert refusal(task, begun(), at(5)) is None
    assert refusal(task, begun(), at(5.5)) is not None


def test_a_message_older_than_runs_are_kept_starts_nothing() -> None:
    task = make_task(every(60), misfire={"grace_seconds": 604_800}, retention_days=1)
    assert refusal(task, begun(), at(2 * 86_400)) is not None


def test_success_is_final_and_keeps_the_result() -> None:
    run, entry = settled(begun(), make_task(every(60)), DONE, now=at(2), spread=0)
    assert (run.status, run.result, run.finished_at, entry) == (RunStatus.SUCCEEDED, 7, at(2), None)
    assert run.attempts[0].output == "hi"


def test_a_failed_attempt_is_followed_by_one_in_the_next_window() -> None:
    run, entry = settled(begun(), make_task(every(60)), BROKE, now=at(2), spread=0)
    assert run.status is RunStatus.RETRYING
    assert entry is not None
    assert (entry.start, entry.number, entry.kind) == (at(30), 2, Kind.RETRY)


def test_the_last_failed_attempt_ends_the_run() -> None:
    task = make_task(every(60), retry={"max_attempts": 1})
    run, entry = settled(begun(), task, BROKE, now=at(2), spread=0)
    assert (run.status, run.attempts[0].exit_code, entry) == (RunStatus.FAILED, 3, None)
    late = Outcome(status=AttemptStatus.TIMED_OUT, error=RunError(code="timeout", detail="after 60 s"))
    assert settled(begun(), task, late, now=at(2), spread=0)[0].status is RunStatus.TIMED_OUT


def test_a_permanent_failure_is_not_tried_again() -> None:
    gone = Outcome(status=AttemptStatus.FAILED, error=RunError(code="unknown_function", detail="?", permanent=True))
    run, entry = settled(begun(), make_task(every(60)), gone, now=at(2), spread=0)
    assert (run.status, entry) == (RunStatus.FAILED, None)


def test_an_attempt_in_the_wrong_channel_is_asked_for_again_and_not_counted() -> None:
    run, entry = rerouted(begun(), at(1))
    assert (run.status, run.attempts, entry.number, entry.start) == (RunStatus.RETRYING, (), 1, at(1))
    retry = RunMessage(entry=entry, owner="ann", task_name="hello", channel=Channel.COMMANDS)
    assert isinstance(decide(run, retry), Claimed)


def test_leases_are_longer_than_the_actions_they_cover() -> None:
    assert all(lease_for(channel) > ACTION_LIMIT[channel] for channel in Channel)


class Life(RuleBasedStateMachine):
    """A run under every message, outcome and loss, in any order: it never leaves the table of legal moves (I13)."""

    @initialize()
    def begin(self) -> None:
        self.run, self.now, self.n = begun(), at(1), 0
        self.task = make_task(every(60), retry={"max_attempts": 4})

    def becomes(self, run: Run) -> None:
        assert run.status in LEGAL_MOVES[self.run.status]
        assert [a.number for a in run.attempts] == list(range(1, len(run.attempts) + 1))
        self.run = run

    @rule(number=st.integers(1, 5), redelivered=st.booleans(), wait=st.sampled_from([1, 60, 500]))
    def a_message_arrives(self, number: int, redelivered: bool, wait: int) -> None:
        self.now += timedelta(seconds=wait)
        self.n += 1
        sent = message(START, kind=Kind.RETRY if number > 1 else Kind.SCHEDULE, number=number)
        decision = claim(self.run, sent, token=f"t{self.n}", now=self.now, redelivered=redelivered)
        if isinstance(decision, Claimed):
            lease = self.run.lease_until
            assert self.run.status is not RunStatus.RUNNING or (lease is not None and lease <= self.now)
            self.becomes(decision.run)

    @rule(outcome=st.sampled_from([DONE, BROKE]))
    def the_attempt_ends(self, outcome: Outcome) -> None:
        if self.run.status is RunStatus.RUNNING:
            self.becomes(settled(self.run, self.task, outcome, now=self.now, spread=0.5)[0])

    @rule()
    def it_is_not_wanted(self) -> None:
        unwanted = refusal(self.task, self.run, self.now)
        if self.run.status is RunStatus.RUNNING and unwanted is not None:
            self.becomes(refused(self.run, self.task, unwanted, self.now))


TestLife = Life.TestCase


@pytest.mark.parametrize("status", sorted(FINAL))
def test_an_ended_run_cannot_be_moved_on(status: RunStatus) -> None:
    with pytest.raises(IllegalMove):
        make_run(START, status).moved(RunStatus.RUNNING)
