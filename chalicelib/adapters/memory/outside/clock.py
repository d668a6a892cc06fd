"""A clock that a test sets."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import RLock


class ManualClock:
    """Stands still until somebody moves it. Waiting moves it: nobody sleeps."""

    def __init__(self, now: datetime, *, elapsed: timedelta = timedelta(0)) -> None:
        self._lock = RLock()
        self._now = now
        self._elapsed = elapsed

    def now(self) -> datetime:
        """Aware, UTC."""
        with self._lock:
            return self._now

    def elapsed(self) -> timedelta:
        """Since some fixed moment."""
        with self._lock:
            return self._elapsed

    def wait_until(self, instant: datetime) -> None:
        """Let the time until an instant pass; nothing happens where it is past."""
        with self._lock:
            if instant > self._now:
                self.advance(instant - self._now)

    def advance(self, duration: timedelta) -> None:
        """Let time pass: both what the clock shows and what has elapsed."""
        with self._lock:
            self._now += duration
            self._elapsed += duration

    def set(self, now: datetime) -> None:
        """Put the clock right, or wrong: what it shows changes, and no time passes."""
        with self._lock:
            self._now = now
