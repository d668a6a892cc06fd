"""Rates: how often something may be done within a fixed period, and what is counted for that.

Periods are aligned on the clock: five minutes begin at :00, :05 and so on. So one counter says all, and nobody has to
remember when each thing was done; the price is that twice as much may get through around the turn of a period.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.instant import EPOCH, to_text

NETWORK_BITS = 64
"""Of an address of IPv6, what names a customer; the other half each chooses anew for every connection, if they like."""


@dataclass(frozen=True, kw_only=True)
class Counter:
    """One counter: what is counted (`rate`), whose (`of`), and for which period. It is nobody's after its end."""

    rate: str
    of: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Rate:
    """At most so `many` within a period. `said` is what it is called to whom it stops."""

    name: str
    many: int
    period: timedelta
    said: str

    def counter(self, of: str, now: datetime) -> Counter:
        """The counter of somebody at some time.

        >>> from datetime import UTC
        >>> at = datetime(2026, 3, 2, 9, 7, 12, tzinfo=UTC)
        >>> LOG_INS.counter("ann", at).begins.minute, LOG_INS.counter("ann", at).ends.minute
        (5, 10)
        """
        begins = EPOCH + (now - EPOCH) // self.period * self.period
        return Counter(rate=self.name, of=of, begins=begins, ends=begins + self.period)

    def sentence(self, counter: Counter) -> str:
        """What is told to who has come to the end of it.

        >>> RUNS.sentence(RUNS.counter("ann", EPOCH))
        'too many runs were asked for by this account: 120 in 60 s are taken. Go on at 1970-01-01T00:01:00.000Z'
        """
        seconds = int(self.period.total_seconds())
        return f"{self.said}: {self.many:,} in {seconds:,} s are taken. Go on at {to_text(counter.ends)}"


MINUTE = timedelta(minutes=1)
LOG_IN_PERIOD = timedelta(minutes=5)
LOG_INS = Rate(name="login", many=10, period=LOG_IN_PERIOD, said="too many attempts to log in to this account failed")
"""Failures at one account from one source."""
LOG_INS_OF_ACCOUNT = replace(LOG_INS, name="login-account")
"""Failures at one account from everywhere: from then on each source may have only a few of its own."""
SPARED = 3
"""Failures that any source may have at an account at which others keep failing: its owner may well mistype."""
LOG_INS_OF_SOURCE = Rate(
    name="login-source",
    many=100,
    period=LOG_IN_PERIOD,
    said="too many attempts to log in from this address have failed",
)
REGISTRATIONS = Rate(
    name="register", many=60, period=timedelta(hours=1), said="too many accounts were asked for from this address"
)
WRITES = Rate(name="write", many=2000, period=MINUTE, said="too many changes were sent by this account")
RUNS = Rate(name="run", many=120, period=MINUTE, said="too many runs were asked for by this account")
GROUPS = Rate(name="group", many=20, period=MINUTE, said="too many groups were asked for by this account")
"""Each may have ten thousand members."""


def network(address: str) -> str:
    """Who an address belongs to, as far as it can be told: with IPv6 everybody has as many addresses as they want.

    >>> network("203.0.113.7"), network("2001:db8:1:2:3::7"), network("::ffff:203.0.113.7"), network("?")
    ('203.0.113.7', '2001:db8:1:2::', '203.0.113.7', 'unknown')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, NETWORK_BITS), strict=False).network_address)
