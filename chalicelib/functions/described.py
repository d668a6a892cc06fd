"""Functions described, for people and for forms: what they take, what they are told, when they are due."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

from chalicelib.functions.declaring import Due
from chalicelib.functions.registry import VARIABLE, Registered


class _Text(str):
    """An annotation as it stands in the code, and not in quotation marks."""

    __slots__ = ()

    @classmethod
    def of(cls, annotation: Any) -> Any:
        return cls(annotation) if isinstance(annotation, str) else annotation

    __repr__ = str.__str__


def to_json(known: Registered) -> dict[str, Any]:
    """How a function is called."""
    return {
        "name": known.name,
        "description": known.description,
        "parameters": [_parameter(one) for one in known.signature.parameters.values()],
        "takes_context": known.context is not None,
        "defaults": dict(known.policies),
        "schedules": [_due(name, due) for name, due in known.schedules.items()],
    }


def written(known: Registered) -> str:
    """How it is defined, on a line for people.

    >>> from chalicelib.functions import registry, shipped
    >>> found = registry.find("print_hello")
    >>> written(found) if found else ""
    "print_hello(name: str = 'world') -> None"
    """
    own = known.signature
    parameters = [one.replace(annotation=_Text.of(one.annotation)) for one in own.parameters.values()]
    return f"{known.name}{own.replace(parameters=parameters, return_annotation=_Text.of(own.return_annotation))}"


def _due(name: str, due: Due) -> Mapping[str, Any]:
    return {
        "name": name,
        "schedule": plain(dict(due.schedule)),
        "args": plain(list(due.args)),
        "kwargs": plain(due.kwargs),
    }


def _parameter(parameter: inspect.Parameter) -> dict[str, Any]:
    required = parameter.default is parameter.empty and parameter.kind not in VARIABLE
    return {
        "name": parameter.name,
        "kind": parameter.kind.name.lower(),
        "required": required,
        "default": None if parameter.default is parameter.empty else plain(parameter.default),
        "annotation": _annotation(parameter.annotation),
    }


def _annotation(annotation: Any) -> str | None:
    if annotation is inspect.Parameter.empty:
        return None
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def plain(value: Any) -> Any:
    """A value as JSON gives it back, or how Python writes it where it is none."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return _written_by_python(value)


def _written_by_python(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # somebody's own class, a number of too many digits, or what is nested too deeply
        return f"<{type(value).__name__}>"
