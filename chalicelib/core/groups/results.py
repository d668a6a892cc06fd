"""Results: what the members before hand on to what comes after them, as far as it fits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.groups.group import Handing

LARGEST = 256 * 1024
"""Characters of JSON that are handed on. What has 10,000 members may have returned more than any action takes."""
BODILESS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, kw_only=True)
class Results:
    """The results of members, in their order, null for one that did not succeed: of the last of a chain, or of all.
    `left_out` is how many at the end were too much."""

    values: tuple[Any, ...]
    left_out: int = 0
    single: bool = False


def fitting(values: Iterable[Any], total: int, *, single: bool = False) -> Results:
    """As many of the values, from the first on, as are handed on together; the others are not asked for.

    >>> fitting(["a" * LARGEST, "b"], 2)
    Results(values=(), left_out=2, single=False)
    """
    size, fit = 0, list[Any]()
    for value in values:
        size += len(_json(value)) + 1
        if size > LARGEST:
            break
        fit.append(value)
    return Results(values=tuple(fit), left_out=total - len(fit), single=single)


def handed(action: Mapping[str, Any], results: Results, handing: Handing) -> Mapping[str, Any]:
    """An action that has the results before it where its type looks for them.

    >>> handed({"type": "function", "name": "f", "args": [2]}, Results(values=(1,), single=True),
    ...        Handing.FIRST_ARGUMENT)["args"]
    [1, 2]
    >>> handed({"type": "command", "command": "cat"}, Results(values=(1, 2)), Handing.CONTEXT)["stdin"]
    '{"results":[1,2],"left_out":0}'
    """
    if action["type"] == "function" and handing is Handing.FIRST_ARGUMENT:
        first = next(iter(results.values), None) if results.single else list(results.values)
        return {**action, "args": [first, *(action.get("args") or [])]}
    if action["type"] == "http" and "body" not in action and action["method"] not in BODILESS:
        return {**action, "body": _shown(results)}
    if action["type"] == "command" and "stdin" not in action:
        return {**action, "stdin": _json(_shown(results))}
    return action


def _shown(results: Results) -> dict[str, Any]:
    return {"results": list(results.values), "left_out": results.left_out}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
