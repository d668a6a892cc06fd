"""The dispatcher: one pass over one shard.

Windows are handled in order, from the watermark to the last one that has come near, then the late partition. A crash
anywhere means that a page is done again: every write in it is idempotent. Only the pass that holds the shard's lease
may move the watermark or delete a late entry.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.planning import Plan, left_behind, plan, shortened
from chalicelib.core.run import Run
from chalicelib.core.schedule import first_from
from chalicelib.core.window import AGENDA_RETENTION, LOOK_AHEAD, WINDOW, Entry, Kind, window_of
from chalicelib.logs import log
from chalicelib.ports import Clock, Control, LatePartition, Placed, Queue, Store

LEASE = timedelta(seconds=30)
RENEW_AFTER = timedelta(seconds=10)
"""A lease is renewed this long after the last time: two renewals may fail or be slow before it ends."""
PASS_LIMIT = timedelta(seconds=40)
"""A pass stops by itself this long after it began; its function's timeout is 60 s. The next pass goes on."""
PAGE = 500
"""Entries read at once. Each page costs one write of the cursor."""
SENT_AT_ONCE = 500
"""Messages between two looks at the lease."""
LONGEST_STEP = timedelta(hours=6)
"""A watermark older than this is not stepped through window by window."""
SWEPT_AT_ONCE = 1000
"""Windows that were jumped over and that one pass looks into: some seconds of reading, after everything else."""


class LeaseLost(Exception):
    """Another pass has taken the shard: whatever is left is its work."""


@dataclass(frozen=True, kw_only=True)
class Dispatcher:
    """Handles shards."""

    store: Store
    queue: Queue
    clock: Clock

    def handle(self, shard: int) -> int:
        """Handle what has come near in a shard. The number of runs dispatched."""
        late = self.store.late(shard, PAGE)
        now = self.clock.now()
        if not late.entries and not _window_near(late.control, now):
            return 0
        token = secrets.token_hex(8)
        control = self.store.take_lease(shard, token, now=now, until=now + LEASE)
        if control is None:
            log("pass_left_to_another", shard=shard)
            return 0
        work = _Pass(self.store, self.queue, self.clock, shard, control, began=self.clock.elapsed())
        try:
            work.run(late)
        except LeaseLost:
            log("pass_lost_lease", shard=shard, dispatched=work.dispatched)
        return work.dispatched


def _window_near(control: Control, now: datetime) -> bool:
    return control.through is None or control.through + WINDOW < now + LOOK_AHEAD


