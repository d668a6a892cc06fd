"""Windows, shards and agenda entries: where in the agenda something that is due has to stand.

A window is thirty seconds. Its start and a shard are the key under which the agenda keeps what begins in it, so that
finding due work is one read by key. `is_late` is the one rule for everybody but the dispatcher.
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.instant import MILLISECOND, from_ms, to_ms

WINDOW = timedelta(seconds=30)
LOOK_AHEAD = timedelta(seconds=45)
"""A pass handles every window that starts within this time: passes come every 30 s, and a tick up to 15 s late."""
MARGIN = timedelta(seconds=15)
"""Two clocks may differ by 5 s either way, and a write may take 5 s."""
HORIZON = LOOK_AHEAD + WINDOW + MARGIN
SLOW_WRITE = timedelta(seconds=5)
"""A write to a window that took longer may have come after the pass that read it: it is repeated as late."""
NEAR = LOOK_AHEAD + WINDOW
"""What is due within this time may belong to a window that has been handled: the API sends it to the workers itself."""
AGENDA_RETENTION = timedelta(days=35)
"""A window is kept this long after its start, for the auditor; then DynamoDB's time to live removes it."""


BEHIND = timedelta(minutes=3)
"""Three ticks: passes that have not come for so long do not come by themselves."""


def watermark_age(through: datetime | None, now: datetime) -> timedelta:
    """How long ago the last handled window ended: nothing where that is to come, or no pass has ever been there.

    >>> from datetime import UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> watermark_age(start, start + timedelta(seconds=100)).total_seconds()
    70.0
    """
    return timedelta(0) if through is None else max(timedelta(0), now - (through + WINDOW))


class Kind(enum.StrEnum):
    """What an agenda entry asks for."""

    SCHEDULE = "schedule"
    """The task's schedule says "now"; handling it writes the next one."""
    RETRY = "retry"
    """Another attempt of a run whose last one failed."""
    MANUAL = "manual"
    """A run that its owner asked for."""
    BACKFILL = "backfill"
    """A due time of the past that its owner asked for."""
    TAKEOVER = "takeover"
    """A run whose worker may have died: another worker looks after the lease's end."""
    MEMBER = "member"
    """A run that a group asked for."""
    GROUP = "group"
    """A group that may need help to go on. `task_id` is its id, `due_at` when it was made."""


@dataclass(frozen=True, kw_only=True, order=True)
class Entry:
    """A hint in the agenda that something begins at `start`. The task's definition is the truth.

    Two entries with the same fields are the same entry, so writing one twice is harmless. `number` is the attempt
    it leads to.
    """

    start: datetime
    task_id: str
    kind: Kind
    due_at: datetime
    number: int = 1

    @property
    def key(self) -> str:
        """The sort key: entries of one window stand in the order in which they begin.

        >>> from datetime import UTC
        >>> at = datetime(2026, 1, 1, tzinfo=UTC)
        >>> Entry(start=at, task_id="abc", kind=Kind.SCHEDULE, due_at=at).key
        '1767225600000#abc#schedule#1767225600000#1'
        """
        return f"{to_ms(self.start):013d}#{self.task_id}#{self.kind}#{to_ms(self.due_at):013d}#{self.number}"

    @classmethod
    def from_key(cls, key: str) -> Entry:
        """The entry with this sort key; `ValueError` where no entry has such a key."""
        start, task_id, kind, due, number = key.split("#")
        return cls(
            start=from_ms(int(start)), task_id=task_id, kind=Kind(kind), due_at=from_ms(int(due)), number=int(number)
        )


@dataclass(frozen=True, kw_only=True)
class LateEntry:
    """An entry of a late partition. `nonce` differs at every write: who deletes it says which write they handled."""

    entry: Entry
    nonce: str


def window_of(instant: datetime) -> datetime:
    """The start of the window that an instant lies in.

    >>> from datetime import UTC
    >>> window_of(datetime(2026, 1, 1, 9, 30, 59, 999000, tzinfo=UTC)).isoformat()
    '2026-01-01T09:30:30+00:00'
    """
    milliseconds = to_ms(instant)
    return from_ms(milliseconds - milliseconds % (WINDOW // MILLISECOND))


def window_key(start: datetime, shard: int) -> str:
    """The agenda's partition of one window of one shard.

    >>> from datetime import UTC
    >>> window_key(datetime(2026, 1, 1, 9, 30, 30, tzinfo=UTC), 2)
    '2026-01-01T09:30:30Z#2'
    """
    return f"{start:%Y-%m-%dT%H:%M:%SZ}#{shard}"


def late_key(shard: int) -> str:
    """The agenda's late partition of one shard.

    >>> late_key(0)
    'late#0'
    """
    return f"late#{shard}"


def is_late(start: datetime, now: datetime) -> bool:
    """Whether an entry that begins at `start` is too near for its window, which a pass may have read already.

    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> is_late(now + timedelta(seconds=90), now), is_late(now + timedelta(seconds=91), now)
    (True, False)
    """
    return start <= now + HORIZON


def next_window(now: datetime) -> datetime:
    """The start of the window after the one that `now` lies in."""
    return window_of(now) + WINDOW


def shard_of(task_id: str, shards: int) -> int:
    """The shard that a new task is given, spread evenly; stored on the task, so that it is kept for life.

    >>> [shard_of(name, 4) for name in ("a", "b", "c", "d")]
    [2, 2, 3, 3]
    """
    return int.from_bytes(hashlib.sha256(task_id.encode()).digest()[:4], "big") % shards


def delay_seconds(start: datetime, now: datetime) -> int:
    """Whole seconds that SQS should hold a message so that it arrives just before `start`, never after.

    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> [delay_seconds(now + timedelta(seconds=s), now) for s in (-5, 0.5, 1, 1.5, 3)]
    [0, 0, 0, 1, 2]
    """
    ahead = -((now - start) // timedelta(seconds=1))
    return min(max(0, ahead - 1), 900)
