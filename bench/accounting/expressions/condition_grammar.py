"""Reads condition, filter and key condition expressions into trees; each text is read once."""

from __future__ import annotations

from functools import lru_cache

from bench.accounting.expressions.conditions import (
    AllOf,
    AnyOf,
    At,
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Contains,
    Exists,
    Given,
    HasKind,
    Not,
    OneOf,
    Operand,
    Size,
)
from bench.accounting.expressions.grammar import Parsed, Reader, parsed

COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_FUNCTIONS = frozenset({"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"})


@lru_cache(maxsize=4096)
def condition(text: str, label: str = "ConditionExpression") -> Parsed:
    """The tree of a condition; `label` is the parameter it came in, for refusals."""
    reader = Reader(label, text)
    return parsed(reader, _alternatives(reader))


def _alternatives(reader: Reader) -> Condition:
    parts = [_conjunction(reader)]
    while reader.accept("OR"):
        parts.append(_conjunction(reader))
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _conjunction(reader: Reader) -> Condition:
    parts = [_negation(reader)]
    while reader.accept("AND"):
        parts.append(_negation(reader))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _negation(reader: Reader) -> Condition:
    if reader.accept("NOT"):
        return Not(_negation(reader))
    if reader.accept("("):
        return _group(reader)
    if reader.peek() in _FUNCTIONS:
        return _function(reader)
    return _comparison(reader)


def _group(reader: Reader) -> Condition:
    """What stands in parentheses; DynamoDB refuses a pair that holds nothing but another pair."""
    start = reader.at
    inner = _alternatives(reader)
    if reader.tokens[start] == "(" and _end_of_group(reader.tokens, start) == reader.at:
        reader.refuse("The expression has redundant parentheses;")
    reader.expect(")")
    return inner


def _end_of_group(tokens: list[str], start: int) -> int:
    depth = 0
    for at in range(start, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[at], 0)
        if depth == 0:
            return at + 1
    return len(tokens) + 1


def _function(reader: Reader) -> Condition:
    name = reader.take()
    reader.expect("(")
    if name in ("attribute_exists", "attribute_not_exists"):
        found: Condition = Exists(reader.path(), wanted=name == "attribute_exists")
    elif name == "attribute_type":
        path = reader.path()
        reader.expect(",")
        found = HasKind(path, Given(reader.value()))
    else:
        operand = _operand(reader)
        reader.expect(",")
        found = (BeginsWith if name == "begins_with" else Contains)(operand, _operand(reader))
    reader.expect(")")
    return found


def _comparison(reader: Reader) -> Condition:
    left = _operand(reader)
    if reader.accept("BETWEEN"):
        low = _operand(reader)
        reader.expect("AND")
        return Between(left, low, _operand(reader))
    if reader.accept("IN"):
        return OneOf(left, _choices(reader))
    if reader.peek() not in COMPARATORS:
        reader.syntax_error()
    return Comparison(left, reader.take(), _operand(reader))


def _choices(reader: Reader) -> tuple[Operand, ...]:
    reader.expect("(")
    choices = [_operand(reader)]
    while reader.accept(","):
        choices.append(_operand(reader))
    reader.expect(")")
    return tuple(choices)


def _operand(reader: Reader) -> Operand:
    if reader.peek().startswith(":"):
        return Given(reader.value())
    if reader.peek() == "size" and reader.peek(1) == "(":
        reader.take()
        reader.expect("(")
        path = reader.path()
        reader.expect(")")
        return Size(path)
    if reader.peek(1) == "(":
        reader.refuse(f"Invalid function name; function: {reader.peek()}")
    return At(reader.path())
