"""Schemas: what comes in, checked against the contract. All that is wrong is told at once, as `Invalid`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from chalicelib.bootstrap import system
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import from_text
from chalicelib.web.checks import shapes
from chalicelib.web.checks.collecting import MOST_ERRORS, errors_in
from chalicelib.web.checks.passwords import is_common
from chalicelib.web.checks.tasks import instant_errors, schedule_errors, task_errors

READ_ONLY = frozenset(
    {"id", "version", "owner", "created_at", "updated_at", "next_run_at", "last_run", "pause_reason", "schedule_text"}
)
"""What answers add to a task. Ignored in POST and PUT, so that a GET's answer can be sent back."""


def task(data: Any) -> dict[str, Any]:
    """A whole task as the contract has it, without its read-only fields."""
    given = {name: value for name, value in data.items() if name not in READ_ONLY} if isinstance(data, dict) else data
    checked = _checked(given, task_errors(given, system().settings.aws_actions_allowed))
    if checked.get("state") == shapes.GivenState.COMPLETED:
        return checked | {"state": "active"}
    return checked


def change(data: Any) -> dict[str, Any]:
    """A merge patch of a task: an object that leaves alone what only answers say. The merged task is checked after."""
    if not isinstance(data, dict):
        raise Invalid(_error("", "wrong_type", "must be an object"))
    read_only = (_error(f"/{name}", "read_only", "cannot be changed") for name in data if name in READ_ONLY)
    completed = data.get("state") == shapes.GivenState.COMPLETED
    state = [_error("/state", "unknown_value", "must be active or paused")] if completed else []
    return _checked(data, iter([*read_only, *state]))


def registration(data: Any) -> dict[str, Any]:
    """A new account's `username`, `password` and `email`."""
    return _checked(data, _registration_errors(data))


def credentials(data: Any) -> dict[str, Any]:
    """The `username` and `password` of somebody who logs in."""
    return _checked(data, errors_in(data, shapes.Credentials))


def preview(data: Any) -> dict[str, Any]:
    """A `schedule` to look at, perhaps with `after` and `count`."""
    return _checked(data, _preview_errors(data))


def backfill(data: Any) -> dict[str, Any]:
    """The range of a backfill, `from` and `to`, perhaps with `dry_run`."""
    return _checked(data, _backfill_errors(data))


def skip(data: Any) -> dict[str, Any]:
    """The `due_at` that is to be skipped."""
    return _checked(data, _with_instants(data, shapes.Skip, "due_at"))


def secret(data: Any) -> dict[str, Any]:
    """The `value` of a secret."""
    return _checked(data, _secret_errors(data))


def reason(data: Any) -> dict[str, Any]:
    """A `reason`, or nothing."""
    return _checked({} if data is None else data, errors_in({} if data is None else data, shapes.Reason))


def nothing(data: Any) -> dict[str, Any]:
    """No body, or one that says nothing."""
    return _checked({} if data is None else data, errors_in({} if data is None else data, shapes.Nothing))


def _checked(data: Any, errors: Iterator[FieldError]) -> dict[str, Any]:
    found = list(islice(errors, MOST_ERRORS))
    if found:
        raise Invalid(*found)
    return dict(data)


def _registration_errors(data: Any) -> Iterator[FieldError]:
    wrong = list(errors_in(data, shapes.Registration))
    yield from wrong
    if any(error.pointer in ("", "/password") for error in wrong):
        return
    username = data.get("username")
    if isinstance(username, str) and data["password"].casefold() == username.casefold():
        yield _error("/password", "same_as_username", "must not be the username")
    if is_common(data["password"]):
        yield _error("/password", "common_password", "must not be one that everybody tries first")


def _preview_errors(data: Any) -> Iterator[FieldError]:
    wrong = list(errors_in(data, shapes.Preview))
    yield from wrong
    pointers = [error.pointer for error in wrong]
    if "" in pointers:
        return
    if not any(pointer.startswith("/schedule") for pointer in pointers):
        for error in schedule_errors(data["schedule"]):
            yield _error(f"/schedule{error.pointer}", error.code, error.detail)
    if "after" in data and "/after" not in pointers:
        yield from instant_errors(data["after"], "/after")


def _backfill_errors(data: Any) -> Iterator[FieldError]:
    wrong = list(_with_instants(data, shapes.Backfill, "from", "to"))
    yield from wrong
    if not wrong and from_text(data["to"]) <= from_text(data["from"]):
        yield _error("/to", "before_from", "must lie after `from`")


def _secret_errors(data: Any) -> Iterator[FieldError]:
    wrong = list(errors_in(data, shapes.Secret))
    yield from wrong
    if not wrong and len(data["value"].encode()) > shapes.LONGEST_SECRET:
        yield _error("/value", "too_large", "must have 4,096 bytes at most, in UTF-8")
    if not wrong and "\0" in data["value"]:
        yield _error("/value", "wrong_form", "must not hold NUL characters")


def _with_instants(data: Any, shape: type[Struct], *names: str) -> Iterator[FieldError]:
    """What is wrong with the shape of a body, and with its instants."""
    wrong = list(errors_in(data, shape))
    yield from wrong
    pointers = {error.pointer for error in wrong}
    for name in names:
        if not pointers & {"", f"/{name}"}:
            yield from instant_errors(data[name], f"/{name}")


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
