"""Deliveries: messages as a queue hands them over in batches, and what it wants to hear about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message as the queue delivered it; `times` counts how often it did."""

    id: str
    body: str
    times: int


def deliveries_of(event: Mapping[str, Any]) -> list[Delivery]:
    """The messages of an event as Lambda puts it together."""
    return [
        Delivery(
            id=record["messageId"],
            body=record["body"],
            times=int(record["attributes"]["ApproximateReceiveCount"]),
        )
        for record in event["Records"]
    ]


def batch_answer(message_ids: Sequence[str]) -> dict[str, Any]:
    """What Lambda wants to hear about a batch: which of its messages have to come again.

    >>> batch_answer(["a"])
    {'batchItemFailures': [{'itemIdentifier': 'a'}]}
    """
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}
