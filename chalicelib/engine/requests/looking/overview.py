"""Overviews: what an account's tasks did, and how far the scheduler has come, each in a bounded number of reads.

However many tasks and runs an account has, an overview asks the index of its runs for bare keys, once for all and once
for those that need attention, and reads some hundred runs in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.errors import Conflict
from chalicelib.core.instant import EPOCH, LATEST
from chalicelib.core.overview.past import Occurrence, Past
from chalicelib.core.people.account import User
from chalicelib.core.run import NEEDS_ATTENTION, Run, RunStatus
from chalicelib.core.window import watermark_age
from chalicelib.engine.requests.visibility import visible_owner
from chalicelib.ports import Page
from chalicelib.ports.whole import WholeStore

MOST_KEYS = 5_000
"""Runs that are known by their keys: half a megabyte of an index, and a tenth of a second."""
MOST_TROUBLED = 1_000
"""Of those that need attention."""
READ_NEWEST = 150
READ_TROUBLED = 100
READ_AHEAD = 50
"""Runs that are read in full: the newest that are due, those that need attention, and due times that were skipped ahead
of them."""
TROUBLE_KEPT = timedelta(days=7)
"""What failed longer ago needs no attention any more, unless somebody looks for it."""
MOST_PAGES = 10
"""A filter that matches nothing on so many pages hands back where to go on: no request reads without end."""
SLACK = timedelta(minutes=1)
"""Passes come every half minute: a watermark that is older lags behind."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far one shard's passes have come: the age of its watermark, and when the last pass was at it. None: no pass
    has ever come."""

    shard: int
    age: timedelta | None = None
    last_pass: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Health:
    """How the scheduler stands, over all its shards."""

    shards: tuple[Standing, ...]

    @property
    def begun(self) -> bool:
        """Whether every shard has seen a pass."""
        return all(one.age is not None for one in self.shards)

    @property
    def age(self) -> timedelta:
        """Of the oldest watermark."""
        return max((one.age for one in self.shards if one.age is not None), default=timedelta(0))

    @property
    def minutes(self) -> timedelta:
        """The same in whole minutes: a page that says it is the same for as long."""
        return self.age // SLACK * SLACK

    @property
    def behind(self) -> bool:
        """Whether due times wait to be looked at."""
        return self.age > SLACK

    @property
    def last_pass(self) -> datetime | None:
        """When every shard has last been looked at: the shard that waits longest counts."""
        return min((one.last_pass for one in self.shards if one.last_pass is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the caller's account looks like; an admin may look at everybody's. `run_feed` off: runs are known only where
    they need attention."""

    store: WholeStore
    run_feed: bool
    shards: int

    def past(
        self,
        caller: User,
        since: datetime,
        now: datetime,
        *,
        until: datetime = LATEST,
        trouble_since: datetime | None = None,
        tasks: Sequence[str] = (),
        owner: str | None = None,
    ) -> Past:
        """An account's runs due within [since, until], the newest of them in full, and the last one of each of some
        tasks; and what needs attention, which may be looked for further back."""
        whose = visible_owner(self.store, caller, owner)
        low = since if trouble_since is None else min(since, trouble_since)
        troubled = self.store.occurrences(whose, first=low, last=until, limit=MOST_TROUBLED, attention=True)
        listed = troubled
        if self.run_feed:
            listed = self.store.occurrences(whose, first=since, last=until, limit=MOST_KEYS)
        keys = tuple(key for key in listed.items if key[1] >= since)
        cut = listed.after is not None and len(keys) == len(listed.items)
        known = Past(
            since=keys[-1][1] if cut else since,
            now=now,
            keys=keys,
            more=cut,
            troubled=troubled.items,
            more_troubled=troubled.after is not None,
            feed=self.run_feed,
        )
        wanted = [*_newest(keys, now), *troubled.items[:READ_TROUBLED], *_last_of(known, tasks)]
        runs = self.store.runs_at(list(dict.fromkeys(wanted)))
        return replace(known, read={(run.task_id, run.due_at): run for run in runs})

    def lists(self, statuses: AbstractSet[RunStatus]) -> bool:
        """Whether runs of these statuses (all, for none) can be listed across tasks."""
        return self.run_feed or _need_attention(statuses)

    def runs(
        self,
        caller: User,
        *,
        limit: int,
        after: str | None = None,
        statuses: AbstractSet[RunStatus] = frozenset(),
        owner: str | None = None,
    ) -> Page[Run]:
        """An account's runs across tasks without output, newest due time first, of certain statuses (all, for none). A
        filter that matches little is given up after `MOST_PAGES`: the page then says where to go on."""
        whose = visible_owner(self.store, caller, owner)
        if not self.lists(statuses):
            raise Conflict("this installation keeps no list of runs across tasks (RUN_FEED=off): ask for a task's runs")
        found: list[Run] = []
        for _ in range(MOST_PAGES):
            keys = self.store.occurrences(
                whose,
                first=EPOCH,
                last=LATEST,
                limit=limit - len(found),
                after=after,
                attention=_need_attention(statuses),
            )
            after = keys.after
            found += [run for run in self._read(keys.items) if not statuses or run.status in statuses]
            if after is None or len(found) == limit:
                break
        return Page(items=tuple(found), after=after)

    def _read(self, keys: Sequence[Occurrence]) -> list[Run]:
        """The runs with these keys, in their order."""
        runs = {(run.task_id, run.due_at): run for run in self.store.runs_at(keys)}
        return [runs[key] for key in keys if key in runs]

    def health(self, now: datetime) -> Health:
        """How far the passes of every shard have come."""
        shards = max(self.shards, self.store.shards_in_use(0))
        return Health(shards=tuple(self._standing(shard, now) for shard in range(shards)))

    def _standing(self, shard: int, now: datetime) -> Standing:
        control = self.store.late(shard, 1).control
        if control.through is None:
            return Standing(shard=shard)
        age = watermark_age(control.through, now)
        last_pass = None if control.lease_until is None else min(control.lease_until, now)
        return Standing(shard=shard, age=age, last_pass=last_pass)


def _need_attention(statuses: AbstractSet[RunStatus]) -> bool:
    """Whether an index of their own lists all runs of these statuses."""
    return bool(statuses) and statuses <= NEEDS_ATTENTION


def _newest(keys: Sequence[Occurrence], now: datetime) -> list[Occurrence]:
    """The keys of the newest runs that are due, and of the nearest that are known although they are still to come."""
    to_come = sum(due > now for _, due in keys)
    return [*keys[max(0, to_come - READ_AHEAD) : to_come], *keys[to_come : to_come + READ_NEWEST]]


def _last_of(past: Past, tasks: Sequence[str]) -> list[Occurrence]:
    return [(task_id, past.newest[task_id]) for task_id in tasks if task_id in past.newest]
