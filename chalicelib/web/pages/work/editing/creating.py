"""Creating a task, from nothing or from one that there is."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.core.errors import Invalid, NotAllowed, QuotaReached
from chalicelib.core.task import Task
from chalicelib.functions import registry
from chalicelib.web.pages.forms.field_errors import Unacceptable
from chalicelib.web.pages.forms.task.reader import Document
from chalicelib.web.pages.forms.task.whole import EMPTY
from chalicelib.web.pages.responses import redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.editing.draft import Draft, copied, sent
from chalicelib.web.pages.work.editing.showing import again, form, refused

ZONE_FIELDS = ("every_zone", "daily_zone", "time_zone", "at_zone")
POLICY_FIELDS = ("timeout_seconds", "max_attempts", "overlap", "priority")
"""What a function may say of its tasks, as the form calls it."""


def create_page(visit: Visit) -> Response:
    """The empty form, in the time zone of who looks, with the first type of action that is open to them, or with the
    function that the address names and what that says of its tasks."""
    zone = visit.zones.mine or "UTC"
    action = {} if visit.user.can_run_commands else {"action_type": "http"}
    typed = EMPTY | dict.fromkeys(ZONE_FIELDS, zone) | action | _calling(visit.query.get("function", ""))
    return form(visit, Draft(typed=typed), fresh=True)


def _calling(name: str) -> dict[str, str]:
    """The fields of a task that calls a function of that name, if there is one, with that one's policies."""
    known = registry.find(name)
    if known is None:
        return {}
    said = {**known.policies, **known.policies.get("retry", {})}
    policies = {field: str(said[field]) for field in POLICY_FIELDS if field in said}
    return {"action_type": "function", "function": name} | policies


def duplicate_page(visit: Visit, task_id: str) -> Response:
    """The form filled with what a task is. Nothing is stored until it is sent."""
    return form(visit, copied(visit.system.catalog.task(visit.user, task_id)))


def create(visit: Visit) -> Response:
    """Store a new task and show it."""
    draft = sent(visit, "")
    try:
        task = _create(visit, draft.checked())
    except (Unacceptable, Invalid, NotAllowed, QuotaReached) as error:
        return refused(visit, draft, error)
    return redirect(visit, f"/task/{task.id}", done="created")


def _create(visit: Visit, document: Document) -> Task:
    visit.system.quotas.admit_new(visit.user, document)
    return visit.system.catalog.create(visit.user, document)


def create_again(visit: Visit) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    return again(visit, sent(visit, ""))


ROUTES: tuple[Route, ...] = (
    Route(path="/task/create", get=create_page, post=create, again=create_again),
    Route(path="/task/{task_id}/duplicate", get=duplicate_page),
)
