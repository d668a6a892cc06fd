"""Sizes to the byte. Sources: AWS's Developer Guide, and captures of DynamoDB itself where the guide is approximate."""

from __future__ import annotations

import pytest

from bench.accounting.items.sizes import item_size, read_units, value_size, write_units
from bench.accounting.items.values import number
from tests.bench.declared import strings

# paritysuite/dynamodb-conformance, src/item-size.ts: each measured against eu-west-2 on 2026-08-18 by an accept and
# refuse pair at the 400 KB gate. The guide's "approximately 1 byte per two significant digits + 1" fits most of them.
CAPTURED = {
    "0": 1,
    "1": 2,
    "12": 2,
    "123": 3,
    "1234": 3,
    "12345678901234567890123456789012345678": 20,
    "0042": 2,
    "100": 2,
    "1010": 3,
    "0.0000001": 2,
    "1E125": 2,
    "1E-100": 2,
    "1.5": 3,
    "15": 2,
    "1.200": 3,
    "1.234": 4,
    "3.14159": 5,
    "123456": 4,
    "100.5": 4,
    "0.15": 2,
    "-42": 3,
    "-0": 1,
}


@pytest.mark.parametrize(("literal", "size"), CAPTURED.items())
def test_a_number_is_as_large_as_dynamodb_measured_it(literal: str, size: int) -> None:
    assert value_size({"N": number(literal)}) == size


def test_the_guides_shirt_is_23_bytes() -> None:
    """Developer Guide, "Quotas in Amazon DynamoDB" (ServiceQuotas.html), item size: the example with two attributes."""
    assert item_size({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}}) == 23


@pytest.mark.parametrize(
    ("value", "size"),
    [
        # Developer Guide, "DynamoDB item sizes and formats" (CapacityUnitCalculations.html), rule by rule
        ({"S": "Ä€😀"}, 2 + 3 + 4),
        ({"B": "AAECAwQ="}, 5),
        ({"NULL": True}, 1),
        ({"BOOL": False}, 1),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "abc"}, {"N": "7"}]}, 3 + (1 + 3) + (1 + 2)),
        ({"M": {"key": {"S": "value"}}}, 3 + 1 + 3 + 5),
        ({"M": {"a": {"L": [{"BOOL": True}]}}}, 3 + 1 + 1 + (3 + 1 + 1)),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "1234"]}, 2 + 3),
        ({"BS": ["AAE=", "AA=="]}, 3),
    ],
)
def test_a_value_is_as_large_as_the_guide_says(value: dict[str, object], size: int) -> None:
    assert value_size(value) == size


def test_names_count_in_utf8() -> None:
    assert item_size(strings(größe="M")) == 7 + 1


@pytest.mark.parametrize(("size", "units"), [(0, 1), (500, 1), (1024, 1), (1025, 2), (3584, 4), (409_600, 400)])
def test_a_write_unit_is_a_started_kilobyte(size: int, units: int) -> None:
    """Developer Guide, "DynamoDB read and write operations": 500 bytes round up to 1 KB, 3.5 KB to 4 KB."""
    assert write_units(size) == units


@pytest.mark.parametrize(("size", "consistent", "units"), [(0, True, 1), (3500, True, 1), (10_240, True, 3)])
def test_a_read_unit_is_a_started_four_kilobytes(size: int, consistent: bool, units: float) -> None:
    """Developer Guide, "DynamoDB read and write operations": 3,500 bytes read as 4 KB, 10 KB as 12 KB."""
    assert read_units(size, consistent=consistent) == units
    assert read_units(size, consistent=not consistent) == units / 2
