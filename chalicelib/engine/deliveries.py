"""Deliveries: the messages of one batch, handled side by side, each with its own result.

One slow or poisonous message neither delays nor fails its neighbours.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

from chalicelib.core.errors import PunctualError
from chalicelib.core.message import Unreadable, decode_pass, decode_run
from chalicelib.core.run import missed_by
from chalicelib.core.task import Channel
from chalicelib.engine.dispatcher import Dispatcher, Passed
from chalicelib.engine.worker import Handled, Worker
from chalicelib.logs import log
from chalicelib.metrics import Measures, Metric, seconds


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


@dataclass(frozen=True, kw_only=True)
class WorkedOff:
    """What came of a batch of run messages; `again` are the ids of those that have to come again."""

    again: list[str]
    handled: list[Handled]

    def measures(self) -> Measures:
        """What a batch measured."""
        return {
            Metric.LATENESS: seconds(one.lateness for one in self.handled if one.lateness is not None),
            Metric.CLAIMS_LOST: [sum(one.lost for one in self.handled)],
            Metric.RETRIES: [sum(one.retried for one in self.handled)],
            Metric.MISSED: [sum(missed_by(one.run) for one in self.handled)],
        }


@dataclass(frozen=True, kw_only=True)
class PassedOver:
    """What came of a batch of pass messages; `again` are the ids of those that have to come again."""

    again: list[str]
    passes: list[Passed]

    def measures(self) -> Measures:
        """What a batch measured."""
        return {
            Metric.PASSES: [1 for _ in self.passes],
            Metric.WATERMARK_AGE: seconds(one.watermark_age for one in self.passes),
            Metric.DISPATCHED: [sum(one.dispatched for one in self.passes)],
            Metric.MISSED: [sum(one.missed for one in self.passes)],
        }


def work_off(worker: Worker, channel: Channel, deliveries: Sequence[Delivery]) -> WorkedOff:
    """Handle run messages of a channel's queue."""
    # in a copy of the context: what is logged there says as well whose invocation it is
    attempts = [partial(copy_context().run, _attempt, worker, channel, delivery) for delivery in deliveries]
    with ThreadPoolExecutor(max_workers=max(1, len(deliveries)), thread_name_prefix="attempt") as pool:
        handled = list(pool.map(lambda attempt: attempt(), attempts))
    again = [delivery.id for delivery, one in zip(deliveries, handled, strict=True) if one is None]
    return WorkedOff(again=again, handled=[one for one in handled if one is not None])


def _attempt(worker: Worker, channel: Channel, delivery: Delivery) -> Handled | None:
    """What came of a message; None where it has to come again. One that cannot be read would never be readable."""
    try:
        message = decode_run(delivery.body, channel)
    except Unreadable as error:
        log("message_unreadable", logging.WARNING, message_id=delivery.id, channel=channel, reason=str(error))
        return Handled()
    about: dict[str, Any] = {"message_id": delivery.id, "task_id": message.entry.task_id, "due": message.entry.due_at}
    try:
        return worker.handle(message, redelivered=delivery.times > 1, delivery=delivery.id)
    except PunctualError as error:
        log("message_failed", logging.WARNING, reason=str(error), code=error.code, **about)
        return None
    except Exception as error:  # whatever it is, the neighbours' results have to be reported
        log("message_failed", logging.ERROR, failure=error, **about)
        return None


def pass_over(dispatcher: Dispatcher, deliveries: Sequence[Delivery]) -> PassedOver:
    """Handle pass messages."""
    again, passes = list[str](), list[Passed]()
    for delivery in deliveries:
        try:
            passes.append(_pass(dispatcher, delivery))
        except Unreadable as error:
            log("message_unreadable", logging.WARNING, message_id=delivery.id, reason=str(error))
        except Exception as error:  # the next pass of this shard goes on where this one stopped
            log("pass_failed", logging.ERROR, failure=error, message_id=delivery.id)
            again.append(delivery.id)
    return PassedOver(again=again, passes=passes)


def _pass(dispatcher: Dispatcher, delivery: Delivery) -> Passed:
    shard = decode_pass(delivery.body).shard
    passed = dispatcher.handle(shard)
    log("pass", shard=shard, dispatched=passed.dispatched, missed=passed.missed)
    return passed
