"""Retry: whether another attempt follows a failed one, and when."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.instant import floor_ms
from chalicelib.core.run import RunError
from chalicelib.core.window import next_window

MOST_DOUBLINGS = 20
"""After as many, a delay of a second is longer than any `max_delay_seconds`; a delay stays one that can be computed."""
NO_TIME = timedelta(0)


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
    """How many attempts a run has, how far apart they are, and until when one may start.

    `max_delay` bounds what grows and what others ask for: an exponential delay, and a server's `Retry-After`. A fixed
    delay is what its owner said. `max_age` counts from the due time; None: no matter how late.
    """

    max_attempts: int = 3
    backoff: Backoff = Backoff.NEXT_WINDOW
    delay: timedelta = timedelta(seconds=30)
    max_delay: timedelta = timedelta(hours=1)
    max_age: timedelta | None = None

    def next_start(self, attempt: int, now: datetime, spread: float, asked: timedelta = NO_TIME) -> datetime | None:
        """When the attempt after number `attempt` may start, or None when it was the last.

        `spread`, in [0, 1), is the random part of an exponential delay, so that tasks that failed together do not
        come back together. `asked` is how long whoever was called asks to be left alone; both are waited for.

        >>> from datetime import UTC
        >>> now = datetime(2026, 1, 1, 0, 0, 31, tzinfo=UTC)
        >>> RetryPolicy().next_start(1, now, 0.5).isoformat()
        '2026-01-01T00:01:00+00:00'
        >>> RetryPolicy(backoff=Backoff.EXPONENTIAL).next_start(2, now, 0.5) - now
        datetime.timedelta(seconds=30)
        >>> RetryPolicy(backoff=Backoff.FIXED).next_start(1, now, 0.5, asked=timedelta(minutes=2)) - now
        datetime.timedelta(seconds=120)
        >>> RetryPolicy(max_attempts=2).next_start(2, now, 0.5) is None
        True
        """
        if attempt >= self.max_attempts:
            return None
        own = floor_ms(self._own_start(attempt, now, spread))
        return max(own, now + min(asked, self.max_delay))

    def _own_start(self, attempt: int, now: datetime, spread: float) -> datetime:
        match self.backoff:
            case Backoff.NEXT_WINDOW:
                return next_window(now)
            case Backoff.FIXED:
                return now + self.delay
            case Backoff.EXPONENTIAL:
                doublings = min(attempt - 1, MOST_DOUBLINGS)
                return now + min(self.delay * (1 << doublings), self.max_delay) * spread

    def allows(self, start: datetime, since: datetime) -> bool:
        """Whether another attempt may start at an instant, for a run that counts from `since`.

        >>> from datetime import UTC
        >>> due = datetime(2026, 1, 1, tzinfo=UTC)
        >>> policy = RetryPolicy(max_age=timedelta(minutes=5))
        >>> [policy.allows(due + timedelta(seconds=s), due) for s in (300, 300.001)]
        [True, False]
        """
        return self.max_age is None or start <= since + self.max_age

    def too_old(self, error: RunError | None) -> RunError:
        """Why a run ended although attempts were left: the error it ended with, and a sentence about its age.

        >>> RetryPolicy(max_age=timedelta(minutes=5)).too_old(RunError(code="exit_code", detail="ended with 3")).detail
        'ended with 3; not tried again, because that would be more than 300 s after it was due (retry.max_age_seconds)'
        """
        age = f"{self.max_age.total_seconds():g} s" if self.max_age is not None else "a while"
        reason = f"not tried again, because that would be more than {age} after it was due (retry.max_age_seconds)"
        if error is None:
            return RunError(code="too_old", detail=reason)
        return replace(error, detail=f"{error.detail}; {reason}")
