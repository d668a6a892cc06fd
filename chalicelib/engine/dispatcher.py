"""The dispatcher: one pass over one shard.

Windows are handled in order, from the watermark to the last one that has come near, then the late partition, then what
a jump over an outage has left to do. A crash anywhere means that a page is done again: every write in it is idempotent.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.core.errors import NewerSchema
from chalicelib.core.message import RunMessage
from chalicelib.core.planning import Plan, plan
from chalicelib.core.sending.fairness import in_order
from chalicelib.core.sending.packing import PACK
from chalicelib.core.task import Priority
from chalicelib.core.window import LOOK_AHEAD, WINDOW, Entry, watermark_age
from chalicelib.engine.shards import jump
from chalicelib.engine.shards.lease import LEASE, Held, LeaseLost
from chalicelib.engine.shards.preparing import Missed, prepare
from chalicelib.logs import log
from chalicelib.ports import Clock, Control, LatePartition, Placed, Queue, Store

PASS_LIMIT = timedelta(seconds=40)
"""A pass stops by itself this long after it began; its function's timeout is 60 s. The next pass goes on."""
PAGE = 500
"""Entries read at once. Each page costs one write of the cursor."""
MOST_PASSED_BY = 4
"""Windows that are looked into before the lease is taken: after an outage, they are handled one by one."""
SENT_AT_ONCE = 500
"""Messages between two looks at the lease."""
PAGES_AHEAD = 24
"""Twelve thousand entries are looked through for what is of high priority, where their window has begun already."""


@dataclass(frozen=True, kw_only=True)
class Passed:
    """What a pass did: runs dispatched, due times recorded as missed; and the watermark's age when it was over."""

    watermark_age: timedelta
    dispatched: int = 0
    missed: int = 0


@dataclass(frozen=True, kw_only=True)
class Dispatcher:
    """Handles shards."""

    store: Store
    queue: Queue
    clock: Clock

    def handle(self, shard: int) -> Passed:
        """Handle what has come near in a shard. How much that was."""
        late = self.store.late(shard, PAGE)
        now = self.clock.now()
        if not late.entries and not _anything_near(late.control, now):
            return Passed(watermark_age=watermark_age(late.control.through, now))
        token = secrets.token_hex(8)
        if not late.entries and (passed := self._passed_by(shard, late.control, token, now)) is not None:
            return Passed(watermark_age=watermark_age(passed, now))
        control = self.store.take_lease(shard, token, now=now, until=now + LEASE)
        if control is None:
            log("pass_left_to_another", shard=shard)
            return Passed(watermark_age=watermark_age(late.control.through, now))
        held = Held(self.store, self.clock, shard, control, began=self.clock.elapsed(), limit=PASS_LIMIT)
        work = _Pass(held, self.queue)
        try:
            work.run(late)
        except LeaseLost:
            log("pass_lost_lease", shard=shard, dispatched=work.dispatched)
        age = watermark_age(held.control.through, self.clock.now())
        return Passed(watermark_age=age, dispatched=work.dispatched, missed=sum(work.missed.values()))

    def _passed_by(self, shard: int, control: Control, token: str, now: datetime) -> datetime | None:
        """The watermark, moved over windows that are near and hold nothing; None where there is more to do than that.

        They are read without the lease. Whoever holds it meanwhile, or comes back to it, writes the control row before
        anything else could be put into a window that has come near: then the watermark is not moved here.
        """
        if control.through is None or not _at_rest(control, now):
            return None
        through = control.through
        while _anything_near(replace(control, through=through), now):
            through += WINDOW
            if through - control.through > MOST_PASSED_BY * WINDOW or self._holds_anything(shard, through):
                return None
        return through if self.store.pass_by(shard, control, token, through=through) else None

    def _holds_anything(self, shard: int, window: datetime) -> bool:
        """Whether a window holds an entry, or one that cannot be read: who handles it says what is wrong with it."""
        try:
            return bool(self.store.window(window, shard, after=None, limit=1))
        except NewerSchema:
            return True


def _at_rest(control: Control, now: datetime) -> bool:
    """Whether no pass holds the lease, and none has left anything behind."""
    held = control.lease_until is None or control.lease_until > now
    return not held and control.cursor is None and control.hinting is None and control.skipped is None


