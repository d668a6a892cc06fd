"""The clock of this machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from chalicelib.core.instant import floor_ms

LONGEST_SLEEP = 1.0
"""Seconds. A machine that was suspended, or whose clock was put right, is noticed this soon."""


class SystemClock:
    """Real time, in whole milliseconds: every instant that is stored is one."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return floor_ms(datetime.now(UTC))

    def elapsed(self) -> timedelta:
        """Since some fixed moment; never set back."""
        return timedelta(seconds=time.monotonic())

    def wait_until(self, instant: datetime) -> None:
        """Return when `now()` has reached an instant, never earlier, whatever happens to the clock meanwhile."""
        while (left := (instant - datetime.now(UTC)).total_seconds()) > 0:
            time.sleep(min(left, LONGEST_SLEEP))
