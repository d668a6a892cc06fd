"""The clock by which the library waits. Tests give it another."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells how much time has passed, and lets some pass."""

    def now(self) -> timedelta:
        """Since some instant, never going back."""
        ...

    def sleep(self, duration: timedelta) -> None: ...


class SystemClock:
    """The machine's own."""

    def now(self) -> timedelta:
        return timedelta(seconds=time.monotonic())

    def sleep(self, duration: timedelta) -> None:
        time.sleep(duration.total_seconds())
