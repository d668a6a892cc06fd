"""What is not a table: queues, secrets, the time and actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from chalicelib.core.alerting.letter import Letter
from chalicelib.core.message import PassMessage, RunMessage
from chalicelib.core.run import Outcome
from chalicelib.core.secrets.naming import KeptSecret
from chalicelib.ports.values import DeadLetter, Depth


class Queue(Protocol):
    """The queues."""

    def send_passes(self, passes: Sequence[PassMessage]) -> None:
        """Ask dispatchers to handle shards."""

    def send_runs(self, messages: Sequence[RunMessage], now: datetime, *, together: int = 1) -> None:
        """Send each message to its channel's queue so that it arrives just before its start: at most so many of those
        that may in one."""

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Messages of the dead-letter queues, at most `limit` of each. One that is not buried is there again after a
        minute."""

    def bury(self, letter: DeadLetter) -> None:
        """Delete a dead letter; gone already is well."""

    def depths(self) -> list[Depth]:
        """How full each queue is, about: what was sent or deleted within the last minute may not be counted yet."""


class Secrets(Protocol):
    """Values that an owner has given a name. Who writes one may read the former value for moments after."""

    def put(self, owner: str, name: str, value: str) -> None:
        """Keep a value under a name, over whatever its owner has there. `Conflict` where there is no room."""

    def names(self, owner: str) -> list[KeptSecret]:
        """An owner's secrets, in the order of their names."""

    def delete(self, owner: str, name: str) -> None:
        """Delete a secret; gone already is well."""

    def values(self, owner: str, names: Iterable[str]) -> dict[str, str]:
        """The values of those of an owner's secrets that exist, by name."""


class Clock(Protocol):
    """The time. `now` may be set back; `elapsed` never is."""

    def now(self) -> datetime:
        """Aware, UTC."""

    def elapsed(self) -> timedelta:
        """Since some fixed moment, for measuring how long something took."""

    def wait_until(self, instant: datetime) -> None:
        """Return when `now()` has reached an instant."""


class Notifier(Protocol):
    """Delivers letters to owners in one way."""

    def __call__(self, address: str, letter: Letter, key: str) -> str | None:
        """Deliver a letter, within seconds. None: it was taken. Otherwise why not, without anything secret. Never
        raises for what the receiver did. `key` is the owner's own, to sign with."""


class Action(Protocol):
    """Performs one type of action."""

    def __call__(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, Any]) -> Outcome:
        """What it came to. Never raises for what the action did. `context` names task, run, due time and attempt; where
        a group hands results on, a list of them as `results`."""
