"""The week: seven days of hours, what was filled and what is to come outlined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta, tzinfo

from chalice.app import Response

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import EPOCH, LATEST
from chalicelib.core.overview.ahead import Ahead, ahead
from chalicelib.core.overview.past import Past
from chalicelib.core.run import run_id
from chalicelib.core.task import Task
from chalicelib.web.pages.charts.week import DAY, DAYS, Line, Week, add, changes, empty_week, fill, monday
from chalicelib.web.pages.looks.marks import DUE, TAKEN_OUT, mark_of
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.account_view import TASKS_READ, zone_name
from chalicelib.web.pages.zones import zone_named

FIRST_MONDAY, LAST_MONDAY = monday(EPOCH.date() + 2 * DAYS * DAY), monday(LATEST.date() - DAYS * DAY)
"""Weeks that lie within the instants that there are, in every time zone."""
ZONES_LOOKED_AT = 10
"""Time zones of tasks whose clock changes are marked, those of the newest tasks: each takes two milliseconds."""


def show(visit: Visit) -> Response:
    """The week that begins with the Monday of `from`; this one, without it."""
    zone = visit.zones.shown()
    first = _first_day(visit)
    week = empty_week(first, zone, visit.now)
    tasks = visit.system.catalog.tasks(visit.user, limit=TASKS_READ)
    past = _past(visit, week)
    coming = _ahead(visit, week, tasks.items, past)
    fill(week, _runs(past, tasks.items), _due(visit, coming, past, tasks.items))
    if coming is not None:
        add(week, coming.edges, _still_to_come(visit, coming))
    return page(
        visit,
        "work/week.html",
        week=week,
        changes=changes(week, _others(tasks.items, zone)),
        past=past,
        ahead=coming,
        more_tasks=tasks.after is not None,
        tasks=tasks.items,
        earlier=max(first - DAYS * DAY, FIRST_MONDAY).isoformat(),
        later=min(first + DAYS * DAY, LAST_MONDAY).isoformat(),
        this=week.begin <= visit.now < week.end,
        live=week.begin <= visit.now < week.end,
    )


def _others(tasks: Iterable[Task], shown: tzinfo) -> list[tzinfo]:
    """The time zones of tasks whose clock is not the one that the week is shown by, as far as they are known."""
    names = dict.fromkeys(name for name in map(zone_name, tasks) if name not in (None, "UTC", str(shown)))
    zones = (zone_named(name or "") for name in list(names)[:ZONES_LOOKED_AT])
    return [zone for zone in zones if zone is not None]


def _first_day(visit: Visit) -> date:
    """The Monday that the week begins with."""
    given = visit.query.get("from")
    if not given:
        return monday(visit.now.astimezone(visit.zones.shown()).date())
    try:
        day = date.fromisoformat(given)
    except ValueError as error:
        raise _wrong("must be a date like 2026-11-16") from error
    if not FIRST_MONDAY <= day < LAST_MONDAY + DAYS * DAY:
        raise _wrong(f"must be a date from {FIRST_MONDAY} to {LAST_MONDAY}")
    return monday(day)


def _wrong(detail: str) -> Invalid:
    return Invalid(FieldError(pointer="/from", code="invalid_date", detail=detail))


def _past(visit: Visit, week: Week) -> Past:
    """What is recorded of the week, due times ahead that were taken out among it."""
    return visit.system.overview.past(visit.user, week.begin, visit.now, until=week.end - timedelta(milliseconds=1))


def _ahead(visit: Visit, week: Week, tasks: tuple[Task, ...], past: Past) -> Ahead | None:
    """What is to come in the week; nothing where it is over."""
    if week.end <= visit.now:
        return None
    return ahead(tasks, week.edges(max(visit.now, week.begin)), past.skipped)


def _runs(past: Past, tasks: tuple[Task, ...]) -> Iterator[tuple[Line, bool]]:
    """Each run that was due, and whether it needs attention."""
    names = {task.id: task.definition.name for task in tasks}
    for key in past.keys:
        if key in past.skipped:
            continue
        run, troubled = past.read.get(key), past.is_trouble(key)
        name = names.get(key[0], "a task") if run is None else run.task_name
        mark = mark_of(None if run is None else run.status, troubled=troubled)
        yield Line(at=key[1], name=name, mark=mark, path=f"/run/{run_id(*key)}"), troubled


def _due(visit: Visit, coming: Ahead | None, past: Past, tasks: tuple[Task, ...]) -> Iterator[Line]:
    """Each due time to come, those that were taken out among them."""
    names = {task.id: task.definition.name for task in tasks}
    for task_id, at in past.skipped:
        if at > visit.now:
            name = names.get(task_id, "a task")
            yield Line(at=at, name=name, mark=TAKEN_OUT, path=f"/task/{task_id}", ahead=True)
    for one in coming.due if coming is not None else ():
        if one.at > visit.now:
            yield Line(at=one.at, name=one.task.definition.name, mark=DUE, path=f"/task/{one.task.id}", ahead=True)


def _still_to_come(visit: Visit, coming: Ahead) -> list[float]:
    """The slots, of the one that has begun only what is left of it."""
    slots = list(coming.slots)
    begin, end = coming.edges[0], coming.edges[1]
    if slots and begin < visit.now:
        slots[0] *= max(0.0, (end - visit.now) / (end - begin))
    return slots


ROUTES = (Route(path="/week", get=show),)
