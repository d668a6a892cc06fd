"""A stage moves by a file: everything that people made in it is there again, once, and nothing of the past runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.adapters.memory import ManualClock, MemoryStore
from chalicelib.core.people.usage import Usage
from chalicelib.core.window import window_of
from infra.backup.exporting import export
from infra.backup.importing import NO_QUOTA, Taken
from infra.backup.lines import Counts
from tests.adapters.building import START, at, late, make_task
from tests.backup.conftest import NewStore
from tests.backup.moving import ANN, CALENDAR, ROOT, all_tasks, filled, taken_in


def test_everything_is_there_again(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    made = filled(old)
    assert export(old, clock, "prod", file) == Counts(users=2, calendars=1, tasks=3)
    clock.advance(timedelta(days=2))
    report, told = taken_in(new, clock, file)
    assert (told, report.whole) == ([], True)
    assert (new.user("u0"), new.user_named("Ann"), new.admins()) == (ROOT, ANN, frozenset({"u0"}))
    assert new.calendars("u1") == [CALENDAR]
    now = START + timedelta(days=2)
    assert all_tasks(new) == {task.id: replace(task, changed_at=now, superseded=None) for task in made}


def test_tasks_begin_with_their_first_due_time_from_now_on(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    made = filled(old)
    export(old, clock, "prod", file)
    clock.advance(timedelta(hours=2))
    taken_in(new, clock, file)
    dues = {task.id: task.next_due(clock.now() - timedelta(milliseconds=1)) for task in made[1:]}
    for task_id, due in dues.items():
        assert due is not None
        entries = new.window(window_of(due), 3, after=None, limit=99) + [x.entry for x in new.late(3, 99).entries]
        assert (task_id, due) in {(entry.task_id, entry.due_at) for entry in entries}
    assert new.late(3, 99).entries == ()  # nothing of the past


def test_a_once_of_the_past_is_kept_and_does_not_run_again(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    old.create_user(ANN)
    old.create_task(make_task("once", owner="u1", schedule={"type": "once", "at": "2026-03-02T09:00:10Z"}), None)
    export(old, clock, "prod", file)
    clock.advance(timedelta(seconds=30))
    taken_in(new, clock, file)
    assert all_tasks(new).keys() == {"once"}
    assert new.late(0, 9).entries == ()


def test_importing_twice_is_importing_once(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    filled(old)
    export(old, clock, "prod", file)
    taken_in(new, clock, file)
    once = all_tasks(new)
    clock.advance(timedelta(minutes=5))
    report, _ = taken_in(new, clock, file)
    assert all_tasks(new) == once
    assert report.taken == {("user", Taken.THERE): 2, ("calendar", Taken.THERE): 1, ("task", Taken.THERE): 3}


def test_what_was_changed_there_is_left_alone_unless_told_otherwise(
    new_store: NewStore, clock: ManualClock, file: Path
) -> None:
    old, new = new_store(), new_store()
    made = filled(old)
    export(old, clock, "prod", file)
    taken_in(new, clock, file)
    there = all_tasks(new)["t001"]
    edited = there.redefined(replace(there.definition, name="mine"), at(60))
    assert new.replace_task(edited, None)
    clock.advance(timedelta(minutes=5))
    report, _ = taken_in(new, clock, file)
    assert (report.taken["task", Taken.DIFFERENT], all_tasks(new)["t001"]) == (1, edited)
    report, _ = taken_in(new, clock, file, replace=True)
    assert report.taken["task", Taken.REPLACED] == 1
    after = all_tasks(new)["t001"]
    assert (after.definition, after.version) == (made[1].definition, edited.version + 1)
    assert taken_in(new, clock, file, replace=True)[0].taken["task", Taken.THERE] == 3


@pytest.mark.parametrize(("shards", "kept"), [(4, True), (8, True), (3, False), (1, False)])
def test_a_task_keeps_its_shard_where_there_is_one(clock: ManualClock, file: Path, shards: int, kept: bool) -> None:
    old, new = MemoryStore(), MemoryStore()
    filled(old, 20)
    export(old, clock, "prod", file)
    taken_in(new, clock, file, shards=shards)
    found = Counter(task.shard for task in all_tasks(new).values())
    assert (set(found) == {3}) is kept
    assert max(found) < shards


def test_what_is_owed_by_the_quota_is_counted(new_store: NewStore, clock: ManualClock, file: Path) -> None:
    old, new = new_store(), new_store()
    filled(old)
    export(old, clock, "prod", file)
    taken_in(new, clock, file)
    assert not new.use("u1", Usage(tasks=1), replace(NO_QUOTA, tasks=3))
    assert new.use("u1", Usage(tasks=1), replace(NO_QUOTA, tasks=4))


def test_an_imported_task_that_is_due_at_once_is_where_every_pass_looks(clock: ManualClock, file: Path) -> None:
    old, new = MemoryStore(), MemoryStore()
    filled(old, 2)
    export(old, clock, "prod", file)
    task = all_tasks(old)["t001"]
    due = task.next_due(START)
    assert due is not None
    clock.advance(due - START - timedelta(seconds=10))
    taken_in(new, clock, file)
    assert [one.entry.due_at for one in new.late(3, 9).entries] == [due]
    assert late(new.late(3, 9).entries[0].entry, 3).late


def test_a_trial_does_not_move(tmp_path: Path) -> None:
    store, clock = MemoryStore(), ManualClock(START)
    filled(store, tasks=1)
    store.create_task(make_task("zztrial1", owner="u1"), None)
    file = tmp_path / "export"
    counts = export(store, clock, "dev", file)
    assert counts.tasks == 1
    assert "zztrial1" not in file.read_text(encoding="utf-8")
