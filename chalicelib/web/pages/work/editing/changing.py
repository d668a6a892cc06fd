"""Editing a task: what will change is shown before it is saved, and what somebody else has changed meanwhile."""

from __future__ import annotations

from dataclasses import replace

from chalice.app import Response

from chalicelib.core import task as tasks
from chalicelib.core.errors import Invalid, NotAllowed, QuotaReached, VersionConflict
from chalicelib.core.instant import floor_ms
from chalicelib.core.task import Definition, State, Task
from chalicelib.web.frame.json_text import Malformed
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.field_errors import Unacceptable
from chalicelib.web.pages.forms.task.comparing import clashes, differences, settled
from chalicelib.web.pages.forms.task.whole import fields_of
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.editing.draft import Draft, opened, sent, shown_of
from chalicelib.web.pages.work.editing.meaning import due_times_of
from chalicelib.web.pages.work.editing.showing import again, form, is_for_part, refused, said_of, unclear

DUE_TIMES = 5


def update_page(visit: Visit, task_id: str) -> Response:
    """The form with what the task is now."""
    return form(visit, opened(visit.system.catalog.task(visit.user, task_id)))


def update(visit: Visit, task_id: str) -> Response:
    """Store what was changed, if nobody changed the task since the form was shown."""
    draft = _settled(visit, sent(visit, task_id))
    task = _edited(draft)
    try:
        _replace(visit, task, draft)
    except VersionConflict:
        return _lost_race(visit, draft)
    except (Unacceptable, Invalid, NotAllowed, QuotaReached) as error:
        return refused(visit, draft, error)
    return redirect(visit, f"/task/{task_id}", done="saved")


def update_again(visit: Visit, task_id: str) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    return again(visit, sent(visit, task_id))


def review(visit: Visit, task_id: str) -> Response:
    """What saving would change: each field before and after, and the next due times. Nothing is stored."""
    draft = _settled(visit, sent(visit, task_id))
    task = _edited(draft)
    if _version(draft) != task.version:
        return _lost_race(visit, draft)
    try:
        definition = _definition(visit, draft)
    except (Unacceptable, Invalid) as error:
        return _not_clear(visit, draft, error)
    return page(
        visit,
        "work/form/review_part.html" if is_for_part(visit) else "work/form/review.html",
        task=task,
        typed=draft.typed,
        errors={},
        differences=differences(fields_of(draft.base or {}), fields_of(tasks.to_json(definition))),
        before=_due_times(visit, task.definition),
        after=_due_times(visit, definition),
        zone=draft.reading.document["schedule"].get("time_zone"),
    )


def _not_clear(visit: Visit, draft: Draft, error: Unacceptable | Invalid) -> Response:
    """What is wrong: on the form again, or where the script shows it."""
    if not is_for_part(visit):
        return refused(visit, draft, error)
    return unclear(visit, said_of(draft, error)[0])


def _definition(visit: Visit, draft: Draft) -> Definition:
    """What the task would be."""
    document = draft.checked()
    schedule = draft.parsed(visit, document, visit.now)
    stand_in = {"type": "once", "at": floor_ms(visit.now).isoformat()}
    return replace(tasks.from_json(document | {"schedule": stand_in}, visit.now), schedule=schedule)


def _due_times(visit: Visit, definition: Definition) -> tuple[object, ...]:
    if definition.state is State.PAUSED:
        return ()
    return due_times_of(definition.schedule, visit.now, DUE_TIMES)


def _replace(visit: Visit, task: Task, draft: Draft) -> None:
    version, document = _version(draft), draft.checked()
    visit.system.quotas.admit_change(task, document)
    still_paused = document["state"] == State.PAUSED
    reason = task.pause_reason if still_paused else ""
    visit.system.catalog.replace(visit.user, task.id, document, version=version, reason=reason)


def _version(draft: Draft) -> int:
    text = draft.typed["version"]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Malformed("the form does not say which version of the task it was made from: open it again")
    return int(text)


def _edited(draft: Draft) -> Task:
    """The task that is edited: a form that was sent to a task's path is always that of one."""
    assert draft.task is not None
    return draft.task


def _settled(visit: Visit, draft: Draft) -> Draft:
    """The draft with what was chosen of a lost race."""
    return replace(draft, typed=settled(shown_of(_edited(draft)), draft.typed, fields(visit)))


def _lost_race(visit: Visit, draft: Draft) -> Response:
    """The form with what was typed, and beside it what somebody else stored meanwhile, to choose field by field;
    saving again stores that."""
    stored = visit.system.catalog.task(visit.user, _edited(draft).id)
    theirs = shown_of(stored)
    found = clashes(theirs, draft.typed)
    mine = draft.typed | {name: theirs[name] for name in ("version", "seen")}
    return form(visit, replace(opened(stored), typed=mine), {}, 409, clashes=found)


ROUTES: tuple[Route, ...] = (
    Route(path="/task/{task_id}/update", get=update_page, post=update, again=update_again),
    Route(path="/task/{task_id}/review", post=review, again=update_again),
)
