"""Survey: one bounded look at an account's tasks, and what it tells: what they cost, and what they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.overview import costs
from chalicelib.core.people.account import User
from chalicelib.core.people.usage import NOTHING, Usage
from chalicelib.core.schedule import calendars_of
from chalicelib.core.secrets.naming import names
from chalicelib.core.task import Task
from chalicelib.ports.whole import WholeStore

LOOKED_AT = 500
"""Tasks: their definitions are read by one or two queries, and summed up in some hundredths of a second."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What tasks cost in the coming 30 days at list prices, and how often they run in them."""

    usd: float = 0.0
    runs: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Surveyed:
    """An account's newest tasks: all of them, where `complete`."""

    tasks: tuple[Task, ...]
    complete: bool

    def by_calendar(self) -> dict[str, list[Task]]:
        """The tasks that leave each named calendar out."""
        return self._by(lambda task: calendars_of(task.definition.schedule))

    def by_secret(self) -> dict[str, list[Task]]:
        """The tasks that name each secret."""
        return self._by(lambda task: names(task.definition.action))

    def _by(self, names_in: Callable[[Task], Collection[str]]) -> dict[str, list[Task]]:
        found: defaultdict[str, list[Task]] = defaultdict(list)
        for task in self.tasks:
            for name in names_in(task):
                found[name].append(task)
        return dict(found)

    def forecast(self, now: datetime, *, feed: bool, architecture: str) -> Forecast:
        """The estimates of all these tasks, added up."""
        estimates = [costs.estimate(task, now, feed=feed, architecture=architecture) for task in self.tasks]
        return Forecast(
            usd=sum(each["usd_per_month"] for each in estimates), runs=sum(each["runs_per_month"] for each in estimates)
        )


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Looks at what is the caller's own, an admin's too."""

    store: WholeStore
    quota: Usage

    def of(self, caller: User) -> Surveyed:
        """The caller's newest tasks, in one look."""
        page = self.store.tasks_of(caller.id, limit=LOOKED_AT, after=None)
        return Surveyed(tasks=page.items, complete=page.after is None)

    def used(self, *owners: str) -> dict[str, Usage]:
        """What each of some accounts is known to use: never less than it does, and put right when it comes to the
        quota."""
        known = self.store.usages(owners)
        return {owner: known.get(owner, NOTHING) for owner in owners}
