"""A queue's event-source mapping: how many of its batches are at work, and when it takes another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from infra.simulation.conditions import NO_TIME, Ramp

Done = Callable[[], object]
BATCH = 10
"""Messages, as the queues' event sources declare it."""


@dataclass
class Mapping:
    """The mapping of one queue. It falls back to the ramp's beginning whenever nothing waits: Lambda is slower to."""

    ramp: Ramp | None
    at_work: int = 0
    behind_since: datetime | None = None

    def takes_at(self, available: datetime) -> datetime | None:
        """When a message that is available from an instant on can be taken; None: when a batch is done."""
        if self.ramp is None:
            return available
        reached = self.ramp.reached(self.at_work + 1)
        return None if reached is None else max(available, (self.behind_since or available) + reached)

    def takes(self, now: datetime) -> bool:
        """Whether another batch may be received."""
        if self.ramp is None:
            return True
        behind = NO_TIME if self.behind_since is None else now - self.behind_since
        return self.at_work < self.ramp.batches(behind)

    def look(self, available: datetime | None, now: datetime) -> None:
        """Note whether a message waits that could not be taken."""
        if available is None or available > now:
            self.behind_since = None
        elif self.behind_since is None and not self.takes(now):
            self.behind_since = available

    def begin(self, runs: int, then: Done = lambda: None) -> Done:
        """A batch begins, unless it is empty. To be called when one of its runs has been handled: with the last one, it
        is done. `then` follows."""
        self.at_work += runs > 0

        def end() -> None:
            self.at_work -= 1
            then()

        return countdown(runs, end)


def countdown(number: int, last: Callable[[], object]) -> Done:
    """Something to be called so many times: the last time, `last` is done."""
    left = count(number - 1, -1)

    def one() -> None:
        if next(left) == 0:
            last()

    return one
