"""Update expressions: what SET, REMOVE, ADD and DELETE make of an item.

Rules: Developer Guide, "Using update expressions in DynamoDB" (Expressions.UpdateExpressions.html). Every operand is
read from the item as it was before the update.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.accounting.expressions.bindings import Bindings
from bench.accounting.expressions.grammar import Parsed, Path, Step, Steps, refuse_overlaps
from bench.accounting.items.sizes import Item, Value
from bench.accounting.items.values import KIND_NAMES, checked, invalid, kind_of, summed
from bench.accounting.wire import Refused

SETS = ("SS", "NS", "BS")


class Unapplicable(Refused):
    """What was asked makes no sense for the item as it is. It cancels a transaction rather than refusing it."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


@dataclass(frozen=True, slots=True)
class At:
    path: Path

    def of(self, item: Item, bound: Bindings) -> Value:
        value = self.path.find(item, bound.names)
        if value is None:
            raise Unapplicable("The provided expression refers to an attribute that does not exist in the item")
        return value


@dataclass(frozen=True, slots=True)
class Given:
    name: str

    def of(self, item: Item, bound: Bindings) -> Value:
        return bound.values[self.name]


@dataclass(frozen=True, slots=True)
class IfNotExists:
    path: Path
    otherwise: Operand

    def of(self, item: Item, bound: Bindings) -> Value:
        value = self.path.find(item, bound.names)
        return self.otherwise.of(item, bound) if value is None else value


@dataclass(frozen=True, slots=True)
class ListAppend:
    first: Operand
    second: Operand

    def of(self, item: Item, bound: Bindings) -> Value:
        first, second = self.first.of(item, bound), self.second.of(item, bound)
        if kind_of(first) != "L" or kind_of(second) != "L":
            raise _wrong_kind()
        return {"L": [*first["L"], *second["L"]]}


@dataclass(frozen=True, slots=True)
class Sum:
    left: Operand
    sign: int
    right: Operand

    def of(self, item: Item, bound: Bindings) -> Value:
        left, right = self.left.of(item, bound), self.right.of(item, bound)
        if kind_of(left) != "N" or kind_of(right) != "N":
            raise _wrong_kind()
        return {"N": summed(left["N"], right["N"], self.sign)}


Operand = At | Given | IfNotExists | ListAppend | Sum


@dataclass(frozen=True, slots=True)
class Update:
    """The clauses of one update expression, each action with its path."""

    sets: tuple[tuple[Path, Operand], ...] = ()
    removals: tuple[Path, ...] = ()
    additions: tuple[tuple[Path, str], ...] = ()
    deletions: tuple[tuple[Path, str], ...] = ()

    def paths(self) -> list[Path]:
        """Every path that the update writes to."""
        pairs = (*self.sets, *self.additions, *self.deletions)
        return [*(path for path, _ in pairs), *self.removals]


def touched(expression: Parsed, bound: Bindings) -> list[tuple[str, Steps]]:
    """The paths an update writes to; refuses overlapping ones and operands that can never fit."""
    update: Update = expression.tree
    for clause, pairs, allowed in (("ADD", update.additions, ("N", *SETS)), ("DELETE", update.deletions, SETS)):
        for _, name in pairs:
            _refuse_kind(clause, bound.values[name], allowed)
    found = [path.resolved(bound.names) for path in update.paths()]
    refuse_overlaps(expression.label, found)
    return found


def updated(item: Item, expression: Parsed, bound: Bindings) -> Item:
    """The item after the update; `item` itself is left as it was."""
    update: Update = expression.tree
    edits = [(path, operand.of(item, bound)) for path, operand in update.sets]
    edits += [(path, _added(path.find(item, bound.names), bound.values[name])) for path, name in update.additions]
    result = dict(item)
    for path, value in edits:
        root, rest = path.resolved(bound.names)
        result[root] = _with(result.get(root), rest, value)
    for path, name in update.deletions:
        _take_members(result, path.resolved(bound.names), path.find(item, bound.names), bound.values[name])
    for root, rest in sorted((path.resolved(bound.names) for path in update.removals), key=_last_first):
        _remove(result, root, rest)
    return result


def _added(old: Value | None, value: Value) -> Value:
    if old is None:
        return value
    kind = kind_of(value)
    if kind_of(old) != kind:
        raise _wrong_kind()
    if kind == "N":
        return {"N": summed(old["N"], value["N"], 1)}
    return checked({kind: list({*old[kind], *value[kind]})})


def _take_members(item: Item, at: tuple[str, Steps], old: Value | None, value: Value) -> None:
    if old is None:
        return
    kind = kind_of(value)
    if kind_of(old) != kind:
        raise _wrong_kind()
    root, rest = at
    kept = [member for member in old[kind] if member not in value[kind]]
    if not kept:
        _remove(item, root, rest)
        return
    item[root] = _with(item.get(root), rest, {kind: kept})


def _remove(item: Item, root: str, rest: Steps) -> None:
    if not rest:
        item.pop(root, None)
        return
    item[root] = _without(item.get(root), rest)


def _with(value: Value | None, rest: Steps, new: Value) -> Value:
    """The value with `new` at the path below it; containers on the way are copied."""
    if not rest:
        return new
    if value is None:
        raise _no_such_path()
    step, *further = rest
    return _replaced(value, step, lambda inside: _with(inside, tuple(further), new))


def _without(value: Value | None, rest: Steps) -> Value:
    if value is None:
        raise _no_such_path()
    step, *further = rest
    if further:
        return _replaced(value, step, lambda inside: _without(inside, tuple(further)))
    if isinstance(step, str) and "M" in value:
        return {"M": {name: inside for name, inside in value["M"].items() if name != step}}
    if isinstance(step, int) and "L" in value:
        return {"L": [inside for at, inside in enumerate(value["L"]) if at != step]}
    raise _no_such_path()


def _replaced(value: Value, step: Step, change: Callable[[Value | None], Value]) -> Value:
    if isinstance(step, str) and "M" in value:
        return {"M": {**value["M"], step: change(value["M"].get(step))}}
    if isinstance(step, int) and "L" in value:
        members: list[Value] = list(value["L"])
        if step >= len(members):
            return {"L": [*members, change(None)]}
        members[step] = change(members[step])
        return {"L": members}
    raise _no_such_path()


def _last_first(path: tuple[str, Steps]) -> list[tuple[int, str]]:
    """Sorts removals so that a list position is gone before the positions in front of it are."""
    return [(-step, "") if isinstance(step, int) else (0, step) for step in (path[0], *path[1])]


def _refuse_kind(clause: str, value: Value, allowed: tuple[str, ...]) -> None:
    if kind_of(value) not in allowed:
        raise invalid(
            "Invalid UpdateExpression: Incorrect operand type for operator or function; "
            f"operator: {clause}, operand type: {KIND_NAMES[kind_of(value)]}"
        )


def _wrong_kind() -> Unapplicable:
    return Unapplicable("An operand in the update expression has an incorrect data type")


def _no_such_path() -> Unapplicable:
    return Unapplicable("The document path provided in the update expression is invalid for update")
