"""Examples: a request that each operation of the OpenAPI document takes, made from its schemas."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

Schemas = Mapping[str, Mapping[str, Any]]
LIKELY: Mapping[str, Any] = {
    "name": "nightly report",
    "username": "ann",
    "password": "a sentence is easy to remember",
    "current": "a sentence is easy to remember",
    "new": "another one is as easy to remember",
    "email": "ann@example.com",
    "command": "echo hello",
    "url": "https://example.com/",
    "value": "what nobody else may read",
    "at": "2030-01-31T09:00:00Z",
    "due_at": "2030-01-31T09:00:00Z",
    "from": "2026-01-01T00:00:00Z",
    "to": "2026-01-02T00:00:00Z",
    "schedule": {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"},
    "members": [{"define": {"name": "hello", "action": {"type": "function", "name": "print_hello"}}}],
    "scopes": ["read"],
    "role": "member",
    "reason": "maintenance until Monday",
}
"""What stands for a field in an example, by its name. Of any other, what its schema says first."""
THINGS: Mapping[str, str] = {"name": "holidays"}
"""What stands for a parameter of a path; any other is left to fill in."""
PATCH = {"name": "another name"}
CALENDAR = "text/calendar"
_PARAMETER = re.compile(r"{(\w+)}")


def curl(base: str, method: str, path: str, operation: Mapping[str, Any], schemas: Schemas) -> str:
    """A command line that sends the operation, with what it has to have and no more."""
    address = base + _PARAMETER.sub(lambda found: THINGS.get(found[1], f"<{found[1]}>"), path)
    words = ["curl"] if method == "GET" else ["curl", "-X", method]
    lines = [" ".join([*words, _quoted(address)])]
    if operation.get("security"):
        lines.append('-H "Authorization: Token $TOKEN"')
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        media = next(iter(content))
        lines += [f"-H {shlex.quote(f'Content-Type: {media}')}", _data(media, content[media]["schema"], schemas)]
    return " \\\n  ".join(lines)


def example(schema: Mapping[str, Any], schemas: Schemas) -> Any:
    """The smallest value that a schema takes, and that says something.

    >>> example({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 3}}}, {})
    {'n': 3}
    """
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema or "anyOf" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0], schemas)
    if schema.get("type") == "object":
        return _object(schema, schemas)
    if schema.get("type") == "array":
        return [example(schema["items"], schemas)] if "items" in schema else []
    return {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": True}.get(
        schema.get("type", ""), "text"
    )


def _object(schema: Mapping[str, Any], schemas: Schemas) -> dict[str, Any]:
    """An object with what it has to have; with its first member, where it has to have none."""
    members = schema.get("properties", {})
    needed = schema.get("required") or list(members)[:1]
    return {name: LIKELY.get(name) or example(members[name], schemas) for name in needed}


def _data(media: str, schema: Mapping[str, Any], schemas: Schemas) -> str:
    if media == CALENDAR:
        return "--data-binary @holidays.ics"
    body = example(schema, schemas)
    return f"-d {shlex.quote(json.dumps(body if '$ref' in schema else PATCH, ensure_ascii=False))}"


def _quoted(address: str) -> str:
    """An address as a shell takes it; one with a place to fill in stays readable."""
    return f"'{address}'" if "<" in address else shlex.quote(address)
