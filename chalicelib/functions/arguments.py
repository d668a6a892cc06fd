"""Arguments for a function, held against what it says it takes: before a task is stored, and not when it runs.

What is held against an annotation are the plain types that JSON has: `str`, `int`, `float`, `bool`, `None`,
`list[...]`, `dict[str, ...]`, `tuple[...]`, `Literal[...]`, unions of them and `Optional`. Whatever else an annotation
says is let through: the function has to see to it itself.
"""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from chalicelib.core.errors import FieldError
from chalicelib.core.secrets.naming import is_reference
from chalicelib.functions.registry import Registered

MOST_BYTES = 64 * 1024
"""Of args and kwargs together, as compact JSON."""
DEEPEST = 24
"""Levels of nesting of one argument: a request that holds it may have 32."""
LARGEST_WHOLE_NUMBER = 2**63 - 1
"""As in the API."""
PLAIN = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", type(None): "null"}
"""What JSON has, in words."""
LISTS = (list, tuple, Sequence)
OBJECTS = (dict, Mapping)
UNIONS = (Union, types.UnionType)


class KnownLater(dict[str, Any]):
    """Stands for an argument that is known when the function runs: it fits everywhere."""


def wrong_arguments(known: Registered, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[FieldError]:
    """All that is wrong with the arguments of a call, as JSON; pointers begin at the action."""
    refusal = known.refusal(args, kwargs)
    if refusal is not None:
        pointer = "/kwargs" if kwargs and not args else "/args"
        yield FieldError(pointer=pointer, code="invalid_arguments", detail=refusal)
        return
    kinds = _kinds(known.call)
    for pointer, value, parameter in _given(known, args, kwargs):
        kind = kinds.get(parameter.name, Any)
        if value is not None or parameter.default is not None:
            named = f", as `{parameter.name}` of {known.name}()"
            yield from (replace(one, detail=one.detail + named) for one in _wrong(value, kind, pointer))


def not_json(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """A sentence that names the argument which is no JSON, or says that all of it is too much; None where all is well.

    >>> not_json("send", ["ann"], {"tags": {"a"}})
    'tags of send() is a set, and arguments must be JSON: pass a list, as sorted(...) makes one'
    """
    places = [(f"argument {number}", value) for number, value in enumerate(args, 1)] + list(kwargs.items())
    for place, value in places:
        found = _strange(value)
        if found is not None:
            return f"{place} of {name}() {found}"
    size = len(json.dumps([list(args), dict(kwargs)], separators=(",", ":"), ensure_ascii=False).encode())
    if size > MOST_BYTES:
        return f"the arguments of {name}() are {size:,} bytes of JSON, and 64 KB is the most: pass where the data is"
    return None


def _given(
    known: Registered, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Iterator[tuple[str, Any, inspect.Parameter]]:
    """Each argument with its pointer and the parameter that takes it."""
    parameters = known.signature.parameters
    by_place = [one for one in parameters.values() if one.kind in _BY_PLACE]
    rest = next((one for one in parameters.values() if one.kind is inspect.Parameter.VAR_POSITIONAL), None)
    more = next((one for one in parameters.values() if one.kind is inspect.Parameter.VAR_KEYWORD), None)
    for index, value in enumerate(args):
        taker = by_place[index] if index < len(by_place) else rest
        if taker is not None:
            yield f"/args/{index}", value, taker
    for name, value in kwargs.items():
        named = parameters.get(name)
        taker = named if named is not None and named.kind in _BY_NAME else more
        if taker is not None:
            yield f"/kwargs/{_escaped(name)}", value, taker


_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@lru_cache(maxsize=1024)
def _kinds(call: Callable[..., Any]) -> Mapping[str, Any]:
    """The annotations of a function, as types; none of one whose annotations cannot be worked out here."""
    try:
        return get_type_hints(call)
    except Exception:  # somebody's own annotations: names that exist for type checkers only, and anything else
        return {}


def _wrong(value: Any, kind: Any, pointer: str) -> Iterator[FieldError]:
    """What is wrong with a value where a type is asked for. A secret's value is known when it runs, and not before."""
    if isinstance(value, KnownLater) or is_reference(value):
        return
    kind = _meant(value, kind)
    origin, parts = get_origin(kind), get_args(kind)
    if _is_list(kind, origin):
        yield from _wrong_list(value, kind, parts, pointer)
    elif _is_object(kind, origin):
        yield from _wrong_object(value, kind, parts, pointer)
    elif not _fits(value, kind, origin, parts):
        yield _error(pointer, kind)


def _meant(value: Any, kind: Any) -> Any:
    """Of the types that a value may be, the only one that has parts as it has: what is wrong is wrong within it."""
    if get_origin(kind) not in UNIONS or not isinstance(value, list | Mapping):
        return kind
    looks_like = _is_list if isinstance(value, list) else _is_object
    found = [part for part in get_args(kind) if looks_like(part, get_origin(part))]
    return found[0] if len(found) == 1 and not list(_plainly(kind)) else kind


def _plainly(kind: Any) -> Iterator[Any]:
    """Of the types that a value may be, those that let anything through."""
    return (part for part in get_args(kind) if not list(_wrong(object(), part, "")))


def _fits(value: Any, kind: Any, origin: Any, parts: tuple[Any, ...]) -> bool:
    """Whether a value is of a type that has no parts of its own, or of one of those that it may be."""
    if origin in UNIONS:
        return any(not list(_wrong(value, part, "")) for part in parts)
    if origin is Literal:
        return any(type(value) is type(part) and value == part for part in parts)
    return not _is_known(kind) or _is_plain(value, kind)


def _is_known(kind: Any) -> bool:
    """Whether it is one of the plain types: an annotation may be anything, also what no dictionary takes."""
    return isinstance(kind, type) and kind in PLAIN


def _is_list(kind: Any, origin: Any) -> bool:
    return kind in LISTS or origin in LISTS


def _is_object(kind: Any, origin: Any) -> bool:
    return kind in OBJECTS or origin in OBJECTS


def _is_plain(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _wrong_list(value: Any, kind: Any, parts: tuple[Any, ...], pointer: str) -> Iterator[FieldError]:
    if not isinstance(value, list | tuple):
        yield _error(pointer, kind)
        return
    fixed = get_origin(kind) is tuple and not (len(parts) == 2 and parts[1] is Ellipsis)
    if fixed and len(value) != len(parts):
        yield _error(pointer, kind)
        return
    for index, each in enumerate(value):
        of = parts[index] if fixed else parts[0] if parts else Any
        yield from _wrong(each, of, f"{pointer}/{index}")


def _wrong_object(value: Any, kind: Any, parts: tuple[Any, ...], pointer: str) -> Iterator[FieldError]:
    if not isinstance(value, Mapping):
        yield _error(pointer, kind)
        return
    for name, each in value.items():
        yield from _wrong(each, parts[1] if parts else Any, f"{pointer}/{_escaped(str(name))}")


def _error(pointer: str, kind: Any) -> FieldError:
    return FieldError(pointer=pointer, code="wrong_type", detail=f"must be {_said(kind)}")


def _said(kind: Any) -> str:
    """A type in words."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in UNIONS:
        return " or ".join(dict.fromkeys(_said(part) for part in parts))
    if origin is Literal:
        return f"one of {', '.join(json.dumps(part, default=str) for part in parts)}"
    if origin is tuple and parts and parts[-1] is not Ellipsis:
        return f"a list of {len(parts)}: {', '.join(_said(part) for part in parts)}"
    if _is_list(kind, origin):
        return f"a list, each of it {_said(parts[0])}" if parts and _is_known(parts[0]) else "a list"
    return (
        "an object"
        if _is_object(kind, origin)
        else PLAIN[kind]
        if _is_known(kind)
        else getattr(kind, "__name__", str(kind))
    )


def _strange(value: Any, levels: int = DEEPEST) -> str | None:
    """Why a value is no JSON, and what to do about it."""
    if isinstance(value, list | tuple | Mapping):
        return _strange_within(value, levels)
    if value is None or isinstance(value, str):
        return _HALF if value is not None and _unpaired(value) else None
    if isinstance(value, int):
        return None if abs(value) <= LARGEST_WHOLE_NUMBER else "is a number of more than 64 bits: pass it as a text"
    if isinstance(value, float):
        return None if value - value == 0 else f"is {value}, which JSON does not have: pass null or a text"
    return f"is {_kind_of(value)}, and arguments must be JSON: {_INSTEAD.get(type(value).__name__, _OTHERWISE)}"


def _strange_within(value: Sequence[Any] | Mapping[Any, Any], levels: int) -> str | None:
    if levels == 0:
        return f"is nested deeper than {DEEPEST} levels: pass where the data is"
    inner: Iterable[Any] = value
    if isinstance(value, Mapping):
        if any(not isinstance(key, str) for key in value):
            return "is a dict whose keys are not all texts, and JSON has no other keys"
        inner = [*value, *value.values()]
    return next((found for each in inner if (found := _strange(each, levels - 1)) is not None), None)


def _unpaired(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


_HALF = "holds half of a surrogate pair, which JSON does not have: pass a text that can be encoded"

_OTHERWISE = "pass its id, or what it is made from"
_INSTEAD = {
    **dict.fromkeys(("datetime", "date", "time"), "pass its isoformat()"),
    **dict.fromkeys(("set", "frozenset"), "pass a list, as sorted(...) makes one"),
    **dict.fromkeys(("UUID", "Decimal", "PosixPath"), "pass str(...) of it"),
    "timedelta": "pass its total_seconds()",
    "bytes": "pass base64 of it, as a text",
}


def _kind_of(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
