"""Conditions: what a world's ticks, messages and clocks are like. Drawn from one seed, so the same twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.adapters.memory import ManualClock

NO_TIME = timedelta(0)
MACHINES = 8
"""Clocks that go wrong each in its own way; passes and attempts are spread over them."""


@dataclass(frozen=True, kw_only=True, order=True)
class Outage:
    """From `begin` until `end` nobody is there: no ticks, no passes, no workers. Who was at work dies."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """How well the world works. The defaults are a world without faults.

    `tick_phase` is the second of the minute at which the rule fires, each time up to `tick_jitter` sooner or later;
    `lost_ticks` and `doubled_ticks` are fractions of them. A message takes up to `delivery` longer than it should. No
    clock is wrong by more than `skew`.
    """

    seed: int = 0
    tick_phase: timedelta = NO_TIME
    tick_jitter: timedelta = NO_TIME
    lost_ticks: float = 0.0
    doubled_ticks: float = 0.0
    outages: tuple[Outage, ...] = ()
    delivery: timedelta = NO_TIME
    skew: timedelta = NO_TIME

    def out(self, instant: datetime) -> bool:
        """Whether nobody is there at an instant."""
        return self.back(instant) != instant

    def back(self, instant: datetime) -> datetime:
        """The first instant from this one on at which somebody is there."""
        return _after(sorted(self.outages), instant)


def _after(outages: Iterable[Outage], instant: datetime) -> datetime:
    for outage in outages:
        if outage.begin <= instant < outage.end:
            instant = outage.end
    return instant


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