@dataclass
class _Pass:
    """One pass at work: what it has done so far, and its claim on the shard."""

    store: Store
    queue: Queue
    clock: Clock
    shard: int
    control: Control
    began: timedelta
    renewed: timedelta = field(init=False)
    dispatched: int = 0

    def __post_init__(self) -> None:
        self.renewed = self.began

    def run(self, late: LatePartition) -> None:
        """Jump an outage, windows in order, the late partition, some of what was jumped over; give the shard back."""
        through = self._watermark()
        while through + WINDOW < self.clock.now() + LOOK_AHEAD and not self._out_of_time():
            if not self._window(through + WINDOW):
                break
            through += WINDOW
        self._late(late, through)
        self._sweep()
        self._write(lease_until=self.clock.now())

    def _watermark(self) -> datetime:
        """The last handled window; where it lies far back, or nowhere yet, every task is hinted at and it jumps."""
        through = self.control.through
        if through is not None and self.clock.now() - through <= LONGEST_STEP:
            return through
        target = window_of(self.clock.now()) - WINDOW
        self._hint_at_all_tasks(through)
        log("watermark_jumped", shard=self.shard, from_=through, to=target)
        self._write(through=target, cursor=None, skipped=self._skipped(through, target))
        return target

    def _skipped(self, through: datetime | None, target: datetime) -> tuple[datetime, datetime] | None:
        """The windows to look into after a jump, with those that are left of an earlier one."""
        if through is None:
            return None
        earlier = self.control.skipped
        first = through + WINDOW if earlier is None else earlier[0]
        return max(first, target - AGENDA_RETENTION), target

    def _hint_at_all_tasks(self, through: datetime | None) -> None:
        """A late entry for each active task's first due time since the watermark; its misfire policy does the rest."""
        after: str | None = None
        while True:
            page = self.store.tasks_in(self.shard, after=after)
            hints: list[Placed] = []
            for task in page.items:
                begin = task.changed_at if through is None else max(task.changed_at, through + WINDOW)
                due = first_from(task.definition.schedule, begin) if task.active else None
                if due is not None:
                    entry = Entry(start=due, task_id=task.id, kind=Kind.SCHEDULE, due_at=due)
                    hints.append(Placed(entry=entry, shard=self.shard, late=True))
            self.store.put_entries(hints)
            self._keep()
            after = page.after
            if after is None:
                return

    def _window(self, start: datetime) -> bool:
        """Handle a window page by page from the cursor on. False: out of time, the next pass goes on at the cursor."""
        while True:
            self._keep()
            entries = self.store.window(start, self.shard, after=self.control.cursor, limit=PAGE)
            self._dispatch(entries, start + WINDOW)
            if len(entries) < PAGE:  # written with the next renewal, or when the shard is given back
                self.control = replace(self.control, through=start, cursor=None)
                return True
            self._write(cursor=entries[-1].key)
            if self._out_of_time():
                return False

    def _sweep(self) -> None:
        """Look into windows that were jumped over, for what the hints do not bring back. The next pass goes on."""
        for _ in range(SWEPT_AT_ONCE):
            if self.control.skipped is None or self._out_of_time():
                return
            self._keep()
            start, last = self.control.skipped
            self._look_into(start)
            skipped = (start + WINDOW, last) if start < last else None
            self.control = replace(self.control, skipped=skipped)  # written with the next renewal, or at the end

    def _look_into(self, start: datetime) -> None:
        """Put the retries and the like of a window that was jumped over where every pass looks."""
        cursor: str | None = None
        while True:
            entries = self.store.window(start, self.shard, after=cursor, limit=PAGE)
            if entries:
                planned = left_behind(entries, self.store.tasks({entry.task_id for entry in entries}))
                self._prepare(planned, [Placed(entry=x, shard=self.shard, late=True) for x in planned.upcoming])
            if len(entries) < PAGE:
                return
            self._keep()
            cursor = entries[-1].key

    def _late(self, late: LatePartition, through: datetime) -> None:
        """Handle the late entries. A window with a cursor counts as read: nothing new may be put there."""
        if not late.entries:
            return
        begun = WINDOW if self.control.cursor is not None else timedelta(0)
        self._dispatch([x.entry for x in late.entries], through + WINDOW + begun)
        self._write()  # without this, a pass that slept past its lease deletes what another relies on
        self.store.delete_late(self.shard, late.entries)

    def _dispatch(self, entries: Sequence[Entry], end: datetime) -> None:
        """Perform the plan of a page: record, put the next entries, send."""
        if not entries:
            return
        tasks = self.store.tasks({entry.task_id for entry in entries})
        planned = plan(entries, tasks, now=self.clock.now(), end=end)
        self._prepare(planned, [self._placed(entry, end) for entry in planned.upcoming])
        self._send(planned)

    def _prepare(self, planned: Plan, upcoming: Sequence[Placed]) -> None:
        """Everything of a plan that comes before its messages."""
        for task_id, reason in planned.broken.items():
            log("task_broken", shard=self.shard, task_id=task_id, reason=reason)
        for run in planned.records:
            self._record(run)
        self.store.put_entries(upcoming)

    def _record(self, run: Run) -> None:
        """Write a record unless it is there. A range whose last due time has a run of its own stands before that."""
        found = self.store.insert_run(run)
        log("due_time_recorded", run_id=run.id, status=run.status, reason=run.error and run.error.code, new=not found)
        shorter = None if found is None else shortened(run, found)
        if shorter is not None:
            self._record(shorter)

    def _placed(self, entry: Entry, end: datetime) -> Placed:
        """The holder of the lease may write into any window that it has not begun to read."""
        return Placed(entry=entry, shard=self.shard, late=entry.start < end)

    def _send(self, planned: Plan) -> None:
        for at in range(0, len(planned.messages), SENT_AT_ONCE):
            self._keep()
            batch = planned.messages[at : at + SENT_AT_ONCE]
            self.queue.send_runs(batch, self.clock.now())
            self.dispatched += len(batch)

    def _keep(self) -> None:
        """Renew the lease when it is time."""
        if self.clock.elapsed() - self.renewed >= RENEW_AFTER:
            self._write()

    def _write(self, **changes: Any) -> None:
        """Write the control row: watermark and cursor as far as they have come, changes, and a renewed lease."""
        control = replace(self.control, **{"lease_until": self.clock.now() + LEASE} | changes)
        if not self.store.move(self.shard, control):
            raise LeaseLost
        self.control, self.renewed = control, self.clock.elapsed()

    def _out_of_time(self) -> bool:
        return self.clock.elapsed() - self.began > PASS_LIMIT
