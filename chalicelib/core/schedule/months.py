"""Calendar months as the step of an interval: the same day and local time of every n-th month."""

from __future__ import annotations

import calendar
import enum
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from chalicelib.core.instant import LATEST

MONTHS_IN_A_YEAR = 12
MOST_SHORT_MONTHS = 48
"""The 29th of February comes back after eight years at the latest, every n-th month of them."""


class ShortMonths(enum.StrEnum):
    """What becomes of a day that a month does not have."""

    LAST_DAY = "last_day"
    """Its last day instead."""
    SKIP = "skip"
    """No due time in that month."""


def next_month_step(anchor: datetime, every: int, zone: str, short: ShortMonths, *, after: datetime) -> datetime | None:
    """The first instant later than `after` that lies a multiple of `every` months from the anchor, by a zone's clock.

    >>> from datetime import datetime
    >>> end_of_january = datetime(2026, 1, 31, 9, tzinfo=UTC)
    >>> next_month_step(end_of_january, 1, "UTC", ShortMonths.LAST_DAY, after=end_of_january).isoformat()
    '2026-02-28T09:00:00+00:00'
    >>> next_month_step(end_of_january, 1, "UTC", ShortMonths.SKIP, after=end_of_january).isoformat()
    '2026-03-31T09:00:00+00:00'
    """
    local, now = anchor.astimezone(ZoneInfo(zone)), after.astimezone(ZoneInfo(zone))
    passed = (now.year - local.year) * MONTHS_IN_A_YEAR + now.month - local.month
    for n in range(max(0, passed // every - 1), passed // every + MOST_SHORT_MONTHS):
        step = _months_later(local, n * every, short)
        if step is not None and step > after:
            return step
    return None


def _months_later(local: datetime, months: int, short: ShortMonths) -> datetime | None:
    """A local time shown by the clock so many months later; a time that the clock jumps over is taken as after it."""
    years, month = divmod(local.month - 1 + months, MONTHS_IN_A_YEAR)
    year = local.year + years
    if year > LATEST.year:
        return None
    length = calendar.monthrange(year, month + 1)[1]
    if local.day > length and short is ShortMonths.SKIP:
        return None
    return local.replace(year=year, month=month + 1, day=min(local.day, length), fold=0).astimezone(UTC)
