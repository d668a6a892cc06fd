"""In bulk: one thing done to several tasks. Each counts for the limits, is recorded, and may fail, by itself."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.core.errors import NotFound, PunctualError
from chalicelib.core.task import Task
from chalicelib.engine.requests import acting
from chalicelib.logs import log
from chalicelib.web.frame.endpoint import ID
from chalicelib.web.frame.recording import record_one
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.visit import Visit

UNKNOWN = "A task"
GONE = "There is no such task any more."
OUR_FAILURE = "Something broke on our side; the log says what."


class Deed(enum.StrEnum):
    """What can be done to several tasks; each is what the button of a single one does."""

    RUN = "run"
    PAUSE = "pause"
    RESUME = "resume"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A task that it did not work for, and why."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it: the names of the tasks that it worked for, and those that it did not work for."""

    deed: Deed
    done: tuple[str, ...]
    refused: tuple[Refusal, ...]


def perform(visit: Visit, deed: Deed, task_ids: Sequence[str]) -> Outcome:
    """Do it to each task in turn, whatever becomes of the others."""
    done: list[str] = []
    refused: list[Refusal] = []
    for place, task_id in enumerate(task_ids):
        task = known(visit, task_id)
        reason = GONE if task is None else _tried(visit, deed, task, counted=place == 0)
        name = UNKNOWN if task is None else task.definition.name
        if reason:
            refused.append(Refusal(name=name, reason=reason))
        else:
            done.append(name)
    return Outcome(deed=deed, done=tuple(done), refused=tuple(refused))


def known(visit: Visit, task_id: str) -> Task | None:
    """The task, if the visitor has such a one."""
    try:
        return visit.system.catalog.task(visit.user, task_id) if ID.fullmatch(task_id) else None
    except NotFound:
        return None


def _tried(visit: Visit, deed: Deed, task: Task, *, counted: bool) -> str:
    """Why it did not work; empty where it did."""
    try:
        _done(visit, deed, task, counted=counted)
    except PunctualError as error:
        return sentence(error)
    except Exception as error:  # what breaks at one task must not hide what was done to the others
        log("bulk_failed", logging.ERROR, failure=error, request_id=visit.request_id, deed=str(deed), id=task.id)
        return OUR_FAILURE
    return ""


def _done(visit: Visit, deed: Deed, task: Task, *, counted: bool) -> None:
    """Once more the button of a single task: counted, done, recorded. The request itself was counted as one change."""
    if deed is Deed.RUN:
        visit.system.limits.run(visit.user)
    elif not counted:
        visit.system.limits.write(visit.user)
    acting.begin()
    DEEDS[deed](visit, task.id)
    if visit.session is not None:
        record_one(visit.request, visit.session, f"POST /task/{{task_id}}/{deed}", f"/task/{task.id}")


DEEDS: dict[Deed, Callable[[Visit, str], object]] = {
    Deed.RUN: lambda visit, task_id: visit.system.catalog.run_now(visit.user, task_id),
    Deed.PAUSE: lambda visit, task_id: visit.system.catalog.pause(visit.user, task_id),
    Deed.RESUME: lambda visit, task_id: visit.system.catalog.resume(visit.user, task_id),
    Deed.DELETE: lambda visit, task_id: visit.system.catalog.delete(visit.user, task_id),
}
