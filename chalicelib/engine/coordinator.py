"""The coordinator: fired by the rule once a minute, it only says which shards to look at."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.message import PassMessage
from chalicelib.ports import Queue

PASS_DELAYS = (0, 30, 60, 90, 120)
"""Seconds. A window comes near every 30 s; the last three passes are there for the tick that does not come."""


@dataclass(frozen=True, kw_only=True)
class Coordinator:
    """One tick of the scheduler."""

    queue: Queue
    shards: int

    def tick(self) -> int:
        """Send every shard its passes. The number of passes sent."""
        passes = [PassMessage(shard=shard, delay=delay) for shard in range(self.shards) for delay in PASS_DELAYS]
        self.queue.send_passes(passes)
        return len(passes)
