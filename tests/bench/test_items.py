"""Putting, getting, updating and deleting items through a real client."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.accounting import Accounting, NotModelled
from tests.bench.declared import Item, index, numbers, sized, strings, table

ONE = strings(id="1")
KB = 1024


def got(dynamodb: Any, key: Item = ONE, name: str = "items", **options: Any) -> Item | None:
    found: Item | None = dynamodb.get_item(TableName=name, Key=key, **options).get("Item")
    return found


def test_what_was_put_is_got(dynamodb: Any) -> None:
    item: Item = {
        **ONE,
        "n": {"N": "12.5"},
        "b": {"B": b"\x00\xff"},
        "flag": {"BOOL": False},
        "nothing": {"NULL": True},
        "names": {"SS": ["a", "b"]},
        "m": {"M": {"l": {"L": [{"S": ""}, {"N": "-3"}]}}},
    }
    dynamodb.put_item(TableName="items", Item=item)
    assert got(dynamodb) == item
    assert got(dynamodb, ProjectionExpression="m.l[1], n") == {
        "n": {"N": "12.5"},
        "m": {"M": {"l": {"L": [{"N": "-3"}]}}},
    }
    assert got(dynamodb, strings(id="2")) is None


def test_numbers_come_back_in_one_notation(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="items", Item={**ONE, **numbers(a="0042.1200", b="1E3", c="-0", d="+7", e="1e-3")})
    assert got(dynamodb) == {**ONE, **numbers(a="42.12", b="1000", c="0", d="7", e="0.001")}


def test_a_number_key_is_the_same_however_it_is_written(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="scores", Item={**strings(player="a"), **numbers(score="10")})
    assert got(dynamodb, {**strings(player="a"), **numbers(score="1E1")}, "scores") is not None


def test_a_put_replaces_the_whole_item(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="items", Item={**ONE, **strings(a="x")})
    old = dynamodb.put_item(TableName="items", Item={**ONE, **strings(b="y")}, ReturnValues="ALL_OLD")
    assert old["Attributes"] == {**ONE, **strings(a="x")}
    assert got(dynamodb) == {**ONE, **strings(b="y")}


def test_a_delete_returns_what_was_there(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="items", Item=ONE)
    assert dynamodb.delete_item(TableName="items", Key=ONE, ReturnValues="ALL_OLD")["Attributes"] == ONE
    assert "Attributes" not in dynamodb.delete_item(TableName="items", Key=ONE, ReturnValues="ALL_OLD")
    assert got(dynamodb) is None


def test_an_update_creates_what_is_not_there(dynamodb: Any) -> None:
    dynamodb.update_item(
        TableName="items", Key=ONE, UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": {"N": "2"}}
    )
    assert got(dynamodb) == {**ONE, **numbers(n=2)}


@pytest.mark.parametrize(
    ("returns", "attributes"),
    [
        ("NONE", None),
        ("ALL_OLD", {**ONE, **numbers(n=1), **strings(other="x")}),
        ("ALL_NEW", {**ONE, **numbers(n=2, fresh=2), **strings(other="x")}),
        ("UPDATED_OLD", numbers(n=1)),
        ("UPDATED_NEW", numbers(n=2, fresh=2)),
    ],
)
def test_an_update_returns_what_is_asked(dynamodb: Any, returns: str, attributes: Item | None) -> None:
    dynamodb.put_item(TableName="items", Item={**ONE, **numbers(n=1), **strings(other="x")})
    answer = dynamodb.update_item(
        TableName="items",
        Key=ONE,
        UpdateExpression="SET n = :n, fresh = :n",
        ExpressionAttributeValues={":n": {"N": "2"}},
        ReturnValues=returns,
    )
    assert answer.get("Attributes") == attributes


def test_a_false_condition_changes_nothing_and_shows_the_item_that_stood_in_the_way(dynamodb: Any) -> None:
    stored = {**ONE, **strings(a="x")}
    dynamodb.put_item(TableName="items", Item=stored)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refusal:
        dynamodb.put_item(
            TableName="items",
            Item=ONE,
            ConditionExpression="attribute_not_exists(id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refusal.value.response["Item"] == stored
    assert refusal.value.response["Error"]["Message"] == "The conditional request failed"
    assert got(dynamodb) == stored


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (strings(a="x"), "Missing the key id in the item"),
        (strings(id=""), "empty string value. Key: id"),
        (numbers(id=1), "Type mismatch for key id expected: S actual: N"),
        (strings(id="x" * 2049), "maximum size limit of 2048 bytes"),
        ({**ONE, **numbers(n="x")}, "cannot be converted to a numeric value"),
        ({**ONE, **numbers(n="1" * 39)}, "more than 38 significant digits"),
        ({**ONE, **numbers(n="1E126")}, "magnitude larger than supported"),
        ({**ONE, **numbers(n="1E-131")}, "magnitude smaller than supported"),
        ({**ONE, "s": {"SS": []}}, "may not be empty"),
        ({**ONE, "s": {"SS": ["a", "a"]}}, "contains duplicates"),
        ({**ONE, "n": {"NULL": False}}, "must have the value of true"),
        ({**ONE, "n": {}}, "must contain exactly one of the supported datatypes"),
    ],
)
def test_items_that_dynamodb_refuses(dynamodb: Any, item: Item, reason: str) -> None:
    with pytest.raises(ClientError, match=reason) as refusal:
        dynamodb.put_item(TableName="items", Item=item)
    assert refusal.value.response["Error"]["Code"] == "ValidationException"


def test_an_unpaired_surrogate_is_not_text(dynamodb: Any) -> None:
    with pytest.raises(ClientError) as refusal:
        dynamodb.put_item(TableName="items", Item=strings(id="\ud800"))
    assert refusal.value.response["Error"]["Code"] == "SerializationException"


def test_an_item_of_400_kb_is_accepted_and_one_byte_more_is_not(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="items", Item=sized(400 * KB, ONE))
    with pytest.raises(ClientError, match="Item size has exceeded"):
        dynamodb.put_item(TableName="items", Item=sized(400 * KB + 1, ONE))
    with pytest.raises(ClientError, match="Item size to update has exceeded"):
        dynamodb.update_item(TableName="items", Key=ONE, UpdateExpression="SET a = id")


def test_nesting_ends_at_32_levels(dynamodb: Any) -> None:
    deep: dict[str, Any] = {"S": "x"}
    for _ in range(32):
        deep = {"L": [deep]}
    dynamodb.put_item(TableName="items", Item={**ONE, "deep": deep})
    with pytest.raises(ClientError, match="Nesting Levels"):
        dynamodb.put_item(TableName="items", Item={**ONE, "deep": {"L": [deep]}})


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({**ONE, **numbers(owner=1)}, "Type mismatch for Index Key owner Expected: S Actual: N IndexName: by_owner"),
        ({**ONE, **strings(owner="")}, "empty string value. IndexName: by_owner, IndexKey: owner"),
    ],
)
def test_an_attribute_that_cannot_be_an_index_key_is_refused(item: Item, reason: str) -> None:
    dynamodb = Accounting(tables=[table("t", "id", indexes=(index("by_owner", "owner", "id"),))]).client("dynamodb")
    with pytest.raises(ClientError, match=reason):
        dynamodb.put_item(TableName="t", Item=item)
    with pytest.raises(ClientError, match=reason):
        dynamodb.update_item(
            TableName="t",
            Key=ONE,
            UpdateExpression="SET #o = :o",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": item["owner"]},
        )
    dynamodb.put_item(TableName="t", Item=ONE)


@pytest.mark.parametrize("key", [{}, strings(id="1", a="2"), strings(a="1"), numbers(id=1)])
def test_a_key_must_be_exactly_the_tables(dynamodb: Any, key: Item) -> None:
    with pytest.raises(ClientError, match="provided key element does not match the schema"):
        dynamodb.delete_item(TableName="items", Key=key)


def test_a_key_cannot_be_updated(dynamodb: Any) -> None:
    with pytest.raises(ClientError, match=r"Cannot update attribute id\. This attribute is part of the key"):
        dynamodb.update_item(TableName="items", Key=ONE, UpdateExpression="REMOVE id")


def test_a_table_that_is_not_there(dynamodb: Any) -> None:
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.get_item(TableName="nowhere", Key=ONE)


def test_what_is_not_modelled_is_said_and_not_guessed(books: Accounting, dynamodb: Any) -> None:
    with pytest.raises(NotModelled, match="PutItem with Expected"):
        dynamodb.put_item(TableName="items", Item=ONE, Expected={"id": {"Exists": False}})
    with pytest.raises(NotModelled, match="DynamoDB ExecuteStatement"):
        dynamodb.execute_statement(Statement="SELECT * FROM items")
    with pytest.raises(NotModelled, match="Scan with Segment, TotalSegments"):
        dynamodb.scan(TableName="items", Segment=0, TotalSegments=2)
    assert books.items("items") == []


def test_tables_are_created_and_described(dynamodb: Any) -> None:
    declared = table("made", "id", "n", indexes=(index("by_owner", "owner"),), n="N")
    assert dynamodb.create_table(**declared)["TableDescription"]["TableStatus"] == "ACTIVE"
    dynamodb.put_item(TableName="made", Item={**strings(id="1"), **numbers(n=1)})
    described = dynamodb.describe_table(TableName="made")["Table"]
    assert {name: described[name] for name in ("KeySchema", "AttributeDefinitions", "ItemCount")} == {
        "KeySchema": declared["KeySchema"],
        "AttributeDefinitions": declared["AttributeDefinitions"],
        "ItemCount": 1,
    }
    assert described["GlobalSecondaryIndexes"][0]["IndexName"] == "by_owner"
    with pytest.raises(dynamodb.exceptions.ResourceInUseException):
        dynamodb.create_table(**declared)
    other = table("other", "id")
    other["AttributeDefinitions"].append({"AttributeName": "unused", "AttributeType": "S"})
    with pytest.raises(ClientError, match="AttributeDefinitions are not used"):
        dynamodb.create_table(**other)


def test_tables_are_listed_and_their_settings_accepted(dynamodb: Any) -> None:
    pages = dynamodb.get_paginator("list_tables").paginate()
    assert [name for page in pages for name in page["TableNames"]] == ["entries", "items", "runs", "scores"]
    ttl = {"Enabled": True, "AttributeName": "expires_at"}
    answer = dynamodb.update_time_to_live(TableName="items", TimeToLiveSpecification=ttl)
    assert answer["TimeToLiveSpecification"] == ttl
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName="items", PointInTimeRecoverySpecification=recovery)
    dynamodb.get_waiter("table_exists").wait(TableName="items")


def test_batches_write_and_read(dynamodb: Any) -> None:
    items = [strings(id=str(number)) for number in range(25)]
    puts = [{"PutRequest": {"Item": item}} for item in items]
    assert dynamodb.batch_write_item(RequestItems={"items": puts})["UnprocessedItems"] == {}
    dynamodb.batch_write_item(RequestItems={"items": [{"DeleteRequest": {"Key": items[0]}}]})
    found = dynamodb.batch_get_item(RequestItems={"items": {"Keys": items, "ConsistentRead": True}})
    assert found["UnprocessedKeys"] == {}
    assert sorted(item["id"]["S"] for item in found["Responses"]["items"]) == sorted(map(str, range(1, 25)))
    assert found["Responses"]["items"] != items[1:], "the order must not be the one asked for"


def test_batches_have_limits(dynamodb: Any) -> None:
    puts = [{"PutRequest": {"Item": strings(id=str(number))}} for number in range(26)]
    with pytest.raises(ClientError, match="less than or equal to 25"):
        dynamodb.batch_write_item(RequestItems={"items": puts})
    with pytest.raises(ClientError, match="contains duplicates"):
        dynamodb.batch_write_item(RequestItems={"items": [puts[0], {"DeleteRequest": {"Key": strings(id="0")}}]})
    keys = [strings(id=str(number)) for number in range(101)]
    with pytest.raises(ClientError, match="Too many items requested"):
        dynamodb.batch_get_item(RequestItems={"items": {"Keys": keys}})
    with pytest.raises(ClientError, match="contains duplicates"):
        dynamodb.batch_get_item(RequestItems={"items": {"Keys": [ONE, ONE]}})


def test_a_batch_get_answers_at_most_16_mb(dynamodb: Any) -> None:
    keys = [strings(id=str(number)) for number in range(42)]
    for key in keys:
        dynamodb.put_item(TableName="items", Item=sized(400 * KB, key))
    found = dynamodb.batch_get_item(RequestItems={"items": {"Keys": keys, "ProjectionExpression": "id"}})
    left = found["UnprocessedKeys"]["items"]
    assert (len(found["Responses"]["items"]), len(left["Keys"])) == (41, 1)
    assert left["ProjectionExpression"] == "id"
