"""Schedules in code: how they stand, and bringing what has changed without a deployment."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.in_code import Reported
from chalicelib.core.people.account import Scope, User, may_see
from chalicelib.engine.requests.tasks.in_code import Report
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import Body, Call, Reply, endpoint

in_code = Blueprint(__name__)


@endpoint(in_code, "GET", "/api/functions/schedules")
def schedules(call: Call) -> Reply:
    """Every schedule in code. How its task stands is told to whose task it is, and to admins."""
    return Reply(body=report_json(system().in_code.look(), call.user))


@endpoint(in_code, "POST", "/api/functions/schedules/sync", body=Body.OPTIONAL, scope=Scope.ADMIN)
def sync(call: Call) -> Reply:
    """Bring what has changed in the code, as a deployment does."""
    given = schemas.in_code_sync(call.body)
    return Reply(body=report_json(system().in_code.sync(given.get("restore", ())), call.user))


def report_json(report: Report, caller: User) -> dict[str, Any]:
    """The schedules, as far as the caller may know how they stand."""
    owner = report.owner
    sees = caller.is_admin if owner is None else may_see(caller, owner.id)
    return {
        "owner": owner.id if owner is not None and sees else None,
        "items": [_item(one, sees=sees) for one in report.items],
    }


def _item(one: Reported, *, sees: bool) -> dict[str, Any]:
    return {
        "name": one.name,
        "function": one.function or None,
        "schedule": dict(one.schedule) or None,
        "standing": str(one.standing) if sees else None,
        "detail": one.detail if sees else "",
        "task_id": one.task_id or None if sees else None,
        "paused": one.paused if sees else None,
        "done": one.done if sees else None,
        "differs": [vars(each) for each in one.differs] if sees else [],
    }
