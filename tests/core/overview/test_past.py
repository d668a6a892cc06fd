"""What lies behind: counted from keys, exact where runs were read, and what needs attention told once for each task."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.overview.past import Past, overdue, troubles
from chalicelib.core.run import SKIPPED_BY_OWNER, Attempt, AttemptStatus, Coalesced, Run, RunError, RunStatus, Trigger
from tests.core.building import START

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def run_(minutes_ago: float, status: RunStatus, task_id: str = "task", late: float = 0.1, **more: Any) -> Run:
    due = START - minutes_ago * MINUTE
    begun = Attempt(number=1, started_at=due + timedelta(seconds=late), status=AttemptStatus.RUNNING)
    given: dict[str, Any] = {"attempts": () if status is RunStatus.MISSED else (begun,)} | more
    return Run(
        task_id=task_id,
        due_at=due,
        owner="ann",
        task_name="hello",
        trigger=Trigger.SCHEDULE,
        status=status,
        token="t",
        retention=DAY,
        **given,
    )


def past(*runs: Run, unread: tuple[tuple[str, datetime], ...] = (), **more: Any) -> Past:
    """An account's past of these runs, all read, and of some that are known by their keys."""
    keys = sorted([*((run.task_id, run.due_at) for run in runs), *unread], key=lambda key: key[1], reverse=True)
    attention = (RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.MISSED, RunStatus.LOST, RunStatus.RETRYING)
    troubled = [(run.task_id, run.due_at) for run in runs if run.status in attention]
    given: dict[str, Any] = {
        "since": START - DAY,
        "now": START,
        "keys": tuple(keys),
        "troubled": tuple(sorted(troubled, key=lambda key: key[1], reverse=True)),
        "read": {(run.task_id, run.due_at): run for run in runs},
    }
    return Past(**given | more)


def test_runs_are_counted_by_how_they_ended() -> None:
    found = past(*(run_(n, status) for n, status in enumerate(RunStatus))).tally(START - DAY, START + MINUTE)
    assert (found.runs, found.succeeded, found.failed, found.missed, found.waiting) == (10, 1, 3, 1, 1)
    assert (found.under_way, found.set_aside, found.unread) == (2, 2, 0)


def test_a_record_of_many_missed_due_times_counts_them_all() -> None:
    record = run_(5, RunStatus.MISSED, coalesced=Coalesced(first=START - 9 * MINUTE, last=START - 5 * MINUTE, count=5))
    found = past(record).tally(START - DAY, START)
    assert (found.runs, found.missed) == (1, 5)


def test_what_was_not_read_counts_by_whether_it_needs_attention() -> None:
    keys = (("task", START - 3 * MINUTE), ("task", START - 2 * MINUTE))
    found = past(unread=keys, troubled=keys[:1]).tally(START - DAY, START)
    assert (found.runs, found.succeeded, found.failed, found.unread) == (2, 1, 1, 2)


def test_a_start_that_was_late_is_counted() -> None:
    found = past(run_(1, RunStatus.SUCCEEDED, late=4.9), run_(2, RunStatus.SUCCEEDED, late=5.1))
    assert found.tally(START - DAY, START).late == 1


@given(st.lists(st.tuples(st.integers(1, 60), st.sampled_from(list(RunStatus))), unique_by=lambda one: one[0]))
def test_a_tally_adds_up_over_parts_of_the_time(given_runs: list[tuple[int, RunStatus]]) -> None:
    known = past(*(run_(n, status) for n, status in given_runs))
    whole = known.tally(START - 61 * MINUTE, START)
    parts = [known.tally(START - (n + 1) * 10 * MINUTE, START - n * 10 * MINUTE) for n in range(7)]
    assert whole.runs == sum(part.runs for part in parts) == len(given_runs)
    kinds = ("succeeded", "failed", "missed", "waiting", "under_way", "set_aside")
    assert sum(getattr(whole, kind) for kind in kinds) == whole.runs


def test_what_needs_attention_is_one_line_for_each_task_newest_first() -> None:
    known = past(
        run_(30, RunStatus.FAILED, "a"),
        run_(10, RunStatus.LOST, "a"),
        run_(5, RunStatus.RETRYING, "b"),
        run_(4, RunStatus.SUCCEEDED, "c"),
    )
    assert [(one.run.task_id, str(one.run.status), one.count) for one in troubles(known)] == [
        ("b", "retrying", 1),
        ("a", "lost", 2),
    ]


def test_a_task_that_has_succeeded_since_stands_behind_what_has_not() -> None:
    known = past(
        run_(5, RunStatus.FAILED, "a"),
        run_(1, RunStatus.SUCCEEDED, "a"),
        run_(60, RunStatus.FAILED, "b"),
        run_(90, RunStatus.SUCCEEDED, "b"),
    )
    assert [(one.run.task_id, one.recovered_at) for one in troubles(known)] == [("b", None), ("a", START - MINUTE)]


def test_what_was_retried_with_success_meanwhile_is_no_trouble() -> None:
    healed = run_(5, RunStatus.SUCCEEDED)
    assert troubles(past(healed, troubled=(("task", healed.due_at),))) == []


def test_a_due_time_without_any_record_is_overdue_after_a_minute() -> None:
    due = [("a", START - 2 * MINUTE, START - DAY), ("b", START - MINUTE / 2, START - DAY)]
    assert overdue(past(), due, START) == [("a", START - 2 * MINUTE)]


def test_a_due_time_is_not_overdue_that_was_recorded_or_belongs_to_an_earlier_definition() -> None:
    at = START - 5 * MINUTE
    record = run_(3, RunStatus.MISSED, "b", coalesced=Coalesced(first=at, last=START - 3 * MINUTE, count=2))
    known = past(run_(5, RunStatus.SUCCEEDED, "a"), record)
    due = [("a", at, START - DAY), ("b", at, START - DAY), ("c", at, START - 4 * MINUTE)]
    assert overdue(known, due, START) == []
    assert overdue(known, [("d", at, START - DAY)], START) == [("d", at)]
    assert overdue(past(feed=False), [("d", at, START - DAY)], START) == []


def test_due_times_taken_out_ahead_are_skipped_whether_read_or_not() -> None:
    error = RunError(code=SKIPPED_BY_OWNER, detail="skipped")
    read = run_(-60, RunStatus.CANCELLED, "a", error=error)
    key = ("b", START + 2 * DAY)
    known = past(read, unread=(key,))
    assert known.skipped == {("a", read.due_at), key}
    assert known.newest == {}
