"""Comparing: which fields of two tasks differ, in the normal form in which the server keeps both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ANSWERED = frozenset(
    {
        *("id", "version", "owner", "created_at", "updated_at", "next_run_at", "last_run", "pause_reason"),
        *("schedule_text", "cost_estimate", "notify_state"),
    }
)
"""What answers add to a task."""
LONGEST = 60
"""Characters of a value on a line."""


class Absent:
    """Stands for a field that is not there."""

    def __repr__(self) -> str:
        return "(nothing)"


ABSENT = Absent()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field that would be another."""

    field: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.field}: {shown(self.before)} → {shown(self.after)}"

    def to_json(self) -> dict[str, Any]:
        """The field with the values it has; one that is not there has none."""
        values = {"before": self.before, "after": self.after}
        return {"field": self.field} | {name: value for name, value in values.items() if value is not ABSENT}


def definition_of(task: Mapping[str, Any]) -> dict[str, Any]:
    """What an answered task's owner said of it, so that it can be sent back. `completed` is what only answers say."""
    own = {name: value for name, value in task.items() if name not in ANSWERED}
    return own | {"state": "active"} if own.get("state") == "completed" else own


def differences(before: Any, after: Any, field: str = "") -> list[Difference]:
    """The fields that differ, down to the smallest objects; a list differs as a whole.

    >>> [str(one) for one in differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3, "d": "x"}})]
    ['a.c: 2 → 3', 'a.d: (nothing) → "x"']
    """
    return list(_differences(before, after, field))


def _differences(before: Any, after: Any, field: str) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            below = f"{field}.{name}" if field else name
            yield from _differences(before.get(name, ABSENT), after.get(name, ABSENT), below)
    elif not same(before, after):
        yield Difference(field=field, before=before, after=after)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to JSON, where 1 is 1.0 and true is neither.

    >>> same([1], [1.0]), same(1, True), same({"a": [None]}, {"a": [None]})
    (True, False, True)
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


def shown(value: Any) -> str:
    """A value on a line, cut where it is long."""
    text = repr(value) if value is ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
