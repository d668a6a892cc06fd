"""Limits: how often anybody may log in, register, write and run. Beyond them: `TooMany`, which says when to go on.

Nothing is read first: counting and asking are one conditional write, so that of many at the same moment exactly as many
get through as may.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from chalicelib.core.errors import NotAuthenticated, PunctualError, TooMany, Unavailable, WrongPassword
from chalicelib.core.names import same_name
from chalicelib.core.people import rates
from chalicelib.core.people.account import User
from chalicelib.core.people.rates import Counter, Rate
from chalicelib.logs import log
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore

T = TypeVar("T")
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of this installation. A `source` is the address that a request came from."""

    store: WholeStore
    clock: Clock

    def write(self, caller: User) -> None:
        """Count a change that an account asks for. One write unit; a store that does not answer stops nobody here."""
        self._count_caller(rates.WRITES, caller)

    def run(self, caller: User) -> None:
        """Count a run that an account asks for, in the same way."""
        self._count_caller(rates.RUNS, caller)

    def group(self, caller: User) -> None:
        """Count a group that an account asks for, in the same way."""
        self._count_caller(rates.GROUPS, caller)

    def registration(self, source: str) -> None:
        """Count an account that is asked for; also where it comes to nothing, so that nobody tries out names."""
        whom = rates.network(source)
        self._count(_Counted(store=self.store), rates.REGISTRATIONS, whom, whom)

    def log_in(self, source: str, username: str, attempt: Callable[[], T]) -> T:
        """Let an attempt to log in, or to show that one knows the password, go on unless too many have failed. Steps:

        1. it is counted as failed before it is made, so that a thousand at once are not a thousand guesses: for its
           source, for its source at this account, and for the account;
        2. where the account has had its share, a source that has failed there itself has to wait, and no other: who
           fails elsewhere never stops an owner who knows the password;
        3. unless it then fails for its password, it is taken off again.

        Names that nobody has are counted alike. A store that does not answer lets nobody in: `Unavailable`.
        """
        counted = _Counted(store=self.store)
        try:
            self._count_log_in(counted, rates.network(source), same_name(username))
            return attempt()
        except (NotAuthenticated, WrongPassword):
            counted.keep()
            raise
        finally:
            counted.take_back()

    def _count_log_in(self, counted: _Counted, source: str, name: str) -> None:
        """Count a failure; `TooMany` where it would be one too many."""
        self._count(counted, rates.LOG_INS_OF_SOURCE, source, source)
        own = self._count(counted, rates.LOG_INS, f"{source} {name}", source)
        try:
            self._count(counted, rates.LOG_INS_OF_ACCOUNT, name, source)
        except TooMany:
            if own > rates.SPARED:
                raise

    def _count_caller(self, rate: Rate, caller: User) -> None:
        try:
            self._count(_Counted(store=self.store), rate, caller.id, caller.id)
        except Unavailable as error:
            log("limit_not_counted", logging.WARNING, rate=rate.name, owner=caller.id, reason=str(error))

    def _count(self, counted: _Counted, rate: Rate, of: str, whom: str) -> int:
        """Count one; what it has come to. The log learns `whom` it stopped, and no name that somebody only tried."""
        now = self.clock.now()
        counter = rate.counter(of, now)
        number = self.store.count(counter, rate.many)
        if number is None:
            log("limit_reached", logging.WARNING, rate=rate.name, whom=whom)
            left = max(1, math.ceil((counter.ends - now) / SECOND))
            raise TooMany(rate.sentence(counter), retry_after=timedelta(seconds=left))
        counted.add(counter)
        return number


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """What an attempt was counted in."""

    store: WholeStore
    counters: list[Counter] = field(default_factory=list)

    def add(self, counter: Counter) -> None:
        self.counters.append(counter)

    def keep(self) -> None:
        """It did fail: that stays."""
        self.counters.clear()

    def take_back(self) -> None:
        """It has not failed. Where that cannot be written, it counts as though it had, until the period ends."""
        for counter in self.counters:
            with suppress(PunctualError):
                self.store.uncount(counter)
