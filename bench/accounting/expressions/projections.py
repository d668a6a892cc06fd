"""Projection expressions: which parts of an item an answer carries."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bench.accounting.expressions.bindings import Bindings
from bench.accounting.expressions.grammar import Parsed, Path, Reader, Steps, parsed, refuse_overlaps
from bench.accounting.items.sizes import Item, Value

Root = tuple[str, Steps]
Branches = dict[Any, Any]  # step → what lies below it, empty where all is wanted


@lru_cache(maxsize=4096)
def projection(text: str) -> Parsed:
    """The paths of a projection expression."""
    reader = Reader("ProjectionExpression", text)
    paths = [reader.path()]
    while reader.accept(","):
        paths.append(reader.path())
    return parsed(reader, tuple(paths))


def wanted(expression: Parsed, bound: Bindings) -> list[Root]:
    """The paths with their placeholders filled in; refuses paths that lead through each other."""
    paths: tuple[Path, ...] = expression.tree
    found = [path.resolved(bound.names) for path in paths]
    refuse_overlaps(expression.label, found)
    return found


def part_of(item: Item, paths: list[Root]) -> Item:
    """The part of an item that lies at these paths."""
    if not any(rest for _, rest in paths):
        return {root: item[root] for root, _ in paths if root in item}
    found = _picked_map(item, _branches(paths))
    return found or {}


def _branches(paths: list[Root]) -> Branches:
    branches: Branches = {}
    for root, rest in paths:
        at = branches
        for step in (root, *rest):
            at = at.setdefault(step, {})
    return branches


def _picked(value: Value, branches: Branches) -> Value | None:
    if not branches:
        return value
    if "M" in value:
        inside = _picked_map(value["M"], branches)
        return None if inside is None else {"M": inside}
    members = value.get("L", [])
    chosen = [_picked(members[at], branches[at]) for at in sorted(_positions(branches)) if at < len(members)]
    kept = [member for member in chosen if member is not None]
    return {"L": kept} if kept else None


def _picked_map(item: Item, branches: Branches) -> Item | None:
    chosen = {name: _picked(item[name], below) for name, below in branches.items() if name in item}
    return {name: value for name, value in chosen.items() if value is not None} or None


def _positions(branches: Branches) -> list[int]:
    return [step for step in branches if isinstance(step, int)]
