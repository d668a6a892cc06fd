"""Deliveries: messages as a queue hands them over in batches, and what it wants to hear about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.core.instant import from_ms
from chalicelib.core.message import parts

_DIGITS = 13
"""Of an instant in milliseconds, until the year 2286."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message as the queue delivered it; `times` counts how often it did, `sent_at` is when it was sent. `packed`: it
    is one of several that came as one."""

    id: str
    body: str
    times: int
    sent_at: datetime | None = None
    packed: bool = False

    def parts(self) -> list[Delivery]:
        """The deliveries of single messages that this one stands for. Each has an id of its own, and the same one
        whenever the message comes again."""
        bodies = parts(self.body)
        if len(bodies) == 1:
            return [replace(self, body=bodies[0])]
        return [replace(self, id=f"{self.id}/{n}", body=body, packed=True) for n, body in enumerate(bodies)]


def deliveries_of(event: Mapping[str, Any]) -> list[Delivery]:
    """The messages of an event as Lambda puts it together."""
    return [
        Delivery(
            id=record["messageId"],
            body=record["body"],
            times=int(record["attributes"]["ApproximateReceiveCount"]),
            sent_at=_sent_at(record["attributes"].get("SentTimestamp", "")),
        )
        for record in event["Records"]
    ]


def _sent_at(milliseconds: str) -> datetime | None:
    """When a message was sent, as its queue says; nothing depends on it.

    >>> _sent_at("1767225600000").isoformat(), _sent_at(""), _sent_at("9" * 20)
    ('2026-01-01T00:00:00+00:00', None, None)
    """
    known = milliseconds.isascii() and milliseconds.isdecimal() and len(milliseconds) <= _DIGITS
    return from_ms(int(milliseconds)) if known else None


def batch_answer(message_ids: Sequence[str]) -> dict[str, Any]:
    """What Lambda wants to hear about a batch: which of its messages have to come again.

    >>> batch_answer(["a"])
    {'batchItemFailures': [{'itemIdentifier': 'a'}]}
    """
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}
