"""The placeholders of one request, checked against its expressions: none missing, none unused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.accounting.expressions.grammar import Parsed
from bench.accounting.items.sizes import Value
from bench.accounting.items.values import checked, invalid
from bench.accounting.wire import Parameters, Refused

_NAME_KEY = re.compile(r"#\w+", re.ASCII).fullmatch
_VALUE_KEY = re.compile(r":\w+", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Bindings:
    """What the `#names` and `:values` of one request stand for."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)


NOTHING_BOUND = Bindings()


def bind(parameters: Parameters, expressions: Sequence[Parsed]) -> Bindings:
    """The placeholders of a request that holds these expressions; refuses missing, unused and malformed ones."""
    names = parameters.get("ExpressionAttributeNames")
    values = parameters.get("ExpressionAttributeValues")
    if not expressions:
        return _nothing_to_bind(names, values)
    bound = Bindings(_names(names), _values(values))
    for expression in expressions:
        _refuse_undefined(expression, bound)
    _refuse_unused("Names", bound.names, expressions)
    _refuse_unused("Values", bound.values, expressions)
    return bound


def _nothing_to_bind(names: Any, values: Any) -> Bindings:
    if names is not None:
        raise invalid("ExpressionAttributeNames can only be specified when using expressions")
    if values is not None:
        raise invalid("ExpressionAttributeValues can only be specified when using expressions: no expression is given")
    return NOTHING_BOUND


def _names(given: dict[str, str] | None) -> dict[str, str]:
    if given is None:
        return {}
    if not given:
        raise invalid("ExpressionAttributeNames must not be empty")
    for key in given:
        if not _NAME_KEY(key):
            raise invalid(f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{key}"')
    return given


def _values(given: dict[str, Value] | None) -> dict[str, Value]:
    if given is None:
        return {}
    if not given:
        raise invalid("ExpressionAttributeValues must not be empty")
    return {key: _value(key, value) for key, value in given.items()}


def _value(key: str, value: Value) -> Value:
    if not _VALUE_KEY(key):
        raise invalid(f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{key}"')
    try:
        return checked(value)
    except Refused as refused:
        message = f"ExpressionAttributeValues contains invalid value: {refused.message} for key {key}"
        raise Refused(refused.code, message) from refused


def _refuse_undefined(expression: Parsed, bound: Bindings) -> None:
    for name in expression.names - bound.names.keys():
        raise invalid(
            f"Invalid {expression.label}: An expression attribute name used in the document path is not defined; "
            f"attribute name: {name}"
        )
    for value in expression.values - bound.values.keys():
        raise invalid(
            f"Invalid {expression.label}: An expression attribute value used in expression is not defined; "
            f"attribute value: {value}"
        )


def _refuse_unused(kind: str, given: dict[str, Any], expressions: Sequence[Parsed]) -> None:
    used = set().union(*(getattr(expression, kind.lower()) for expression in expressions))
    unused = sorted(given.keys() - used)
    if unused:
        raise invalid(
            f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {{{', '.join(unused)}}}"
        )
