"""Conditions: what a world's ticks, messages and clocks are like. Drawn from one seed, so the same twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

NO_TIME = timedelta(0)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, order=True)
class Outage:
    """From `begin` until `end` nobody is there: no ticks, no passes, no workers. Who was at work dies."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """How many batches of one queue Lambda has at work at once: `first`, and while messages wait, `a_minute` more every
    minute, up to `most`. The defaults are what Lambda's documentation says, read as growing evenly."""

    first: int = 5
    a_minute: int = 300
    most: int = 1250

    def batches(self, behind: timedelta) -> int:
        """How many there may be when messages have been waiting for so long.

        >>> [Ramp().batches(timedelta(seconds=seconds)) for seconds in (0, 1, 60, 3600)]
        [5, 10, 305, 1250]
        """
        return min(self.first + behind * self.a_minute // MINUTE, self.most)

    def reached(self, batches: int) -> timedelta | None:
        """For how long messages have to wait until so many are allowed; None: they never are.

        >>> [Ramp().reached(batches) for batches in (5, 10, 1251)]
        [datetime.timedelta(0), datetime.timedelta(seconds=1), None]
        """
        if batches > self.most:
            return None
        return MINUTE * max(0, batches - self.first) / self.a_minute


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """How well the world works. The defaults are a world without faults, where nothing takes time and nobody waits.

    `tick_phase` is the second of the minute at which the rule fires, each time up to `tick_jitter` sooner or later;
    `lost_ticks` and `doubled_ticks` are fractions of them. A message takes up to `delivery` longer than it should. No
    clock is wrong by more than `skew`.

    `call` is how long each AWS call of a pass takes, `planning` the processor's time for each entry. `ramp` bounds the
    batches at work; without one there is a worker for every message. A run keeps its worker busy for `handling`,
    besides what its action takes: those of a batch side by side. Of the processor it takes `processor`: there those of
    a batch stand behind each other. `cold` and `cold_pass` are how long a worker and a dispatcher take to be there
    where none is idle. `fair`: the queues deliver fairly between owners, as SQS does.
    """

    seed: int = 0
    tick_phase: timedelta = NO_TIME
    tick_jitter: timedelta = NO_TIME
    lost_ticks: float = 0.0
    doubled_ticks: float = 0.0
    outages: tuple[Outage, ...] = ()
    delivery: timedelta = NO_TIME
    skew: timedelta = NO_TIME
    call: timedelta = NO_TIME
    planning: timedelta = NO_TIME
    ramp: Ramp | None = None
    handling: timedelta = NO_TIME
    processor: timedelta = NO_TIME
    cold: timedelta = NO_TIME
    cold_pass: timedelta = NO_TIME
    fair: bool = True

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
