"""The contract of named calendars, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.calendars.spans import Calendar
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import DAY, START, at

MINE = Calendar(
    owner="u1", name="holidays", spans=((START, at(7.001)), (START + DAY, START + 2 * DAY)), updated_at=START
)


def test_a_calendar_is_kept_under_its_owner_and_name_until_it_is_deleted(store: WholeStore) -> None:
    store.put_calendar(MINE)
    assert store.calendar("u1", "holidays") == MINE
    assert store.calendar("u2", "holidays") is None
    assert store.calendar("u1", "Holidays") is None
    store.delete_calendar("u1", "holidays")
    store.delete_calendar("u1", "holidays")
    assert store.calendar("u1", "holidays") is None


def test_putting_a_calendar_again_replaces_it(store: WholeStore) -> None:
    store.put_calendar(MINE)
    later = replace(MINE, spans=(), updated_at=at(60))
    store.put_calendar(later)
    assert store.calendars("u1") == [later]


def test_calendars_are_listed_by_name_and_owner(store: WholeStore) -> None:
    spans = tuple((START + n * DAY, START + n * DAY + timedelta(hours=1)) for n in range(1000))
    names = [f"c{n:02d}" for n in range(35)]
    for name in [*reversed(names), "b.-_"]:
        store.put_calendar(replace(MINE, name=name, spans=spans))
    store.put_calendar(replace(MINE, owner="u2"))
    assert [found.name for found in store.calendars("u1")] == ["b.-_", *names]
    assert store.calendars("u1")[1].spans == spans
    assert store.calendars("u3") == []


@pytest.mark.parametrize("impossible", ["", "x" * 3000, "\ud800"])
def test_what_can_be_no_key_finds_no_calendar(store: WholeStore, impossible: str) -> None:
    assert store.calendar("u1", impossible) is None
    assert store.calendar(impossible, "holidays") is None
    store.delete_calendar("u1", impossible)
