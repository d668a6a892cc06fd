"""Bringing schedules in code to a stage: with the credentials of who deploys, and the functions as they stand here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import botocore.session
from botocore.session import Session

from chalicelib.actions import function
from chalicelib.bootstrap import requests
from chalicelib.bootstrap.ports import over_aws
from chalicelib.core.in_code import ACTS_ON, Reported, Standing
from chalicelib.engine.requests.tasks.in_code import InCode, Report
from chalicelib.settings import Settings
from infra.deploy.account import Refused

SAYS: Mapping[Standing, tuple[str, str]] = {
    Standing.NEW: ("would be made", "made"),
    Standing.CHANGED: ("would be changed", "changed"),
    Standing.REMOVED: ("is not in the code any more and would be paused", "is not in the code any more: paused"),
    Standing.AS_SAID: ("as in the code", "as in the code"),
    Standing.EDITED: ("changed by hand, and left so", "changed by hand, and left so"),
    Standing.PAUSED: ("paused by hand, and left so", "paused by hand, and left so"),
    Standing.DELETED: ("deleted by hand, and not made again", "deleted by hand, and not made again"),
    Standing.GONE: ("not in the code any more", "not in the code any more"),
    Standing.UNKNOWN: (UNKNOWN := "left alone: a module could not be loaded, and it may stand there", UNKNOWN),
    Standing.REFUSED: ("refused", "refused"),
}
"""What is said of each before anything is done, and after."""
DRIFT = frozenset({Standing.EDITED, Standing.PAUSED, Standing.DELETED})


def session_in(region: str | None) -> Session:
    """The credentials of who deploys, in a region; in that of their configuration for None. `Refused` without."""
    session = botocore.session.get_session()
    region = region or session.get_config_variable("region")
    if not region:
        raise Refused("No region is chosen: set AWS_REGION.")
    session.set_config_variable("region", region)
    if session.get_credentials() is None:
        raise Refused("No AWS credentials were found: log in, or set AWS_PROFILE.")
    return session


def in_code(settings: Settings, session: Session) -> InCode:
    """The schedules of the functions here, for the tasks of a stage there."""
    function.discover()
    return requests.assemble(requests.whole(over_aws(settings, session), session)).in_code


def lines(report: Report, *, brought: bool, code_owner: str = "") -> Iterator[str]:
    """What there is to say, a line each. What is as it should be is only counted."""
    for module, why in report.broken.items():
        yield f"{module} could not be loaded ({why}): what it says is left as it is."
    if not report.items:
        return
    if report.owner is None:
        who = f"nobody called {code_owner} (CODE_OWNER)" if code_owner else "no account"
        yield f"There is {who} yet: the schedules in code become tasks when there is."
        return
    told = [one for one in report.items if one.standing is not Standing.AS_SAID or one.done]
    as_said = len(report.items) - len(told)
    for one in told:
        yield from _told(one, brought=brought)
    if as_said:
        yield f"{as_said} schedule{'' if as_said == 1 else 's'} in code as their tasks are."


def needs_somebody(report: Report) -> bool:
    """Whether something was refused, or could not be loaded."""
    return bool(report.broken) or any(one.standing is Standing.REFUSED for one in report.items)


def differs(report: Report) -> bool:
    """Whether code and tasks are not the same."""
    return any(one.standing in ACTS_ON | DRIFT for one in report.items)


def _told(one: Reported, *, brought: bool) -> Iterator[str]:
    said = SAYS[one.standing][brought]
    paused = " (paused)" if one.paused and one.standing in (Standing.CHANGED, Standing.EDITED) else ""
    yield f"{one.name}: {said}{paused}{f': {one.detail}' if one.detail else ''}"
    for each in one.differs:
        yield f"  {each.field}: {_json(each.task)}, in the code {_json(each.code)}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def bring(settings: Settings, session: Session, restore: Collection[str] = ()) -> Report:
    """Bring what has changed."""
    return in_code(settings, session).sync(restore)
