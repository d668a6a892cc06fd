"""Usage: what an account's tasks take of the installation, and whether that is within its quota."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.errors import Invalid
from chalicelib.core.schedule import parse, upcoming

HOUR = timedelta(hours=1)
LOOKED_AT = 5
"""Due times from which a pace is told: each costs a tenth of a millisecond to find."""
OF_THE_RULE = ("type", "expression", "time_zone", "every", "unit")
"""What is left out of a schedule is not looked for: that may be much work, and its pace hardly changes by it."""
SPAN_BYTES = 28
"""Two instants, as a task keeps them."""


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


def usage_of(document: Mapping[str, Any], spans: int, now: datetime) -> Usage:
    """What the task that checked JSON defines takes, with so many spans of calendars; whether or not it is paused:
    resuming needs no quota."""
    size = len(json.dumps(document, separators=(",", ":"))) + SPAN_BYTES * spans
    return Usage(tasks=1, stored_bytes=size, hourly_runs=pace(document["schedule"], now))


def pace(schedule: Mapping[str, Any], now: datetime) -> int:
    """About how many runs an hour a schedule asks for while it is at it; none where it cannot be read.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    >>> crons = ("* * * * *", "*/20 * * * * *", "@daily")
    >>> [pace({"type": "cron", "expression": text}, now) for text in crons]
    [60, 180, 0]
    """
    rule = {name: value for name, value in schedule.items() if name in OF_THE_RULE}
    if rule["type"] == "once":
        return 0
    try:
        dues = list(upcoming(parse(rule, now), now, LOOKED_AT))
    except Invalid:
        return 0
    return 0 if len(dues) < LOOKED_AT else (LOOKED_AT - 1) * HOUR // (dues[-1] - dues[0])
