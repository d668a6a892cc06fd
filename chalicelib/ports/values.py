"""Values that ports exchange with the engine, and that are nothing by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from chalicelib.core.window import Entry, LateEntry

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some of a list, and where to go on: `after` is the key of the last item looked at, None at the list's end.
    `left_out` is how many there were besides that could not be read, where the verb counts them.

    A verb that is asked to go on after something that is no such key raises `Invalid`.
    """

    items: tuple[T, ...]
    after: str | None = None
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Hinting:
    """A jump on its way: all tasks of the shard are hinted at. Those up to the id `after` have been (None: none yet);
    what each is owed begins after window `since` (None: with its last change)."""

    since: datetime | None = None
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Control:
    """Where a shard's passes stand: everything that begins before the end of window `through` has been handled.

    `cursor` is the key of the last entry handled in the window after `through`; `token` and `lease_until` say which
    pass is at it. `through` None: no pass has ever been here. `hinting` is the jump that is not finished, `skipped` the
    first and the last of the windows that were jumped over and are still to be looked into.
    """

    through: datetime | None = None
    cursor: str | None = None
    hinting: Hinting | None = None
    skipped: tuple[datetime, datetime] | None = None
    token: str | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LatePartition:
    """A shard's late partition as one read found it. `more`: it holds further entries than were read."""

    control: Control
    entries: tuple[LateEntry, ...]
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class Audited:
    """How far the auditor has come: windows up to `recorded` have been looked into for what was not recorded, those up
    to `ended` for what did not end, and those up to `looked` for what owners are to be told did not run; `chains_at` is
    when it last began to look at all tasks, `chains_after` the id of the last one it looked at, None when it had looked
    at all."""

    recorded: datetime | None = None
    ended: datetime | None = None
    looked: datetime | None = None
    chains_at: datetime | None = None
    chains_after: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that no function could handle, from the dead-letter queue of `queue`. Who buries it shows `receipt`."""

    queue: str
    id: str
    body: str
    receipt: str


@dataclass(frozen=True, kw_only=True)
class Depth:
    """About how many messages a queue holds: `waiting` may be received now, `at_work` have been received and not
    deleted, `held` are to come later. `dead` are in its dead-letter queue."""

    queue: str
    waiting: int = 0
    at_work: int = 0
    held: int = 0
    dead: int = 0


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An entry and the shard it belongs to; `late` puts it into the late partition instead of its window."""

    entry: Entry
    shard: int
    late: bool
