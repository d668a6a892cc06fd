"""What is left to chance in a story: how much, and the luck that a seed brings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from tests.faults.timeline import Timeline

T = TypeVar("T")
LATENCY = timedelta(milliseconds=4)


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What is left to chance in a story. All zero: nothing is."""

    seed: int = 0
    latency: float = 0.0
    """The most seconds that a call takes, in a random share."""
    skew: float = 0.0
    """The most seconds that a process's clock is wrong, either way."""
    trouble: float = 0.0
    """How probable trouble is at each call."""
    stale: float = 0.0
    """How probable it is that a read which does not ask for consistency is not consistent."""
    twice: float = 0.0
    """How probable it is that a message is delivered twice."""
    held: float = 0.0
    """How probable it is that a message is held for up to a minute and a half."""
    lost_ticks: float = 0.0


class Luck:
    """What chance brings, in the order in which it is asked. From `calm_from` on nothing more goes wrong."""

    def __init__(self, chance: Chance, timeline: Timeline, calm_from: datetime) -> None:
        self._chance = chance
        self._timeline = timeline
        self._calm_from = calm_from
        self._random = random.Random(chance.seed)

    def happens(self, probability: float) -> bool:
        return probability > 0 and self._timeline.now < self._calm_from and self._random.random() < probability

    def one_of(self, choices: Sequence[T]) -> T:
        return self._random.choice(choices)

    def skew(self) -> timedelta:
        """How wrong the clock of the next process is."""
        return timedelta(milliseconds=round(self._random.uniform(-1, 1) * self._chance.skew * 1000))

    def hold(self) -> float:
        """For how many seconds a message is held."""
        return self._random.uniform(1, 90)

    def latency(self) -> timedelta:
        """How long the next call takes."""
        more = self._random.uniform(0, self._chance.latency) if self._chance.latency else 0
        return LATENCY + timedelta(milliseconds=round(more * 1000))
