"""The list of tasks: each with its schedule in words, what comes next and what its last runs came to; and what can be
done to several of them at once.

However many tasks an account has, a page of the list reads the tasks of one page and the last runs of each by one small
query, all at the same time. A filter that fits little looks through a bounded part of the others, and says where to go
on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from chalice.app import Response

from chalicelib.core.errors import PunctualError
from chalicelib.core.people.account import User
from chalicelib.core.run import Run
from chalicelib.core.schedule import Cron, Interval, Once, Schedule
from chalicelib.core.task import Task
from chalicelib.engine.requests.reports import Standing
from chalicelib.web.api.tasks.selecting import selection_of
from chalicelib.web.frame.paging import after_of, cursor_for, owner_of
from chalicelib.web.pages.charts import strip as strips
from chalicelib.web.pages.charts.strip import Strip
from chalicelib.web.pages.forms.body import every, fields
from chalicelib.web.pages.looks.words import ACTIVE, PAUSED, Look, full, task_look
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work import samples
from chalicelib.web.pages.work.bulk import Deed, known, perform
from chalicelib.web.pages.work.filters import STATES, filtered, filters_of

ROWS = 25
"""Tasks on a page. Each costs a query for its runs: fifty make a page that takes half a second on the local stack."""
MOST_TICKED = 100
"""More than a page shows: the fields of a form are limited as well."""
UNKNOWN_DUE = "When it is due cannot be worked out any more"
DONE = {
    Deed.RUN: "started now",
    Deed.PAUSE: "paused: nothing of it starts until it is resumed",
    Deed.RESUME: "resumed: it goes on with its next due time",
    Deed.DELETE: "deleted. The runs stay readable until their retention ends",
}
NOTHING_TICKED = "Tick the tasks first that this is about."


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task as the list shows it. `zone` is the name of its own; `trouble` says why its due times are not known."""

    task: Task
    look: Look
    zone: str | None
    next_due: datetime | None
    strip: Strip
    last_run: Run | None
    trouble: str = ""


def show(visit: Visit) -> Response:
    """A page of the tasks that fit the filters, newest first."""
    return _listed(visit)


def _listed(visit: Visit, status: int = 200, **told: Any) -> Response:
    call = filtered(visit)
    owner = owner_of(call)
    listing = "tasks" if owner is None else f"tasks of owner {owner}"
    filters, after = filters_of(call, owner), after_of(call, listing)
    found = selection_of(call).page(
        visit.system.catalog, visit.user, limit=ROWS, after=after, now=visit.now, owner=owner
    )
    rows = _rows(visit, found.items)
    return page(
        visit,
        "work/task_list.html",
        status,
        rows=rows,
        filters=filters,
        states=STATES,
        of=_owner(visit, owner),
        tags=sorted({tag for row in rows for tag in row.task.definition.tags}),
        signs=strips.legend(),
        places=strips.RUNS,
        older=cursor_for(call, listing, found.after),
        later_page=after is not None,
        cursor="".join(call.query("cursor")[-1:]),
        untried=samples.untried(visit.user),
        notice=_notice(visit),
        refresh=refresh_seconds(visit, [row.next_due for row in rows], [row.last_run for row in rows]),
        live=visit.method == "GET",  # what a form came to stays until somebody goes on
        **{"outcome": None, "problem": None} | told,
    )


def _owner(visit: Visit, owner: str | None) -> User | None:
    """Whose list it is, where it is not the visitor's own."""
    return None if owner is None else visit.system.accounts.user(visit.user, owner)


def _rows(visit: Visit, tasks: Sequence[Task]) -> list[Row]:
    ids = [task.id for task in tasks]
    standings = visit.system.reports.standings(visit.user, ids, visit.now, strips.RUNS)
    return [_row(visit, task, standings[task.id]) for task in tasks]


def _row(visit: Visit, task: Task, standing: Standing) -> Row:
    zone = _own_zone(task.definition.schedule)
    row = Row(
        task=task,
        look=ACTIVE if task.active else PAUSED,
        zone=zone,
        next_due=None,
        strip=strips.strip(standing.last_runs, partial(full, zone=visit.zones.shown(zone))),
        last_run=standing.last_run,
    )
    try:
        next_due = task.next_due(visit.now, standing.skipped)
    except PunctualError as error:
        return replace(row, trouble=f"{UNKNOWN_DUE}: {error.told}.")
    except (ValueError, ArithmeticError, LookupError, OSError):  # an unknown zone, say
        return replace(row, trouble=f"{UNKNOWN_DUE}: edit its schedule, its time zone first.")
    return replace(row, next_due=next_due, look=task_look(task, next_due))


def _own_zone(schedule: Schedule) -> str | None:
    """The name of the zone that a schedule is written in, if it is written in one."""
    match schedule:
        case Once():
            return None
        case Interval():
            return schedule.time_zone
        case Cron():
            return schedule.rule.time_zone


def _notice(visit: Visit) -> str | None:
    """What the form did that led here."""
    deed, count = visit.query.get("done", ""), visit.query.get("count", "")
    if deed not in set(Deed) or not (count.isascii() and count.isdecimal() and len(count) <= 3):
        return None
    return f"{_tasks(int(count))} {DONE[Deed(deed)]}."


def _tasks(count: int) -> str:
    """
    >>> _tasks(1), _tasks(2)
    ('1 task', '2 tasks')
    """
    return f"{count} task" if count == 1 else f"{count} tasks"


def act(visit: Visit) -> Response:
    """Do something to each of the tasks that were ticked. Deleting asks first."""
    sent, ticked = fields(visit), every(visit, "task")[:MOST_TICKED]
    if sent.get("do") not in set(Deed) or not ticked:
        return _listed(visit, 422, problem=NOTHING_TICKED)
    deed = Deed(sent["do"])
    if deed is Deed.DELETE and sent.get("sure") != "yes":
        return _question(visit, ticked)
    outcome = perform(visit, deed, ticked)
    if outcome.refused:
        return _listed(visit, 409, outcome=outcome)
    return redirect(visit, _back(visit, done=str(deed), count=len(outcome.done)))


def _question(visit: Visit, ticked: Sequence[str]) -> Response:
    """Ask before several tasks are deleted, naming each."""
    found = [task for task in (known(visit, task_id) for task_id in ticked) if task is not None]
    if not found:
        return _listed(visit, 422, problem="There is none of these tasks any more.")
    return page(visit, "work/delete_tasks.html", tasks=found, sent_to=_back(visit), back=_back(visit))


def _back(visit: Visit, **more: str | int) -> str:
    """The address of the very part of the list from which a form was sent."""
    call = filtered(visit)
    return filters_of(call, owner_of(call)).address(cursor="".join(call.query("cursor")[-1:]), **more)


ROUTES = (Route(path="/tasks", get=show, post=act),)
