"""Where an action names secrets, and the action with their values put in.

`{"secret": "name"}` stands for the value of a secret of the task's owner: as a variable of a command's `env`, as one of
an http action's `headers` or anywhere in its `body`, anywhere in the arguments of a function or the parameters of an
AWS call. An http action's `signing` names the one or two secrets that its requests are signed with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NAME = re.compile(r"(?!\.+\Z)[A-Za-z0-9_.-]{1,64}", re.ASCII)
"""What a secret may be called; dots alone would mean a folder to whoever resolves paths."""
RIGHT_NAME = "must be 1 to 64 of letters, digits, . _ -, and not dots alone"
KEY = "secret"
CONFINED = "body_holds_secret"
"""Added to an http action whose body must not follow a redirect to somebody else."""
PLACES: Mapping[str, tuple[str, ...]] = {
    "command": ("env",),
    "http": ("headers", "body", "signing"),
    "function": ("args", "kwargs"),
    "aws": ("parameters",),
}
"""The fields of each type of action in which a secret may be named."""
WHOLE = ("body", "signing")
"""Fields that may be a secret as a whole. Of the others only members may: a header may be called `secret`."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A place in an action (a JSON pointer) that names a secret."""

    pointer: str
    name: str


@dataclass(frozen=True, kw_only=True)
class KeptSecret:
    """What may be told of a secret: its name, and when its value was last given."""

    name: str
    updated_at: datetime


def is_reference(value: Any) -> bool:
    """Whether a value stands for a secret.

    >>> [is_reference(value) for value in ({"secret": "a"}, {"secret": 1}, {"secret": "a", "b": 1}, "a")]
    [True, False, False, False]
    """
    return isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(KEY), str)


def references(action: Mapping[str, Any]) -> Iterator[Reference]:
    """Every place of an action that names a secret, in order.

    >>> action = {"type": "http", "url": "…", "headers": {"X/Key": {"secret": "a"}}, "body": [{"secret": "b"}]}
    >>> [(found.pointer, found.name) for found in references(action)]
    [('/headers/X~1Key', 'a'), ('/body/0', 'b')]
    """
    for place in PLACES.get(action["type"], ()):
        for pointer, value in _starts(place, action.get(place)):
            yield from _below(pointer, value)


def names(action: Mapping[str, Any]) -> frozenset[str]:
    """The secrets that an action names."""
    return frozenset(found.name for found in references(action))


def revealed(action: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The action with the values of the secrets that it names; each of them must be among `values`.

    >>> revealed({"type": "command", "command": "x", "env": {"KEY": {"secret": "a"}}}, {"a": "s3cret"})
    {'type': 'command', 'command': 'x', 'env': {'KEY': 's3cret'}}
    """
    places = PLACES.get(action["type"], ())
    filled = {name: _in_place(name, value, values) if name in places else value for name, value in action.items()}
    confined = any(found.pointer.startswith("/body") for found in references(action))
    return filled | ({CONFINED: True} if confined else {})


def _starts(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values of a place that may be a secret, with their pointers."""
    if place in WHOLE:
        yield f"/{place}", value
    elif isinstance(value, Mapping):
        yield from ((f"/{place}/{_escaped(str(name))}", member) for name, member in value.items())
    elif isinstance(value, list | tuple):
        yield from ((f"/{place}/{index}", member) for index, member in enumerate(value))


def _in_place(place: str, value: Any, values: Mapping[str, str]) -> Any:
    if place in WHOLE or not isinstance(value, Mapping):
        return _revealed(value, values)
    return {name: _revealed(member, values) for name, member in value.items()}


def _below(pointer: str, value: Any) -> Iterator[Reference]:
    if is_reference(value):
        yield Reference(pointer=pointer, name=value[KEY])
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _below(f"{pointer}/{_escaped(str(name))}", member)
    elif isinstance(value, list | tuple):
        for index, member in enumerate(value):
            yield from _below(f"{pointer}/{index}", member)


def _revealed(value: Any, values: Mapping[str, str]) -> Any:
    if is_reference(value):
        return values[value[KEY]]
    if isinstance(value, Mapping):
        return {name: _revealed(member, values) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_revealed(member, values) for member in value]
    return value


def _escaped(name: str) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
