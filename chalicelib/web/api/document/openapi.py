"""The API described for machines: OpenAPI 3.1, with the request bodies made from the very shapes that check them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from chalicelib.core.groups.group import GroupState
from chalicelib.core.run import RunStatus
from chalicelib.web.api.document.answers import ANSWERS
from chalicelib.web.api.document.answers.tasks import checked_task, task_answer
from chalicelib.web.api.document.operations import OPERATIONS, Operation
from chalicelib.web.api.document.schema import COMPONENTS, number, record, ref, some, text
from chalicelib.web.checks.shapes import accounts, bodies
from chalicelib.web.checks.shapes.tasks import GivenState
from chalicelib.web.frame.endpoint import ADMISSIONS, CALENDAR, JSON, MERGE_PATCH
from chalicelib.web.frame.limited import READING
from chalicelib.web.frame.paging import DEFAULT_LIMIT, LIMIT

INSTANT = {"type": "string", "format": "date-time"}
OPTIONAL = (bodies.Reason, bodies.Nothing, bodies.InCodeSync, accounts.Rotation, accounts.NewInvitation)
"""Bodies that may be left out."""


TAGS: Mapping[str, str] = {
    **dict.fromkeys(("register", "login", "logout", "me", "password"), "account"),
    **dict.fromkeys(("health", "openapi.json"), "about"),
    **dict.fromkeys(("users", "invitations"), "members"),
    "preview": "tasks",
}
"""To what an operation belongs, by what follows `/api` in its path; most belong to just that."""
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
_FIELD = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": text("which field, as a JSON pointer"),
        "code": text("a stable word"),
        "detail": text("completes the sentence that the field …"),
    },
}
PROBLEM = record(
    "What was wrong with a request (RFC 9457). Nothing was stored.",
    {
        "type": text("about:blank"),
        "title": text("what the status is called"),
        "status": number("of the answer"),
        "detail": text("a sentence that says what to do"),
        "code": text("a stable word, for scripts"),
        "request_id": text("what the request is called in logs"),
        "errors": some(_FIELD, "every field that is wrong, all at once"),
    },
)
TOO_MANY = {
    "description": "Sent too often",
    "headers": {"Retry-After": {"description": "Seconds until it may be sent again", "schema": {"type": "integer"}}},
    "content": {"application/problem+json": {"schema": ref("Problem")}},
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
            {"name": name}
            for name in dict.fromkeys(one["tags"][0] for kinds in paths.values() for one in kinds.values())
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
    problem = _content("A problem", "application/problem+json", ref("Problem"))
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


def _answer(operation: Operation) -> Mapping[str, Any]:
    return {"type": "object"} if operation.answers is None else ref(operation.answers)


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
    schema = ref(operation.takes.__name__)
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
