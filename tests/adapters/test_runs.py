"""The contract of the table `runs`, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import NotFound, TooLarge
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.run import Attempt, AttemptStatus, Coalesced, Run, RunError, RunStatus, Trigger
from chalicelib.ports import Page
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import DAY, START, at, attempt, entry, in_window, late, make_run

LONG = "é" * 1000
NUMBERS = count(1)

instants = st.integers(min_value=0, max_value=to_ms(at(0)) * 2).map(from_ms)
errors = st.builds(RunError, code=st.text(max_size=20), detail=st.text(max_size=50), permanent=st.booleans())
texts = st.one_of(st.text(max_size=60), st.sampled_from(["x" * 1024, "x" * 1025, LONG, "\u0000" * 3000]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
attempts = st.builds(
    Attempt,
    number=st.just(1),
    started_at=instants,
    status=st.sampled_from(AttemptStatus),
    finished_at=st.none() | instants,
    exit_code=st.none() | st.integers(min_value=-64, max_value=255),
    http_status=st.none() | st.integers(min_value=100, max_value=599),
    error=st.none() | errors,
    output=texts,
    output_truncated=st.booleans(),
)
runs = st.builds(
    Run,
    task_id=st.just("task"),
    due_at=instants,
    owner=st.text(max_size=26),
    task_name=st.text(max_size=100),
    trigger=st.sampled_from(Trigger),
    status=st.sampled_from(RunStatus),
    token=st.text(max_size=32),
    retention=st.integers(min_value=1, max_value=365).map(lambda days: days * DAY),
    lease_until=st.none() | instants,
    finished_at=st.none() | instants,
    attempts=st.lists(attempts, max_size=4).map(
        lambda some: tuple(replace(one, number=number) for number, one in enumerate(some, 1))
    ),
    result=json_values,
    error=st.none() | errors,
    coalesced=st.none() | st.builds(Coalesced, first=instants, last=instants, count=st.integers(1, 500)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(run=runs)
def test_a_run_is_read_as_it_was_written(store: WholeStore, run: Run) -> None:
    run = replace(run, task_id=f"task{next(NUMBERS)}")
    assert store.insert_run(run) is None
    assert store.run(run.task_id, run.due_at) == run
    assert store.runs_of(run.task_id, limit=1, after=None, first=None, last=None) == Page(items=(run,))


def test_a_due_time_has_one_run(store: WholeStore) -> None:
    mine, other = make_run(token="mine"), make_run(token="other")
    assert store.insert_run(mine) is None
    assert store.insert_run(other) == mine
    assert store.run("task", START) == mine


def test_inserting_again_with_the_same_token_is_written(store: WholeStore) -> None:
    assert store.insert_run(make_run()) is None
    assert store.insert_run(make_run()) is None


def test_runs_of_other_due_times_and_tasks_are_apart(store: WholeStore) -> None:
    for run in (make_run(), make_run(at(0.001)), make_run(task_id="other")):
        assert store.insert_run(run) is None
    assert store.run("task", at(0.002)) is None
    assert store.run("nobody", START) is None


@pytest.mark.parametrize("impossible", ["", "x" * 3000, "\ud800"])
def test_what_can_be_no_task_has_no_run(store: WholeStore, impossible: str) -> None:
    assert store.run(impossible, START) is None


def test_the_run_that_is_there_comes_with_its_output(store: WholeStore) -> None:
    there = make_run(attempts=(attempt(1, LONG), attempt(2, "short")))
    store.insert_run(there)
    assert store.insert_run(make_run(token="other")) == there
    assert store.replace_run(make_run(token="other"), token="nobody's") == there


def test_a_finish_is_written_over_its_claim(store: WholeStore) -> None:
    store.insert_run(make_run())
    done = make_run(status=RunStatus.SUCCEEDED, finished_at=at(2), attempts=(attempt(output=LONG),), result={"a": 1})
    assert store.replace_run(done, token="first") is None
    assert store.run("task", START) == done


def test_a_finish_that_is_repeated_is_written(store: WholeStore) -> None:
    store.insert_run(make_run())
    done = make_run(status=RunStatus.SUCCEEDED)
    assert store.replace_run(done, token="first") is None
    assert store.replace_run(done, token="first") is None


@pytest.mark.parametrize("placed", [None, in_window(entry(at(600)))])
def test_a_finish_after_the_lease_was_lost_is_refused_and_writes_nothing(store: WholeStore, placed: Any) -> None:
    store.insert_run(make_run())
    successor = make_run(token="second", attempts=(attempt(1, status=AttemptStatus.LOST), attempt(2)))
    assert store.replace_run(successor, token="first") is None
    stale = make_run(status=RunStatus.RETRYING, attempts=(attempt(1, LONG),))
    assert store.replace_run(stale, token="first", entry=placed) == successor
    assert store.run("task", START) == successor
    assert store.window(at(600), 0, after=None, limit=10) == []


def test_a_claim_that_is_repeated_is_ours(store: WholeStore) -> None:
    store.insert_run(make_run())
    claimed = make_run(token="second")
    assert store.replace_run(claimed, token="first") is None
    assert store.replace_run(claimed, token="first") is None


def test_our_token_in_another_status_is_not_this_write(store: WholeStore) -> None:
    store.insert_run(make_run(token="second", status=RunStatus.SUCCEEDED))
    found = store.replace_run(make_run(token="second", status=RunStatus.RUNNING), token="first")
    assert found == make_run(token="second", status=RunStatus.SUCCEEDED)


def test_a_retry_is_written_with_its_entry(store: WholeStore) -> None:
    store.insert_run(make_run())
    retrying = make_run(status=RunStatus.RETRYING, attempts=(attempt(output=LONG),))
    assert store.replace_run(retrying, token="first", entry=in_window(entry(at(600)))) is None
    assert store.run("task", START) == retrying
    assert store.window(at(600), 0, after=None, limit=10) == [entry(at(600))]


def test_replacing_a_run_that_is_gone_is_an_error(store: WholeStore) -> None:
    with pytest.raises(NotFound):
        store.replace_run(make_run(), token="first", entry=in_window(entry(at(600))))
    assert store.window(at(600), 0, after=None, limit=10) == []


def test_outputs_of_earlier_attempts_stay_when_a_run_goes_on(store: WholeStore) -> None:
    store.insert_run(make_run(attempts=(attempt(1, LONG),)))
    found = store.insert_run(make_run(token="second"))
    assert found is not None
    again = replace(found, token="second", attempts=(*found.attempts, attempt(2)))
    assert store.replace_run(again, token="first") is None
    done = replace(again, status=RunStatus.SUCCEEDED, attempts=(*found.attempts, attempt(2, LONG + "2")))
    assert store.replace_run(done, token="second") is None
    assert store.run("task", START) == done


def test_a_result_that_does_not_fit_is_too_large_and_changes_nothing(store: WholeStore) -> None:
    store.insert_run(make_run())
    huge = make_run(status=RunStatus.SUCCEEDED, result="x" * 420_000)
    with pytest.raises(TooLarge):
        store.replace_run(huge, token="first")
    with pytest.raises(TooLarge):
        store.replace_run(huge, token="first", entry=late(entry()))
    assert store.run("task", START) == make_run()
    assert store.late(0, 10).entries == ()


def test_twenty_outputs_of_full_length_fit(store: WholeStore) -> None:
    full = make_run(attempts=tuple(attempt(number, f"{number:02d}" * 32 * 1024) for number in range(1, 21)))
    assert store.insert_run(full) is None
    assert store.run("task", START) == full


@pytest.mark.parametrize("put", [in_window, late])
def test_a_queued_run_is_written_with_its_entry(store: WholeStore, put: Any) -> None:
    queued = make_run(status=RunStatus.QUEUED)
    assert store.enqueue_run(queued, put(entry(at(600))))
    assert store.run("task", START) == queued
    found = store.window(at(600), 0, after=None, limit=10) + [one.entry for one in store.late(0, 10).entries]
    assert found == [entry(at(600))]


def test_a_queued_run_whose_key_is_taken_writes_nothing(store: WholeStore) -> None:
    store.insert_run(make_run(token="other"))
    assert not store.enqueue_run(make_run(status=RunStatus.QUEUED), late(entry()))
    assert store.run("task", START) == make_run(token="other")
    assert store.late(0, 10).entries == ()


def test_queueing_again_with_the_same_token_is_written(store: WholeStore) -> None:
    queued = make_run(status=RunStatus.QUEUED)
    assert store.enqueue_run(queued, late(entry()))
    assert store.enqueue_run(queued, late(entry()))


def test_a_run_of_an_unknown_owner_is_kept_and_listed_nowhere(store: WholeStore) -> None:
    unknown = make_run(owner="", status=RunStatus.FAILED)
    assert store.insert_run(unknown) is None
    assert store.run("task", START) == unknown


def test_text_that_utf_8_cannot_hold_does_not_stop_a_finish(store: WholeStore) -> None:
    store.insert_run(make_run())
    done = make_run(status=RunStatus.SUCCEEDED, result={"odd": "\ud800"}, attempts=(attempt(output="\ud800" * 2000),))
    assert store.replace_run(done, token="first") is None
    found = store.run("task", START)
    assert found is not None
    assert (found.status, found.result) == (RunStatus.SUCCEEDED, {"odd": "\ud800"})


def test_queueing_many_says_which_keys_are_taken_and_by_what(store: WholeStore) -> None:
    there = make_run(at(1), status=RunStatus.MISSED, token="other")
    store.insert_run(there)
    wanted = [make_run(at(n), status=RunStatus.QUEUED, token=f"t{n}") for n in range(40)]
    queued = [(run, late(entry(at(600 + n)))) for n, run in enumerate(wanted)]
    met: list[Run | None] = [None, there, *[None] * 38]
    assert store.enqueue_runs(queued) == met
    assert store.enqueue_runs(queued) == met
    assert [store.run("task", run.due_at) for run in wanted] == [wanted[0], there, *wanted[2:]]
    assert sorted(one.entry.start for one in store.late(0, 100).entries) == [at(600 + n) for n in range(40) if n != 1]
    assert store.enqueue_runs([]) == []


def test_those_that_exist_of_many_are_read_together_without_output(store: WholeStore) -> None:
    for n in range(0, 130, 2):
        store.insert_run(make_run(at(n), attempts=(attempt(output=LONG),)))
    found = store.runs_at([("task", at(n)) for n in range(130)] + [("other", at(0)), ("task", at(0))])
    assert sorted(run.due_at for run in found) == [at(n) for n in range(0, 130, 2)]
    assert {one.output for run in found for one in run.attempts} == {""}
    assert store.runs_at([]) == []
