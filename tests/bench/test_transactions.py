"""TransactWriteItems through a real client: all or nothing, with reasons, once per token."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.accounting import Accounting
from tests.bench.declared import Clock, Item, numbers, sized, strings

KB = 1024


def put(item: Item, **options: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "items", "Item": item, **options}}


def on(kind: str, key: Item, **options: Any) -> dict[str, Any]:
    return {kind: {"TableName": "items", "Key": key, **options}}


def test_all_actions_are_performed(books: Accounting, dynamodb: Any) -> None:
    books.seed("items", [strings(id="gone"), {**strings(id="counted"), **numbers(n=1)}, strings(id="checked")])
    dynamodb.transact_write_items(
        TransactItems=[
            put(strings(id="new"), ConditionExpression="attribute_not_exists(id)"),
            on(
                "Update",
                strings(id="counted"),
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            ),
            on("Delete", strings(id="gone")),
            on("ConditionCheck", strings(id="checked"), ConditionExpression="attribute_exists(id)"),
        ]
    )
    left = sorted(books.items("items"), key=lambda item: item["id"]["S"])
    assert left == [strings(id="checked"), {**strings(id="counted"), **numbers(n=2)}, strings(id="new")]


def test_one_false_condition_cancels_everything_and_says_which(books: Accounting, dynamodb: Any) -> None:
    stored = strings(id="1", a="x")
    books.seed("items", [stored])
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as refusal:
        dynamodb.transact_write_items(
            TransactItems=[
                put(strings(id="2")),
                put(
                    strings(id="1"),
                    ConditionExpression="attribute_not_exists(id)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ),
                on("ConditionCheck", strings(id="3"), ConditionExpression="attribute_exists(id)"),
                on("Update", strings(id="4"), UpdateExpression="SET a = b"),
            ]
        )
    reasons = refusal.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == [
        "None",
        "ConditionalCheckFailed",
        "ConditionalCheckFailed",
        "ValidationError",
    ]
    assert reasons[1]["Item"] == stored
    assert "Item" not in reasons[2]
    assert "[None, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError]" in str(refusal.value)
    assert books.items("items") == [stored]


def test_a_token_makes_a_repetition_harmless_for_ten_minutes(books: Accounting, dynamodb: Any, clock: Clock) -> None:
    def add(by: str = "1") -> str:
        action = on("Update", strings(id="1"), UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": {"N": by}})
        dynamodb.transact_write_items(TransactItems=[action], ClientRequestToken="token")
        return str(books.items("items")[0]["n"]["N"])

    assert add() == "1"
    clock.move(minutes=9, seconds=59)
    assert add() == "1"
    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        add("2")
    clock.move(seconds=1)
    assert add() == "2"


def test_botocore_gives_each_call_a_token_of_its_own(books: Accounting, dynamodb: Any) -> None:
    for _ in range(2):
        dynamodb.transact_write_items(
            TransactItems=[
                on("Update", strings(id="1"), UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": {"N": "1"}})
            ]
        )
    assert books.items("items") == [{**strings(id="1"), **numbers(n=2)}]


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        ([put(strings(id=str(number))) for number in range(101)], "less than or equal to 100"),
        ([put(strings(id="1")), on("Delete", strings(id="1"))], "multiple operations on one item"),
        ([{**put(strings(id="1")), **on("Delete", strings(id="2"))}], "can only contain one of"),
        ([put(strings(id=str(number))) for number in range(5)] + [put(strings(id=""))], "empty string value"),
        ([put(sized(400 * KB, strings(id=f"{number:02}"))) for number in range(11)], "exceeding the 4MB limit"),
    ],
)
def test_transactions_that_are_refused(
    books: Accounting, dynamodb: Any, actions: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        dynamodb.transact_write_items(TransactItems=actions)
    assert books.items("items") == []
