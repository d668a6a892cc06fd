"""What one look at an account gathers: its newest tasks, what they did and what is ahead of them, in bounded reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.overview.ahead import Ahead, Broken, ahead, next_due
from chalicelib.core.overview.past import Past
from chalicelib.core.schedule import Interval, Once
from chalicelib.core.task import Task
from chalicelib.engine.requests.looking.overview import TROUBLE_KEPT
from chalicelib.web.pages.visit import Visit

TASKS_READ = 300
"""Tasks whose schedules are looked at for what is ahead: about a quarter of a megabyte."""
HOUR = timedelta(hours=1)
SLOT = timedelta(minutes=5)
DAY = timedelta(days=1)
AHEAD_HOURS = 13
"""From the full hour on, so that twelve hours from now are in it, and pages within an hour ask for the same."""


@dataclass(frozen=True, kw_only=True)
class AccountView:
    """The newest `tasks` of an account (there may be `more_tasks`), the past day and the hours ahead."""

    tasks: tuple[Task, ...]
    more_tasks: bool
    past: Past
    ahead: Ahead
    now: datetime

    def next_due(self, task: Task) -> datetime | Broken | None:
        """A task's next due time that its owner has not skipped."""
        return next_due(task, self.now, frozenset(due for of, due in self.past.skipped if of == task.id))


def account_view(visit: Visit, *, named: int) -> AccountView:
    """What there is to see of the visitor's account; of the first `named` tasks the last run is read as well."""
    found = visit.system.catalog.tasks(visit.user, limit=TASKS_READ)
    shown = [task.id for task in found.items[:named]]
    past = visit.system.overview.past(
        visit.user, visit.now - DAY, visit.now, trouble_since=visit.now - TROUBLE_KEPT, tasks=shown
    )
    return AccountView(
        tasks=found.items,
        more_tasks=found.after is not None,
        past=past,
        ahead=ahead(found.items, _slots(visit.now), past.skipped),
        now=visit.now,
    )


def _slots(now: datetime) -> Sequence[datetime]:
    """Five minutes each, from an hour ago: what should have started by now is looked for as well."""
    begin = now.replace(minute=0, second=0, microsecond=0) - HOUR
    return [begin + n * SLOT for n in range((AHEAD_HOURS + 1) * (HOUR // SLOT) + 1)]


def zone_name(task: Task) -> str | None:
    """The time zone that a task's owner thinks in, as they named it; None where the schedule has none."""
    match task.definition.schedule:
        case Once():
            return None
        case Interval(time_zone=name):
            return name
        case cron:
            return cron.rule.time_zone
