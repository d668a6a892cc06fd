"""The contract of the table `agenda`, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.window import Entry, Kind
from chalicelib.ports import Audited, Control, Hinting
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import SECOND, START, at, entry, in_window, late

MILLISECOND = timedelta(milliseconds=1)


def late_entries(store: WholeStore, shard: int = 0) -> list[Entry]:
    return [found.entry for found in store.late(shard, 100).entries]


def test_a_window_holds_its_entries_in_the_order_in_which_they_begin(store: WholeStore) -> None:
    entries = [entry(at(seconds), task_id=task) for seconds, task in ((29.9, "a"), (0, "b"), (12, "c"), (12, "a"))]
    store.put_entries([in_window(one) for one in entries])
    assert store.window(START, 0, after=None, limit=10) == sorted(entries)


def test_windows_and_shards_are_apart(store: WholeStore) -> None:
    here, next_window, other_shard = entry(at(1)), entry(at(30)), entry(at(2))
    store.put_entries([in_window(here), in_window(next_window), in_window(other_shard, shard=1)])
    assert store.window(START, 0, after=None, limit=10) == [here]
    assert store.window(at(30), 0, after=None, limit=10) == [next_window]
    assert store.window(START, 1, after=None, limit=10) == [other_shard]
    assert late_entries(store) == []


def test_a_window_is_read_page_by_page(store: WholeStore) -> None:
    entries = [entry(at(number / 10), task_id=f"t{number}") for number in range(60)]
    store.put_entries([in_window(one) for one in entries])
    first = store.window(START, 0, after=None, limit=25)
    second = store.window(START, 0, after=first[-1].key, limit=25)
    third = store.window(START, 0, after=second[-1].key, limit=25)
    assert first + second + third == entries
    assert store.window(START, 0, after=entries[-1].key, limit=25) == []


def test_every_part_of_an_entry_comes_back(store: WholeStore) -> None:
    retry = Entry(start=at(7), task_id="a-b_c", kind=Kind.RETRY, due_at=at(-300.123), number=12)
    store.put_entries([in_window(retry), late(retry)])
    assert store.window(START, 0, after=None, limit=10) == [retry]
    assert late_entries(store) == [retry]


def test_an_entry_written_twice_is_one(store: WholeStore) -> None:
    twice = [in_window(entry()), in_window(entry()), late(entry()), late(entry())]
    store.put_entries(twice)
    store.put_entries(twice)
    assert store.window(START, 0, after=None, limit=10) == [entry()]
    assert late_entries(store) == [entry()]


def test_writing_nothing_is_well(store: WholeStore) -> None:
    store.put_entries([])
    store.delete_late(0, [])
    assert store.late(0, 10).entries == ()


def test_a_late_partition_belongs_to_one_shard(store: WholeStore) -> None:
    store.put_entries([late(entry(at(1)), shard=0), late(entry(at(2)), shard=1)])
    assert late_entries(store, 0) == [entry(at(1))]
    assert late_entries(store, 1) == [entry(at(2))]


@pytest.mark.parametrize("led", [False, True])
@pytest.mark.parametrize(("limit", "read", "more"), [(2, 2, True), (3, 3, False), (4, 3, False)])
def test_a_late_partition_says_whether_there_are_more(
    store: WholeStore, led: bool, limit: int, read: int, more: bool
) -> None:
    if led:
        store.take_lease(0, "me", now=START, until=at(30))
    store.put_entries([late(entry(at(seconds))) for seconds in range(3)])
    found = store.late(0, limit)
    assert [one.entry for one in found.entries] == [entry(at(seconds)) for seconds in range(read)]
    assert found.more is more


def test_a_handled_late_entry_is_deleted(store: WholeStore) -> None:
    store.put_entries([late(entry(at(seconds))) for seconds in range(4)])
    read = store.late(0, 3).entries
    store.delete_late(0, read)
    store.delete_late(0, read)
    assert late_entries(store) == [entry(at(3))]


def test_a_late_entry_that_was_written_again_since_it_was_read_stays(store: WholeStore) -> None:
    store.put_entries([late(entry(at(1))), late(entry(at(2)))])
    read = store.late(0, 10).entries
    store.put_entries([late(entry(at(1)))])
    store.delete_late(0, read)
    assert late_entries(store) == [entry(at(1))]


def test_a_late_entry_that_was_deleted_and_written_again_stays(store: WholeStore) -> None:
    store.put_entries([late(entry())])
    read = store.late(0, 10).entries
    store.delete_late(0, read)
    store.put_entries([late(entry())])
    store.delete_late(0, read)
    assert late_entries(store) == [entry()]


def test_nobody_has_been_at_a_new_shard(store: WholeStore) -> None:
    found = store.late(0, 10)
    assert found.control == Control()
    assert not found.more


def test_the_first_pass_gets_the_lease(store: WholeStore) -> None:
    taken = Control(token="me", lease_until=at(30))
    assert store.take_lease(0, "me", now=START, until=at(30)) == taken
    assert store.late(0, 10).control == taken
    assert store.late(1, 10).control == Control()


def test_a_lease_holds_until_its_last_millisecond(store: WholeStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    assert store.take_lease(0, "you", now=at(30) - MILLISECOND, until=at(60)) is None
    assert store.late(0, 10).control == Control(token="me", lease_until=at(30))
    assert store.take_lease(0, "you", now=at(30), until=at(60)) == Control(token="you", lease_until=at(60))


def test_who_has_the_lease_may_ask_for_it_again(store: WholeStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    assert store.take_lease(0, "me", now=at(1), until=at(31)) == Control(token="me", lease_until=at(31))


def test_shards_are_counted_up_and_never_down(store: WholeStore) -> None:
    assert [store.shards_in_use(n) for n in (1, 1, 4, 2, 1, 5)] == [1, 1, 4, 4, 4, 5]


@pytest.mark.parametrize("hinting", [None, Hinting(), Hinting(since=at(-90)), Hinting(since=START, after="task")])
def test_a_lease_brings_along_where_the_last_pass_stood(store: WholeStore, hinting: Hinting | None) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    stood = Control(
        through=at(-30),
        cursor=entry().key,
        hinting=hinting,
        skipped=(at(-600), at(-60)),
        token="me",
        lease_until=at(30),
    )
    assert store.move(0, stood)
    taken = store.take_lease(0, "you", now=at(31), until=at(61))
    assert taken == replace(stood, token="you", lease_until=at(61))


def test_moving_writes_the_whole_control_row(store: WholeStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    assert store.move(0, Control(through=START, cursor="x", skipped=(START, START), token="me", lease_until=at(40)))
    last = Control(through=at(30), token="me", lease_until=at(50))
    assert store.move(0, last)
    assert store.late(0, 10).control == last


def test_a_pass_that_lost_its_lease_moves_nothing(store: WholeStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    store.take_lease(0, "you", now=at(31), until=at(61))
    assert not store.move(0, Control(through=START, token="me", lease_until=at(90)))
    assert store.late(0, 10).control == Control(token="you", lease_until=at(61))


def test_a_shard_at_rest_is_passed_by_in_one_write(store: WholeStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    rested = Control(through=START, token="me", lease_until=at(10))
    assert store.move(0, rested)
    assert store.pass_by(0, rested, "you", through=at(60))
    assert store.late(0, 10).control == replace(rested, through=at(60), token="you")
    assert store.take_lease(0, "next", now=at(10), until=at(40)) is not None


def test_a_shard_is_not_passed_by_once_another_has_been_there(store: WholeStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    seen = store.late(0, 10).control
    assert store.pass_by(0, seen, "you", through=at(60))
    passed = store.late(0, 10).control
    assert not store.pass_by(0, seen, "third", through=at(30))
    assert store.late(0, 10).control == passed


def test_a_shard_is_not_passed_by_once_its_lease_was_renewed(store: WholeStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    seen = store.late(0, 10).control
    assert store.move(0, replace(seen, lease_until=at(90)))
    assert not store.pass_by(0, seen, "you", through=at(60))


def test_a_pass_that_was_passed_by_has_lost_its_lease(store: WholeStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    seen = store.late(0, 10).control
    assert store.pass_by(0, seen, "you", through=at(60))
    assert not store.move(0, replace(seen, lease_until=at(90)))


def test_nobody_moves_a_shard_without_a_lease(store: WholeStore) -> None:
    assert not store.move(0, Control(through=START, token="me", lease_until=at(30)))
    assert store.late(0, 10).control == Control()


@pytest.mark.parametrize("until", [None, at(5), at(5) - SECOND])
def test_a_lease_that_was_given_back_is_free(store: WholeStore, until: object) -> None:
    store.take_lease(0, "me", now=START, until=at(30))
    given_back = Control(through=START, token="me", lease_until=None if until is None else at(5))
    assert store.move(0, given_back)
    taken = store.take_lease(0, "you", now=at(5), until=at(35))
    assert taken == Control(through=START, token="you", lease_until=at(35))


def test_entries_are_absent_from_where_they_would_be_written(store: WholeStore) -> None:
    here, nearby, gone = entry(at(1)), entry(at(2)), entry(at(3))
    store.put_entries([in_window(here), late(nearby)])
    asked = [in_window(here), late(here), in_window(nearby), late(nearby), in_window(gone), in_window(gone)]
    assert store.absent_entries(asked) == [late(here), in_window(nearby), in_window(gone), in_window(gone)]
    assert store.absent_entries([in_window(here, shard=1)]) == [in_window(here, shard=1)]
    assert store.absent_entries([]) == []


@pytest.mark.parametrize(
    "audited", [Audited(recorded=at(0)), Audited(recorded=at(30), ended=at(-30), chains_at=at(1), chains_after="task")]
)
def test_the_auditor_finds_how_far_it_has_come(store: WholeStore, audited: Audited) -> None:
    assert store.audited() == Audited()
    store.put_audited(Audited(ended=at(5), chains_after="x"))
    store.put_audited(audited)
    assert store.audited() == audited


def test_the_control_rows_of_several_shards_are_read_at_once(store: WholeStore) -> None:
    taken = store.take_lease(2, "mine", now=START, until=at(30))
    assert taken is not None
    moved = replace(taken, through=START)
    assert store.move(2, moved)
    assert store.controls(range(4)) == {2: moved}
    assert store.controls([]) == {}
