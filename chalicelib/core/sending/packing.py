"""Packing: which runs travel in one message.

A worker handles the runs of a pack side by side, each with a result of its own; only that they arrive together is what
they share. So a pack holds what arrives together anyhow, of one group, and nothing that has troubled a worker before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from chalicelib.core.message import RunMessage
from chalicelib.core.task import Channel
from chalicelib.core.window import Kind, delay_seconds

PACK = 6
"""Runs that a pass puts into one message. Ten such messages come to a worker at once: each run more makes its share of
that function's processor smaller, and more has to be done again where the worker dies."""
LIGHT = frozenset({Channel.LIGHT, Channel.URGENT})
"""A command may take minutes, and its message would come again with it."""
NEVER_TRIED = frozenset({Kind.SCHEDULE, Kind.BACKFILL})
"""What may begin a run. One whose attempt failed, or whose worker died, or that its owner waits for goes alone."""


def packs(messages: Iterable[RunMessage], now: datetime, most: int) -> list[list[RunMessage]]:
    """The messages as they travel: at most so many that start in the same second together. A pack goes where the first
    of it would have gone, so whoever had a turn before somebody else's crowd still has."""
    found: list[list[RunMessage]] = []
    open_packs: defaultdict[object, list[RunMessage]] = defaultdict(list)
    for message in messages:
        if message.channel not in LIGHT or message.entry.kind not in NEVER_TRIED:
            found.append([message])
            continue
        key = (message.channel, message.group, delay_seconds(message.entry.start, now))
        pack = open_packs[key]
        if not pack or len(pack) == most:
            pack = open_packs[key] = []
            found.append(pack)
        pack.append(message)
    return found
