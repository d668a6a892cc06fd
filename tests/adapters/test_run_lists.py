"""The contract of lists of runs, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.errors import Invalid
from chalicelib.core.instant import to_ms
from chalicelib.core.run import Run, RunStatus
from chalicelib.ports import Page
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import at, attempt, make_run

LONG = "é" * 1000


def bare(run: Run) -> Run:
    """The run without output."""
    return replace(run, attempts=tuple(replace(one, output="") for one in run.attempts))


def listed(store: WholeStore, read: Any, limit: int) -> list[list[str]]:
    """The ids of all runs of a list, page by page."""
    pages, after = [], None
    while True:
        page = read(limit=limit, after=after)
        pages.append([run.id for run in page.items])
        after = page.after
        if after is None:
            return pages


def test_a_tasks_runs_are_listed_newest_first_with_output(store: WholeStore) -> None:
    written = [make_run(at(seconds), attempts=(attempt(output=LONG), attempt(2, "o"))) for seconds in range(5)]
    for run in written:
        store.insert_run(run)
    store.insert_run(make_run(task_id="task2"))
    found = store.runs_of("task", limit=5, after=None, first=None, last=None)
    assert found == Page(items=tuple(reversed(written)))

    def read(limit: int, after: str | None) -> Page[Run]:
        return store.runs_of("task", limit=limit, after=after, first=None, last=None)

    ids = [run.id for run in reversed(written)]
    assert listed(store, read, 2) == [ids[:2], ids[2:4], ids[4:]]
    assert listed(store, read, 5) == [ids]
    assert read(100, None).items == found.items


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (1, 3, [3, 2, 1]),
        (None, 0, [0]),
        (4, None, [4]),
        (2.001, 2.999, []),
        (3, 1, []),
        (-(10**10), 10**10, [4, 3, 2, 1, 0]),
    ],
)
def test_a_tasks_runs_are_listed_within_bounds_that_belong_to_it(
    store: WholeStore, first: Any, last: Any, expected: list[int]
) -> None:
    for seconds in range(5):
        store.insert_run(make_run(at(seconds)))
    low, high = None if first is None else at(first), None if last is None else at(last)

    def read(limit: int, after: str | None) -> Page[Run]:
        return store.runs_of("task", limit=limit, after=after, first=low, last=high)

    found = [run_id for page in listed(store, read, 2) for run_id in page]
    assert found == [make_run(at(seconds)).id for seconds in expected]


def test_the_last_runs_of_tasks_come_without_output(store: WholeStore) -> None:
    written = {
        task_id: [make_run(at(s), task_id=task_id, attempts=(attempt(output=out), attempt(2))) for s in range(4)]
        for task_id, out in (("a", LONG), ("b", "short"))
    }
    for run in [*written["a"], *written["b"]]:
        store.insert_run(run)
    found = store.last_runs(["a", "b", "nobody", "a"], 3)
    newest = {task_id: [bare(run) for run in reversed(some[1:])] for task_id, some in written.items()}
    assert found == newest | {"nobody": []}
    assert store.last_runs([], 3) == {}


def test_the_feed_is_an_owners_runs_across_tasks_newest_first(store: WholeStore) -> None:
    written = [make_run(at(s), task_id=f"t{s % 3}", attempts=(attempt(output=LONG),)) for s in range(7)]
    for run in written:
        store.insert_run(run)
    store.insert_run(make_run(at(3), task_id="t1", owner="bob"))
    assert store.feed("ann", limit=10, after=None) == Page(items=tuple(reversed(written)))
    assert [run.owner for run in store.feed("bob", limit=10, after=None).items] == ["bob"]
    assert store.feed("eve", limit=10, after=None) == Page(items=())


def test_the_runs_beside_an_instant_are_those_right_before_and_after_it(store: WholeStore) -> None:
    runs = [make_run(at(seconds), attempts=(attempt(output=LONG),)) for seconds in range(3)]
    for run in [*runs, make_run(at(0.5), task_id="task2")]:
        store.insert_run(run)
    first, second, third = (bare(run) for run in runs)
    assert store.runs_beside("task", at(0)) == (None, second)
    assert store.runs_beside("task", at(1)) == (first, third)
    assert store.runs_beside("task", at(1.001)) == (second, third)
    assert store.runs_beside("task", at(2)) == (second, None)
    assert store.runs_beside("nobody", at(2)) == (None, None)


@pytest.mark.parametrize(("limit", "count", "more"), [(3, 3, True), (4, 4, False), (10, 4, False)])
def test_the_recent_runs_of_a_task_come_without_output_result_and_lease(
    store: WholeStore, limit: int, count: int, more: bool
) -> None:
    written = [
        make_run(at(s), lease_until=at(s + 60), attempts=(attempt(output=LONG), attempt(2, "o")), result={"a": s})
        for s in range(5)
    ]
    for run in [*written, make_run(task_id="task2")]:
        store.insert_run(run)
    found = store.recent_runs("task", limit=limit, first=at(1))
    expected = [replace(bare(run), result=None, lease_until=None) for run in reversed(written[1:])]
    assert list(found.items) == expected[:count]
    assert (found.after is not None) is more
    assert store.recent_runs("nobody", limit=limit, first=at(1)) == Page(items=())


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7])
def test_tasks_that_are_due_together_are_each_listed_once(store: WholeStore, limit: int) -> None:
    written = [make_run(at(s), task_id=f"t{n}") for s in (0, 1) for n in range(3)]
    for run in written:
        store.insert_run(run)

    def read(limit: int, after: str | None) -> Page[Run]:
        return store.feed("ann", limit=limit, after=after)

    pages = listed(store, read, limit)
    found = [run_id for page in pages for run_id in page]
    assert sorted(found) == sorted(run.id for run in written)
    assert {run_id.rpartition("-")[2] for run_id in found[:3]} == {str(to_ms(at(1)))}
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize("cursor", ["", "yesterday", "1767225600000", "1767225600000#", "17672256000000#t"])
def test_a_cursor_that_is_none_of_a_list_across_tasks_is_refused(store: WholeStore, cursor: str) -> None:
    with pytest.raises(Invalid):
        store.feed("ann", limit=2, after=cursor)
    with pytest.raises(Invalid):
        store.attention("ann", limit=2, after=cursor)


@pytest.mark.parametrize("cursor", ["", "yesterday", "17672256000000", "١٧٦٧٢٢٥٦٠٠٠٠٠"])
def test_a_cursor_that_is_none_of_a_tasks_runs_is_refused(store: WholeStore, cursor: str) -> None:
    with pytest.raises(Invalid):
        store.runs_of("task", limit=2, after=cursor, first=None, last=None)


def test_what_needs_attention_is_listed_without_output(store: WholeStore) -> None:
    for seconds, status in enumerate(RunStatus):
        store.insert_run(make_run(at(seconds), status=status, attempts=(attempt(output=LONG),)))
    found = store.attention("ann", limit=10, after=None)
    assert [run.status for run in found.items] == [
        RunStatus.LOST,
        RunStatus.MISSED,
        RunStatus.TIMED_OUT,
        RunStatus.FAILED,
        RunStatus.RETRYING,
    ]
    assert all(run == bare(run) for run in found.items)
    assert store.attention("bob", limit=10, after=None) == Page(items=())
    first = store.attention("ann", limit=3, after=None)
    assert first.items + store.attention("ann", limit=3, after=first.after).items == found.items


def test_a_run_needs_attention_only_while_its_status_says_so(store: WholeStore) -> None:
    store.insert_run(make_run())
    assert store.attention("ann", limit=10, after=None).items == ()
    store.replace_run(make_run(status=RunStatus.RETRYING), token="first")
    assert len(store.attention("ann", limit=10, after=None).items) == 1
    store.replace_run(make_run(status=RunStatus.SUCCEEDED), token="first")
    assert store.attention("ann", limit=10, after=None).items == ()


def test_occurrences_are_bare_keys_within_bounds_newest_first(store: WholeStore) -> None:
    for seconds in range(7):
        store.insert_run(make_run(at(seconds), task_id=f"t{seconds % 3}", attempts=(attempt(output=LONG),)))
    store.insert_run(make_run(at(3), task_id="t1", owner="bob"))
    found = store.occurrences("ann", first=at(1), last=at(5), limit=10)
    assert found == Page(items=tuple((f"t{seconds % 3}", at(seconds)) for seconds in (5, 4, 3, 2, 1)))
    assert store.occurrences("eve", first=at(0), last=at(9), limit=10) == Page(items=())
    assert store.occurrences("ann", first=at(5), last=at(1), limit=10) == Page(items=())


def test_occurrences_say_where_there_are_more(store: WholeStore) -> None:
    for seconds in range(4):
        store.insert_run(make_run(at(seconds)))
    cut = store.occurrences("ann", first=at(0), last=at(9), limit=3)
    assert (cut.items, cut.after) == ((("task", at(3)), ("task", at(2)), ("task", at(1))), f"{to_ms(at(1))}#task")
    assert store.occurrences("ann", first=at(0), last=at(9), limit=4).after is None
    rest = store.occurrences("ann", first=at(0), last=at(9), limit=3, after=cut.after)
    assert rest == Page(items=(("task", at(0)),))
    with pytest.raises(Invalid):
        store.occurrences("ann", first=at(0), last=at(9), limit=3, after="yesterday")


def test_occurrences_that_need_attention_are_told_apart(store: WholeStore) -> None:
    for seconds, status in enumerate(RunStatus):
        store.insert_run(make_run(at(seconds), status=status))
    troubled = [run.due_at for run in store.attention("ann", limit=10, after=None).items]
    found = store.occurrences("ann", first=at(0), last=at(60), limit=10, attention=True)
    assert [due for _, due in found.items] == troubled
    assert len(store.occurrences("ann", first=at(0), last=at(60), limit=20).items) == len(RunStatus)
