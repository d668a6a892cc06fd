"""Query and Scan through a real client: order, conditions, pages, filters, indexes."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bench.accounting import Accounting
from tests.bench.declared import Item, index, numbers, sized, strings, table

KB = 1024


@pytest.fixture
def scores(books: Accounting, dynamodb: Any) -> Any:
    """Scores of two players; their order as text would be another than as numbers."""
    for player, points in {"a": (9, 10, -1, 100, 2.5), "b": (7,)}.items():
        books.seed("scores", [{**strings(player=player, odd=str(p)), **numbers(score=p)} for p in points])
    return dynamodb


def found(dynamodb: Any, condition: str, **options: Any) -> list[str]:
    """The scores that a query finds, in its order."""
    values = {":p": {"S": "a"}, ":x": {"N": "9"}, ":y": {"N": "10.0"}}
    options.setdefault(
        "ExpressionAttributeValues", {name: value for name, value in values.items() if name in condition}
    )
    answer = dynamodb.query(TableName="scores", KeyConditionExpression=condition, **options)
    return [item["score"]["N"] for item in answer["Items"]]


@pytest.mark.parametrize(
    ("condition", "scores_found"),
    [
        ("player = :p", ["-1", "2.5", "9", "10", "100"]),
        ("player = :p AND score = :x", ["9"]),
        ("score < :x AND player = :p", ["-1", "2.5"]),
        ("player = :p AND score <= :x", ["-1", "2.5", "9"]),
        ("(player = :p AND score > :x)", ["10", "100"]),
        ("player = :p AND (score >= :x)", ["9", "10", "100"]),
        ("player = :p AND score BETWEEN :x AND :y", ["9", "10"]),
    ],
)
def test_a_query_reads_one_stretch_in_order(scores: Any, condition: str, scores_found: list[str]) -> None:
    assert found(scores, condition) == scores_found
    assert found(scores, condition, ScanIndexForward=False) == scores_found[::-1]


def test_a_query_finds_what_begins_with(books: Accounting, dynamodb: Any) -> None:
    for entry in ("1", "10", "1#", "2", "1￿", "0"):
        books.seed("entries", [strings(partition="w", entry=entry)])
    answer = dynamodb.query(
        TableName="entries",
        KeyConditionExpression="#p = :w AND begins_with(entry, :one)",
        ExpressionAttributeNames={"#p": "partition"},
        ExpressionAttributeValues={":w": {"S": "w"}, ":one": {"S": "1"}},
    )
    assert [item["entry"]["S"] for item in answer["Items"]] == ["1", "1#", "10", "1￿"]


@pytest.mark.parametrize("forward", [True, False])
def test_pages_put_together_are_the_whole(scores: Any, forward: bool) -> None:
    pages: list[list[str]] = []
    start: dict[str, Any] = {}
    while True:
        answer = scores.query(
            TableName="scores",
            KeyConditionExpression="player = :p",
            ExpressionAttributeValues={":p": {"S": "a"}},
            ScanIndexForward=forward,
            Limit=2,
            **start,
        )
        pages.append([item["score"]["N"] for item in answer["Items"]])
        if "LastEvaluatedKey" not in answer:
            break
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    whole = ["-1", "2.5", "9", "10", "100"]
    assert [score for page in pages for score in page] == (whole if forward else whole[::-1])
    assert list(map(len, pages)) == [2, 2, 1]


def test_a_limit_met_by_the_last_item_still_says_there_may_be_more(scores: Any) -> None:
    """Developer Guide, "Paginating table query results": only an absent LastEvaluatedKey means that all was read."""
    ask = {
        "TableName": "scores",
        "KeyConditionExpression": "player = :p",
        "ExpressionAttributeValues": {":p": {"S": "b"}},
        "Limit": 1,
    }
    first = scores.query(**ask)
    assert first["LastEvaluatedKey"] == {**strings(player="b"), **numbers(score=7)}
    second = scores.query(**ask, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert (second["Count"], "LastEvaluatedKey" in second) == (0, False)


def test_a_page_ends_at_a_megabyte_and_the_next_begins_there_though_its_key_is_gone(
    books: Accounting, dynamodb: Any
) -> None:
    books.seed("entries", [sized(300 * KB, strings(partition="w", entry=str(number))) for number in range(4)])
    ask = {
        "TableName": "entries",
        "KeyConditionExpression": "#p = :w",
        "ExpressionAttributeNames": {"#p": "partition"},
        "ExpressionAttributeValues": {":w": {"S": "w"}},
    }
    first = dynamodb.query(**ask)
    assert first["Count"] == 3
    dynamodb.delete_item(TableName="entries", Key=first["LastEvaluatedKey"])
    rest = dynamodb.query(**ask, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [item["entry"]["S"] for item in rest["Items"]] == ["3"]


def test_a_filter_drops_what_was_read(scores: Any) -> None:
    answer = scores.query(
        TableName="scores",
        KeyConditionExpression="player = :p",
        FilterExpression="begins_with(odd, :one)",
        ProjectionExpression="odd",
        ExpressionAttributeValues={":p": {"S": "a"}, ":one": {"S": "1"}},
        Limit=4,
    )
    assert (answer["Items"], answer["Count"], answer["ScannedCount"]) == ([strings(odd="10")], 1, 4)


def test_a_count_has_no_items(scores: Any) -> None:
    values = {":p": {"S": "a"}}
    answer = scores.query(
        TableName="scores",
        KeyConditionExpression="player = :p",
        ExpressionAttributeValues=values,
        Select="COUNT",
    )
    assert (answer["Count"], "Items" in answer) == (5, False)


def test_an_index_holds_only_items_with_its_keys_in_its_own_order(books: Accounting, dynamodb: Any) -> None:
    for task, due, feed in (("t1", "3", "o"), ("t2", "1", "o"), ("t3", "2", None), ("t4", "1", "o"), ("t5", "1", "q")):
        books.seed("runs", [strings(task_id=task, due_key=due, status="x", **({"feed": feed} if feed else {}))])
    ask = {
        "TableName": "runs",
        "IndexName": "feed",
        "KeyConditionExpression": "feed = :o",
        "ExpressionAttributeValues": {":o": {"S": "o"}},
        "Limit": 1,
    }
    seen: list[Item] = []
    start: dict[str, Any] = {}
    for _ in range(3):
        answer = dynamodb.query(**ask, **start)
        seen += answer["Items"]
        assert answer["LastEvaluatedKey"] == answer["Items"][0]
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert [item["due_key"]["S"] for item in seen] == ["1", "1", "3"]
    assert {item["task_id"]["S"] for item in seen} == {"t1", "t2", "t4"}
    assert seen[0].keys() == {"task_id", "due_key", "feed"}, "KEYS_ONLY"


def test_an_index_follows_every_kind_of_write(books: Accounting, dynamodb: Any) -> None:
    def owned(owner: str) -> list[str]:
        answer = dynamodb.query(
            TableName="runs",
            IndexName="by_owner",
            KeyConditionExpression="#o = :o",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": {"S": owner}},
        )
        return [item.get("note", {}).get("S", "") for item in answer["Items"]]

    key = strings(task_id="t", due_key="1")
    dynamodb.put_item(TableName="runs", Item={**key, **strings(owner="o", note="a")})
    assert owned("o") == ["a"]
    change = {"TableName": "runs", "Key": key, "ExpressionAttributeNames": {"#o": "owner"}}
    dynamodb.update_item(**change, UpdateExpression="SET #o = :p", ExpressionAttributeValues={":p": {"S": "p"}})
    assert (owned("o"), owned("p")) == ([], ["a"])
    dynamodb.update_item(**change, UpdateExpression="REMOVE #o")
    assert owned("p") == []
    dynamodb.put_item(TableName="runs", Item={**key, **strings(owner="o", note="b")})
    dynamodb.delete_item(TableName="runs", Key=key)
    assert owned("o") == []


def test_a_scan_reads_everything_page_by_page_in_an_order_of_its_own(books: Accounting, dynamodb: Any) -> None:
    ids = [f"{number:03}" for number in range(20)]
    books.seed("items", [strings(id=one) for one in ids])
    seen: list[str] = []
    start: dict[str, Any] = {}
    while True:
        answer = dynamodb.scan(TableName="items", Limit=3, **start)
        seen += [item["id"]["S"] for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            break
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        dynamodb.delete_item(TableName="items", Key=answer["LastEvaluatedKey"])
    assert sorted(seen) == ids
    assert seen != ids


def test_a_scan_of_an_index_filters_by_keys_too(books: Accounting, dynamodb: Any) -> None:
    books.seed("runs", [strings(task_id="t", due_key="1", feed="o"), strings(task_id="t", due_key="2")])
    answer = dynamodb.scan(
        TableName="runs",
        IndexName="feed",
        FilterExpression="task_id = :t",
        ExpressionAttributeValues={":t": {"S": "t"}},
    )
    assert answer["Items"] == [strings(task_id="t", due_key="1", feed="o")]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "KeyConditionExpression parameter must be specified"),
        ({"KeyConditionExpression": "score = :n"}, "missed key schema element: player"),
        ({"KeyConditionExpression": "player = :p AND odd = :p"}, "missed key schema element: score"),
        ({"KeyConditionExpression": "player > :p"}, "key condition not supported"),
        ({"KeyConditionExpression": "player = :p AND score <> :n"}, "key condition not supported"),
        ({"KeyConditionExpression": "player = :p OR score = :n"}, "key condition not supported"),
        ({"KeyConditionExpression": "player = :p AND score > :n AND score < :n"}, "one condition per key"),
        ({"KeyConditionExpression": "player = :n"}, "type does not match schema type"),
        ({"KeyConditionExpression": "player = :empty"}, "cannot contain an empty string value. Key: player"),
        ({"KeyConditionExpression": "player = :p", "FilterExpression": "score = :n"}, "non-primary key attributes"),
        ({"KeyConditionExpression": "player = :p", "IndexName": "none"}, "does not have the specified index: none"),
        (
            {"KeyConditionExpression": "player = :p", "ExclusiveStartKey": strings(player="a")},
            "starting key is invalid",
        ),
        (
            {"KeyConditionExpression": "player = :p", "ExclusiveStartKey": {**strings(player="b"), **numbers(score=1)}},
            "outside query boundaries",
        ),
        (
            {"KeyConditionExpression": "player = :p", "ProjectionExpression": "odd", "Select": "COUNT"},
            "Cannot specify the ProjectionExpression",
        ),
    ],
)
def test_queries_that_dynamodb_refuses(scores: Any, options: dict[str, Any], reason: str) -> None:
    values = {":p": {"S": "a"}, ":n": {"N": "1"}, ":empty": {"S": ""}}
    text = " ".join(str(option) for option in options.values())
    used = {name: value for name, value in values.items() if name in text}
    with pytest.raises(ClientError, match=reason):
        scores.query(TableName="scores", **options, **({"ExpressionAttributeValues": used} if used else {}))


def test_a_limit_below_one_is_refused_also_for_clients_that_do_not_check(books: Accounting) -> None:
    dynamodb = books.client("dynamodb", config=Config(parameter_validation=False))  # as pynamodb's are
    with pytest.raises(ClientError, match="must be at least 1"):
        dynamodb.scan(TableName="scores", Limit=0)


def test_an_index_gives_neither_consistent_reads_nor_what_it_does_not_hold(dynamodb: Any) -> None:
    ask = {
        "TableName": "runs",
        "IndexName": "feed",
        "KeyConditionExpression": "feed = :o",
        "ExpressionAttributeValues": {":o": {"S": "o"}},
    }
    with pytest.raises(ClientError, match="Consistent reads are not supported"):
        dynamodb.query(**ask, ConsistentRead=True)
    with pytest.raises(ClientError, match="does not project"):
        dynamodb.query(**ask, ProjectionExpression="note")
    with pytest.raises(ClientError, match="does not project"):
        dynamodb.query(**ask, Select="ALL_ATTRIBUTES")


def test_binary_keys_sort_by_their_bytes() -> None:
    books = Accounting(tables=[table("t", "h", "r", r="B", indexes=(index("i", "h"),))])
    dynamodb = books.client("dynamodb")
    for raw in (b"\xff", b"\x00", b"\x7f\x00"):
        dynamodb.put_item(TableName="t", Item={**strings(h="h"), "r": {"B": raw}})
    answer = dynamodb.query(
        TableName="t", KeyConditionExpression="h = :h", ExpressionAttributeValues={":h": {"S": "h"}}
    )
    assert [item["r"]["B"] for item in answer["Items"]] == [b"\x00", b"\x7f\x00", b"\xff"]
