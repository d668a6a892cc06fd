"""Trying a draft once: its action is performed as it will be, and what came of it is shown. No task is stored."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.core.errors import Invalid, NotAllowed, NotFound
from chalicelib.core.instant import to_text
from chalicelib.core.run import Run
from chalicelib.core.trials import is_trial
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import ID
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.field_errors import Errors, Unacceptable
from chalicelib.web.pages.forms.task.whole import ACTIONS
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.editing.draft import Draft, sent
from chalicelib.web.pages.work.editing.previewing import preview_again
from chalicelib.web.pages.work.editing.showing import form, is_for_part, said_of, unclear

PERFORMED = frozenset({"timeout_seconds", *(name for part in ACTIONS.values() for name in part.labels)})
"""Fields that say what a trial performs."""
NAMELESS = "a draft"
PART = "work/form/trial_part.html"


def try_once(visit: Visit) -> Response:
    """Perform the action of a draft; of the rest of the form nothing has to be right."""
    draft = sent(visit)
    try:
        run = _begin(visit, draft)
    except (Unacceptable, Invalid, NotAllowed) as error:
        errors, status = said_of(draft, error)
        if is_for_part(visit):
            return unclear(visit, errors)
        return form(visit, draft, errors, status)
    return page(visit, PART, run=run) if is_for_part(visit) else form(visit, draft, trial=run)


def _begin(visit: Visit, draft: Draft) -> Run:
    reading = draft.reading
    document, unread = reading.document, _of_action(reading.errors)
    schedule = {"type": "once", "at": to_text(visit.now)}
    timeout = document["timeout_seconds"]
    tried = {"name": NAMELESS, "action": document["action"], "schedule": schedule, "timeout_seconds": timeout}
    try:
        checked = schemas.task(tried)
    except Invalid as error:
        raise Unacceptable(draft.errors_of(error) | unread) from error
    if unread:
        raise Unacceptable(unread)
    name = draft.typed["name"].strip()[:100]
    return visit.system.trials.begin(
        visit.user,
        draft.owner(visit),
        name if name.isprintable() and name else NAMELESS,
        checked["action"],
        checked["timeout_seconds"],
    )


def _of_action(errors: Errors) -> Errors:
    """What could not be read of what is performed."""
    return {name: said for name, said in errors.items() if name in PERFORMED}


def tried(visit: Visit) -> Response:
    """The form once more, with what has come of a trial by now."""
    return form(visit, sent(visit), trial=_trial(visit, fields(visit).get("trial", "")))


def trial(visit: Visit, run_id: str) -> Response:
    """What has come of a trial by now: for the script, which asks until it has ended."""
    run = _trial(visit, run_id)
    return page(visit, PART, run=run) if is_for_part(visit) else redirect(visit, f"/run/{run.id}")


def _trial(visit: Visit, run_id: str) -> Run:
    if ID.fullmatch(run_id) is None or not is_trial(run_id):
        raise NotFound("there is no such trial, or not any more")
    return visit.system.reports.run(visit.user, run_id)


ROUTES: tuple[Route, ...] = (
    Route(path="/task/try", post=try_once, again=preview_again),
    Route(path="/task/tried", post=tried, again=preview_again),
    Route(path="/trial/{run_id}", get=trial),
)
