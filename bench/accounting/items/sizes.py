"""How large an item is to DynamoDB, and what reading or writing that many bytes costs.

Sources: Developer Guide, "DynamoDB item sizes and formats" (CapacityUnitCalculations.html) and "DynamoDB read and
write operations" (read-write-operations.html). For numbers the guide says "approximately"; the exact rule here
was measured against DynamoDB at its 400 KB gate by paritysuite/dynamodb-conformance (August 2026).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

KB = 1024
WRITE_BLOCK = KB  # bytes in one write unit
READ_BLOCK = 4 * KB  # bytes in one read unit (two when the read is eventually consistent)
MAX_ITEM = 400 * KB  # bytes: an item of exactly this size is accepted
CONTAINER_OVERHEAD = 3  # bytes: every list and every map, empty or not
ELEMENT_OVERHEAD = 1  # bytes: every element of a list, every pair of a map
TRANSACTION_FACTOR = 2  # one read or write to prepare, one to commit

Value = dict[str, Any]
Item = dict[str, Value]


def write_units(size: int) -> int:
    """Units for writing an item of `size` bytes; an absent item (0 bytes) still costs one.

    >>> write_units(0), write_units(1024), write_units(1025)
    (1, 1, 2)
    """
    return max(1, -(-size // WRITE_BLOCK))


def read_units(size: int, *, consistent: bool) -> float:
    """Units for reading `size` bytes in one go; reading nothing still costs one block.

    >>> read_units(0, consistent=True), read_units(4097, consistent=True), read_units(4097, consistent=False)
    (1.0, 2.0, 1.0)
    """
    blocks = max(1, -(-size // READ_BLOCK))
    return float(blocks) if consistent else blocks / 2


def item_size(item: Item) -> int:
    """Bytes of an item: the names and values of its attributes.

    >>> item_size({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}})
    23
    """
    return sum(text_size(name) + value_size(value) for name, value in item.items())


def value_size(value: Value) -> int:
    """Bytes of one attribute value without its name."""
    for kind, inner in value.items():
        return _SIZES[kind](inner)
    return 0


def text_size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def number_size(number: str) -> int:
    """Bytes of a number in plain decimal notation: significant digits in pairs, the halves at the point apart.

    One byte, one per started pair of significant digits before and after the point, one for a minus sign.

    >>> number_size("0"), number_size("1234"), number_size("100"), number_size("1.5"), number_size("-42")
    (1, 3, 2, 3, 3)
    """
    whole, _, fraction = number.lstrip("-").partition(".")
    whole = whole.lstrip("0")
    fraction = fraction.rstrip("0")
    if not fraction:
        whole = whole.rstrip("0")  # zeros are significant only between digits
    if not whole:
        fraction = fraction.lstrip("0")
    if not whole and not fraction:
        return 1
    return 1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2 + number.startswith("-")


def _binary_size(encoded: str) -> int:
    return len(b64decode(encoded))


def _constant_size(_: bool) -> int:
    return 1


def _list_size(values: list[Value]) -> int:
    return CONTAINER_OVERHEAD + sum(ELEMENT_OVERHEAD + value_size(value) for value in values)


def _map_size(item: Item) -> int:
    return CONTAINER_OVERHEAD + ELEMENT_OVERHEAD * len(item) + item_size(item)


def _sum_of(size: Callable[[Any], int]) -> Callable[[Any], int]:
    return lambda members: sum(map(size, members))


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": text_size,
    "N": number_size,
    "B": _binary_size,
    "BOOL": _constant_size,
    "NULL": _constant_size,
    "SS": _sum_of(text_size),
    "NS": _sum_of(number_size),
    "BS": _sum_of(_binary_size),
    "L": _list_size,
    "M": _map_size,
}
