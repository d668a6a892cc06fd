"""What an owner wants to be told about a task, and where."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


class Happening(enum.StrEnum):
    """What an owner may be told of."""

    FAILED = "failed"
    """A run failed, was stopped by its timeout or was lost, and no attempt is left."""
    MISSED = "missed"
    """A due time, or a range of them, could not be started within its grace."""
    DID_NOT_RUN = "did_not_run"
    """A due time has passed, and nothing at all says what became of it: the scheduler itself may have broken."""
    RECOVERED = "recovered"
    """The first success after something that was told."""


class Way(enum.StrEnum):
    """How an owner is told."""

    WEBHOOK = "webhook"
    SNS = "sns"


TROUBLES = frozenset(Happening) - {Happening.RECOVERED}
COOLDOWN = timedelta(minutes=15)
"""Between two alerts of trouble of one task, unless its owner says otherwise."""
GRACE = timedelta(minutes=5)
"""After a due time, before it counts as one that did not run. The auditor, which looks, comes as often."""


@dataclass(frozen=True, kw_only=True)
class Notify:
    """What to tell, to which addresses, and how far apart."""

    on: frozenset[Happening]
    addresses: Mapping[Way, str]
    cooldown: timedelta = COOLDOWN
    grace: timedelta = GRACE

    @property
    def told_of_recovery(self) -> bool:
        return Happening.RECOVERED in self.on


def to_json(notify: Notify) -> dict[str, Any]:
    """As the contract writes it.

    >>> to_json(from_json({"on": ["recovered", "failed"], "webhook": "https://example.com/"}))
    {'on': ['failed', 'recovered'], 'webhook': 'https://example.com/', 'cooldown_seconds': 900, 'grace_seconds': 300}
    """
    return {
        "on": [str(one) for one in Happening if one in notify.on],
        **{str(way): notify.addresses[way] for way in Way if way in notify.addresses},
        "cooldown_seconds": notify.cooldown // timedelta(seconds=1),
        "grace_seconds": notify.grace // timedelta(seconds=1),
    }


def from_json(data: Mapping[str, Any]) -> Notify:
    """What checked JSON of the contract says, defaults filled in."""
    return Notify(
        on=frozenset(Happening(one) for one in data.get("on", Happening)),
        addresses={way: data[way] for way in Way if way in data},
        cooldown=timedelta(seconds=data.get("cooldown_seconds", COOLDOWN.total_seconds())),
        grace=timedelta(seconds=data.get("grace_seconds", GRACE.total_seconds())),
    )
