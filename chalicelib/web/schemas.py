"""Schemas: what comes in, checked against the contract. All that is wrong is told at once, as `Invalid`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import from_text
from chalicelib.functions import registry
from chalicelib.web.checks.collecting import MOST_ERRORS, errors_in
from chalicelib.web.checks.groups import FOLLOWERS, group_errors
from chalicelib.web.checks.passwords import is_common
from chalicelib.web.checks.shapes import accounts, bodies, tasks
from chalicelib.web.checks.tasks import instant_errors, schedule_errors, task_errors

READ_ONLY = frozenset(
    {
        *("id", "version", "owner", "created_at", "updated_at", "next_run_at", "last_run", "pause_reason"),
        *("schedule_text", "cost_estimate", "notify_state"),
    }
)
"""What answers add to a task. Ignored in POST and PUT, so that a GET's answer can be sent back."""


def task(data: Any) -> dict[str, Any]:
    """A whole task as the contract has it, without its read-only fields."""
    given = {name: value for name, value in data.items() if name not in READ_ONLY} if isinstance(data, dict) else data
    checked = _filled(_checked(given, task_errors(given, system().settings)))
    if checked.get("state") == tasks.GivenState.COMPLETED:
        return checked | {"state": "active"}
    return checked


def _filled(task: dict[str, Any]) -> dict[str, Any]:
    """A task that calls a function has that one's policies where it says nothing itself."""
    action = task["action"]
    known = registry.find(action["name"]) if action["type"] == "function" else None
    return task if known is None else known.filled(task)


def change(data: Any) -> dict[str, Any]:
    """A merge patch of a task: an object that leaves alone what only answers say. The merged task is checked after."""
    if not isinstance(data, dict):
        raise Invalid(_error("", "wrong_type", "must be an object"))
    read_only = (_error(f"/{name}", "read_only", "cannot be changed") for name in data if name in READ_ONLY)
    completed = data.get("state") == tasks.GivenState.COMPLETED
    state = [_error("/state", "unknown_value", "must be active or paused")] if completed else []
    return _checked(data, iter([*read_only, *state]))


def registration(data: Any) -> dict[str, Any]:
    """A new account's `username`, `password` and `email`, perhaps with an `invitation`."""
    return _checked(data, _registration_errors(data))


def credentials(data: Any) -> dict[str, Any]:
    """The `username` and `password` of somebody who logs in."""
    return _checked(data, errors_in(data, accounts.Credentials))


def password(data: Any, username: str) -> dict[str, Any]:
    """The `current` password of somebody, and the `new` one."""
    return _checked(data, _password_change_errors(data, username))


def new_token(data: Any) -> dict[str, Any]:
    """The `name` and `scopes` of a token, perhaps with `expires_at`."""
    given = data.get("expires_at") if isinstance(data, dict) else None
    return _checked(data, _with_instants(data, accounts.NewToken, *(() if given is None else ("expires_at",))))


def rotation(data: Any) -> dict[str, Any]:
    """How a token's secret is replaced, perhaps with `overlap_seconds`."""
    return _checked({} if data is None else data, errors_in({} if data is None else data, accounts.Rotation))


def new_invitation(data: Any) -> dict[str, Any]:
    """What who is invited may do, and until when they may come."""
    given = {} if data is None else data
    dated = isinstance(given, dict) and "expires_at" in given
    return _checked(given, _with_instants(given, accounts.NewInvitation, *(("expires_at",) if dated else ())))


def user_change(data: Any) -> dict[str, Any]:
    """What an admin changes of an account: an object that leaves alone what else answers say of it."""
    return _checked(data, errors_in(data, accounts.UserChange))


def preview(data: Any) -> dict[str, Any]:
    """A `schedule` to look at, perhaps with `after` and `count`."""
    return _checked(data, _preview_errors(data))


def backfill(data: Any) -> dict[str, Any]:
    """The range of a backfill, `from` and `to`, perhaps with `dry_run`."""
    return _checked(data, _backfill_errors(data))


def group(data: Any) -> dict[str, Any]:
    """A group: its members, their order, and what follows."""
    checked = _checked(data, group_errors(data, system().settings))
    followers = {name: _defined(checked[name]) for name in FOLLOWERS if name in checked}
    return {**checked, "members": [_defined(member) for member in checked["members"]], **followers}


def _defined(member: Any) -> Any:
    """A member of a group with its function's policies where it says nothing itself. It runs once: nothing overlaps."""
    if not isinstance(member, dict) or "define" not in member:
        return member
    define = _filled(member["define"])
    return {**member, "define": {name: value for name, value in define.items() if name != "overlap"}}


def skip(data: Any) -> dict[str, Any]:
    """The `due_at` that is to be skipped."""
    return _checked(data, _with_instants(data, bodies.Skip, "due_at"))


def secret(data: Any) -> dict[str, Any]:
    """The `value` of a secret."""
    return _checked(data, _secret_errors(data))


def reason(data: Any) -> dict[str, Any]:
    """A `reason`, or nothing."""
    return _checked({} if data is None else data, errors_in({} if data is None else data, bodies.Reason))


def in_code_sync(data: Any) -> dict[str, Any]:
    """Which schedules in code to restore, or nothing."""
    given = {} if data is None else data
    return _checked(given, errors_in(given, bodies.InCodeSync))


def nothing(data: Any) -> dict[str, Any]:
    """No body, or one that says nothing."""
    return _checked({} if data is None else data, errors_in({} if data is None else data, bodies.Nothing))


def _checked(data: Any, errors: Iterator[FieldError]) -> dict[str, Any]:
    found = list(islice(errors, MOST_ERRORS))
    if found:
        raise Invalid(*found)
    return dict(data)


def _registration_errors(data: Any) -> Iterator[FieldError]:
    wrong = list(errors_in(data, accounts.Registration))
    yield from wrong
    if any(error.pointer in ("", "/password") for error in wrong):
        return
    username = data.get("username")
    yield from _guessable(data["password"], "/password", username if isinstance(username, str) else "")


def _password_change_errors(data: Any, username: str) -> Iterator[FieldError]:
    wrong = list(errors_in(data, accounts.PasswordChange))
    yield from wrong
    if not any(error.pointer in ("", "/new") for error in wrong):
        yield from _guessable(data["new"], "/new", username)


def _guessable(password: str, pointer: str, username: str) -> Iterator[FieldError]:
    if password.casefold() == username.casefold():
        yield _error(pointer, "same_as_username", "must not be the username")
    if is_common(password):
        yield _error(pointer, "common_password", "must not be one that everybody tries first")


def _preview_errors(data: Any) -> Iterator[FieldError]:
    wrong = list(errors_in(data, bodies.Preview))
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
    wrong = list(_with_instants(data, bodies.Backfill, "from", "to"))
    yield from wrong
    if not wrong and from_text(data["to"]) <= from_text(data["from"]):
        yield _error("/to", "before_from", "must lie after `from`")


def _secret_errors(data: Any) -> Iterator[FieldError]:
    wrong = list(errors_in(data, bodies.Secret))
    yield from wrong
    if not wrong and len(data["value"].encode()) > bodies.LONGEST_SECRET:
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
