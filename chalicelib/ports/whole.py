"""What people's requests need beside what the engine does: a module of its own, so that no worker has to load it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from chalicelib.core.calendars.spans import Span
from chalicelib.ports import Store
from chalicelib.ports.accounts import Accounts, Acts, Counters, InCode, Installation, Usages


class WholeStore(Store, Accounts, Counters, Installation, InCode, Acts, Usages, Protocol):
    """The four tables, with all that the table `accounts` holds."""


class CalendarFile(Protocol):
    """Reads files that hold calendars."""

    def __call__(self, raw: bytes, now: datetime) -> tuple[Span, ...]:
        """The spans of its events around now, in order and apart. `Invalid` says in a sentence why there are none."""
