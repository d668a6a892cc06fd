"""The API described for machines: OpenAPI 3.1, with the request bodies made from the very shapes that check them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from chalicelib.core.groups.group import GroupState
from chalicelib.core.run import RunStatus
from chalicelib.web.api.document.answers import ANSWERS, COMPONENTS, checked_task, task_answer
from chalicelib.web.checks import account_shapes, group_shapes, shapes
from chalicelib.web.checks.shapes import GivenState
from chalicelib.web.frame.endpoint import ADMISSIONS, CALENDAR, JSON, MERGE_PATCH
from chalicelib.web.frame.limited import READING
from chalicelib.web.frame.paging import DEFAULT_LIMIT, LIMIT

INSTANT = {"type": "string", "format": "date-time"}
LIST = ("limit", "cursor")
OPTIONAL = (shapes.Reason, shapes.Nothing, shapes.InCodeSync, account_shapes.Rotation, account_shapes.NewInvitation)
"""Bodies that may be left out."""


TAGS: Mapping[str, str] = {
    **dict.fromkeys(("register", "login", "logout", "me", "password"), "account"),
    **dict.fromkeys(("health", "openapi.json"), "about"),
    **dict.fromkeys(("users", "invitations"), "members"),
    "preview": "tasks",
}
"""To what an operation belongs, by what follows `/api` in its path; most belong to just that."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method of a path: what it does, takes and answers."""

    method: str
    path: str
    does: str
    takes: type[Struct] | None = None
    query: tuple[str, ...] = ()
    status: int = 200
    calendar: bool = False
    answers: str | None = None
    """The name of the answer's schema; None where it is any object, or nothing."""


def _operation(method: str, path: str, does: str, **more: Any) -> Operation:
    return Operation(method=method, path=path, does=does, **more)


