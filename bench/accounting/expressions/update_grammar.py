"""Reads update expressions into their clauses; each text is read once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bench.accounting.expressions.grammar import Parsed, Path, Reader, parsed
from bench.accounting.expressions.updates import At, Given, IfNotExists, ListAppend, Operand, Sum, Update

_CLAUSES = {"SET": "sets", "REMOVE": "removals", "ADD": "additions", "DELETE": "deletions"}


@lru_cache(maxsize=4096)
def update(text: str) -> Parsed:
    """The clauses of an update expression."""
    reader = Reader("UpdateExpression", text)
    clauses: dict[str, tuple[Any, ...]] = {}
    while reader.peek():
        keyword = reader.take().upper()
        if keyword not in _CLAUSES:
            reader.at -= 1
            reader.syntax_error()
        if _CLAUSES[keyword] in clauses:
            reader.refuse(f'The "{keyword}" section can only be used once in an update expression;')
        clauses[_CLAUSES[keyword]] = _actions(reader, keyword)
    return parsed(reader, Update(**clauses))


def _actions(reader: Reader, keyword: str) -> tuple[Any, ...]:
    read = {"SET": _assignment, "REMOVE": Reader.path}.get(keyword, _with_value)
    actions = [read(reader)]
    while reader.accept(","):
        actions.append(read(reader))
    return tuple(actions)


def _assignment(reader: Reader) -> tuple[Path, Operand]:
    path = reader.path()
    reader.expect("=")
    left = _operand(reader)
    if reader.peek() not in ("+", "-"):
        return path, left
    sign = 1 if reader.take() == "+" else -1
    return path, Sum(left, sign, _operand(reader))


def _with_value(reader: Reader) -> tuple[Path, str]:
    return reader.path(), reader.value()


def _operand(reader: Reader) -> Operand:
    if reader.peek().startswith(":"):
        return Given(reader.value())
    if reader.peek(1) == "(":
        return _function(reader)
    return At(reader.path())


def _function(reader: Reader) -> Operand:
    name = reader.take()
    reader.expect("(")
    if name == "if_not_exists":
        path = reader.path()
        reader.expect(",")
        found: Operand = IfNotExists(path, _operand(reader))
    elif name == "list_append":
        first = _operand(reader)
        reader.expect(",")
        found = ListAppend(first, _operand(reader))
    else:
        reader.refuse(f"Invalid function name; function: {name}")
    reader.expect(")")
    return found
