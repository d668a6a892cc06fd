"""Writing agenda entries: the one rule for where an entry goes, for everybody but the dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from chalicelib.core.window import SLOW_WRITE, Entry, is_late
from chalicelib.ports import Agenda, Clock, Placed

T = TypeVar("T")


def place(entry: Entry, shard: int, now: datetime) -> Placed:
    """A far entry goes under its window, which no pass can have read yet; a nearer one where every pass looks."""
    return Placed(entry=entry, shard=shard, late=is_late(entry.start, now))


def write_placed(agenda: Agenda, clock: Clock, write: Callable[[Placed | None], T], placed: Placed | None) -> T:
    """Perform a write that carries an entry; if it took long, repeat the entry in the late partition.

    A slow write to a window may have come after the pass that read it. The monotonic clock decides: the other may jump.
    """
    began: timedelta = clock.elapsed()
    result = write(placed)
    if placed is not None and not placed.late and clock.elapsed() - began > SLOW_WRITE:
        agenda.put_entries([Placed(entry=placed.entry, shard=placed.shard, late=True)])
    return result
