"""A backfill from the pages: first how many runs it comes to, then, if that is what was meant, the runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from chalice.app import Response

from chalicelib.core.errors import Invalid, NotAllowed
from chalicelib.core.instant import to_text
from chalicelib.core.task import Task
from chalicelib.engine.requests.tasks.due_times import Backfill
from chalicelib.web.frame.problems import status_of
from chalicelib.web.pages.forms import csrf
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.field_errors import Errors, by_field
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.task.ahead import ahead_of
from chalicelib.web.pages.work.task.history import RIGHT, typed_instant

RUNS_SHOWN = 50
FIELDS = ("from", "to")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The range that somebody asked for, as it was typed, and what is wrong with it."""

    typed: dict[str, str]
    first: datetime | None = None
    end: datetime | None = None
    errors: Errors = field(default_factory=dict)


def ask(visit: Visit, task_id: str) -> Response:
    """The form, and where it is filled in what would be queued. Nothing is."""
    task = visit.system.catalog.task(visit.user, task_id)
    typed = {name: visit.query.get(name, "") for name in FIELDS}
    if not any(typed.values()):
        return _form(visit, task, Asked(typed=typed))
    return _answered(visit, task, _asked(typed, _zone(visit, task)))


def _answered(visit: Visit, task: Task, asked: Asked) -> Response:
    """The form with what the range comes to, or with what is wrong with it."""
    if asked.first is None or asked.end is None or asked.errors:
        return _form(visit, task, asked, status=422)
    try:
        found = visit.system.due_times.backfill(visit.user, task.id, asked.first, asked.end, dry_run=True)
    except (Invalid, NotAllowed) as error:
        return _form(visit, task, _refused(asked, error), status=int(status_of(error)))
    return _form(visit, task, asked, found)


def begin(visit: Visit, task_id: str) -> Response:
    """Queue the runs."""
    task = visit.system.catalog.task(visit.user, task_id)
    sent = fields(visit)
    asked = _asked({name: sent.get(name, "") for name in FIELDS}, _zone(visit, task))
    if asked.first is None or asked.end is None or asked.errors:
        return _form(visit, task, asked, status=422)
    try:
        visit.system.due_times.backfill(visit.user, task_id, asked.first, asked.end, dry_run=False)
    except (Invalid, NotAllowed) as error:
        return _form(visit, task, _refused(asked, error), status=int(status_of(error)))
    return redirect(visit, f"/task/{task_id}", done="backfilled")


def again(visit: Visit, task_id: str) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    sent = fields(visit)
    typed = {name: sent.get(name, "") for name in FIELDS}
    task = visit.system.catalog.task(visit.user, task_id)
    return _form(visit, task, Asked(typed=typed, errors={"": [csrf.SAY_IT_AGAIN]}), status=403)


def _asked(typed: dict[str, str], zone: tzinfo) -> Asked:
    first, end = (typed_instant(typed[name], zone) for name in FIELDS)
    errors: Errors = {name: [RIGHT] for name, found in (("from", first), ("to", end)) if found is None}
    if first is not None and end is not None and end <= first:
        errors["to"] = ["Must lie after the beginning."]
    return Asked(typed=typed, first=first, end=end, errors=errors)


def _refused(asked: Asked, error: Invalid | NotAllowed) -> Asked:
    if isinstance(error, Invalid):
        return Asked(typed=asked.typed, errors=by_field(error, {"/to": "to", "/from": "from"}))
    return Asked(typed=asked.typed, errors={"": [sentence(error)]})


def _zone(visit: Visit, task: Task) -> tzinfo:
    return visit.zones.shown(ahead_of(task, visit.now, frozenset()).zone)


def _form(visit: Visit, task: Task, asked: Asked, found: Backfill | None = None, status: int = 200) -> Response:
    return page(
        visit,
        "work/task/backfill.html",
        status,
        task=task,
        typed=asked.typed,
        errors=asked.errors,
        found=found,
        first=None if asked.first is None else to_text(asked.first),
        end=None if asked.end is None else to_text(asked.end),
        runs=() if found is None else found.runs[:RUNS_SHOWN],
        zone=_zone(visit, task),
    )


ROUTES = (Route(path="/task/{task_id}/backfill", get=ask, post=begin, again=again),)