OPERATIONS = (
    _operation("GET", "/api/health", "Whether the API answers, and which one it is", answers="Health"),
    _operation("GET", "/api/openapi.json", "This document"),
    _operation(
        "POST", "/api/register", "Make an account", takes=account_shapes.Registration, status=201, answers="Registered"
    ),
    _operation("POST", "/api/login", "Get a token", takes=account_shapes.Credentials, answers="Login"),
    _operation("POST", "/api/logout", "End the token", status=204),
    _operation("GET", "/api/me", "Who the token belongs to", answers="User"),
    _operation(
        "POST",
        "/api/password",
        "Change the password; log out everywhere",
        takes=account_shapes.PasswordChange,
        answers="Login",
    ),
    _operation("GET", "/api/tokens", "Own named tokens", answers="TokenList"),
    _operation(
        "POST",
        "/api/tokens",
        "Make a token for a script",
        takes=account_shapes.NewToken,
        status=201,
        answers="NewTokenText",
    ),
    _operation(
        "POST",
        "/api/tokens/{token_id}/rotate",
        "Another text for a token",
        takes=account_shapes.Rotation,
        answers="NewTokenText",
    ),
    _operation("DELETE", "/api/tokens/{token_id}", "Revoke a token", status=204),
    _operation("GET", "/api/users", "All accounts, for admins", query=LIST, answers="UserList"),
    _operation("GET", "/api/users/{user_id}", "One account, for admins", answers="ListedUser"),
    _operation(
        "PATCH",
        "/api/users/{user_id}",
        "Change an account's role or rights",
        takes=account_shapes.UserChange,
        answers="ListedUser",
    ),
    _operation("GET", "/api/invitations", "All invitations, for admins", answers="InvitationList"),
    _operation(
        "POST",
        "/api/invitations",
        "Let one person in",
        takes=account_shapes.NewInvitation,
        status=201,
        answers="NewInvitationText",
    ),
    _operation("DELETE", "/api/invitations/{invitation_id}", "Take an invitation back", status=204),
    _operation(
        "GET", "/api/tasks", "Own tasks, newest first", query=(*LIST, "state", "tag", "q", "owner"), answers="TaskList"
    ),
    _operation("POST", "/api/tasks", "Define a task", takes=shapes.Task, status=201, answers="TaskAnswer"),
    _operation(
        "POST",
        "/api/tasks/check",
        "What a task would be stored as, or refused for; nothing is stored",
        takes=shapes.Task,
        answers="CheckedTask",
    ),
    _operation("GET", "/api/tasks/{task_id}", "One task", answers="TaskAnswer"),
    _operation("PUT", "/api/tasks/{task_id}", "Define a task anew", takes=shapes.Task, answers="TaskAnswer"),
    _operation("PATCH", "/api/tasks/{task_id}", "Change some of a task, by a JSON merge patch", answers="TaskAnswer"),
    _operation("DELETE", "/api/tasks/{task_id}", "Delete a task; its runs stay", status=204),
    _operation("POST", "/api/tasks/{task_id}/pause", "No start from now on", takes=shapes.Reason, answers="TaskAnswer"),
    _operation(
        "POST", "/api/tasks/{task_id}/resume", "Go on with the next due time", takes=shapes.Reason, answers="TaskAnswer"
    ),
    _operation("POST", "/api/tasks/{task_id}/run", "Run a task now", takes=shapes.Nothing, status=202, answers="Run"),
    _operation(
        "GET", "/api/tasks/{task_id}/runs", "A task's runs", query=(*LIST, "status", "from", "to"), answers="RunList"
    ),
    _operation(
        "GET", "/api/runs", "Own runs across tasks, newest first", query=(*LIST, "status", "owner"), answers="RunList"
    ),
    _operation("GET", "/api/runs/{run_id}", "One run", answers="Run"),
    _operation(
        "POST",
        "/api/tasks/{task_id}/backfill",
        "Run due times of the past",
        takes=shapes.Backfill,
        status=202,
        answers="BackfillAnswer",
    ),
    _operation(
        "POST",
        "/api/tasks/{task_id}/skip",
        "Leave out one due time to come",
        takes=shapes.Skip,
        status=202,
        answers="Run",
    ),
    _operation(
        "GET",
        "/api/groups",
        "Own groups, newest first",
        query=(*LIST, "state of a group", "owner"),
        answers="GroupList",
    ),
    _operation(
        "POST",
        "/api/groups",
        "Run tasks together, or one after the other",
        takes=group_shapes.Group,
        status=202,
        answers="GroupAnswer",
    ),
    _operation("GET", "/api/groups/{group_id}", "One group", answers="GroupAnswer"),
    _operation("GET", "/api/groups/{group_id}/members", "A group's members", query=LIST, answers="GroupMemberList"),
    _operation(
        "POST",
        "/api/groups/{group_id}/cancel",
        "End a group that has not ended",
        takes=shapes.Nothing,
        status=202,
        answers="GroupAnswer",
    ),
    _operation(
        "POST",
        "/api/groups/{group_id}/retry",
        "Run those of a group again that have not succeeded",
        takes=shapes.Nothing,
        status=202,
        answers="GroupAnswer",
    ),
    _operation("GET", "/api/calendars", "Own calendars, by name", answers="CalendarList"),
    _operation("GET", "/api/calendars/{name}", "One calendar", answers="Calendar"),
    _operation(
        "PUT",
        "/api/calendars/{name}",
        "Keep an iCalendar file's events under a name",
        calendar=True,
        answers="Calendar",
    ),
    _operation("DELETE", "/api/calendars/{name}", "Delete a calendar that no task names", status=204),
    _operation("GET", "/api/secrets", "Names of own secrets, never a value", answers="SecretList"),
    _operation("PUT", "/api/secrets/{name}", "Give a secret its value", takes=shapes.Secret, status=204),
    _operation("DELETE", "/api/secrets/{name}", "Delete a secret that no task names", status=204),
    _operation(
        "POST",
        "/api/runs/{run_id}/cancel",
        "End a run that has not ended",
        takes=shapes.Nothing,
        status=202,
        answers="Run",
    ),
    _operation(
        "POST", "/api/runs/{run_id}/retry", "Try an ended run again", takes=shapes.Nothing, status=202, answers="Run"
    ),
    _operation(
        "POST", "/api/runs/redrive", "Try dead letters again", takes=shapes.Nothing, status=202, answers="Redriven"
    ),
    _operation("GET", "/api/audit", "What an account did, newest first", query=(*LIST, "owner"), answers="ActList"),
    _operation("GET", "/api/alerts/key", "The key with which own alerts are signed", answers="AlertKey"),
    _operation("POST", "/api/preview", "What a schedule means", takes=shapes.Preview, answers="PreviewAnswer"),
    _operation("GET", "/api/functions", "The functions that a task may call", answers="FunctionList"),
    _operation(
        "GET", "/api/functions/schedules", "Schedules in code, and how their tasks stand", answers="ScheduleInCodeList"
    ),
    _operation(
        "POST",
        "/api/functions/schedules/sync",
        "Bring what has changed in the code, for admins",
        takes=shapes.InCodeSync,
        answers="ScheduleInCodeList",
    ),
)

