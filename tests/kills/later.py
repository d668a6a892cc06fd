"""`python -m tests.kills.later SECONDS PART ...`: parts of the local stack, one by one, by a clock that is ahead.

What has to wait until a lease has ended is seen at once: three minutes later is a process whose clock says so.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from chalicelib.adapters.clock import SystemClock
from chalicelib.core.instant import floor_ms
from infra.local.__main__ import main


def set_ahead(ahead: timedelta) -> None:
    """Put every clock of this process ahead. How long something takes stays the same."""

    def now(clock: SystemClock) -> datetime:
        return floor_ms(datetime.now(UTC) + ahead)

    def wait_until(clock: SystemClock, instant: datetime) -> None:
        while (left := (instant - ahead - datetime.now(UTC)).total_seconds()) > 0:
            time.sleep(left)

    for name, verb in (("now", now), ("wait_until", wait_until)):
        setattr(SystemClock, name, verb)


if __name__ == "__main__":
    set_ahead(timedelta(seconds=float(sys.argv[1])))
    sys.exit(max(main([part]) for part in sys.argv[2:]))