def _anything_near(control: Control, now: datetime) -> bool:
    return control.through is None or control.through + WINDOW < now + LOOK_AHEAD


@dataclass
class _Pass:
    """One pass at work."""

    held: Held
    queue: Queue
    dispatched: int = 0
    missed: Missed = field(default_factory=dict)
    ahead: set[Entry] = field(default_factory=set)
    """What was sent before its page had its turn."""
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = self.held.store

    def run(self, late: LatePartition) -> None:
        """Jump an outage, windows in order, the late partition, what is left of a jump; give the shard back."""
        through = jump.watermark(self.held)
        while through + WINDOW < self.held.now() + LOOK_AHEAD and not self.held.out_of_time():
            if not self._window(through + WINDOW):
                break
            through += WINDOW
        try:
            self._late(late, through)
            self.missed |= jump.make_up(self.held, PAGE)
        except LeaseLost:
            raise
        except Exception:  # whatever breaks there, the windows are behind this shard
            self.held.give_back()
            raise
        self.held.give_back()

    def _window(self, start: datetime) -> bool:
        """Handle a window page by page from the cursor on. False: out of time, the next pass goes on at the cursor."""
        looked_ahead = False
        while True:
            self.held.keep()
            entries = self.store.window(start, self.held.shard, after=self.held.control.cursor, limit=PAGE)
            if len(entries) == PAGE and not looked_ahead and start <= self.held.now():
                looked_ahead = True
                self._send_urgent(start)
            self._dispatch(entries, start + WINDOW)
            if len(entries) < PAGE:
                self.held.note(through=start, cursor=None)
                return True
            self.held.write(cursor=entries[-1].key)
            if self.held.out_of_time():
                return False

    def _send_urgent(self, start: datetime) -> None:
        """Send what is of high priority in a window that has begun and still holds pages of entries: each page takes
        half a second, and it may stand on the last one. Its page then does the rest."""
        after = self.held.control.cursor
        for _ in range(PAGES_AHEAD):
            self.held.keep()
            entries = self.store.window(start, self.held.shard, after=after, limit=PAGE)
            messages = self._planned(entries, start + WINDOW).messages
            urgent = [message for message in messages if message.priority is Priority.HIGH]
            self._send(urgent)
            self.ahead.update(message.entry for message in urgent)
            if len(entries) < PAGE:
                return
            after = entries[-1].key

    def _late(self, late: LatePartition, through: datetime) -> None:
        """Handle the late entries. A window with a cursor counts as read: nothing new may be put there."""
        begun = WINDOW if self.held.control.cursor is not None else timedelta(0)
        while late.entries:
            self._dispatch([x.entry for x in late.entries], through + WINDOW + begun)
            self.held.write()  # without this, a pass that slept past its lease deletes what another relies on
            self.store.delete_late(self.held.shard, late.entries)
            if not late.more or self.held.out_of_time():
                return
            late = self.store.late(self.held.shard, PAGE)

    def _dispatch(self, entries: Sequence[Entry], end: datetime) -> None:
        """Perform the plan of a page: record, put the next entries, send."""
        if not entries:
            return
        planned = self._planned(entries, end)
        upcoming = [self._placed(entry, end) for entry in planned.upcoming]
        self.missed |= prepare(self.store, self.held.shard, planned, upcoming)
        self._send([one for one in planned.messages if one.entry not in self.ahead] if self.ahead else planned.messages)

    def _planned(self, entries: Sequence[Entry], end: datetime) -> Plan:
        tasks = self.store.tasks({entry.task_id for entry in entries})
        return plan(entries, tasks, now=self.held.now(), end=end)

    def _placed(self, entry: Entry, end: datetime) -> Placed:
        """The holder of the lease may write into any window that it has not begun to read."""
        return Placed(entry=entry, shard=self.held.shard, late=entry.start < end)

    def _send(self, unordered: Sequence[RunMessage]) -> None:
        """Send messages, owners in turn: whoever has a single one waits for nobody's thousands; low ones come last."""
        messages = in_order(unordered)
        for at in range(0, len(messages), SENT_AT_ONCE):
            self.held.keep()
            batch = messages[at : at + SENT_AT_ONCE]
            self.queue.send_runs(batch, self.held.now(), together=PACK)
            self.dispatched += len(batch)
