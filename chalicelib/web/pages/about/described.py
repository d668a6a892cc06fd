"""Described: the OpenAPI document as people read it. Whatever is added to the document is here as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.web.frame.json_text import write
from chalicelib.web.pages.about.examples import curl

Schema = Mapping[str, Any]
REFERENCE = "#/components/schemas/"
PLAIN_TYPES = {"integer": "whole number", "null": "null", "string": "text", "boolean": "true or false"}
"""How a JSON type is called where the document says no more of it."""
SUCCESS = range(200, 300)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Part of what a type is called: words, or the name of a schema, which is a link to it. `code`: a value itself."""

    text: str
    schema: str | None = None
    code: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """A parameter, or a member of an object. One of an object inside carries the names above it: `errors[].code`."""

    name: str
    kind: tuple[Piece, ...]
    required: bool = False
    says: str = ""
    default: str | None = None
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Named:
    """A schema with a name: its fields, or what it may be. `sent`: requests hold it; otherwise only answers do."""

    name: str
    sent: bool
    says: str
    kind: tuple[Piece, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Content:
    """A body: its media types, and what it holds."""

    media: tuple[str, ...]
    kind: tuple[Piece, ...]
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What may come back. `statuses` says when."""

    status: str
    says: str
    content: Content | None
    headers: tuple[Field, ...] = ()

    @property
    def succeeded(self) -> bool:
        return self.status.isdigit() and int(self.status) in SUCCESS


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method of a path. `scope` is what a token needs: None for none at all, "" for any token."""

    method: str
    path: str
    does: str
    scope: str | None
    parameters: tuple[Field, ...]
    body: Content | None
    answers: tuple[Answer, ...]
    curl: str
    group: str
    schemas: frozenset[str]
    """The names of schemas that it speaks of, and of those that these speak of."""

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        path = self.path.removeprefix("/api").replace("{", "").replace("}", "")
        return f"{self.method.lower()}{path.replace('/', '-').replace('.', '-')}"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Operations that belong together."""

    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The whole document, or what of it was looked for."""

    version: str
    groups: tuple[Group, ...]
    schemas: tuple[Named, ...]

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(one for group in self.groups for one in group.operations)

    def about(self, words: str) -> Reference:
        """The operations and schemas that hold each of some words, with the schemas that these operations speak of."""
        wanted = words.casefold().split()
        if not wanted:
            return self
        found = [one for one in self.operations if _holds(_words_of(one), wanted)]
        spoken_of = {name for one in found for name in one.schemas}
        schemas = [
            s for s in self.schemas if s.name in spoken_of or _holds((s.name, *(f.name for f in s.fields)), wanted)
        ]
        return Reference(version=self.version, groups=_grouped(found), schemas=tuple(schemas))


def described(document: Mapping[str, Any], base: str) -> Reference:
    """All that an OpenAPI document says. `base` is where the API begins, for the examples."""
    schemas = document["components"]["schemas"]
    operations = [
        _operation(document, base, method.upper(), path, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]
    bodies = [one.get("requestBody", {}) for methods in document["paths"].values() for one in methods.values()]
    sent = _spoken_of(bodies, schemas)
    named = tuple(_named(name, schema, sent=name in sent) for name, schema in sorted(schemas.items()))
    return Reference(version=document["info"]["version"], groups=_grouped(operations), schemas=named)


def _grouped(operations: Iterable[Operation]) -> tuple[Group, ...]:
    groups: dict[str, list[Operation]] = {}
    for one in operations:
        groups.setdefault(one.group, []).append(one)
    return tuple(Group(name=name, operations=tuple(some)) for name, some in groups.items())


def _words_of(operation: Operation) -> tuple[str, ...]:
    return operation.method, operation.path, operation.does, operation.group


def _holds(texts: Iterable[str], wanted: Iterable[str]) -> bool:
    text = " ".join(texts).casefold()
    return all(word in text for word in wanted)


def _operation(document: Mapping[str, Any], base: str, method: str, path: str, one: Mapping[str, Any]) -> Operation:
    schemas = document["components"]["schemas"]
    security = one.get("security", document.get("security", []))
    return Operation(
        method=method,
        path=path,
        does=one["summary"],
        scope=", ".join(scope for each in security for scopes in each.values() for scope in scopes)
        if security
        else None,
        parameters=tuple(_parameter(given) for given in one.get("parameters", ())),
        body=_content(one["requestBody"]) if "requestBody" in one else None,
        answers=tuple(_answer(status, answer) for status, answer in one["responses"].items()),
        curl=curl(base, method, path, one, schemas),
        group=one["tags"][0] if one.get("tags") else path,
        schemas=frozenset(_spoken_of(one, schemas)),
    )


def _spoken_of(thing: Any, schemas: Mapping[str, Schema]) -> set[str]:
    """The names of all schemas that something refers to, directly or not."""
    found: set[str] = set()
    todo = list(_references(thing))
    while todo:
        name = todo.pop()
        if name not in found and name in schemas:
            found.add(name)
            todo += _references(schemas[name])
    return found


def _references(thing: Any) -> Iterator[str]:
    if isinstance(thing, dict):
        if isinstance(thing.get("$ref"), str):
            yield thing["$ref"].removeprefix(REFERENCE)
        for value in thing.values():
            yield from _references(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from _references(value)


def _parameter(given: Mapping[str, Any]) -> Field:
    schema = given["schema"]
    says = given.get("description") or schema.get("description") or limits(schema)
    return _field(given["name"], schema, required=given.get("required", False), says=says, place=given["in"])


def _content(body: Mapping[str, Any]) -> Content | None:
    content = body.get("content", {})
    if not content:
        return None
    schema = next(iter(content.values()))["schema"]
    return Content(media=tuple(content), kind=tuple(kind_of(schema)), required=body.get("required", True))


def _answer(status: str, answer: Mapping[str, Any]) -> Answer:
    headers = [
        _field(name, one["schema"], says=one.get("description", "")) for name, one in answer.get("headers", {}).items()
    ]
    return Answer(status=status, says=answer["description"], content=_content(answer), headers=tuple(headers))


def _named(name: str, schema: Schema, *, sent: bool) -> Named:
    kind = () if "properties" in schema else tuple(kind_of(schema))
    return Named(name=name, sent=sent, says=schema.get("description", ""), kind=kind, fields=tuple(_fields(schema)))


def _fields(schema: Schema, above: str = "") -> Iterator[Field]:
    """The members of an object, each followed by those of an object that it is or holds."""
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        yield _field(above + name, inner, required=name in required)
        is_list = "items" in inner
        yield from _fields(inner["items"] if is_list else inner, f"{above}{name}{'[]' if is_list else ''}.")


def _field(name: str, schema: Schema, *, required: bool = False, says: str | None = None, place: str = "") -> Field:
    said = schema.get("description", limits(schema)) if says is None else says
    given = write(schema["default"]) if "default" in schema else None
    read_only = "read-only" if schema.get("readOnly") else ""
    kind = tuple(kind_of(schema))
    said = "" if said == "".join(piece.text for piece in kind) else said
    text = ", ".join(filter(None, [said, read_only]))
    return Field(name=name, kind=kind, required=required, says=text, default=given, place=place)


def kind_of(schema: Schema) -> Iterator[Piece]:
    """What a schema's values are called.

    >>> "".join(piece.text for piece in kind_of({"type": "array", "items": {"enum": ["a", "b"]}}))
    'list of "a", "b"'
    """
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        yield Piece(text=name, schema=name)
    elif "anyOf" in schema:
        yield from _joined([kind_of(one) for one in schema["anyOf"]], " or ")
    elif "enum" in schema:
        yield from _joined([iter([Piece(text=write(value), code=True)]) for value in schema["enum"]], ", ")
    elif schema.get("type") == "array":
        yield Piece(text="list of " if "items" in schema else "list")
        yield from kind_of(schema["items"]) if "items" in schema else ()
    elif isinstance(schema.get("additionalProperties"), dict):
        yield Piece(text="object of ")
        yield from kind_of(schema["additionalProperties"])
    else:
        kind = str(schema.get("type", "anything"))
        yield Piece(text=str(schema.get("format") or PLAIN_TYPES.get(kind, kind)))


def _joined(kinds: Iterable[Iterator[Piece]], between: str) -> Iterator[Piece]:
    for number, kind in enumerate(kinds):
        if number:
            yield Piece(text=between)
        yield from kind


def limits(schema: Schema) -> str:
    """Between what a number has to be, where the document gives no words for it.

    >>> limits({"type": "integer", "minimum": 1, "maximum": 1000}), limits({"type": "string"})
    ('from 1 to 1,000', '')
    """
    low, high = schema.get("minimum"), schema.get("maximum")
    return f"from {low:,} to {high:,}" if low is not None and high is not None else ""
