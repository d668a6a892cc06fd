"""Tables, queues, a clock and padded items for the tests of the accounting stub."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bench.accounting.items.sizes import item_size

Item = dict[str, dict[str, Any]]


def table(name: str, *keys: str, indexes: tuple[dict[str, Any], ...] = (), **kinds: str) -> dict[str, Any]:
    """A table as CreateTable takes it; keys are strings unless `kinds` says otherwise."""
    used = dict.fromkeys((*keys, *(entry["AttributeName"] for index in indexes for entry in index["KeySchema"])))
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": key_schema(*keys),
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kinds.get(key, "S")} for key in used],
        **({"GlobalSecondaryIndexes": list(indexes)} if indexes else {}),
    }


def index(name: str, *keys: str, projection: str = "ALL", include: tuple[str, ...] = ()) -> dict[str, Any]:
    """A global secondary index as CreateTable takes it."""
    shown: dict[str, Any] = {"ProjectionType": projection}
    if include:
        shown["NonKeyAttributes"] = list(include)
    return {"IndexName": name, "KeySchema": key_schema(*keys), "Projection": shown}


def key_schema(*keys: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": role} for key, role in zip(keys, ("HASH", "RANGE"), strict=False)]


def strings(**attributes: str) -> Item:
    return {name: {"S": value} for name, value in attributes.items()}


def numbers(**attributes: object) -> Item:
    return {name: {"N": str(value)} for name, value in attributes.items()}


def sized(size: int, item: Item) -> Item:
    """The item, padded by an attribute `p` to exactly `size` bytes."""
    padded = {**item, "p": {"S": "x" * (size - item_size(item) - 1)}}
    assert item_size(padded) == size
    return padded


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)

    def __call__(self) -> float:
        return self.now.timestamp()

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


ITEMS = table("items", "id")
ENTRIES = table("entries", "partition", "entry")
RUNS = table(
    "runs",
    "task_id",
    "due_key",
    indexes=(index("feed", "feed", "due_key", projection="KEYS_ONLY"), index("by_owner", "owner", "task_id")),
)
SCORES = table("scores", "player", "score", score="N")
TABLES = (ITEMS, ENTRIES, RUNS, SCORES)

QUEUES = (
    {"QueueName": "light-dead"},
    {
        "QueueName": "light",
        "Attributes": {
            "VisibilityTimeout": "190",
            "MessageRetentionPeriod": str(14 * 86_400),
            "RedrivePolicy": {
                "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:light-dead",
                "maxReceiveCount": 3,
            },
        },
    },
    {"QueueName": "plain"},
)
