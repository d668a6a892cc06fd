"""Run messages: those of one batch, handled side by side, each with its own result.

One slow or poisonous message neither delays nor fails its neighbours, nor does one run of a pack the others. A pack
comes again for as long as one of its runs has to: what has been done by then is met, and dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chalicelib.core.errors import NewerSchema, PunctualError
from chalicelib.core.message import Unreadable, decode_run
from chalicelib.core.run import missed_by
from chalicelib.core.task import Channel
from chalicelib.engine.delivery import Delivery
from chalicelib.engine.worker import Handled, Worker
from chalicelib.logs import log
from chalicelib.metrics import Measures, Metric, seconds


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


def work_off(worker: Worker, channel: Channel, deliveries: Sequence[Delivery]) -> WorkedOff:
    """Handle run messages of a channel's queue."""
    parts = [(delivery.id, part) for delivery in deliveries for part in delivery.parts()]
    # in a copy of the context: what is logged there says as well whose invocation it is
    attempts = [partial(copy_context().run, _attempt, worker, channel, part) for _, part in parts]
    # a thread for each: one that waited for another's would start late, and might outlast the function
    with ThreadPoolExecutor(max_workers=max(1, len(parts)), thread_name_prefix="attempt") as pool:
        handled = list(pool.map(lambda attempt: attempt(), attempts))
    again = {whole: None for (whole, _), one in zip(parts, handled, strict=True) if one is None}
    return WorkedOff(again=list(again), handled=[one for one in handled if one is not None])


def _attempt(worker: Worker, channel: Channel, delivery: Delivery) -> Handled | None:
    """What came of a message; None where it has to come again. One that cannot be read would never be readable.
    One of a newer version will be, once that is back: it comes again, and at last waits among the dead letters."""
    try:
        message = decode_run(delivery.body, channel)
    except Unreadable as error:
        log("message_unreadable", logging.WARNING, message_id=delivery.id, channel=channel, reason=str(error))
        return Handled()
    except NewerSchema as error:
        log("message_newer", logging.ERROR, message_id=delivery.id, channel=channel, reason=str(error))
        return None
    message = replace(message, dispatched_at=delivery.sent_at, packed=delivery.packed)
    about: dict[str, Any] = {"message_id": delivery.id, "task_id": message.entry.task_id, "due": message.entry.due_at}
    try:
        return worker.handle(message, redelivered=delivery.times > 1, delivery=delivery.id)
    except PunctualError as error:
        log("message_failed", logging.WARNING, reason=str(error), code=error.code, **about)
        return None
    except Exception as error:  # whatever it is, the neighbours' results have to be reported
        log("message_failed", logging.ERROR, failure=error, **about)
        return None