QUERY: Mapping[str, Mapping[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": LIMIT, "default": DEFAULT_LIMIT},
    "cursor": {"type": "string"},
    "state": {"type": "array", "items": {"enum": list(GivenState)}},
    "state of a group": {"type": "array", "items": {"enum": list(GroupState)}},
    "tag": {"type": "array", "items": {"type": "string"}},
    "q": {"type": "string"},
    "owner": {"type": "string", "description": "Whose, by the id of the account; for admins"},
    "status": {"type": "array", "items": {"enum": list(RunStatus)}},
    "from": INSTANT,
    "to": INSTANT,
}
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "What was wrong with a request (RFC 9457). Nothing was stored.",
    "required": ["type", "title", "status", "detail", "code", "request_id", "errors"],
    "properties": {
        "type": {"type": "string", "description": "about:blank"},
        "title": {"type": "string", "description": "what the status is called"},
        "status": {"type": "integer", "description": "of the answer"},
        "detail": {"type": "string", "description": "a sentence that says what to do"},
        "code": {"type": "string", "description": "a stable word, for scripts"},
        "request_id": {"type": "string", "description": "what the request is called in logs"},
        "errors": {
            "type": "array",
            "description": "every field that is wrong, all at once",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "which field, as a JSON pointer"},
                    "code": {"type": "string", "description": "a stable word"},
                    "detail": {"type": "string", "description": "completes the sentence that the field …"},
                },
            },
        },
    },
}


TOO_MANY = {
    "description": "Sent too often",
    "headers": {"Retry-After": {"description": "Seconds until it may be sent again", "schema": {"type": "integer"}}},
    "content": {"application/problem+json": {"schema": {"$ref": COMPONENTS.format(name="Problem")}}},
}


@lru_cache
def document(version: str) -> dict[str, Any]:
    """The OpenAPI document of this version."""
    taken = [operation.takes for operation in OPERATIONS if operation.takes is not None]
    _, schemas = msgspec.json.schema_components(taken, ref_template=COMPONENTS)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Punctual", "version": version, "description": "Cron-as-a-service in your own AWS account."},
        "tags": [
            {"name": name} for name in dict.fromkeys(one["tags"][0] for some in paths.values() for one in some.values())
        ],
        "paths": paths,
        "components": {
            "schemas": _portable(schemas) | _answers(schemas) | {"Problem": PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _answers(schemas: Mapping[str, Any]) -> dict[str, Any]:
    task = _portable(schemas["Task"])
    return {**ANSWERS, "TaskAnswer": task_answer(task), "CheckedTask": checked_task(task)}


def _described(operation: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ] + [{"name": name.split()[0], "in": "query", "schema": QUERY[name]} for name in operation.query]
    answer = {"description": "Done"} if operation.status == 204 else _content("Done", JSON, _answer(operation))
    problem = _content("A problem", "application/problem+json", {"$ref": COMPONENTS.format(name="Problem")})
    described: dict[str, Any] = {
        "summary": operation.does,
        "tags": [TAGS.get(kind := operation.path.split("/")[2], kind)],
        "responses": {str(status): answer for status in _statuses(operation)} | {"default": problem},
    }
    if operation.method not in READING:
        described["responses"]["429"] = TOO_MANY
    described |= {"parameters": parameters} if parameters else {}
    described |= {"requestBody": _body(operation)} if _takes_body(operation) else {}
    return described | {"security": _security(operation)}


def _answer(operation: Operation) -> dict[str, Any]:
    return {"type": "object"} if operation.answers is None else {"$ref": COMPONENTS.format(name=operation.answers)}


def _statuses(operation: Operation) -> tuple[int, ...]:
    """Of success. What is put under a name may be new there."""
    return (operation.status, 201) if operation.calendar else (operation.status,)


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    """What a request needs, as the endpoint declares it: nothing, any token, or one with a scope."""
    admission = ADMISSIONS[operation.method, operation.path]
    scopes = [] if admission.scope is None else [str(admission.scope)]
    return [] if admission.public else [{"token": scopes}]


def _takes_body(operation: Operation) -> bool:
    return operation.takes is not None or operation.method == "PATCH" or operation.calendar


def _body(operation: Operation) -> dict[str, Any]:
    if operation.calendar:
        return {"required": True, "content": {CALENDAR: {"schema": {"type": "string"}}}}
    if operation.takes is None:
        return {"required": True, "content": {kind: {"schema": {"type": "object"}} for kind in (JSON, MERGE_PATCH)}}
    schema = {"$ref": COMPONENTS.format(name=operation.takes.__name__)}
    optional = operation.takes in OPTIONAL
    return {"required": not optional, "content": {JSON: {"schema": schema}}}


def _content(description: str, kind: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema}}}


def _portable(schema: Any) -> Any:
    r"""A schema whose patterns every reader knows: Python's `\Z` is `$` elsewhere."""
    if isinstance(schema, dict):
        return {name: _portable(value) for name, value in schema.items()}
    if isinstance(schema, list):
        return [_portable(value) for value in schema]
    return schema.replace(r"\Z", "$") if isinstance(schema, str) else schema
