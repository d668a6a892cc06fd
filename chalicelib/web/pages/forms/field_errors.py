"""Field errors: from a pointer into the contract's JSON to the field of the form that it came from."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.errors import FieldError, Invalid, PunctualError
from chalicelib.web.pages.looks.words import capitalised

Errors = dict[str, list[str]]
"""Sentences by field; under "" those that belong to the form as a whole."""

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


def by_field(error: Invalid, fields: Mapping[str, str]) -> Errors:
    """Every field error as a sentence beside its field, or on top of the form with its pointer."""
    errors: Errors = {}
    for found in error.errors:
        field = _field(found.pointer, fields)
        errors.setdefault(field, []).append(_sentence(found, named=field != ""))
    return errors


def _field(pointer: str, fields: Mapping[str, str]) -> str:
    """The field of the longest part of a pointer that has one.

    >>> _field("/action/headers/X-A", {"/action/headers": "headers"}), _field("/metadata/a", {})
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
