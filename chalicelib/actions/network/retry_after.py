"""`Retry-After`: how long an answer asks not to be asked again (RFC 9110, 10.2.3), in seconds or until a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = timedelta(days=7)
"""What is longer counts as this: no delay of a task is longer either."""
NO_TIME = timedelta(0)
SECOND = timedelta(seconds=1)
LONGEST_VALUE = 64
"""Characters. A date has about thirty; what is longer is nonsense, and not looked at."""
_SECONDS = re.compile(r"[0-9]+", re.ASCII)


def asked_wait(values: Sequence[str], now: datetime) -> timedelta:
    """The longest wait that the values of the header ask for; none where they make no sense or lie in the past.

    >>> now = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
    >>> asked_wait(["120"], now) == asked_wait(["Thu, 01 Jan 2026 09:02:00 GMT"], now) == timedelta(minutes=2)
    True
    >>> asked_wait(["-5"], now), asked_wait(["soon"], now)
    (datetime.timedelta(0), datetime.timedelta(0))
    """
    return max((_wait(value.strip(), now) for value in values if len(value) <= LONGEST_VALUE), default=NO_TIME)


def _wait(value: str, now: datetime) -> timedelta:
    if _SECONDS.fullmatch(value):
        return min(int(value), LONGEST_WAIT // SECOND) * SECOND
    try:
        written = parsedate_to_datetime(value)
        wait = (written if written.tzinfo else written.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, LookupError, OverflowError):
        return NO_TIME
    whole = -(-wait // SECOND) * SECOND  # rounded up: a date is exact to a second, and must have come
    return min(max(whole, NO_TIME), LONGEST_WAIT)
