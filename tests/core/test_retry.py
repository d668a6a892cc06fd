"""When another attempt follows a failed one: its delay, what others ask for, and until when one may start."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import task as tasks
from chalicelib.core.attempts.claim import first_claim, settled
from chalicelib.core.attempts.retry import Backoff, RetryPolicy
from chalicelib.core.run import Attempt, AttemptStatus, Outcome, Run, RunError, RunStatus, Trigger
from chalicelib.core.window import Entry
from tests.core.building import START, at, definition_json, every, make_run, make_task, message

NEARLY_ONE = 1 - 2**-53
"""The largest random number there is."""
WEEK = timedelta(days=7)
BROKE = RunError(code="exit_code", detail="ended with 3")
DAYS_AGO = START - timedelta(days=3)


def wait(attempt: int = 1, spread: float = 0.5, asked: float = 0, **policy: Any) -> float | None:
    """Seconds from a failure at 09:00:31 to the next attempt, by a policy as the contract writes it."""
    retry = tasks.from_json(definition_json(every(60), retry=policy), START).retry
    now = at(31)
    start = retry.next_start(attempt, now, spread, timedelta(seconds=asked))
    return None if start is None else (start - now).total_seconds()


@pytest.mark.parametrize(
    ("policy", "attempt", "spread", "expected"),
    [
        ({}, 1, 0.9, 29),
        ({"backoff": "next_window", "delay_seconds": 500}, 2, 0.9, 29),
        ({"backoff": "fixed"}, 1, 0.9, 30),
        ({"backoff": "fixed", "delay_seconds": 0}, 2, 0.9, 0),
        ({"backoff": "fixed", "delay_seconds": 604_800, "max_delay_seconds": 1}, 1, 0.9, 604_800),
        ({"backoff": "exponential"}, 1, 0.0, 0),
        ({"backoff": "exponential"}, 1, 0.5, 15),
        ({"backoff": "exponential"}, 2, 0.5, 30),
        ({"backoff": "exponential", "max_attempts": 20}, 7, 0.5, 960),
        ({"backoff": "exponential", "max_attempts": 20}, 8, 0.5, 1800),
        ({"backoff": "exponential", "max_attempts": 20, "delay_seconds": 7200}, 1, 0.5, 1800),
        ({"backoff": "exponential", "max_delay_seconds": 0}, 2, 0.9, 0),
    ],
)
def test_the_wait_is_the_policys(policy: dict[str, Any], attempt: int, spread: float, expected: float) -> None:
    assert wait(attempt, spread, **policy) == expected


@pytest.mark.parametrize("most", [1, 3, 20])
def test_no_attempt_follows_the_last(most: int) -> None:
    policy: dict[str, Any] = {"max_attempts": most, "backoff": "fixed"}
    assert [wait(n, **policy) is None for n in range(1, most + 2)] == [False] * (most - 1) + [True, True]


@given(
    st.integers(1, 25),
    st.floats(0, NEARLY_ONE),
    st.sampled_from(Backoff),
    st.timedeltas(min_value=timedelta(0), max_value=WEEK),
    st.timedeltas(min_value=timedelta(0), max_value=WEEK),
    st.timedeltas(min_value=timedelta(0), max_value=WEEK),
)
def test_every_wait_lies_within_its_bounds(
    attempt: int, spread: float, backoff: Backoff, delay: timedelta, longest: timedelta, asked: timedelta
) -> None:
    policy = RetryPolicy(max_attempts=20, backoff=backoff, delay=delay, max_delay=longest)
    start = policy.next_start(attempt, START, spread, asked)
    if attempt >= 20:
        assert start is None
        return
    assert start is not None
    heard = min(asked, longest)
    bounds = {
        Backoff.NEXT_WINDOW: timedelta(seconds=30),
        Backoff.FIXED: delay,
        Backoff.EXPONENTIAL: min(delay * 2 ** (attempt - 1), longest),
    }
    assert heard <= start - START <= max(bounds[backoff], heard)


@given(st.integers(1, 19), st.floats(0, NEARLY_ONE))
def test_twenty_attempts_with_the_longest_delays_can_be_computed(attempt: int, spread: float) -> None:
    week = WEEK.total_seconds()
    seconds = wait(attempt, spread, max_attempts=20, backoff="exponential", delay_seconds=week, max_delay_seconds=week)
    assert seconds is not None
    assert 0 <= seconds <= week


def test_an_exponential_wait_is_spread_over_all_of_its_length() -> None:
    policy: dict[str, Any] = {"backoff": "exponential", "delay_seconds": 8, "max_attempts": 4}
    waits = [wait(3, n / 8, **policy) for n in range(8)]
    assert waits == [0, 4, 8, 12, 16, 20, 24, 28]


# What the called server asks for


@pytest.mark.parametrize(
    ("policy", "asked", "expected"),
    [
        ({"backoff": "fixed", "delay_seconds": 5}, 120, 120),
        ({"backoff": "fixed", "delay_seconds": 300}, 120, 300),
        ({"backoff": "next_window"}, 3, 29),
        ({"backoff": "next_window"}, 40, 40),
        ({"backoff": "exponential", "delay_seconds": 10}, 7, 7),
        ({"backoff": "fixed", "delay_seconds": 5, "max_delay_seconds": 60}, 120, 60),
        ({"backoff": "fixed", "delay_seconds": 90, "max_delay_seconds": 60}, 120, 90),
        ({"backoff": "fixed", "delay_seconds": 5}, 604_800, 3600),
    ],
)
def test_what_a_server_asks_for_is_waited_for_up_to_the_longest_delay(
    policy: dict[str, Any], asked: float, expected: float
) -> None:
    assert wait(asked=asked, **policy) == expected


# How old a run may be


def ended(run: Run, retry: dict[str, Any], now: datetime, **outcome: Any) -> tuple[Run, Entry | None]:
    """The run after its attempt failed at an instant, with the entry of the next attempt."""
    failed: dict[str, Any] = {"status": AttemptStatus.FAILED, "error": BROKE} | outcome
    return settled(run, make_task(every(60), retry=retry), Outcome(**failed), now=now, spread=0.5)


def running(trigger: Trigger = Trigger.SCHEDULE, due: datetime = START, attempts: int = 1) -> Run:
    tries = tuple(Attempt(number=n + 1, started_at=at(n)) for n in range(attempts))
    return make_run(due, RunStatus.RUNNING, trigger=trigger, attempts=tries)


FIXED = {"backoff": "fixed", "delay_seconds": 10, "max_attempts": 20}


@pytest.mark.parametrize(("failed_at", "tried_again"), [(1, True), (50, True), (50.001, False), (3000, False)])
def test_an_attempt_is_planned_only_within_the_age(failed_at: float, tried_again: bool) -> None:
    run, entry = ended(running(), FIXED | {"max_age_seconds": 60}, at(failed_at))
    if tried_again:
        assert (run.status, entry and entry.start, run.error) == (RunStatus.RETRYING, at(failed_at + 10), BROKE)
    else:
        assert (run.status, entry, run.finished_at) == (RunStatus.FAILED, None, at(failed_at))


def test_a_run_that_is_too_old_keeps_its_error_and_says_why_it_ended() -> None:
    run, _ = ended(running(attempts=2), FIXED | {"max_age_seconds": 60.5}, at(55))
    assert run.error is not None
    assert run.error.code == "exit_code"
    assert run.error.detail == (
        "ended with 3; not tried again, because that would be more than 60.5 s after it was due (retry.max_age_seconds)"
    )
    assert run.attempts[-1].error == BROKE


def test_a_run_that_timed_out_and_is_too_old_has_timed_out() -> None:
    late = RunError(code="timeout", detail="stopped after 60 s, the task's timeout")
    run, entry = ended(running(), FIXED | {"max_age_seconds": 60}, at(61), status=AttemptStatus.TIMED_OUT, error=late)
    assert (run.status, entry, run.error and run.error.code) == (RunStatus.TIMED_OUT, None, "timeout")


def test_a_last_or_permanent_failure_says_nothing_about_age() -> None:
    old = FIXED | {"max_age_seconds": 1}
    gone = RunError(code="unknown_function", detail="?", permanent=True)
    assert ended(running(), old | {"max_attempts": 1}, at(99))[0].error == BROKE
    assert ended(running(), old, at(99), error=gone)[0].error == gone


def test_a_wait_that_a_server_asks_for_counts_as_well() -> None:
    run, entry = ended(running(), FIXED | {"max_age_seconds": 60}, at(1), retry_after=timedelta(seconds=120))
    assert (run.status, entry) == (RunStatus.FAILED, None)


def test_a_success_has_no_age() -> None:
    run, _ = ended(running(), {"max_age_seconds": 1}, at(500), status=AttemptStatus.SUCCEEDED, error=None)
    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)


def test_a_failure_without_a_reason_gets_one_when_it_is_too_old() -> None:
    run, _ = ended(running(), FIXED | {"max_age_seconds": 1}, at(500), error=None)
    assert (run.error and run.error.code) == "too_old"


@pytest.mark.parametrize(
    ("trigger", "due", "status"),
    [
        (Trigger.SCHEDULE, DAYS_AGO, RunStatus.FAILED),
        (Trigger.MANUAL, START, RunStatus.RETRYING),
        (Trigger.BACKFILL, DAYS_AGO, RunStatus.RETRYING),
    ],
)
def test_age_counts_from_the_due_time_and_for_a_backfill_from_its_first_start(
    trigger: Trigger, due: datetime, status: RunStatus
) -> None:
    assert ended(running(trigger, due), FIXED | {"max_age_seconds": 60}, at(20))[0].status is status


def test_without_an_age_a_run_is_tried_again_however_old_it_is() -> None:
    assert ended(running(due=DAYS_AGO), FIXED, at(20))[0].status is RunStatus.RETRYING


def test_the_age_is_kept_with_the_task() -> None:
    definition = make_task(every(60), retry={"max_age_seconds": 90.5}).definition
    assert definition.retry.max_age == timedelta(seconds=90.5)
    assert tasks.from_record(tasks.to_record(definition)) == definition
    assert tasks.to_json(definition)["retry"]["max_age_seconds"] == 90.5


def test_a_claim_after_all_this_is_the_next_attempt() -> None:
    first = first_claim(message(START), "mine", at(0.25))
    assert first is not None
    run, entry = ended(first, FIXED, at(1))
    assert entry is not None
    assert (entry.number, entry.start, run.status) == (2, at(11), RunStatus.RETRYING)
