"""Attribute values as DynamoDB keeps them: checked, numbers in one notation, sets in one order.

After `checked`, two values are equal exactly when their dicts are equal.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from bench.accounting.items.sizes import Item, Value
from bench.accounting.wire import Refused

MAX_DEPTH = 32  # levels of lists and maps in one attribute
MAX_DIGITS = 38  # significant digits of a number
LARGEST_EXPONENT = 125  # 9.99E+125 is the largest magnitude
SMALLEST_EXPONENT = -130  # 1E-130 the smallest

Ordinal = str | Decimal | bytes

_EXACT = Context(prec=400)  # wider than any sum of two numbers that DynamoDB can hold
_PLAIN_INTEGER = re.compile(r"-?[1-9][0-9]{0,37}").fullmatch
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII).fullmatch

KIND_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
    "L": "LIST",
    "M": "MAP",
}


def invalid(message: str) -> Refused:
    """The refusal that says: what was asked makes no sense."""
    return Refused("ValidationException", message)


def checked_item(item: Item) -> Item:
    """The item with every value checked and in DynamoDB's own notation."""
    return {name: checked(value) for name, value in item.items()}


def checked(value: Value, depth: int = 0) -> Value:
    """One value, checked and in DynamoDB's own notation; refuses what DynamoDB refuses."""
    if not isinstance(value, dict) or len(value) != 1:
        raise invalid(_WRONG_SHAPE if value else _EMPTY_SHAPE)
    ((kind, inner),) = value.items()
    if kind == "S" and isinstance(inner, str):
        return value
    if kind in ("L", "M"):
        return _checked_container(kind, inner, depth + 1)
    check = _CHECKS.get(kind)
    if check is None:
        raise invalid(_EMPTY_SHAPE)
    return {kind: check(inner)}


def kind_of(value: Value) -> str:
    """The type of a value: `S`, `N`, `B` …"""
    return next(iter(value))


def ordinal(value: Value) -> Ordinal:
    """What a string, number or binary is ordered by."""
    ((kind, inner),) = value.items()
    if kind == "N":
        return Decimal(inner)
    if kind == "B":
        return b64decode(inner)
    return str(inner)


def number(text: str) -> str:
    """A number as DynamoDB gives it back: plain decimal notation without needless zeros.

    >>> number("0042.1200"), number("1E3"), number("-0")
    ('42.12', '1000', '0')
    """
    if _PLAIN_INTEGER(text):
        return text
    if not isinstance(text, str) or not _NUMBER(text):
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}")
    return _in_range(Decimal(text))


def summed(left: str, right: str, sign: int) -> str:
    """left + sign * right, as DynamoDB gives it back."""
    return _in_range(_EXACT.add(Decimal(left), _EXACT.multiply(Decimal(sign), Decimal(right))))


def _in_range(exact: Decimal) -> str:
    if exact == 0:
        return "0"
    try:
        shortest = exact.normalize(_EXACT)
    except InvalidOperation as error:
        raise invalid("Number overflow.") from error
    if len(shortest.as_tuple().digits) > MAX_DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if shortest.adjusted() > LARGEST_EXPONENT:
        raise invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if shortest.adjusted() < SMALLEST_EXPONENT:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    return format(shortest, "f")


def _checked_container(kind: str, inner: Any, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise invalid("Nesting Levels have exceeded supported limits")
    if kind == "L":
        return {"L": [checked(value, depth) for value in inner]}
    return {"M": {name: checked(value, depth) for name, value in inner.items()}}


def _checked_binary(encoded: str) -> str:
    try:
        raw = b64decode(encoded, validate=True)
    except (NotBase64, ValueError) as error:
        raise Refused("SerializationException", "Base64 encoded length is expected a multiple of 4 bytes") from error
    return b64encode(raw).decode()


def _checked_null(given: bool) -> bool:
    if given is not True:
        raise invalid(f"{_INVALID}: Null attribute value types must have the value of true")
    return True


def _checked_bool(given: bool) -> bool:
    if not isinstance(given, bool):
        raise Refused("SerializationException", f"{type(given).__name__} can not be converted to a Boolean")
    return given


def _set_of(one: Callable[[str], str], order: Callable[[str], Any]) -> Callable[[list[str]], list[str]]:
    def check(members: list[str]) -> list[str]:
        if not members:
            raise invalid(f"{_INVALID}: An string set  may not be empty")
        distinct = {one(member) for member in members}
        if len(distinct) != len(members):
            raise invalid(f"{_INVALID}: Input collection contains duplicates.")
        return sorted(distinct, key=order)

    return check


_INVALID = "One or more parameter values were invalid"
_SHAPE = "must contain exactly one of the supported datatypes"
_WRONG_SHAPE = f"Supplied AttributeValue has more than one datatypes set, {_SHAPE}"
_EMPTY_SHAPE = f"Supplied AttributeValue is empty, {_SHAPE}"

_CHECKS: dict[str, Callable[[Any], Any]] = {
    "N": number,
    "B": _checked_binary,
    "BOOL": _checked_bool,
    "NULL": _checked_null,
    "SS": _set_of(str, str),
    "NS": _set_of(number, Decimal),
    "BS": _set_of(_checked_binary, b64decode),
}
