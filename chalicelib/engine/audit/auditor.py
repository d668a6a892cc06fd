"""The auditor: fired every five minutes, it looks for what should be there and is not, repairs it, and raises an alarm.

1. Watermarks: every shard's passes have come in the last minutes.
2. Dead letters are recorded on their runs.
3. Windows that were over five minutes ago: everything in them has been recorded.
4. Windows of yesterday: everything in them has come to an end as well.
5. Once an hour, all tasks: each active one has an entry ahead.

Last of all, and whatever broke before, it tells owners what they are to be told and nobody has told them yet: above all
that their tasks did not run, which nobody else can tell when the scheduler is what broke.

It remembers how far it has come, so that a firing that does not happen leaves no gap, and a short one is gone on with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.core.instant import floor_ms
from chalicelib.core.message import PassMessage
from chalicelib.core.owed.auditing import up_to_date
from chalicelib.core.window import BEHIND, WINDOW, late_key, watermark_age, window_key, window_of
from chalicelib.engine.alerts.telling import Telling
from chalicelib.engine.audit.chains import Chains
from chalicelib.engine.audit.cues import Cues
from chalicelib.engine.audit.dead_letters import DeadLetters
from chalicelib.engine.audit.finding import found, unless_newer
from chalicelib.engine.audit.unstarted import Unstarted
from chalicelib.engine.audit.windows import Windows
from chalicelib.logs import log
from chalicelib.metrics import Measures, Metric, seconds
from chalicelib.ports import Audited, Clock, Control, LatePartition, Queue, Store

RECORDED_BY = timedelta(minutes=5)
"""After a window's start; every message in it has been received by then, unless workers cannot keep up."""
ENDED_BY = timedelta(hours=20)
"""Less than a day: the shortest retention, after which what is looked for may be gone."""
OFTEN = timedelta(hours=1)
"""Between two looks at all tasks."""
KEPT_EVERY = 50
"""Steps between two writes of how far it has come: after a crash, so many are done again."""
LIMIT = timedelta(seconds=200)
"""An audit stops by itself this long after it began; its function's timeout is 300 s. The next one goes on."""
FOR_LETTERS = timedelta(seconds=50)
"""Of that, kept for telling owners: half of it for beginning, and half for what was begun last."""
NOTHING_HANDLED = LatePartition(control=Control(), entries=())
"""How a shard stands to which no pass has come."""
FOR_THE_LAST = timedelta(seconds=60)
"""By so much longer may the window take that was begun before the limit; what it then leaves is told."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What an audit found, dead letters among it, and the age of the oldest watermark as it found it."""

    found: int
    dead_letters: int
    watermark_age: timedelta

    def measures(self) -> Measures:
        """What an audit measured."""
        return {
            Metric.FINDINGS: [self.found],
            Metric.DEAD_LETTERS: [self.dead_letters],
            Metric.WATERMARK_AGE: seconds([self.watermark_age]),
        }


