"""The contract of groups, their sections and marks, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.errors import Invalid, NotFound
from chalicelib.core.groups.group import SECTION, Group, GroupState, Handing, Member, Order
from chalicelib.core.groups.marks import Mark
from chalicelib.core.run import Part, RunStatus, Trigger
from chalicelib.core.task import Channel, Priority
from chalicelib.core.trials import WITHIN
from chalicelib.core.window import Kind
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import DAY, START, at, entry, late, make_run, make_task


def make_group(group_id: str = "g1", **more: Any) -> Group:
    fields: dict[str, Any] = {
        "id": group_id,
        "owner": "ann",
        "name": "all of them",
        "order": Order.PARALLEL,
        "total": SECTION + 2,
        "created_at": START,
        "began_at": START,
        "retention": 30 * DAY,
        "token": "first",
    }
    return Group(**fields | more)


def make_member(task_id: str = "task", **more: Any) -> Member:
    fields: dict[str, Any] = {"task_id": task_id, "shard": 3, "name": "hello", "channel": Channel.LIGHT}
    return Member(**fields | more)


MEMBERS = [make_member(f"t{number}", nth=number % 2) for number in range(SECTION + 2)]
PRIORITIES = [make_member(f"t{priority}", priority=priority) for priority in Priority]
LOOK = late(entry(task_id="g1", kind=Kind.GROUP))
FULL = make_group(
    order=Order.CHAIN,
    state=GroupState.FAILED,
    then=make_member("after", handing=Handing.FIRST_ARGUMENT),
    on_failure=make_member("rescue", channel=Channel.COMMANDS),
    rounds=3,
    position=2,
    turn_at=at(1.234),
    finished_at=at(5),
    then_at=at(6),
    on_failure_at=at(7),
    swept=True,
)
QUEUED = make_run(
    at(9),
    status=RunStatus.QUEUED,
    trigger=Trigger.GROUP,
    part=Part(group_id="g1", round=2, index=-1, total=42, chain=True),
)


def made(store: WholeStore, group: Group | None = None) -> Group:
    group = group or make_group()
    store.put_members(group, MEMBERS, ())
    assert store.create_group(group, LOOK)
    return group


def mark(index: int = 0, status: RunStatus = RunStatus.SUCCEEDED, **more: Any) -> Mark:
    fields: dict[str, Any] = {"index": index, "round": 1, "due_at": at(index), "status": status}
    return Mark(**fields | more)


@pytest.mark.parametrize("group", [make_group(), FULL], ids=["new", "full"])
def test_a_group_is_read_back_as_it_was_written(store: WholeStore, group: Group) -> None:
    made(store, group)
    assert store.group("g1") == group
    assert store.group("other") is None


def test_a_group_comes_with_the_entry_that_has_somebody_look_after_it(store: WholeStore) -> None:
    made(store)
    assert [one.entry for one in store.late(0, 9).entries] == [LOOK.entry]


def test_a_group_is_made_once(store: WholeStore) -> None:
    group = made(store)
    assert store.create_group(group, LOOK)  # the same request again, its answer lost
    assert not store.create_group(replace(group, token="other"), LOOK)


def test_members_stand_in_sections_and_what_was_defined_with_them_is_a_task(store: WholeStore) -> None:
    defined = make_task(f"{WITHIN}g100000")
    store.put_members(make_group(), MEMBERS, [defined])
    assert store.section("g1", 0) == tuple(MEMBERS[:SECTION])
    assert store.section("g1", 1) == tuple(MEMBERS[SECTION:])
    assert store.section("g1", 2) == ()
    assert store.task(defined.id) == defined
    assert store.tasks_of("ann", limit=9, after=None).items == ()


def test_members_keep_their_priority(store: WholeStore) -> None:
    store.put_members(make_group(total=len(PRIORITIES)), PRIORITIES, ())
    assert store.section("g1", 0) == tuple(PRIORITIES)


def test_a_mark_that_is_added_twice_is_added_once(store: WholeStore) -> None:
    made(store)
    assert store.mark("g1", 0, [mark(0)]) == {mark(0)}
    assert store.mark("g1", 0, [mark(0)]) == {mark(0)}
    assert store.mark("g1", 0, [mark(0), mark(1, RunStatus.LOST, round=2)]) == {
        mark(0),
        mark(1, RunStatus.LOST, round=2),
    }
    assert store.mark("g1", 1, [mark(SECTION)]) == {mark(SECTION)}
    assert store.marks("g1", [0, 1, 2])[1] == {mark(SECTION)}
    assert set(store.marks("g1", [0, 1, 2])) == {0, 1}


def test_nothing_is_marked_where_there_is_no_section_any_more(store: WholeStore) -> None:
    assert store.mark("g1", 0, [mark(0)]) == frozenset()
    assert store.marks("g1", [0]) == {}


def test_all_ends_of_a_section_fit_into_one_write_unit(store: WholeStore) -> None:
    group_id, due = "0" * 26, START + timedelta(milliseconds=999)
    group = made(store, make_group(group_id, total=10_000))
    for number in range(SECTION):
        store.mark(group.id, 0, [mark(number, RunStatus.TIMED_OUT, due_at=due)])
    assert sum(len(one.text) for one in store.marks(group.id, [0])[0]) < 1024 - 150


def test_a_group_is_moved_with_the_run_that_it_leads_to_or_not_at_all(store: WholeStore) -> None:
    group = made(store)
    moved = replace(group, state=GroupState.SUCCEEDED, token="second")
    placed = late(entry(at(9), kind=Kind.MEMBER))
    assert store.replace_group(moved, token="first", queued=QUEUED, entry=placed) is None
    assert (store.group("g1"), store.run("task", at(9))) == (moved, QUEUED)
    assert placed.entry in [one.entry for one in store.late(0, 9).entries]
    assert store.replace_group(moved, token="first", queued=QUEUED, entry=placed) is None  # its answer was lost


def test_who_read_another_group_moves_nothing(store: WholeStore) -> None:
    group = made(store)
    moved = replace(group, token="third")
    assert store.replace_group(moved, token="second", queued=QUEUED, entry=None) == group
    assert (store.group("g1"), store.run("task", at(9))) == (group, None)


def test_where_the_run_has_no_room_the_group_is_not_moved_either(store: WholeStore) -> None:
    group, other = made(store), make_run(at(9), token="another")
    store.insert_run(other)
    moved = replace(group, token="second")
    assert store.replace_group(moved, token="first", queued=QUEUED, entry=late(entry(at(9)))) == other
    assert store.group("g1") == group


def test_a_group_that_is_gone_is_not_moved(store: WholeStore) -> None:
    with pytest.raises(NotFound):
        store.replace_group(make_group(), token="first")


def test_results_are_read_without_anything_else(store: WholeStore) -> None:
    store.insert_run(make_run(result={"answer": 42}))
    store.insert_run(make_run(at(1)))
    found = store.results([("task", START), ("task", at(1)), ("task", at(2)), ("task", START)])
    assert found == {("task", START): {"answer": 42}, ("task", at(1)): None}


def test_groups_are_listed_newest_first_page_by_page(store: WholeStore) -> None:
    for number in range(5):
        made(store, make_group(f"g{number}"))
    made(store, make_group("h", owner="bob"))
    first = store.groups_of("ann", limit=3, after=None)
    rest = store.groups_of("ann", limit=3, after=first.after)
    assert [group.id for group in (*first.items, *rest.items)] == ["g4", "g3", "g2", "g1", "g0"]
    assert rest.after is None
    with pytest.raises(Invalid):
        store.groups_of("ann", limit=3, after="\ud800")
