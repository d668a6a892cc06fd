"""The machines of a world: where passes and attempts are made, each with a clock that may be wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.adapters.memory import ManualClock
from chalicelib.bootstrap.whole import System
from chalicelib.ports import Clock
from infra.simulation.conditions import NO_TIME, Conditions

MACHINES = 8
"""Clocks that go wrong each in its own way; passes and attempts are spread over them."""


class WrongClock:
    """A clock that shows another time than the world has, always by the same offset."""

    def __init__(self, right: ManualClock, offset: timedelta) -> None:
        self._right = right
        self.offset = offset

    def now(self) -> datetime:
        """Aware, UTC, and wrong."""
        return self._right.now() + self.offset

    def elapsed(self) -> timedelta:
        """Since some fixed moment: that is right on any machine."""
        return self._right.elapsed()

    def wait_until(self, instant: datetime) -> None:
        """Return when this clock shows an instant."""
        self._right.wait_until(instant - self.offset)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One place where passes and attempts are made, with a clock that is wrong by `offset`."""

    system: System
    offset: timedelta = NO_TIME


@dataclass(frozen=True, kw_only=True)
class Machines:
    """Those of one world: one alone, where no clock is wrong."""

    every: Sequence[Machine]
    chance: random.Random

    @property
    def first(self) -> Machine:
        return self.every[0]

    def some(self) -> Machine:
        """Any of them."""
        return self.first if len(self.every) == 1 else self.chance.choice(self.every)


def machines_of(
    conditions: Conditions, clock: ManualClock, chance: random.Random, assembled: Callable[[Clock], System]
) -> Machines:
    """The machines that conditions ask for, each with a system of its own on its own clock."""
    if not conditions.skew:
        return Machines(every=[Machine(system=assembled(clock))], chance=chance)
    offsets = [chance.uniform(-1, 1) * conditions.skew for _ in range(MACHINES)]
    every = [Machine(system=assembled(WrongClock(clock, offset)), offset=offset) for offset in offsets]
    return Machines(every=every, chance=chance)
