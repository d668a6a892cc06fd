"""What calls cost, by the worked examples of AWS's documentation. Each test names the page its figures come from.

RW = Developer Guide, "DynamoDB read and write operations" (read-write-operations.html), formerly
"Provisioned throughput: item sizes and capacity unit consumption" (ProvisionedThroughput.html);
GSI = "Using Global Secondary Indexes in DynamoDB" (GSI.html);
TX = "Amazon DynamoDB Transactions: How it works" (transaction-apis.html).
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.accounting import Accounting
from tests.bench.declared import numbers, sized, strings

KB = 1024
ONE = strings(id="1")


def put(dynamodb: Any, size: int, **keys: str) -> None:
    dynamodb.put_item(TableName="items", Item=sized(size, strings(**(keys or {"id": "1"}))))


@pytest.mark.parametrize(
    ("size", "consistent", "units"),
    [(3500, True, 1), (3500, False, 0.5), (8 * KB, True, 2), (8 * KB, False, 1), (10 * KB, True, 3)],
)
def test_get_rounds_one_item_up(books: Accounting, dynamodb: Any, size: int, consistent: bool, units: float) -> None:
    """RW: a 3,500-byte item reads as 4 KB, 8 KB take 2 units or 1 eventually consistent, 10 KB round up to 12."""
    put(dynamodb, size)
    books.reset()
    dynamodb.get_item(TableName="items", Key=ONE, ConsistentRead=consistent)
    assert books.units().read == units
    assert books.units().write == 0


def test_reading_what_is_not_there_costs_the_smallest_read(books: Accounting, dynamodb: Any) -> None:
    """RW: "If you perform a read operation on an item that doesn't exist, DynamoDB will still consume"."""
    dynamodb.get_item(TableName="items", Key=ONE, ConsistentRead=True)
    dynamodb.get_item(TableName="items", Key=ONE)
    assert books.units().read == 1.5


@pytest.mark.parametrize(("consistent", "units"), [(True, 1), (False, 0.5)])
def test_a_query_that_finds_nothing_costs_the_smallest_read(
    books: Accounting, dynamodb: Any, consistent: bool, units: float
) -> None:
    """RW: Query and Scan are charged by their read consistency "even if no data exists"."""
    dynamodb.query(
        TableName="entries",
        KeyConditionExpression="#p = :w",
        ExpressionAttributeNames={"#p": "partition"},
        ExpressionAttributeValues={":w": {"S": "nobody"}},
        ConsistentRead=consistent,
    )
    dynamodb.scan(TableName="entries", ConsistentRead=consistent)
    assert [charge.read for call in books.ledger for charge in call.charges] == [units, units]


@pytest.mark.parametrize(("consistent", "units"), [(True, 1 + 2 + 1), (False, 0.5 + 1 + 0.5)])
def test_batch_get_charges_each_key_also_where_nothing_is(
    books: Accounting, dynamodb: Any, consistent: bool, units: float
) -> None:
    """RW: DynamoDB processes each of a BatchGetItem as an individual GetItem; half where it may be stale."""
    put(dynamodb, 1536, id="a")
    put(dynamodb, 6656, id="b")
    books.reset()
    keys = [strings(id=name) for name in ("a", "b", "nobody")]
    dynamodb.batch_get_item(RequestItems={"items": {"Keys": keys, "ConsistentRead": consistent}})
    assert books.units().read == units


def test_batch_get_rounds_each_item_up(books: Accounting, dynamodb: Any) -> None:
    """RW: 1.5 KB and 6.5 KB are 4 + 8 = 12 KB in a BatchGetItem, not 8."""
    put(dynamodb, 1536, id="a")
    put(dynamodb, 6656, id="b")
    books.reset()
    keys = [strings(id="a"), strings(id="b")]
    dynamodb.batch_get_item(RequestItems={"items": {"Keys": keys, "ConsistentRead": True}})
    assert books.units().read == 3


def test_query_rounds_the_sum_up(books: Accounting, dynamodb: Any) -> None:
    """RW: a query whose ten items add up to 40.8 KB reads 44 KB; 1.5 KB and 6.5 KB would be 8."""
    for number in range(10):
        size = 4178 if number else 4179  # 41,781 bytes are 40.8 KB
        dynamodb.put_item(TableName="entries", Item=sized(size, strings(partition="w", entry=str(number))))
    books.reset()
    ask = {"TableName": "entries", "KeyConditionExpression": "#p = :w", "ExpressionAttributeNames": {"#p": "partition"}}
    dynamodb.query(**ask, ExpressionAttributeValues={":w": {"S": "w"}}, ConsistentRead=True)
    assert books.units().read == 11


def test_count_filter_and_projection_do_not_make_a_query_cheaper(books: Accounting, dynamodb: Any) -> None:
    """RW: a subset of attributes or a count "has no impact on the item size calculations"."""
    for number in range(3):
        dynamodb.put_item(TableName="entries", Item=sized(4 * KB, strings(partition="w", entry=str(number))))
    books.reset()
    ask = {
        "TableName": "entries",
        "KeyConditionExpression": "#p = :w",
        "ExpressionAttributeNames": {"#p": "partition"},
        "ExpressionAttributeValues": {":w": {"S": "w"}},
        "ConsistentRead": True,
    }
    dynamodb.query(**ask, Select="COUNT")
    dynamodb.query(**ask, ProjectionExpression="entry")
    dynamodb.query(
        **{**ask, "ExpressionAttributeValues": {":w": {"S": "w"}, ":n": {"S": "n"}}}, FilterExpression="a=:n"
    )
    assert [charge.read for call in books.ledger for charge in call.charges] == [3, 3, 3]


def test_scan_charges_what_it_read(books: Accounting, dynamodb: Any) -> None:
    """RW: Scan is charged by the size of the items evaluated, not of those returned."""
    for number in range(1500):
        books.seed("items", [sized(64, strings(id=f"{number:04}"))])
    dynamodb.scan(TableName="items", ConsistentRead=True)
    assert books.units().read == 24  # 96,000 bytes in blocks of 4 KB


def test_put_costs_the_larger_of_the_old_and_the_new_item(books: Accounting, dynamodb: Any) -> None:
    """RW: when an item is replaced, "the item size that matters is the larger of the two"."""
    for size in (500, 3584, 500):
        put(dynamodb, size)
    assert [charge.write for call in books.ledger for charge in call.charges] == [1, 4, 4]


def test_update_costs_the_larger_of_before_and_after(books: Accounting, dynamodb: Any) -> None:
    """RW: UpdateItem is charged by "the larger of these item sizes", even for a part of the attributes."""
    put(dynamodb, 2 * KB)
    books.reset()
    dynamodb.update_item(
        TableName="items", Key=ONE, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "1"}}
    )
    dynamodb.update_item(TableName="items", Key=ONE, UpdateExpression="REMOVE p")
    assert [charge.write for call in books.ledger for charge in call.charges] == [3, 3]


def test_delete_costs_the_size_of_what_is_deleted_and_at_least_one(books: Accounting, dynamodb: Any) -> None:
    """RW: DeleteItem "uses the size of the deleted item"; deleting what is not there costs one."""
    put(dynamodb, 2100)
    books.reset()
    dynamodb.delete_item(TableName="items", Key=ONE)
    dynamodb.delete_item(TableName="items", Key=ONE)
    assert [charge.write for call in books.ledger for charge in call.charges] == [3, 1]


def test_batch_write_rounds_each_item_up(books: Accounting, dynamodb: Any) -> None:
    """RW: a BatchWriteItem of 500 bytes and 3.5 KB writes 5 KB (1 + 4), not 4."""
    items = [sized(500, strings(id="a")), sized(3584, strings(id="b"))]
    dynamodb.batch_write_item(RequestItems={"items": [{"PutRequest": {"Item": item}} for item in items]})
    assert books.units().write == 5


def test_a_failed_condition_costs_the_larger_item(books: Accounting, dynamodb: Any) -> None:
    """RW: with 300 KB stored and 310 KB attempted, a condition that is false consumes the units of 310 KB."""
    put(dynamodb, 300 * KB)
    books.reset()
    attempt = sized(310 * KB, ONE)
    with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
        dynamodb.put_item(TableName="items", Item=attempt, ConditionExpression="attribute_not_exists(id)")
    assert books.units().write == 310
    assert books.ledger[0].error == "ConditionalCheckFailedException"


@pytest.mark.parametrize(("size", "units"), [(1 * KB, 1), (2 * KB, 2)])
def test_a_failed_condition_on_an_existing_item_costs_its_size(
    books: Accounting, dynamodb: Any, size: int, units: int
) -> None:
    """Developer Guide, "Working with items" (WorkingWithItems.html), capacity units consumed by conditional writes."""
    put(dynamodb, size)
    books.reset()
    with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
        dynamodb.delete_item(TableName="items", Key=ONE, ConditionExpression="attribute_exists(a)")
    assert books.units().write == units


def test_a_failed_condition_on_nothing_costs_one(books: Accounting, dynamodb: Any) -> None:
    """WorkingWithItems.html: if the item does not exist, a failed condition consumes one write unit."""
    with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
        dynamodb.update_item(
            TableName="items",
            Key=ONE,
            UpdateExpression="SET a = b",  # could not be computed either; the condition comes first
            ConditionExpression="attribute_exists(id)",
        )
    assert books.units().write == 1


def test_a_refused_request_costs_nothing(books: Accounting, dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="reserved keyword"):
        dynamodb.delete_item(TableName="items", Key=ONE, ConditionExpression="attribute_exists(owner)")
    assert books.units().write == 0
    assert books.count() == 1


def test_a_transaction_costs_twice(books: Accounting, dynamodb: Any) -> None:
    """TX: a transaction that writes three 500-byte items takes six write units."""
    items = [sized(500, strings(id=str(number))) for number in range(3)]
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "items", "Item": item}} for item in items])
    assert books.units().write == 6


def test_a_condition_check_and_a_delete_in_a_transaction_are_writes_of_what_is_stored(
    books: Accounting, dynamodb: Any
) -> None:
    """Measured (nubo-db/dynoxide #188): deleting 3 KB takes 6 units; a check is charged by the item that it read."""
    put(dynamodb, 3 * KB, id="a")
    put(dynamodb, 1536, id="b")
    books.reset()
    check = {"TableName": "items", "Key": strings(id="b"), "ConditionExpression": "attribute_exists(id)"}
    delete = {"TableName": "items", "Key": strings(id="a")}
    dynamodb.transact_write_items(TransactItems=[{"Delete": delete}, {"ConditionCheck": check}])
    assert [charge.write for charge in books.ledger[0].charges] == [6, 4]


def test_a_repeated_transaction_is_charged_as_a_read(books: Accounting, dynamodb: Any) -> None:
    """TX: a call with the same token "returns the number of read capacity units"; 1.5 KB: 4 written, 2 read (#74)."""
    ask = {
        "TransactItems": [{"Put": {"TableName": "items", "Item": sized(1536, ONE)}}],
        "ClientRequestToken": "t",
        "ReturnConsumedCapacity": "TOTAL",
    }
    first, again = dynamodb.transact_write_items(**ask), dynamodb.transact_write_items(**ask)
    assert first["ConsumedCapacity"] == [{"TableName": "items", "CapacityUnits": 4, "WriteCapacityUnits": 4}]
    assert again["ConsumedCapacity"] == [{"TableName": "items", "CapacityUnits": 2, "ReadCapacityUnits": 2}]


def test_a_cancelled_transaction_is_charged(books: Accounting, dynamodb: Any) -> None:
    put(dynamodb, 500)
    books.reset()
    check = {"TableName": "items", "Key": ONE, "ConditionExpression": "attribute_not_exists(id)"}
    put_other = {"TableName": "items", "Item": strings(id="2")}
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        dynamodb.transact_write_items(TransactItems=[{"Put": put_other}, {"ConditionCheck": check}])
    assert books.units().write == 4


def test_consumed_capacity_is_reported_when_asked_for(books: Accounting, dynamodb: Any) -> None:
    answer = dynamodb.put_item(
        TableName="runs",
        Item=strings(task_id="t", due_key="1", feed="o", owner="o"),
        ReturnConsumedCapacity="INDEXES",
    )
    assert answer["ConsumedCapacity"] == {
        "TableName": "runs",
        "CapacityUnits": 3,
        "Table": {"CapacityUnits": 1},
        "GlobalSecondaryIndexes": {"feed": {"CapacityUnits": 1}, "by_owner": {"CapacityUnits": 1}},
    }
    read = dynamodb.get_item(
        TableName="scores", Key={**strings(player="a"), **numbers(score=1)}, ReturnConsumedCapacity="TOTAL"
    )
    assert read["ConsumedCapacity"] == {"TableName": "scores", "CapacityUnits": 0.5}
