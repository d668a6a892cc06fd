"""Fairness: in which order what is due for several owners goes out, so that nobody waits for somebody else's crowd."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import count
from typing import TypeVar

from chalicelib.core.message import RunMessage
from chalicelib.core.task import Priority

T = TypeVar("T")
BEFORE = {Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}
"""What goes first of an owner's own, and in each turn."""


def in_turns(items: Iterable[T], owner: Callable[[T], str]) -> list[T]:
    """Everybody's first item, then everybody's second, and so on. Each owner's own keep their order.

    >>> in_turns(["a1", "a2", "a3", "b1", "c1", "c2"], owner=lambda item: item[0])
    ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']
    >>> in_turns(["b1", "a1", "b2"], owner=lambda item: item[0])
    ['b1', 'a1', 'b2']
    >>> in_turns([], owner=str)
    []
    """
    turns: defaultdict[str, count[int]] = defaultdict(count)
    numbered = [(next(turns[owner(item)]), item) for item in items]
    return [item for _, item in sorted(numbered, key=lambda pair: pair[0])]


def in_order(messages: Iterable[RunMessage]) -> list[RunMessage]:
    """The order in which a page goes out: owners in turn, and in each turn high before normal; what is low comes when
    all else has gone, owners in turn as well."""
    sorted_ = sorted(messages, key=lambda message: BEFORE[message.priority])
    low = [message for message in sorted_ if message.priority is Priority.LOW]
    first = sorted_[: len(sorted_) - len(low)]
    return [*in_turns(first, _owner), *in_turns(low, _owner)]


def _owner(message: RunMessage) -> str:
    return message.owner
