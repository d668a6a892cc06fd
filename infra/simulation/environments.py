"""Environments of a function: where none is idle, Lambda makes one, and its first batch waits for it: a cold start."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from infra.simulation.conditions import NO_TIME

KEPT = timedelta(minutes=5)
"""How long an idle one is there. Lambda promises nothing; people who looked mostly saw longer."""


@dataclass
class Environments:
    """Those of one function that are idle, longest idle first. `cold` is how long it takes to make one."""

    cold: timedelta
    idle: deque[datetime] = field(default_factory=deque)

    def begin(self, now: datetime) -> timedelta:
        """Take the one that has been idle for the shortest time; how long it takes until somebody is there."""
        while self.idle and now - self.idle[0] > KEPT:
            self.idle.popleft()
        if not self.idle:
            return self.cold
        self.idle.pop()
        return NO_TIME

    def end(self, now: datetime) -> None:
        """One has nothing more to do."""
        self.idle.append(now)
