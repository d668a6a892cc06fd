"""Schemas: the words in which answers are described, each a piece of JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
COMPONENTS = "#/components/schemas/{name}"


def ref(name: str) -> Schema:
    """The schema of that name."""
    return {"$ref": COMPONENTS.format(name=name)}


def text(says: str) -> Schema:
    """A text, and what it says."""
    return of("string", says)


def number(says: str) -> Schema:
    """A whole number, and what it counts."""
    return of("integer", says)


def switch(says: str) -> Schema:
    """True or false, and to what question."""
    return of("boolean", says)


def instant(says: str) -> Schema:
    """An instant, and what was or will be then."""
    return of("string", says, format="date-time")


def of(kind: str, says: str, **more: Any) -> Schema:
    """A value of one of JSON's types, with what else is said of it."""
    return {"type": kind, "description": says} | more


def or_null(schema: Schema) -> Schema:
    """What may be null as well."""
    plain = {name: value for name, value in schema.items() if name != "description"}
    return {"anyOf": [plain, {"type": "null"}], "description": schema.get("description", "")}


def some(schema: Schema, says: str) -> Schema:
    """A list of such."""
    return of("array", says, items=schema)


def record(says: str, properties: Mapping[str, Schema], *, maybe: tuple[str, ...] = ()) -> Schema:
    """An object that has all of these, but for those that it may leave out."""
    needed = [name for name in properties if name not in maybe]
    return of("object", says, required=needed, properties=dict(properties))


def listing(name: str) -> Schema:
    """A page of a list of what has that schema."""
    items = {"items": some(ref(name), "some of them, in order"), "next_cursor": or_null(text("where to go on"))}
    return record("A page of a list; where there is no more, `next_cursor` is null.", items)
