"""What condition, filter and key condition expressions mean: the nodes of their trees.

Rules: Developer Guide, "Condition and filter expressions, operators, and functions"
(Expressions.OperatorsAndFunctions.html). A missing attribute makes every comparison false, except `<>`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from bench.accounting.expressions.bindings import Bindings
from bench.accounting.expressions.grammar import Path, written
from bench.accounting.items.sizes import Item, Value, value_size
from bench.accounting.items.values import KIND_NAMES, invalid, kind_of, ordinal

ORDERED_KINDS = frozenset({"S", "N", "B"})
MAX_CHOICES = 100  # operands of one IN


class Operand(Protocol):
    """Something with a value: a path, a placeholder, a size."""

    def of(self, item: Item, bound: Bindings) -> Value | None: ...


class Condition(Protocol):
    """Something that holds for an item or not. `check` refuses what can never make sense, before any item is read."""

    def holds(self, item: Item, bound: Bindings) -> bool: ...

    def check(self, label: str, bound: Bindings) -> None: ...


@dataclass(frozen=True, slots=True)
class At:
    """The value at a path."""

    path: Path

    def of(self, item: Item, bound: Bindings) -> Value | None:
        return self.path.find(item, bound.names)


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a placeholder."""

    name: str

    def of(self, item: Item, bound: Bindings) -> Value | None:
        return bound.values[self.name]


@dataclass(frozen=True, slots=True)
class Size:
    """The size of what is at a path: characters, raw bytes or members."""

    path: Path

    def of(self, item: Item, bound: Bindings) -> Value | None:
        value = self.path.find(item, bound.names)
        if value is None:
            return None
        ((kind, inner),) = value.items()
        if kind in ("N", "BOOL", "NULL"):
            return None
        return {"N": str(value_size(value) if kind == "B" else len(inner))}


_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def in_order(left: Value | None, sign: str, right: Value | None) -> bool:
    """Whether `left sign right` for two values of one ordered kind; false for all else."""
    if left is None or right is None:
        return False
    kind = kind_of(left)
    if kind != kind_of(right) or kind not in ORDERED_KINDS:
        return False
    return _ORDERINGS[sign](ordinal(left), ordinal(right))


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Operand
    sign: str
    right: Operand

    def holds(self, item: Item, bound: Bindings) -> bool:
        left, right = self.left.of(item, bound), self.right.of(item, bound)
        if self.sign == "<>":
            return left != right
        if self.sign == "=":
            return left is not None and left == right
        return in_order(left, self.sign, right)

    def check(self, label: str, bound: Bindings) -> None:
        _refuse_same(label, self.sign, self.left, self.right, bound)
        if self.sign in _ORDERINGS:
            _refuse_kinds(label, self.sign, (self.left, self.right), ORDERED_KINDS, bound)


@dataclass(frozen=True, slots=True)
class Between:
    operand: Operand
    low: Operand
    high: Operand

    def holds(self, item: Item, bound: Bindings) -> bool:
        value = self.operand.of(item, bound)
        return in_order(self.low.of(item, bound), "<=", value) and in_order(value, "<=", self.high.of(item, bound))

    def check(self, label: str, bound: Bindings) -> None:
        _refuse_kinds(label, "BETWEEN", (self.operand, self.low, self.high), ORDERED_KINDS, bound)
        if not (isinstance(self.low, Given) and isinstance(self.high, Given)):
            return
        low, high = bound.values[self.low.name], bound.values[self.high.name]
        if kind_of(low) != kind_of(high):
            _refuse(label, f"The BETWEEN operator requires same data type for lower and upper bounds; {low}, {high}")
        if in_order(low, ">", high):
            _refuse(
                label,
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                f"lower bound operand: AttributeValue: {low}, upper bound operand: AttributeValue: {high}",
            )


@dataclass(frozen=True, slots=True)
class OneOf:
    operand: Operand
    choices: tuple[Operand, ...]

    def holds(self, item: Item, bound: Bindings) -> bool:
        value = self.operand.of(item, bound)
        return value is not None and any(value == choice.of(item, bound) for choice in self.choices)

    def check(self, label: str, bound: Bindings) -> None:
        if len(self.choices) > MAX_CHOICES:
            _refuse(label, f"Invalid number of operands for operator or function; operator: IN, {len(self.choices)}")