@dataclass(frozen=True, kw_only=True)
class Auditor:
    """Audits one installation. `shards` is how many new tasks are spread over; older ones may be in more."""

    store: Store
    queue: Queue
    clock: Clock
    shards: int
    telling: Telling

    def audit(self) -> Audit:
        """Look at everything that it is time to look at. Nothing should be found."""
        end = self.clock.elapsed() + LIMIT
        shards = self.store.shards_in_use(self.shards)
        try:
            standing = [self._standing(shard) for shard in range(shards)]
            audited = self._looked(self.store.audited(), standing, end - FOR_LETTERS)
            return self._found(audited, standing, end - FOR_LETTERS)
        finally:
            self._tell(shards, end - FOR_LETTERS / 2)

    def _standing(self, shard: int) -> LatePartition:
        """How far a shard's passes have come. Where a newer version wrote that, which was rolled back, none: no pass
        comes past it either, and owners are to be told of what does not run."""
        return unless_newer(late_key(shard), lambda: self.store.late(shard, 1), NOTHING_HANDLED)

    def _tell(self, shards: int, end: timedelta) -> None:
        """Tell owners what they are to be told."""
        cues = Cues(store=self.store, clock=self.clock, telling=self.telling, end=end)
        if letters := cues.work_off(range(shards)):
            log("owners_told", letters=letters)

    def _looked(self, audited: Audited, standing: Sequence[LatePartition], end: timedelta) -> Audited:
        """While passes are behind: look at what should have started by now, for those who want to be told. First of
        all, because it relies on nothing that may have broken but the store. How far it came."""
        now = floor_ms(self.clock.now())
        if audited.recorded is None or all(_settled(late, now) for late in standing):
            return audited
        unstarted = Unstarted(store=self.store)
        for shard in range(len(standing)):
            unless_newer(late_key(shard), partial(unstarted.look_at_late, shard, now - RECORDED_BY), None)
        for start in _windows(audited.looked or audited.recorded, now - RECORDED_BY):
            for shard in range(len(standing)):
                unless_newer(window_key(start, shard), partial(unstarted.look, start, shard), None)
            audited = replace(audited, looked=start)
            if self.clock.elapsed() > end:
                break
        return audited

    def _found(self, audited: Audited, standing: Sequence[LatePartition], end: timedelta) -> Audit:
        count = self._passes_behind(standing, new=audited.recorded is None)
        oldest = max(watermark_age(late.control.through, self.clock.now()) for late in standing)
        letters = DeadLetters(store=self.store, queue=self.queue, clock=self.clock).record()
        count += letters
        for number, (more, reached) in enumerate(self._steps(audited, standing, end), 1):
            count, audited = count + more, reached
            if self.clock.elapsed() > end:
                break
            if number % KEPT_EVERY == 0:
                self.store.put_audited(audited)
        self.store.put_audited(audited)
        return Audit(found=count, dead_letters=letters, watermark_age=oldest)

    def _passes_behind(self, standing: Sequence[LatePartition], *, new: bool) -> int:
        """Send passes to shards that none has come to. In a new installation the first tick may still be to come."""
        count, now = 0, self.clock.now()
        for shard, late in enumerate(standing):
            through = late.control.through
            if (through is None and not new) or (through is not None and through < now - BEHIND):
                count += found("passes_behind", shard=shard, through=through)
                self.queue.send_passes([PassMessage(shard=shard)])
        return count

    def _steps(
        self, audited: Audited, standing: Sequence[LatePartition], end: timedelta
    ) -> Iterator[tuple[int, Audited]]:
        """One window, or one page of tasks, at a time: how much was found, and how far the auditor has come."""
        now, shards = floor_ms(self.clock.now()), range(len(standing))
        if audited.recorded is None:  # what was before the first audit is not looked into
            audited = Audited(recorded=window_of(now) - RECORDED_BY, ended=window_of(now) - ENDED_BY)
            yield 0, audited
        windows = Windows(store=self.store, queue=self.queue, clock=self.clock, end=end + FOR_THE_LAST)
        if all(_settled(late, now) for late in standing):
            for start in _windows(audited.recorded, now - RECORDED_BY):
                audited = replace(audited, recorded=start, looked=start)
                yield sum(windows.check(start, shard, ended=False) for shard in shards), audited
        for start in _windows(audited.ended, now - ENDED_BY):
            audited = replace(audited, ended=start)
            yield sum(windows.check(start, shard, ended=True) for shard in shards), audited
        yield from self._chains(audited, now)

    def _chains(self, audited: Audited, now: datetime) -> Iterator[tuple[int, Audited]]:
        if audited.chains_after is None:
            if audited.chains_at is not None and now - audited.chains_at < OFTEN:
                return
            audited = replace(audited, chains_at=now)
        chains = Chains(store=self.store, clock=self.clock)
        while True:
            count, after = chains.check(audited.chains_after)
            audited = replace(audited, chains_after=after)
            yield count, audited
            if after is None:
                return


def _settled(late: LatePartition, now: datetime) -> bool:
    """Whether a shard has recorded what it owes. One that makes up for an outage has not."""
    backlog = bool(late.entries) and late.entries[0].entry.start < now - RECORDED_BY
    return up_to_date(late.control.through, now) and late.control.hinting is None and not backlog


def _windows(done: datetime | None, until: datetime) -> Iterator[datetime]:
    """The windows after one that has been looked into, as far as they are over at an instant."""
    start = None if done is None else done + WINDOW
    while start is not None and start + WINDOW <= until:
        yield start
        start += WINDOW
