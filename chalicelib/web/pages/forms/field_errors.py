"""Field errors: from a pointer into the contract's JSON to the field of the form that it came from."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.errors import FieldError, Invalid, PunctualError
from chalicelib.web.pages.looks.words import capitalised

Errors = dict[str, list[str]]
"""Sentences by field; under "" those that belong to the form as a whole."""

TASK_FIELDS: dict[str, str] = {
    "/name": "name",
    "/description": "description",
    "/tags": "tags",
    "/state": "paused",
    "/action": "action_type",
    "/action/command": "command",
    "/action/method": "method",
    "/action/url": "url",
    "/action/headers": "headers",
    "/action/body": "body",
    "/action/name": "function",
    "/action/args": "args",
    "/action/kwargs": "kwargs",
    "/schedule": "schedule_type",
    "/schedule/at": "at",
    "/schedule/every": "every",
    "/schedule/unit": "unit",
    "/schedule/expression": "expression",
    "/schedule/time_zone": "time_zone",
    "/timeout_seconds": "timeout_seconds",
    "/retry/max_attempts": "max_attempts",
    "/retry/backoff": "backoff",
    "/retry/max_age_seconds": "max_age_seconds",
    "/misfire/catch_up": "catch_up",
    "/misfire/grace_seconds": "grace_seconds",
    "/priority": "priority",
}
SCHEDULE_FIELDS: dict[str, str] = {"once": "at", "interval": "every", "cron": "expression"}
"""Where a form says what is wrong with a schedule as a whole."""
ACCOUNT_FIELDS: dict[str, str] = {
    "/username": "username",
    "/password": "password",
    "/email": "email",
    "/invitation": "invitation",
}


class Unacceptable(PunctualError):
    """What a form holds cannot be accepted. Carries what is wrong, by field."""

    code = "invalid"

    def __init__(self, errors: Errors) -> None:
        super().__init__("the form holds something that cannot be accepted")
        self.errors = errors


def task_fields(typed: Mapping[str, str]) -> dict[str, str]:
    """The field of each pointer, for what was chosen on the form."""
    return TASK_FIELDS | {"/schedule": SCHEDULE_FIELDS.get(typed["schedule_type"], "schedule_type")}


def by_field(error: Invalid, fields: Mapping[str, str]) -> Errors:
    """Every field error as a sentence beside its field, or on top of the form with its pointer."""
    errors: Errors = {}
    for found in error.errors:
        field = _field(found.pointer, fields)
        errors.setdefault(field, []).append(_sentence(found, named=field != ""))
    return errors


def _field(pointer: str, fields: Mapping[str, str]) -> str:
    """The field of the longest part of a pointer that has one.

    >>> _field("/action/headers/X-A", TASK_FIELDS), _field("/metadata/a", TASK_FIELDS)
    ('headers', '')
    """
    while pointer:
        if pointer in fields:
            return fields[pointer]
        pointer = pointer.rpartition("/")[0]
    return ""


def _sentence(found: FieldError, *, named: bool) -> str:
    detail = found.detail if named else f"{found.pointer.strip('/').replace('/', ' ')}: {found.detail}"
    return capitalised(detail)
