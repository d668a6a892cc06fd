"""The functions that a task may call: those that say so with `@function`, in a module of this folder, and no others.

A task names a function; it can never name a module, so nothing is ever imported for a task.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, overload

P = ParamSpec("P")
R = TypeVar("R")

HERE = "chalicelib.functions"
"""The folder whose modules are loaded."""


class _Text(str):
    """An annotation as it stands in the code, and not in quotation marks."""

    __slots__ = ()

    @classmethod
    def of(cls, annotation: Any) -> Any:
        return cls(annotation) if isinstance(annotation, str) else annotation

    __repr__ = str.__str__


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A function under the name that tasks know it by."""

    name: str
    call: Callable[..., Any]
    signature: inspect.Signature
    description: str

    def to_json(self) -> dict[str, Any]:
        """How the function is called, for people and for forms."""
        parameters = [_described(parameter) for parameter in self.signature.parameters.values()]
        return {"name": self.name, "description": self.description, "parameters": parameters}

    @property
    def written(self) -> str:
        """How it is defined, on a line for people.

        >>> from chalicelib.functions import shipped
        >>> found = find("print_hello")
        >>> found.written if found else ""
        "print_hello(name: str = 'world') -> None"
        """
        own = self.signature
        parameters = [one.replace(annotation=_Text.of(one.annotation)) for one in own.parameters.values()]
        return f"{self.name}{own.replace(parameters=parameters, return_annotation=_Text.of(own.return_annotation))}"

    def refusal(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
        """A sentence that says why these arguments do not fit; None where they do."""
        try:
            self.signature.bind(*args, **kwargs)
        except TypeError as error:
            return f"{self.name} cannot be called like this: {error}"
        return None


_registered: dict[str, Registered] = {}
_broken: dict[str, str] = {}


@overload
def function(call: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def function(*, name: str) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def function(call: Callable[..., Any] | None = None, /, *, name: str | None = None) -> Callable[..., Any]:
    """Let tasks call a function, by its own name or another. It stays the plain function that it is.

    >>> from chalicelib.functions.shipped import add
    >>> add(1, 2)
    3
    """
    if call is None:
        return lambda decorated: _register(decorated, name)
    return _register(call, name)


def find(name: str) -> Registered | None:
    """The function of that name, if there is one."""
    return _registered.get(name)


def registered() -> list[Registered]:
    """All functions that a task may call, in the order of their names."""
    return [_registered[name] for name in sorted(_registered)]


def broken() -> dict[str, str]:
    """The modules that could not be loaded, and why: their functions are missing."""
    return dict(_broken)


def load(package: str = HERE) -> None:
    """Import every module of the folder once. One that cannot be imported is kept in `broken` and harms no other."""
    folder = importlib.import_module(package)
    for module in pkgutil.iter_modules(folder.__path__, f"{package}."):
        _import(module.name)


def _import(module: str) -> None:
    try:
        importlib.import_module(module)
    except (Exception, SystemExit) as error:  # somebody's own module: anything may be wrong with it
        _broken[module] = f"{type(error).__name__}: {error}"
    else:
        _broken.pop(module, None)


def _register(call: Callable[..., Any], name: str | None) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(call) or inspect.isgeneratorfunction(call) or inspect.isasyncgenfunction(call):
        raise TypeError(f"{call.__qualname__} is async or a generator: a task can only call a plain function")
    name = name or call.__name__
    former = _registered.get(name)
    if former and _home(former.call) != _home(call):
        raise ValueError(f"two functions are named {name!r}: {_home(former.call)} and {_home(call)}")
    description = inspect.getdoc(call) or ""
    _registered[name] = Registered(name=name, call=call, signature=inspect.signature(call), description=description)
    return call


def _home(call: Callable[..., Any]) -> str:
    return f"{call.__module__}.{call.__qualname__}"


def _described(parameter: inspect.Parameter) -> dict[str, Any]:
    variable = parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    required = parameter.default is parameter.empty and not variable
    return {
        "name": parameter.name,
        "kind": parameter.kind.name.lower(),
        "required": required,
        "default": None if parameter.default is parameter.empty else _plain(parameter.default),
        "annotation": _written(parameter.annotation),
    }


def _written(annotation: Any) -> str | None:
    if annotation is inspect.Parameter.empty:
        return None
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _plain(default: Any) -> Any:
    try:
        return json.loads(json.dumps(default, allow_nan=False))
    except (TypeError, ValueError):
        return repr(default)
