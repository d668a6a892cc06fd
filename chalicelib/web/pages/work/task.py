"""The page of a task, and its buttons: run now, pause, resume, delete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalice.app import Response

from chalicelib.core.schedule.preview import Preview, preview
from chalicelib.core.secrets.naming import is_reference
from chalicelib.core.task import Task
from chalicelib.web.endpoint import Call
from chalicelib.web.pages.forms.task.texts import value_text
from chalicelib.web.pages.looks.words import task_look
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import HOME, Visit
from chalicelib.web.paging import after_of, cursor_for

RUNS_SHOWN = 20
DUE_TIMES_SHOWN = 5
EXCLUDED_SHOWN = 10
DONE = {
    "created": "The task was created.",
    "saved": "The changes were saved.",
    "paused": "The task is paused: nothing starts until you resume it.",
    "resumed": "The task goes on with its next due time.",
}

ACTION_LABELS = {
    "command": "Command line",
    "env": "Environment",
    "stdin": "Standard input",
    "method": "Method",
    "url": "Address",
    "headers": "Headers",
    "body": "Body",
    "expect_status": "Expected status",
    "name": "Function",
    "signing": "Signed with",
    "args": "Arguments",
    "kwargs": "Keyword arguments",
    "service": "Service",
    "operation": "Operation",
    "parameters": "Parameters",
}


def show(visit: Visit, task_id: str) -> Response:
    """Definition, state, what comes next and what was: runs newest first."""
    task = visit.system.catalog.task(visit.user, task_id)
    call = Call(request=visit.request, session=visit.session)
    after = after_of(call, f"runs of {task_id}")
    history = visit.system.reports.runs_of(visit.user, task_id, limit=RUNS_SHOWN, after=after)
    ahead = preview(task.definition.schedule, visit.now, DUE_TIMES_SHOWN)
    skipped = visit.system.reports.standings(visit.user, [task.id], visit.now)[task.id].skipped
    next_due = task.next_due(visit.now, skipped)
    return page(
        visit,
        "work/task.html",
        task=task,
        look=task_look(task, next_due),
        next_due=next_due,
        ahead=ahead,
        upcoming=_upcoming(ahead, skipped),
        more_excluded=max(0, len(ahead.excluded) - EXCLUDED_SHOWN),
        action=_told(task.definition.action),
        runs=history.items,
        older=cursor_for(call, f"runs of {task_id}", history.after),
        later_page=after is not None,
        notice=DONE.get(visit.query.get("done", "")),
        refresh=refresh_seconds(visit, [next_due], list(history.items)),
        live=True,
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the upcoming due times; `without` says why nothing starts then."""

    at: datetime
    without: str = ""


def _upcoming(ahead: Preview, skipped: AbstractSet[datetime]) -> list[Line]:
    """Due times and what is left out between them, in order."""
    lines = [Line(at=due, without="skipped by you" if due in skipped else "") for due in ahead.due_times]
    lines += [Line(at=one.at, without=f"excluded by {one.by}") for one in ahead.excluded[:EXCLUDED_SHOWN]]
    return sorted(lines, key=lambda line: line.at)


def _told(action: Mapping[str, Any]) -> dict[str, str]:
    """What an action says, as text by label."""
    given = {name: value for name, value in action.items() if name != "type" and value not in (None, "", {}, [])}
    return {ACTION_LABELS.get(name, name): _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and all(isinstance(one, str) or is_reference(one) for one in value.values()):
        return "\n".join(f"{name}: {value_text(one)}" for name, one in value.items())
    return json.dumps(value, ensure_ascii=False)


def pause(visit: Visit, task_id: str) -> Response:
    """Nothing starts from now on."""
    return _back(visit, visit.system.catalog.pause(visit.user, task_id), "paused")


def resume(visit: Visit, task_id: str) -> Response:
    """Go on with the next due time."""
    return _back(visit, visit.system.catalog.resume(visit.user, task_id), "resumed")


def _back(visit: Visit, task: Task, done: str) -> Response:
    return redirect(visit, f"/task/{task.id}", done=done)


def run_now(visit: Visit, task_id: str) -> Response:
    """Start a run and look at it; a paused task runs as well."""
    return redirect(visit, f"/run/{visit.system.catalog.run_now(visit.user, task_id).id}")


def delete_page(visit: Visit, task_id: str) -> Response:
    """Ask before a task is deleted."""
    return page(visit, "work/delete.html", task=visit.system.catalog.task(visit.user, task_id))


def delete(visit: Visit, task_id: str) -> Response:
    """Delete a task for good."""
    visit.system.catalog.delete(visit.user, task_id)
    return redirect(visit, HOME, done="deleted")


ROUTES = (
    Route(path="/task/{task_id}", get=show),
    Route(path="/task/{task_id}/delete", get=delete_page, post=delete),
    Route(path="/task/{task_id}/pause", post=pause),
    Route(path="/task/{task_id}/resume", post=resume),
    Route(path="/task/{task_id}/run", post=run_now),
)
