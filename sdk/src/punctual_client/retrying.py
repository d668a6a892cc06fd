"""Retrying: whether a request is sent again, and after how long. Pure: the transport asks, and sleeps."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta

TOO_MANY = 429
AGAIN_LATER = frozenset({TOO_MANY, 502, 503, 504})
"""Statuses that say nothing of the request itself."""
FIRST_DELAY, LONGEST_DELAY = timedelta(milliseconds=250), timedelta(seconds=8)


class Repeating(enum.Enum):
    """What becomes of a request that is sent twice."""

    SAFE = enum.auto()
    """The same as once: it reads, it says how something is to be, or it carries an idempotency key."""
    UNSAFE = enum.auto()
    """It may be done twice: it is sent again only where it was not done, because nothing could be sent or it came too
    often."""


@dataclass(frozen=True, kw_only=True)
class Tries:
    """How often a request is sent again, and how long a server may ask to be left alone."""

    again: int = 4
    patience: timedelta = timedelta(seconds=60)
    """A `Retry-After` beyond this is not waited for: the caller is told when."""

    def delay(self, number: int, *, chance: float, asked: timedelta | None = None) -> timedelta | None:
        """The wait after a try, numbered from 1; None where there is no other. `chance`, from 0 to 1, spreads callers
        that failed together.

        >>> tries = Tries(again=2)
        >>> [tries.delay(number, chance=1) for number in (1, 2, 3)] == [FIRST_DELAY, 2 * FIRST_DELAY, None]
        True
        """
        if number > self.again:
            return None
        if asked is not None:
            return asked if asked <= self.patience else None
        longest = min(FIRST_DELAY * (1 << number - 1), LONGEST_DELAY)
        return longest * (0.5 + chance / 2)


def may_repeat(repeating: Repeating, *, sent: bool, status: int | None) -> bool:
    """Whether a failed try may be followed by another. `sent` is false where no connection could be made; `status` is
    that of the answer, or None for none.

    >>> may_repeat(Repeating.UNSAFE, sent=True, status=None), may_repeat(Repeating.SAFE, sent=True, status=None)
    (False, True)
    """
    if not sent or status == TOO_MANY:
        return True
    return repeating is Repeating.SAFE and (status is None or status in AGAIN_LATER)
