"""Found: what another scheduler runs, what it becomes, and what of it cannot be carried over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 2_000
"""Characters, as the API has them."""
LONGEST_KEY = 100
DIGEST = 10
"""Digits that tell two long keys apart."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, kw_only=True)
class Old:
    """One thing that another scheduler runs. `where` is its place there, `when` and `what` are its own words.

    `definition` is the task that it becomes; where it can become none, `refusal` says why and what to do instead.
    `notes` say what the task does differently.
    """

    key: str
    where: str
    when: str
    what: str
    definition: Mapping[str, Any] | None = None
    refusal: str = ""
    notes: tuple[str, ...] = ()
    off: bool = False
    """It was switched off there."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """All of it. `notes` are about every task."""

    set_name: str
    olds: tuple[Old, ...]
    notes: tuple[str, ...] = ()
    remedies: Mapping[str, str] = field(default_factory=dict)
    """What to do about a refusal of the API, by its code."""


class Impossible(Exception):
    """Something that cannot become a task. Its text says why, and what to do instead."""


def one_line(text: str, longest: int) -> str:
    """A text without control characters, cut where it is too long.

    >>> one_line("a\\nb  c", 100), one_line("abcdef", 4)
    ('a b c', 'abc…')
    """
    plain = " ".join(CONTROL.sub(" ", text).split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def key_of(*parts: str) -> str:
    """A key that follows from what something is, and can be read where it is short."""
    whole = " ".join(parts)
    plain = one_line(whole, LONGEST_KEY)
    if plain == whole:
        return whole
    return f"{plain[: LONGEST_KEY - DIGEST - 1]}-{hashlib.sha256(whole.encode()).hexdigest()[:DIGEST]}"


def told_apart(olds: Iterable[Old]) -> tuple[Old, ...]:
    """The same with a key of its own for each: of those that are alike, the second gets a 2."""
    seen: dict[str, int] = {}
    apart = []
    for old in olds:
        number = seen[old.key] = seen.get(old.key, 0) + 1
        apart.append(old if number == 1 else replace(old, key=f"{old.key} #{number}"))
    return tuple(apart)
