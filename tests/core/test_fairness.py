"""Turns: everybody's first before anybody's second, each owner's own in their order; and what is low comes last."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.message import RunMessage
from chalicelib.core.sending.fairness import in_order, in_turns
from chalicelib.core.task import Channel, Priority
from tests.core.building import START, entry

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


def sent(owner: str, priority: Priority, number: int) -> RunMessage:
    """A message that can be told from every other by its number."""
    return RunMessage(
        entry=entry(START, number=number), owner=owner, task_name="", channel=Channel.COMMANDS, priority=priority
    )


MESSAGES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(Priority))).map(
    lambda kinds: [sent(owner, priority, number) for number, (owner, priority) in enumerate(kinds, 1)]
)


@given(MESSAGES)
def test_what_is_low_goes_when_all_else_has_gone_and_nothing_is_lost(messages: list[RunMessage]) -> None:
    found = in_order(messages)
    assert sorted(found, key=lambda one: one.entry.number) == messages
    low = [one.priority is Priority.LOW for one in found]
    assert low == sorted(low)


@given(MESSAGES)
def test_an_owners_own_go_by_priority_and_owners_still_take_turns(messages: list[RunMessage]) -> None:
    found = in_order(messages)
    for name in "abc":
        own = [list(Priority).index(one.priority) for one in found if one.owner == name]
        assert own == sorted(own)
    others = [one for one in found if one.priority is not Priority.LOW]
    for at in range(len(others)):
        gone, waiting = Counter(one.owner for one in others[:at]), {one.owner for one in others[at:]}
        assert all(max(gone.values(), default=0) - gone[name] <= 1 for name in waiting)


def test_the_high_one_of_an_owner_goes_before_everybodys_others() -> None:
    crowd = [sent(f"owner{number}", Priority.NORMAL, number) for number in range(1, 1000)]
    high = sent("quiet", Priority.HIGH, 1000)
    assert in_order([*crowd, high])[0] == high
