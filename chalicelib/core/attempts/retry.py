"""Retry: whether another attempt follows a failed one, and when."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.window import HORIZON, WINDOW, next_window


class Backoff(enum.StrEnum):
    """How long a retry waits."""

    NEXT_WINDOW = "next_window"
    """Until the next window begins: "failed tasks are retried in the next coordinator cycle"."""
    FIXED = "fixed"
    """`delay_seconds` after the failure."""
    EXPONENTIAL = "exponential"
    """A random part of `delay_seconds`, doubled with each attempt up to `max_delay_seconds`."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How many attempts a run has, and how far apart they are."""

    max_attempts: int = 3
    backoff: Backoff = Backoff.NEXT_WINDOW
    delay: timedelta = timedelta(seconds=30)
    max_delay: timedelta = timedelta(hours=1)

    @property
    def longest_wait(self) -> timedelta:
        """The longest that an attempt waits for, with the pass that has to come for it."""
        longest = {Backoff.NEXT_WINDOW: WINDOW, Backoff.FIXED: self.delay, Backoff.EXPONENTIAL: self.max_delay}
        return longest[self.backoff] + HORIZON

    def next_start(self, attempt: int, now: datetime, spread: float) -> datetime | None:
        """When the attempt after number `attempt` may start, or None when it was the last.

        `spread`, in [0, 1), is the random part of an exponential delay, so that tasks that failed together do not
        come back together.

        >>> from datetime import UTC
        >>> now = datetime(2026, 1, 1, 0, 0, 31, tzinfo=UTC)
        >>> RetryPolicy().next_start(1, now, 0.5).isoformat()
        '2026-01-01T00:01:00+00:00'
        >>> RetryPolicy(backoff=Backoff.EXPONENTIAL).next_start(2, now, 0.5) - now
        datetime.timedelta(seconds=30)
        >>> RetryPolicy(max_attempts=2).next_start(2, now, 0.5) is None
        True
        """
        if attempt >= self.max_attempts:
            return None
        match self.backoff:
            case Backoff.NEXT_WINDOW:
                return next_window(now)
            case Backoff.FIXED:
                return now + self.delay
            case Backoff.EXPONENTIAL:
                return now + min(self.delay * int(2 ** (attempt - 1)), self.max_delay) * spread