@dataclass(frozen=True, slots=True)
class Exists:
    path: Path
    wanted: bool

    def holds(self, item: Item, bound: Bindings) -> bool:
        return (self.path.find(item, bound.names) is not None) is self.wanted

    def check(self, label: str, bound: Bindings) -> None:
        """A path is all it has, and reading it checked that."""


@dataclass(frozen=True, slots=True)
class HasKind:
    path: Path
    kind: Operand

    def holds(self, item: Item, bound: Bindings) -> bool:
        value = self.path.find(item, bound.names)
        wanted = self.kind.of(item, bound)
        return value is not None and wanted == {"S": kind_of(value)}

    def check(self, label: str, bound: Bindings) -> None:
        wanted = self.kind.of({}, bound)
        if wanted is None or wanted.get("S") not in KIND_NAMES:
            _refuse(label, f"Invalid attribute type name found; type: {wanted}, valid types: {sorted(KIND_NAMES)}")


@dataclass(frozen=True, slots=True)
class BeginsWith:
    operand: Operand
    start: Operand

    def holds(self, item: Item, bound: Bindings) -> bool:
        value, start = self.operand.of(item, bound), self.start.of(item, bound)
        if value is None or start is None or kind_of(value) != kind_of(start) or kind_of(value) not in ("S", "B"):
            return False
        return _raw(value).startswith(_raw(start))

    def check(self, label: str, bound: Bindings) -> None:
        _refuse_same(label, "begins_with", self.operand, self.start, bound)
        _refuse_kinds(label, "begins_with", (self.start,), frozenset({"S", "B"}), bound)


@dataclass(frozen=True, slots=True)
class Contains:
    operand: Operand
    member: Operand

    def holds(self, item: Item, bound: Bindings) -> bool:
        value, member = self.operand.of(item, bound), self.member.of(item, bound)
        if value is None or member is None:
            return False
        ((kind, inner),) = value.items()
        if kind == "L":
            return member in inner
        if kind in ("SS", "NS", "BS"):
            return kind_of(member) == kind[0] and member[kind[0]] in inner
        if kind != kind_of(member) or kind not in ("S", "B"):
            return False
        return _raw(member) in _raw(value)

    def check(self, label: str, bound: Bindings) -> None:
        _refuse_same(label, "contains", self.operand, self.member, bound)


@dataclass(frozen=True, slots=True)
class Not:
    inner: Condition

    def holds(self, item: Item, bound: Bindings) -> bool:
        return not self.inner.holds(item, bound)

    def check(self, label: str, bound: Bindings) -> None:
        self.inner.check(label, bound)


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]

    def holds(self, item: Item, bound: Bindings) -> bool:
        return all(part.holds(item, bound) for part in self.parts)

    def check(self, label: str, bound: Bindings) -> None:
        for part in self.parts:
            part.check(label, bound)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]

    def holds(self, item: Item, bound: Bindings) -> bool:
        return any(part.holds(item, bound) for part in self.parts)

    def check(self, label: str, bound: Bindings) -> None:
        for part in self.parts:
            part.check(label, bound)


def _raw(value: Value) -> bytes:
    given = ordinal(value)
    return given if isinstance(given, bytes) else str(given).encode()


def _refuse(label: str, reason: str) -> NoReturn:
    raise invalid(f"Invalid {label}: {reason}")


def _refuse_same(label: str, sign: str, left: Operand, right: Operand, bound: Bindings) -> None:
    if not (isinstance(left, At) and isinstance(right, At)):
        return
    root, rest = left.path.resolved(bound.names)
    if (root, rest) == right.path.resolved(bound.names):
        _refuse(
            label,
            "The first operand must be distinct from the remaining operands for this operator or function; "
            f"operator: {sign}, first operand: {written((root, *rest))}",
        )


def _refuse_kinds(
    label: str, sign: str, operands: tuple[Operand, ...], allowed: frozenset[str], bound: Bindings
) -> None:
    for operand in operands:
        if isinstance(operand, Given) and kind_of(bound.values[operand.name]) not in allowed:
            kind = KIND_NAMES[kind_of(bound.values[operand.name])]
            _refuse(
                label,
                f"Incorrect operand type for operator or function; operator or function: {sign}, operand type: {kind}",
            )
