"""Deliveries: the messages of one batch, handled side by side, each with its own result.

One slow or poisonous message neither delays nor fails its neighbours.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import PunctualError
from chalicelib.core.message import Unreadable, decode_pass, decode_run
from chalicelib.core.task import Channel
from chalicelib.engine.dispatcher import Dispatcher
from chalicelib.engine.worker import Worker
from chalicelib.logs import log


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


def work_off(worker: Worker, channel: Channel, deliveries: Sequence[Delivery]) -> list[str]:
    """Handle run messages of a channel's queue. The ids of those that have to come again."""
    with ThreadPoolExecutor(max_workers=max(1, len(deliveries)), thread_name_prefix="attempt") as pool:
        handled = pool.map(lambda delivery: _attempt(worker, channel, delivery), deliveries)
        return [delivery.id for delivery, done in zip(deliveries, handled, strict=True) if not done]


def _attempt(worker: Worker, channel: Channel, delivery: Delivery) -> bool:
    """Whether a message is done with. One that cannot be read is done with: it would never be readable."""
    try:
        message = decode_run(delivery.body, channel)
    except Unreadable as error:
        log("message_unreadable", logging.WARNING, message_id=delivery.id, channel=channel, reason=str(error))
        return True
    about: dict[str, Any] = {"message_id": delivery.id, "task_id": message.entry.task_id, "due": message.entry.due_at}
    try:
        worker.handle(message, redelivered=delivery.times > 1, delivery=delivery.id)
    except PunctualError as error:
        log("message_failed", logging.WARNING, reason=str(error), code=error.code, **about)
        return False
    except Exception as error:  # whatever it is, the neighbours' results have to be reported
        log("message_failed", logging.ERROR, failure=error, **about)
        return False
    return True


def pass_over(dispatcher: Dispatcher, deliveries: Sequence[Delivery]) -> list[str]:
    """Handle pass messages. The ids of those that have to come again."""
    return [delivery.id for delivery in deliveries if not _passed(dispatcher, delivery)]


def _passed(dispatcher: Dispatcher, delivery: Delivery) -> bool:
    try:
        shard = decode_pass(delivery.body).shard
        log("pass", shard=shard, dispatched=dispatcher.handle(shard))
    except Unreadable as error:
        log("message_unreadable", logging.WARNING, message_id=delivery.id, reason=str(error))
    except Exception as error:  # the next pass of this shard goes on where this one stopped
        log("pass_failed", logging.ERROR, failure=error, message_id=delivery.id)
        return False
    return True
