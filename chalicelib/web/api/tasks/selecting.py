"""Selecting: which of an account's tasks a list shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.people.account import User
from chalicelib.core.task import Task
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.ports import Page
from chalicelib.web.checks.shapes.tasks import GivenState
from chalicelib.web.frame.endpoint import Call
from chalicelib.web.frame.paging import one_of
from chalicelib.web.rendering import state_of

LOOKED_AT_ONCE = 500
"""Tasks that are read for a selection at a time: about half of what DynamoDB puts into one answer."""
MOST_PAGES = 2
"""A selection that fits little is not looked for without end: the answer says where to go on."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Tasks in any of some states (all, for none), with all of some tags, and a text in name or description."""

    states: frozenset[str]
    tags: frozenset[str]
    text: str

    def page(
        self, catalog: Catalog, caller: User, *, limit: int, after: str | None, now: datetime, owner: str | None = None
    ) -> Page[Task]:
        """Up to `limit` fitting tasks, newest first, from after a task on."""
        found: list[Task] = []
        for _ in range(MOST_PAGES if self.narrow else 1):
            page = catalog.tasks(caller, limit=LOOKED_AT_ONCE if self.narrow else limit, after=after, owner=owner)
            found += [task for task in page.items if self.fits(task, now)]
            if len(found) > limit:
                return Page(items=tuple(found[:limit]), after=found[limit - 1].id)
            after = page.after
            if after is None or len(found) == limit:
                break
        return Page(items=tuple(found), after=after)

    @property
    def narrow(self) -> bool:
        """Whether any task is left out."""
        return bool(self.states or self.tags or self.text)

    def fits(self, task: Task, now: datetime) -> bool:
        own = task.definition
        return (
            self.tags <= set(own.tags)
            and any(self.text in text.casefold() for text in (own.name, own.description))
            and (not self.states or state_of(task, now) in self.states)
        )


def selection_of(call: Call) -> Selection:
    """The `state`s, `tag`s and the text `q` of a query."""
    states = one_of(call, "state", GivenState, ", ".join(GivenState))
    text = call.query("q")[-1:]
    return Selection(
        states=frozenset(str(state) for state in states),
        tags=frozenset(call.query("tag")),
        text="".join(text).casefold(),
    )
