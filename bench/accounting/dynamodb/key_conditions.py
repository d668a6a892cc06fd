"""A key condition becomes a stretch of one partition: which items a query reads, before any filter."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.accounting.dynamodb.schema import KeySchema
from bench.accounting.dynamodb.tables import Partition, first_of
from bench.accounting.expressions.bindings import Bindings
from bench.accounting.expressions.conditions import (
    AllOf,
    At,
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Given,
    Operand,
)
from bench.accounting.expressions.grammar import Parsed
from bench.accounting.items.values import Ordinal, invalid, kind_of, ordinal

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """The partition that a query reads and, of its sorted places, the span that meets the sort condition."""

    hash: Ordinal
    span: Callable[[Partition], Span]


def stretch(expression: Parsed, schema: KeySchema, bound: Bindings) -> Stretch:
    """What a key condition selects; refuses whatever is not `hash = :v [AND one condition on the sort key]`."""
    expression.tree.check(expression.label, bound)
    parts = expression.tree.parts if isinstance(expression.tree, AllOf) else (expression.tree,)
    by_name: dict[str, Condition] = {_attribute(part, bound): part for part in parts}
    if len(by_name) != len(parts):
        raise invalid("KeyConditionExpressions must only contain one condition per key")
    on_hash = by_name.pop(schema.hash, None)
    if on_hash is None:
        raise invalid(f"Query condition missed key schema element: {schema.hash}")
    if not isinstance(on_hash, Comparison) or on_hash.sign != "=":
        raise invalid("Query key condition not supported")
    on_sort = by_name.pop(schema.range, None) if schema.range is not None else None
    if by_name:
        raise invalid(f"Query condition missed key schema element: {schema.range or schema.hash}")
    hash_value = _literal(on_hash.right, schema, schema.hash, bound)
    return Stretch(hash=hash_value, span=_whole if on_sort is None else _span(on_sort, schema, bound))


def _attribute(part: Condition, bound: Bindings) -> str:
    left = part.left if isinstance(part, Comparison) else getattr(part, "operand", None)
    if not isinstance(left, At) or left.path.rest:
        raise invalid("Invalid KeyConditionExpression: Query key condition not supported")
    return left.path.resolved(bound.names)[0]


def _literal(operand: Operand, schema: KeySchema, name: str, bound: Bindings) -> Ordinal:
    if not isinstance(operand, Given):
        raise invalid("Invalid KeyConditionExpression: a key must be compared with a value")
    value = bound.values[operand.name]
    if kind_of(value) != schema.kinds[name]:
        raise invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
    if value[kind_of(value)] == "":
        raise invalid(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            f"cannot contain an empty string value. Key: {name}"
        )
    return ordinal(value)


def _whole(partition: Partition) -> Span:
    return 0, len(partition.places)


def _span(part: Condition, schema: KeySchema, bound: Bindings) -> Callable[[Partition], Span]:
    name = schema.range or ""
    if isinstance(part, Between):
        return _between(_literal(part.low, schema, name, bound), _literal(part.high, schema, name, bound))
    if isinstance(part, BeginsWith):
        return _beginning(_literal(part.start, schema, name, bound))
    if isinstance(part, Comparison) and part.sign in _SPANS:
        return _SPANS[part.sign](_literal(part.right, schema, name, bound))
    raise invalid("Query key condition not supported")


def _before(partition: Partition, value: Any) -> int:
    return bisect_left(partition.places, value, key=first_of)


def _through(partition: Partition, value: Any) -> int:
    return bisect_right(partition.places, value, key=first_of)


def _between(low: Ordinal, high: Ordinal) -> Callable[[Partition], Span]:
    return lambda partition: (_before(partition, low), _through(partition, high))


def _beginning(start: Any) -> Callable[[Partition], Span]:
    """The places whose key begins with `start` stand together, beginning at `start` itself."""
    length = len(start)

    def span(partition: Partition) -> Span:
        last = bisect_right(partition.places, start, key=lambda place: place[0][:length])
        return _before(partition, start), last

    return span


_SPANS: dict[str, Callable[[Ordinal], Callable[[Partition], Span]]] = {
    "=": lambda value: _between(value, value),
    "<": lambda value: lambda partition: (0, _before(partition, value)),
    "<=": lambda value: lambda partition: (0, _through(partition, value)),
    ">": lambda value: lambda partition: (_through(partition, value), len(partition.places)),
    ">=": lambda value: lambda partition: (_before(partition, value), len(partition.places)),
}
