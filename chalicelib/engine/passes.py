"""Passes: the messages of one batch that ask for them, handled one after the other.

They stand apart from `deliveries.py`, so that a worker's process does not load the dispatcher, nor a dispatcher's the
worker.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.core.message import Unreadable, decode_pass
from chalicelib.engine.delivery import Delivery
from chalicelib.engine.dispatcher import Dispatcher, Passed
from chalicelib.logs import log
from chalicelib.metrics import Measures, Metric, seconds


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
    if passed.dispatched or passed.missed:  # a stage that idles pays for its log lines; that it passes, a metric says
        log("pass", shard=shard, dispatched=passed.dispatched, missed=passed.missed)
    return passed
