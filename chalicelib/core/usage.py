"""Usage: what an account's tasks take of the installation, and whether that is within its quota."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.schedule import Interval, Once, Schedule, TooSparse, Unit, upcoming
from chalicelib.core.task import Definition, to_record

HOUR = timedelta(hours=1)
LOOKED_AT = 5
"""Due times of a cron schedule from which its pace is told: each costs a tenth of a millisecond to find."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """How many tasks, with how many bytes of definitions, asking for how many runs an hour. A quota is the same, and
    says how much of each there may be."""

    tasks: int = 0
    stored_bytes: int = 0
    hourly_runs: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            tasks=self.tasks + other.tasks,
            stored_bytes=self.stored_bytes + other.stored_bytes,
            hourly_runs=self.hourly_runs + other.hourly_runs,
        )

    def growth(self, before: Usage) -> Usage:
        """What this takes more than something did before; what it takes less is not counted against that.

        >>> Usage(tasks=1, stored_bytes=900, hourly_runs=60).growth(Usage(tasks=1, stored_bytes=950))
        Usage(tasks=0, stored_bytes=0, hourly_runs=60)
        """
        return Usage(
            tasks=max(0, self.tasks - before.tasks),
            stored_bytes=max(0, self.stored_bytes - before.stored_bytes),
            hourly_runs=max(0, self.hourly_runs - before.hourly_runs),
        )

    def within(self, quota: Usage) -> bool:
        return quota + self.growth(quota) == quota


NOTHING = Usage()


def usage_of(definition: Definition, now: datetime) -> Usage:
    """What one task takes, whether or not it is paused: resuming needs no quota."""
    text = json.dumps(to_record(definition), separators=(",", ":"))
    return Usage(tasks=1, stored_bytes=len(text), hourly_runs=pace(definition.schedule, now))


def pace(schedule: Schedule, now: datetime) -> int:
    """About how many runs an hour a schedule asks for while it is at it.

    >>> from datetime import UTC
    >>> from chalicelib.core.schedule import parse
    >>> now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    >>> crons = ("* * * * *", "*/20 * * * * *", "@daily")
    >>> [pace(parse({"type": "cron", "expression": text}, now), now) for text in crons]
    [60, 180, 0]
    """
    if isinstance(schedule, Once):
        return 0
    if isinstance(schedule, Interval) and schedule.unit is not Unit.MONTHS:
        return HOUR // schedule.step
    dues = list[datetime]()
    try:
        dues.extend(upcoming(schedule, now, LOOKED_AT))
    except TooSparse:
        return 0
    return 0 if len(dues) < LOOKED_AT else (LOOKED_AT - 1) * HOUR // (dues[-1] - dues[0])
