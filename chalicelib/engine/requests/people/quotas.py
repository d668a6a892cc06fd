"""Quotas: how much of the installation one account may take, by its tasks, their size, and how often they run.

What is taken is added up in one row of the account, by one conditional write for each task that is made or grows.
Nothing is ever taken off: where the sum comes to a quota, what there really is gets counted, and the sum is put right.
So neither a deletion nor a request that came to nothing has to be remembered, and nobody pays for counting before.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import task as definitions
from chalicelib.core.errors import QuotaReached, Unavailable
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import User
from chalicelib.core.people.usage import NOTHING, Usage, usage_of
from chalicelib.core.schedule import Spans, calendar_names, calendars_of
from chalicelib.core.task import Task
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.logs import log
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore

COUNTED_AGAIN = timedelta(seconds=10)
"""Counting reads all tasks of an account: who keeps asking beyond a quota has it done no more often than this."""
PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """The quota that each account of this installation has. `QuotaReached` where a request goes beyond it.

    A store that does not answer stops nobody here, and what is wrong with a task is left to the catalog to say.
    """

    store: WholeStore
    clock: Clock
    catalog: Catalog
    quota: Usage

    def admit_new(self, caller: User, data: Mapping[str, Any]) -> None:
        """Count a task that is about to be made of checked JSON."""
        self._admit(caller.id, self._usage(caller.id, data, None))

    def admit_change(self, old: Task, data: Mapping[str, Any]) -> None:
        """Count what a task takes more once it is defined by checked JSON instead; mostly nothing, and no write. It is
        its owner's quota, whoever changes it."""
        more = self._usage(old.owner, data, old).growth(_stored(old, self.clock.now()))
        self._admit(old.owner, more)

    def _usage(self, owner: str, data: Mapping[str, Any], old: Task | None) -> Usage:
        calendars = {} if old is None else calendars_of(old.definition.schedule)
        named = calendar_names(data["schedule"])
        calendars |= self.catalog.named_calendars(owner, data["schedule"])
        return usage_of(data, _spans({name: calendars[name] for name in named if name in calendars}), self.clock.now())

    def _admit(self, owner: str, more: Usage) -> None:
        if more == NOTHING:
            return
        try:
            admitted = self._fits(owner, more)
        except Unavailable as error:
            log("quota_not_counted", logging.WARNING, owner=owner, reason=str(error))
            return
        if not admitted:
            log("quota_reached", logging.WARNING, owner=owner)
            raise QuotaReached(self._sentence())

    def _fits(self, owner: str, more: Usage) -> bool:
        if not more.within(self.quota):
            return False
        if self.store.use(owner, more, self.quota):
            return True
        return self._counted(owner) and self.store.use(owner, more, self.quota)

    def _counted(self, owner: str) -> bool:
        """Put the sum right. False: that has just been done."""
        now, seen = floor_ms(self.clock.now()), self.store.counted_at(owner)
        if seen is not None and now - seen < COUNTED_AGAIN:
            return False
        self.store.put_usage(owner, self._really(owner, now), now, seen=seen)
        return True

    def _really(self, owner: str, now: datetime) -> Usage:
        """What the account's tasks take."""
        total, after = NOTHING, None
        while True:
            page = self.store.tasks_of(owner, limit=PAGE, after=after)
            total = sum((_stored(task, now) for task in page.items), total)
            after = page.after
            if after is None:
                return total

    def _sentence(self) -> str:
        quota = self.quota
        return (
            f"an account may have {quota.tasks:,} tasks, with {quota.stored_bytes:,} bytes of definitions, that ask "
            f"for {quota.hourly_runs // 60:,} runs a minute: this would be more. Delete tasks that are not needed, or "
            f"let them run less often; it may take {COUNTED_AGAIN.seconds} s until that is noticed"
        )


def _stored(task: Task, now: datetime) -> Usage:
    return usage_of(definitions.to_json(task.definition), _spans(calendars_of(task.definition.schedule)), now)


def _spans(calendars: Mapping[str, Spans]) -> int:
    return sum(len(spans) for spans in calendars.values())
