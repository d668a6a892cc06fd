"""What writes cost the indexes: Developer Guide, "Using Global Secondary Indexes in DynamoDB" (GSI.html).

Where the guide leaves sizes open, the figures are those that nubo-db/dynoxide captured from DynamoDB
(src/actions/index_capacity.rs).
"""

from __future__ import annotations

from typing import Any

import pytest

from bench.accounting import Accounting
from tests.bench.declared import Item, index, sized, strings, table

PROJECTED = table(
    "t", "pk", "sk", indexes=(index("included", "g", projection="INCLUDE", include=("proj",)), index("all", "h"))
)


@pytest.fixture
def books() -> Accounting:
    return Accounting(tables=[PROJECTED])


def entry(size: int, **others: str) -> Item:
    """An item whose entry in `included` is `size` bytes: pk, sk, g and proj."""
    keys = strings(pk="a", sk="1", **others)
    taken = len("pk") + len("sk") + len("proj") + 2 + sum(len(n) + len(v) for n, v in others.items() if n == "g")
    return {**keys, "proj": {"S": "x" * (size - taken)}}


def index_units(books: Accounting, dynamodb: Any, *items: Item | None, name: str = "included") -> float:
    """What the last of some writes to one item cost an index; none deletes it."""
    for item in items:
        books.reset()
        if item is None:
            dynamodb.delete_item(TableName="t", Key=strings(pk="a", sk="1"))
        else:
            dynamodb.put_item(TableName="t", Item=item)
    return books.units(index=name).write


@pytest.mark.parametrize(
    ("writes", "units"),
    [
        # GSI, "write capacity units", the five rules in their order
        pytest.param([entry(100, g="A")], 1, id="a new item with the indexed attribute"),
        pytest.param([strings(pk="a", sk="1"), entry(100, g="A")], 1, id="an attribute that was undefined before"),
        pytest.param([entry(100, g="A"), entry(100, g="B")], 2, id="the indexed key changes from A to B"),
        pytest.param([entry(100, g="A"), entry(100)], 1, id="the indexed attribute is deleted"),
        pytest.param([entry(100), entry(200)], 0, id="not in the index before or after"),
        pytest.param([entry(100, g="A"), entry(200, g="A")], 1, id="only projected attributes change"),
        # captured sizes: S4, S5, S6, S2, S3, R2, R3, V2
        pytest.param([entry(1517, g="A"), entry(1517, g="B")], 4, id="a move of 1,517 bytes"),
        pytest.param([entry(3017, g="A"), entry(18, g="B")], 4, id="a move from 3,017 bytes to 18"),
        pytest.param([entry(3017, g="A"), None], 3, id="a delete of 3,017 bytes"),
        pytest.param([entry(3017, g="A"), entry(18, g="A")], 3, id="shrinking in place"),
        pytest.param([entry(18, g="A"), entry(3020, g="A")], 3, id="growing in place"),
        pytest.param([entry(1517, g="A"), entry(1518, g="A")], 2, id="in place, 1,517 bytes"),
        pytest.param([entry(2017, g="A"), entry(117, g="A")], 2, id="shrinking across one boundary"),
        pytest.param([entry(100, g="A"), entry(100, g="A")], 0, id="an identical overwrite"),
    ],
)
def test_an_index_is_charged_by_the_change_of_its_entry(
    books: Accounting, writes: list[Item | None], units: float
) -> None:
    assert index_units(books, books.client("dynamodb"), *writes) == units


def test_what_is_not_projected_costs_the_index_nothing(books: Accounting) -> None:
    """Capture S1: 3,023 bytes of item with 18 bytes projected are 3 for the table, 1 for the index."""
    dynamodb = books.client("dynamodb")
    small = entry(18, g="A", h="B")
    assert index_units(books, dynamodb, {**small, **strings(other="x" * 3000)}) == 1
    assert books.units(index="all").write == 3
    assert index_units(books, dynamodb, {**small, **strings(other="y" * 3000)}) == 0
    assert books.units(index="all").write == 3
    assert books.units(target="t").write == 6


def test_in_a_transaction_only_the_table_costs_twice(books: Accounting) -> None:
    """Measured (nubo-db/dynoxide #188): the factor of two is the table's; an index costs what it costs elsewhere."""
    dynamodb = books.client("dynamodb")
    index_units(books, dynamodb, entry(100, g="A"))
    books.reset()
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": entry(100, g="B")}}])
    assert books.units(index="included").write == 2
    assert books.units().write == 2 + 2


def test_a_keys_only_index_is_not_touched_by_other_attributes() -> None:
    books = Accounting(tables=[table("r", "id", indexes=(index("keys", "owner", projection="KEYS_ONLY"),))])
    client = books.client("dynamodb")
    client.put_item(TableName="r", Item=sized(3000, strings(id="1", owner="o")))
    assert (books.units(index="keys").write, books.units().write) == (1, 4)
    books.reset()
    client.update_item(TableName="r", Key=strings(id="1"), UpdateExpression="REMOVE p")
    assert (books.units(index="keys").write, books.units().write) == (0, 3)


def test_a_query_of_an_index_reads_its_entries(books: Accounting) -> None:
    """GSI, "read capacity units": eight entries of 2,000 bytes are 16,000 bytes, 0.5 x (16 KB / 4 KB) = 2 units."""
    dynamodb = books.client("dynamodb")
    for number in range(8):
        item = {**strings(pk="a", sk=str(number), g="A", ignored="x" * 9000)}
        keys = 2 + 2 + 1 + 3
        dynamodb.put_item(TableName="t", Item={**item, "proj": {"S": "x" * (2000 - keys - len("proj"))}})
    books.reset()
    found = dynamodb.query(
        TableName="t",
        IndexName="included",
        KeyConditionExpression="g = :g",
        ExpressionAttributeValues={":g": {"S": "A"}},
    )
    assert found["Count"] == 8
    assert "ignored" not in found["Items"][0]
    assert books.units(index="included").read == 2
    assert books.units().read == 2
