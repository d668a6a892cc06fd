"""Named calendars: what their owner puts under a name, and every task that leaves it out.

A task's schedule keeps the spans of the calendars it names, so that a pass reads nothing else. Putting a calendar anew
gives all of them the new spans, each as a change of its schedule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import User
from chalicelib.core.schedule import calendars_of
from chalicelib.core.task import Task
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.logs import log
from chalicelib.ports import Clock
from chalicelib.ports.whole import CalendarFile, WholeStore

MOST_CALENDARS = 100
PAGE = 100
NAMED_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True)
class Calendars:
    """Calendars of the caller. Somebody else's answers like a missing one: `NotFound`."""

    store: WholeStore
    clock: Clock
    catalog: Catalog
    read: CalendarFile

    def calendar(self, caller: User, name: str) -> Calendar:
        """One calendar of the caller."""
        found = self.store.calendar(caller.id, name)
        if found is None:
            raise NotFound("there is no such calendar")
        return found

    def calendars(self, caller: User) -> list[Calendar]:
        """The caller's calendars, by name."""
        return self.store.calendars(caller.id)

    def put(self, caller: User, name: str, raw: bytes) -> tuple[Calendar, bool]:
        """Keep what a file says under a name, and tell the tasks that name it. Also: whether the name is new.

        The calendar is written first: who repeats a request that broke off finds the rest of the tasks.
        """
        now = floor_ms(self.clock.now())
        spans = self.read(raw, now)
        known = self.store.calendar(caller.id, name)
        if known is None and len(self.store.calendars(caller.id)) >= MOST_CALENDARS:
            detail = f"would be one calendar more than the {MOST_CALENDARS} that an account may have"
            raise Invalid(FieldError(pointer="/name", code="too_many", detail=detail))
        calendar = Calendar(owner=caller.id, name=name, spans=spans, updated_at=now)
        self.store.put_calendar(calendar)
        changed = [self.catalog.take_calendar(caller, task.id, calendar) for task in self._naming(caller, name)]
        log("calendar_put", owner=caller.id, name=name, spans=len(spans), tasks_changed=sum(changed))
        return calendar, known is None

    def delete(self, caller: User, name: str) -> None:
        """Delete a calendar that no task names; `Conflict` says which ones do."""
        self.calendar(caller, name)
        names = [task.definition.name for task in self._naming(caller, name)]
        if names:
            more = f" and {len(names) - NAMED_AT_ONCE} more" if len(names) > NAMED_AT_ONCE else ""
            listed = ", ".join(repr(each) for each in names[:NAMED_AT_ONCE])
            raise Conflict(f"in use by {listed}{more}: change these tasks first")
        self.store.delete_calendar(caller.id, name)

    def _naming(self, caller: User, name: str) -> Iterator[Task]:
        """The caller's tasks that leave a calendar out."""
        after: str | None = None
        while True:
            page = self.catalog.tasks(caller, limit=PAGE, after=after)
            yield from (task for task in page.items if name in calendars_of(task.definition.schedule))
            after = page.after
            if after is None:
                return
