"""The coordinator: fired by the rule once a minute, it only says which shards to look at."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalicelib.core.errors import Unavailable
from chalicelib.core.message import PassMessage
from chalicelib.logs import log
from chalicelib.ports import Agenda, Queue

PASS_DELAYS = (0, 30, 60, 90, 120)
"""Seconds. A window comes near every 30 s; the last three passes are there for the tick that does not come."""


@dataclass(frozen=True, kw_only=True)
class Coordinator:
    """One tick of the scheduler. `shards` is how many new tasks are spread over; older ones may be in more."""

    store: Agenda
    queue: Queue
    shards: int

    def tick(self) -> int:
        """Send every shard its passes. The number of passes sent."""
        passes = [PassMessage(shard=shard, delay=delay) for shard in range(self._in_use()) for delay in PASS_DELAYS]
        self.queue.send_passes(passes)
        return len(passes)

    def _in_use(self) -> int:
        """A store that does not answer keeps no tick from the shards that are known."""
        try:
            return self.store.shards_in_use(self.shards)
        except Unavailable as error:
            log("shards_unknown", logging.WARNING, passed=self.shards, reason=str(error))
            return self.shards
