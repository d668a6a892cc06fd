"""Collecting: everything that is wrong with a JSON value, where msgspec alone would stop at the first thing.

msgspec judges each single value; this walks the shape and gives every finding its JSON pointer and a sentence.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, UnsetType
from msgspec.structs import FieldInfo

from chalicelib.core.errors import FieldError

MOST_ERRORS = 100
"""Told at once. Looking for more would only keep the sender waiting."""
_CODES = (
    (", got ", "wrong_type"),
    (" of length ", "wrong_length"),
    ("matching regex", "wrong_form"),
    ("enum value", "unknown_value"),
    ("=", "out_of_range"),
)
"""Parts of msgspec's messages, and what they mean."""


def errors_in(value: Any, shape: Any) -> Iterator[FieldError]:
    """Everything about a value that does not fit a shape: a Struct, a union of tagged ones, or what msgspec converts.

    After the first hundred things it stops looking.

    >>> class Point(Struct, forbid_unknown_fields=True):
    ...     x: Annotated[int, Meta(le=9, description="a whole number up to 9")]
    >>> [f"{error.pointer} {error.detail}" for error in errors_in({"x": 10, "y": 1}, Point)]
    ['/x must be a whole number up to 9', '/y is no field here: known is x']
    """
    return islice(_errors_in(value, shape, ""), MOST_ERRORS)


def _errors_in(value: Any, shape: Any, pointer: str) -> Iterator[FieldError]:
    kind, metas = _unwrapped(shape)
    if _is_struct(kind):
        yield from _in_struct(value, kind, pointer)
    elif choices := _tagged(kind):
        yield from _in_union(value, choices, pointer)
    elif get_origin(kind) is list and isinstance(value, list):
        yield from _in_list(value, kind, metas, pointer)
    elif get_origin(kind) is dict and isinstance(value, dict):
        yield from _in_dict(value, kind, metas, pointer)
    else:
        yield from _leaf(value, shape, metas, pointer)


def child(pointer: str, key: str | int) -> str:
    """The pointer to a member (RFC 6901).

    >>> child("/a", "b/c~d")
    '/a/b~1c~0d'
    """
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def tags_of(shape: Any) -> list[str]:
    """The `type`s that a union of tagged Structs knows."""
    return list(_tagged(_unwrapped(shape)[0]))


def _unwrapped(shape: Any) -> tuple[Any, tuple[Meta, ...]]:
    """A shape without its annotations and without `UnsetType`, and those annotations."""
    if get_origin(shape) is Annotated:
        kind, *metas = get_args(shape)
        return kind, tuple(metas)
    if _is_union(shape) and UnsetType in get_args(shape):
        (given,) = (part for part in get_args(shape) if part is not UnsetType)
        return _unwrapped(given)
    return shape, ()


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _tagged(kind: Any) -> dict[str, type[Struct]]:
    parts = get_args(kind) if _is_union(kind) else ()
    structs = [part for part in parts if _is_struct(part)]
    return {str(part.__struct_config__.tag): part for part in structs if part.__struct_config__.tag is not None}


def _in_struct(value: Any, kind: type[Struct], pointer: str) -> Iterator[FieldError]:
    if not isinstance(value, dict):
        yield _error(pointer, "wrong_type", "must be an object")
        return
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in known.items():
        if name in value:
            yield from _errors_in(value[name], field.type, child(pointer, name))
        elif field.required:
            yield _error(child(pointer, name), "required", f"is required: {_right(field.type)}")
    tag = kind.__struct_config__.tag_field
    yield from (_unknown(name, kind, known, pointer) for name in value if name not in known and name != tag)


def _unknown(name: str, kind: type[Struct], known: Mapping[str, FieldInfo], pointer: str) -> FieldError:
    guesses = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {guesses[0]}?" if guesses else f"known {_are(known)}"
    tag = kind.__struct_config__.tag
    place = "here" if tag is None else f"of the type {tag}"
    return _error(child(pointer, name), "unknown_field", f"is no field {place}: {hint}")


def _are(known: Mapping[str, Any]) -> str:
    return f"{'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else "is none"


def _in_union(value: Any, choices: Mapping[str, type[Struct]], pointer: str) -> Iterator[FieldError]:
    names = ", ".join(choices)
    if not isinstance(value, dict):
        yield _error(pointer, "wrong_type", f"must be an object whose `type` is one of {names}")
    elif "type" not in value:
        yield _error(child(pointer, "type"), "required", f"is required: one of {names}")
    elif not isinstance(value["type"], str) or value["type"] not in choices:
        yield _error(child(pointer, "type"), "unknown_value", f"must be one of {names}")
    else:
        yield from _in_struct(value, choices[value["type"]], pointer)


def _in_list(value: list[Any], kind: Any, metas: tuple[Meta, ...], pointer: str) -> Iterator[FieldError]:
    (of,) = get_args(kind)
    wrong = list(_leaf(value, Annotated[(list[Any], *metas)] if metas else list[Any], metas, pointer))
    yield from wrong
    if not wrong and of is not Any:
        for index, item in enumerate(value):
            yield from _errors_in(item, of, child(pointer, index))


def _in_dict(value: dict[str, Any], kind: Any, metas: tuple[Meta, ...], pointer: str) -> Iterator[FieldError]:
    _, of = get_args(kind)
    wrong = list(_leaf(value, Annotated[(dict[str, Any], *metas)] if metas else dict[str, Any], metas, pointer))
    yield from wrong
    if not wrong and of is not Any:
        for name, item in value.items():
            yield from _errors_in(item, of, child(pointer, name))


def _leaf(value: Any, shape: Any, metas: tuple[Meta, ...], pointer: str) -> Iterator[FieldError]:
    kind = Annotated[(_unwrapped(shape)[0], *metas)] if metas else shape
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        code = "null" if value is None else _code(str(error))
        yield _error(pointer, code, f"must be {_right(shape)}" + (", not null" if value is None else ""))


def _code(message: str) -> str:
    return next((code for part, code in _CODES if part in message), "invalid_value")


def _right(shape: Any) -> str:
    """What would be right, in words."""
    kind, metas = _unwrapped(shape)
    said = [meta.description for meta in metas if meta.description]
    return said[-1] if said else _NAMES.get(kind, "another value")


_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
