"""The contract of the table `tasks`, on every adapter."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.errors import Conflict, Invalid
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import CRON, START, at, entry, in_window, late, make_task, renamed

ONCE = {"type": "once", "at": "2026-12-24T18:00:00Z"}
INTERVAL = {"type": "interval", "every": 90, "unit": "seconds", "max_runs": 7}
EVERYTHING: dict[str, Any] = {
    "name": "alles ✓",
    "description": "a, \"b\"\nand 'c'",
    "tags": ["billing", "münchen"],
    "metadata": {"deep": [1, 2.5, None, True, {"x": ""}]},
    "action": {"type": "command", "command": ["printf", "%s\t"], "env": {"A": ""}, "stdin": "\u0000\u2028"},
    "schedule": CRON | {"dst_gap": "skip", "dst_fold": "twice", "end_at": "2027-01-01T00:00:00Z"},
    "timeout_seconds": 1.5,
    "retry": {"max_attempts": 20, "backoff": "exponential", "delay_seconds": 0.25, "max_delay_seconds": 60},
    "overlap": "replace",
    "misfire": {"grace_seconds": 0, "catch_up": "none"},
    "delivery": "at_most_once",
    "priority": "high",
    "retention_days": 365,
    "state": "paused",
}


@pytest.mark.parametrize("definition", [{"schedule": ONCE}, {"schedule": INTERVAL}, {"schedule": CRON}, EVERYTHING])
def test_a_task_is_read_as_it_was_written(store: WholeStore, definition: dict[str, Any]) -> None:
    task = make_task(**definition)
    store.create_task(task, None)
    assert store.task(task.id) == task
    assert store.tasks([task.id]) == {task.id: task}


def test_a_changed_task_keeps_what_was_superseded_and_why_it_was_paused(store: WholeStore) -> None:
    task = make_task(schedule=INTERVAL)
    store.create_task(task, None)
    paused = task.redefined(make_task(schedule=CRON, state="paused").definition, at(60), "holidays")
    assert store.replace_task(paused, None)
    found = store.task(task.id)
    assert found == paused
    assert found is not None
    assert found.superseded is not None
    assert found.superseded.schedule == task.definition.schedule


def test_a_task_that_does_not_exist_is_none(store: WholeStore) -> None:
    assert store.task("nobody") is None
    assert store.tasks(["nobody"]) == {}


@pytest.mark.parametrize("impossible", ["", "x" * 3000, "\ud800"])
def test_what_can_be_no_id_is_no_task(store: WholeStore, impossible: str) -> None:
    task = make_task()
    store.create_task(task, None)
    assert store.task(impossible) is None
    assert store.tasks([impossible, task.id]) == {task.id: task}
    assert store.delete_task(impossible, None)


def test_creating_writes_the_first_entry_under_its_window(store: WholeStore) -> None:
    first = entry(at(600))
    store.create_task(make_task(), in_window(first))
    assert store.window(at(600), 0, after=None, limit=10) == [first]


def test_creating_writes_a_near_entry_into_the_late_partition(store: WholeStore) -> None:
    first = entry(at(3))
    store.create_task(make_task(), late(first))
    assert [found.entry for found in store.late(0, 10).entries] == [first]


def test_creating_the_very_same_task_again_is_quiet(store: WholeStore) -> None:
    store.create_task(make_task(), in_window(entry(at(600))))
    store.create_task(make_task(), in_window(entry(at(600))))
    assert store.window(at(600), 0, after=None, limit=10) == [entry(at(600))]


@pytest.mark.parametrize("placed", [None, in_window(entry(at(600)))])
def test_creating_over_another_task_is_a_conflict_and_writes_nothing(store: WholeStore, placed: Any) -> None:
    store.create_task(make_task(owner="bob"), None)
    with pytest.raises(Conflict):
        store.create_task(make_task(), placed)
    found = store.task("task")
    assert found is not None
    assert found.owner == "bob"
    assert store.window(at(600), 0, after=None, limit=10) == []


def test_replacing_follows_the_version_and_writes_the_entry_with_it(store: WholeStore) -> None:
    task = make_task()
    store.create_task(task, None)
    new = renamed(task, "second")
    assert store.replace_task(new, in_window(entry(at(600))))
    assert store.task(task.id) == new
    assert store.window(at(600), 0, after=None, limit=10) == [entry(at(600))]


@pytest.mark.parametrize("placed", [None, in_window(entry(at(600)))])
def test_replacing_loses_against_another_change_and_writes_nothing(store: WholeStore, placed: Any) -> None:
    task = make_task()
    store.create_task(task, None)
    assert store.replace_task(renamed(task, "winner"), None)
    assert not store.replace_task(renamed(task, "loser"), placed)
    assert store.task(task.id) == renamed(task, "winner")
    assert store.window(at(600), 0, after=None, limit=10) == []


def test_replacing_what_is_there_already_is_won(store: WholeStore) -> None:
    task = make_task()
    store.create_task(task, None)
    assert store.replace_task(renamed(task, "second"), None)
    assert store.replace_task(renamed(task, "second"), None)


def test_replacing_a_task_that_is_gone_is_lost(store: WholeStore) -> None:
    assert not store.replace_task(renamed(make_task(), "ghost"), in_window(entry(at(600))))
    assert store.task("task") is None
    assert store.window(at(600), 0, after=None, limit=10) == []


def test_deleting_asks_for_the_version(store: WholeStore) -> None:
    task = make_task()
    store.create_task(task, None)
    assert not store.delete_task(task.id, 2)
    assert store.task(task.id) == task
    assert store.delete_task(task.id, 1)
    assert store.task(task.id) is None


def test_deleting_any_version_or_nothing_is_well(store: WholeStore) -> None:
    store.create_task(make_task(), None)
    assert store.delete_task("task", None)
    assert store.delete_task("task", None)
    assert store.delete_task("task", 7)


def test_many_tasks_are_read_at_once_whatever_is_asked_for_twice_or_missing(store: WholeStore) -> None:
    tasks = {f"t{number:03d}": make_task(f"t{number:03d}") for number in range(130)}
    for task in tasks.values():
        store.create_task(task, None)
    assert store.tasks([*tasks, *tasks, "nobody"]) == tasks
    assert store.tasks([]) == {}


def test_an_owner_sees_own_tasks_newest_first_page_by_page(store: WholeStore) -> None:
    for number in range(5):
        store.create_task(make_task(f"a{number}"), None)
    store.create_task(make_task("a9", owner="bob"), None)
    pages, after = [], None
    while True:
        page = store.tasks_of("ann", limit=2, after=after)
        pages.append([task.id for task in page.items])
        after = page.after
        if after is None:
            break
    assert pages == [["a4", "a3"], ["a2", "a1"], ["a0"]]


def test_the_last_page_of_tasks_says_that_it_is_the_last_even_when_it_is_full(store: WholeStore) -> None:
    for number in range(2):
        store.create_task(make_task(f"a{number}"), None)
    page = store.tasks_of("ann", limit=2, after=None)
    assert len(page.items) == 2
    assert page.after is None


def test_a_page_of_tasks_goes_on_where_the_last_one_was_deleted_since(store: WholeStore) -> None:
    for number in range(4):
        store.create_task(make_task(f"a{number}"), None)
    first = store.tasks_of("ann", limit=2, after=None)
    store.delete_task("a2", None)
    assert [task.id for task in store.tasks_of("ann", limit=2, after=first.after).items] == ["a1", "a0"]


@pytest.mark.parametrize("cursor", ["", "x" * 3000, "\ud800"])
def test_a_cursor_that_cannot_be_one_is_refused(store: WholeStore, cursor: str) -> None:
    with pytest.raises(Invalid):
        store.tasks_of("ann", limit=2, after=cursor)


def test_a_shards_tasks_are_found_by_reading_all(store: WholeStore) -> None:
    for number in range(120):
        store.create_task(make_task(f"t{number:03d}", shard=number % 3), None)
    found, after = [], None
    while True:
        page = store.tasks_in(1, after=after)
        found += [task.id for task in page.items]
        after = page.after
        if after is None:
            break
    assert sorted(found) == [f"t{number:03d}" for number in range(1, 120, 3)]


def test_what_was_created_keeps_its_instants(store: WholeStore) -> None:
    store.create_task(make_task(), None)
    found = store.task("task")
    assert found is not None
    assert (found.created_at, found.updated_at, found.changed_at) == (START, START, START)
