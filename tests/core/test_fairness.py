"""Turns: everybody's first before anybody's second, and each owner's own in their order."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.fairness import in_turns

NUMBERED = st.lists(st.sampled_from("abcd")).map(lambda owners: list(enumerate(owners)))


def owner(item: tuple[int, str]) -> str:
    return item[1]


@given(NUMBERED)
def test_nothing_is_lost_and_nobody_overtakes_himself(items: list[tuple[int, str]]) -> None:
    found = in_turns(items, owner)
    assert sorted(found) == items
    for name in "abcd":
        assert [item for item in found if item[1] == name] == [item for item in items if item[1] == name]


@given(NUMBERED)
def test_nobody_has_two_more_turns_than_somebody_who_waits(items: list[tuple[int, str]]) -> None:
    found = in_turns(items, owner)
    for at in range(len(found)):
        gone, waiting = Counter(map(owner, found[:at])), set(map(owner, found[at:]))
        assert all(max(gone.values(), default=0) - gone[name] <= 1 for name in waiting)


def test_whoever_has_one_waits_for_one_of_each_of_the_others() -> None:
    items = [(number, "crowd") for number in range(10_000)] + [(10_000, "quiet")]
    assert in_turns(items, owner)[1] == (10_000, "quiet")
