"""Wall-clock times around changes of the clock: which a clock shows once, twice or never, and at which instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Wall:
    """A wall-clock time in a zone, with the two instants that Python's fold 0 and fold 1 give it (PEP 495)."""

    time: datetime
    zone: ZoneInfo
    first: datetime
    second: datetime

    @classmethod
    def at(cls, time: datetime, zone: ZoneInfo) -> Wall:
        """What a clock in this zone makes of a wall time."""
        aware = time.replace(tzinfo=zone)
        first = aware.astimezone(UTC)
        return cls(time=time, zone=zone, first=first, second=aware.replace(fold=1).astimezone(UTC))

    @property
    def special(self) -> bool:
        """The clock shows it twice or never."""
        return self.first != self.second

    @property
    def ambiguous(self) -> bool:
        """The clock shows it twice."""
        return self.first < self.second

    @property
    def skipped(self) -> bool:
        """The clock jumps over it."""
        return self.first > self.second

    @property
    def change(self) -> timedelta:
        """By how much the clock is changed there."""
        return abs(self.first - self.second)

    def transition(self) -> datetime:
        """The instant, exact to a second, at which the clock is changed around this wall time."""
        low, high = sorted((self.first, self.second))
        before = low.astimezone(self.zone).utcoffset()
        while high - low > SECOND:
            middle = low + (high - low) // (2 * SECOND) * SECOND
            if middle.astimezone(self.zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high

    def end(self) -> datetime:
        """The first wall time after the gap, or after the hours that the clock shows twice."""
        after = wall_time(self.transition(), self.zone)
        return after if self.skipped else after + self.change


def wall_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock of a zone shows at an instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)
