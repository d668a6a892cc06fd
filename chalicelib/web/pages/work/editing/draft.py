"""Drafts: what a form holds just now, over the task that it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.core import schedule as schedules
from chalicelib.core import task as tasks
from chalicelib.core.errors import Invalid, NotFound
from chalicelib.core.instant import floor_ms
from chalicelib.core.schedule import Schedule, calendars_of
from chalicelib.core.task import Task
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import ID
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.forms.field_errors import Errors, Unacceptable, by_field
from chalicelib.web.pages.forms.task.comparing import seen_of
from chalicelib.web.pages.forms.task.reader import Document
from chalicelib.web.pages.forms.task.whole import EMPTY, Reading, fields_by_pointer, fields_of, read
from chalicelib.web.pages.visit import Visit

Typed = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The fields of a form. `task` is the one that is edited; `base` is what the form showed before anything was typed,
    as the contract writes it: that of the task, or of the one that is copied."""

    typed: Typed
    task: Task | None = None
    base: Document | None = None

    @cached_property
    def reading(self) -> Reading:
        return read(self.typed, self.base)

    def checked(self) -> dict[str, Any]:
        """The document, if the form could be read and the contract's schema lets it pass; `Unacceptable` says all that
        is wrong."""
        reading = self.reading
        try:
            document = schemas.task(reading.document)
        except Invalid as error:
            raise Unacceptable(self.errors_of(error) | reading.errors) from error
        if reading.errors:
            raise Unacceptable(reading.errors)
        return document

    def errors(self) -> Errors:
        """All that is wrong, by field."""
        try:
            self.checked()
        except Unacceptable as error:
            return error.errors
        return {}

    def errors_of(self, error: Invalid) -> Errors:
        """What is wrong, by field of the tabs that were chosen."""
        return by_field(error, fields_by_pointer(self.typed))

    def parsed(self, visit: Visit, document: Document, now: datetime) -> Schedule:
        """The schedule of a checked document, as it would be stored now. `Invalid` points into the document."""
        old, owner, given = self.task, self.owner(visit), document["schedule"]
        calendars = {} if old is None else calendars_of(old.definition.schedule)
        try:
            return schedules.parse(
                given,
                floor_ms(now),
                seed="" if old is None else old.id,
                keeping=None if old is None else old.definition.schedule,
                calendars=calendars | visit.system.catalog.named_calendars(owner, given),
            )
        except Invalid as error:
            raise Invalid(*(replace(one, pointer=f"/schedule{one.pointer}") for one in error.errors)) from error

    def owner(self, visit: Visit) -> str:
        """Whose task it is, or will be."""
        return visit.user.id if self.task is None else self.task.owner


def shown_of(task: Task) -> Typed:
    """What the form of a stored task holds."""
    shown = fields_of(tasks.to_json(task.definition))
    return shown | {"version": str(task.version), "task": task.id, "seen": seen_of(shown)}


def opened(task: Task) -> Draft:
    """The form of a task that nobody has typed into."""
    return Draft(typed=shown_of(task), task=task, base=tasks.to_json(task.definition))


def copied(task: Task) -> Draft:
    """The form for another task like one that there is."""
    shown = fields_of(tasks.to_json(task.definition))
    again = {"name": copy_name(shown["name"]), "paused": "", "copy_of": task.id}
    return Draft(typed=shown | again, base=tasks.to_json(task.definition))


def sent(visit: Visit, task_id: str | None = None) -> Draft:
    """What was sent, of a task by its path (empty for a new one), or else by what the form says it was made from."""
    given = fields(visit)
    edited = _task(visit, given.get("task", "") if task_id is None else task_id)
    if edited is not None:
        return _over(opened(edited), given)
    copied_from = _task_or_none(visit, given.get("copy_of", ""))
    base = None if copied_from is None else tasks.to_json(copied_from.definition)
    return _over(Draft(typed=EMPTY, base=base), given)


def copy_name(name: str) -> str:
    """The name of a copy, which is no longer than a name may be.

    >>> copy_name("nightly"), len(copy_name("x" * 100))
    ('nightly (copy)', 100)
    """
    ending = " (copy)"
    return name[: 100 - len(ending)] + ending


def _over(shown: Draft, given: Mapping[str, str]) -> Draft:
    """What was typed over what the form showed; fields that no form here has are left out."""
    typed = {name: given.get(name, text) for name, text in shown.typed.items()}
    task = {"task": shown.typed["task"]}  # which one it is about is not for the form to say
    return Draft(typed=typed | task, task=shown.task, base=shown.base)


def _task(visit: Visit, task_id: str) -> Task | None:
    if not task_id:
        return None
    if ID.fullmatch(task_id) is None:
        raise NotFound("there is no such task")
    return visit.system.catalog.task(visit.user, task_id)


def _task_or_none(visit: Visit, task_id: str) -> Task | None:
    """The task that was copied, if it is still there."""
    try:
        return _task(visit, task_id)
    except NotFound:
        return None
