"""The functions that a task may call: those that say so with `@function`, in a module of this folder, and no others.

A task names a function; it can never name a module, so nothing is ever imported for a task.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar, overload

from chalicelib.functions.declaring import LONGEST_NAME, Context, Due, policies_of, schedules_of

P = ParamSpec("P")
R = TypeVar("R")

HERE = "chalicelib.functions"
"""The folder whose modules are loaded."""
OURS = tuple(f"{HERE}.{name}" for name in ("arguments", "compat", "declaring", "described", "registry"))
"""Modules of it in which no function stands: they are loaded by who needs them."""
CONTEXT = "ctx"
"""The parameter by which a function asks for its context, if it is not annotated as something else."""
CONTEXT_CLASS = re.compile(rf"\b{Context.__name__}\b")
VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A function under the name that tasks know it by. `signature` is without the parameter for its context."""

    name: str
    call: Callable[..., Any]
    signature: inspect.Signature
    description: str
    context: str | None = None
    """The parameter that is given the context, if the function has one."""
    policies: Mapping[str, Any] = field(default_factory=dict)
    """What tasks that call it have where they say nothing themselves, as the contract writes it."""
    schedules: Mapping[str, Due] = field(default_factory=dict)
    """Its schedules in code, by their stable names."""

    def refusal(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
        """A sentence that says why these arguments do not fit; None where they do."""
        if self.context is not None and self.context in kwargs:
            return f"{self.name} cannot be called like this: {self.context} is what its run is told, and no argument"
        try:
            self.signature.bind(*args, **kwargs)
        except TypeError as error:
            return f"{self.name} cannot be called like this: {error}"
        return None

    def called(self, args: Sequence[Any], kwargs: Mapping[str, Any], context: Context | None) -> Any:
        """What the function returns. It is given its context if it asks for that."""
        if self.context is None:
            return self.call(*args, **kwargs)
        bound = inspect.signature(self.call).bind_partial()
        bound.arguments.update(self.signature.bind(*args, **kwargs).arguments, **{self.context: context})
        bound.apply_defaults()
        return self.call(*bound.args, **bound.kwargs)

    def filled(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """A task that calls it, with the function's own policies where it says nothing itself."""
        whole = {**self.policies, **task}
        for name, own in self.policies.items():
            if isinstance(own, Mapping) and isinstance(task.get(name), Mapping):
                whole[name] = {**own, **task[name]}
        return whole


later: ContextVar[Callable[[Mapping[str, Any]], str] | None] = ContextVar("punctual_later", default=None)
"""Within a run: takes a task, as the contract writes it, that is to run once, and gives its id. Elsewhere None."""
_registered: dict[str, Registered] = {}
_broken: dict[str, str] = {}


@overload
def function(call: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def function(
    *,
    name: str | None = None,
    retries: int | None = None,
    timeout: float | timedelta | None = None,
    overlap: str | None = None,
    priority: str | None = None,
    schedule: Due | Sequence[Due] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def function(
    call: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    retries: int | None = None,
    timeout: float | timedelta | None = None,
    overlap: str | None = None,
    priority: str | None = None,
    schedule: Due | Sequence[Due] | None = None,
) -> Callable[..., Any]:
    """Let tasks call a function, by its own name or another. It stays the plain function that it is.

    `retries`, `timeout` (seconds), `overlap` and `priority` are for tasks that call it and say nothing themselves.
    `schedule` makes a task of its own of it, or several, at each deployment.

    >>> from chalicelib.functions.shipped import add
    >>> add(1, 2)
    3
    """
    if call is not None and not callable(call):
        raise TypeError(f"@function takes its options by name, as @function(name={call!r})")
    policies = policies_of(retries, timeout, overlap, priority)

    def register(decorated: Callable[..., Any]) -> Callable[..., Any]:
        known_as = name_of(decorated) if name is None else name
        return _register(decorated, known_as, policies, schedules_of(known_as, schedule))

    return register if call is None else register(call)


def find(name: str) -> Registered | None:
    """The function of that name, if there is one."""
    return _registered.get(name)


def registered() -> list[Registered]:
    """All functions that a task may call, in the order of their names."""
    return [_registered[name] for name in sorted(_registered)]


def broken() -> dict[str, str]:
    """The modules that could not be loaded, and why: of their functions, those behind the error are missing."""
    return dict(_broken)


def load(package: str = HERE) -> None:
    """Import every module of the folder once. One that cannot be imported is kept in `broken` and harms no other."""
    folder = importlib.import_module(package)
    for module in pkgutil.iter_modules(folder.__path__, f"{package}."):
        if module.name not in OURS:
            _import(module.name)


def _import(module: str) -> None:
    try:
        importlib.import_module(module)
    except (Exception, SystemExit) as error:  # somebody's own module: anything may be wrong with it
        _broken[module] = f"{type(error).__name__}: {error}"
    else:
        _broken.pop(module, None)


def name_of(call: Callable[..., Any]) -> str:
    """The name that a function has in Python."""
    found = getattr(call, "__name__", None)
    if not isinstance(found, str):
        raise TypeError(f"{call!r} has no name of its own: put @function above a plain function")
    return found


def check_name(name: object, said: str = "name") -> None:
    """`TypeError` for what cannot be the name of a function, nor of a task; `said` is what it was given as."""
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise TypeError(f"{said}= takes a text of 1 to {LONGEST_NAME} printable characters, not {name!r}")


def _register(
    call: Callable[..., Any], name: str, policies: Mapping[str, Any], schedules: Mapping[str, Due]
) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(call) or inspect.isgeneratorfunction(call) or inspect.isasyncgenfunction(call):
        raise TypeError(f"{call.__qualname__} is async or a generator: a task can only call a plain function")
    check_name(name)
    former = _registered.get(name)
    if former and _home(former.call) != _home(call):
        raise ValueError(f"two functions are named {name!r}: {_home(former.call)} and {_home(call)}")
    _check_schedules(name, schedules)
    whole = inspect.signature(call)
    context = next((one.name for one in whole.parameters.values() if _is_context(one, call)), None)
    own = whole.replace(parameters=[one for one in whole.parameters.values() if one.name != context])
    _registered[name] = Registered(
        name=name,
        call=call,
        signature=own,
        description=inspect.getdoc(call) or "",
        context=context,
        policies=policies,
        schedules=schedules,
    )
    return call


def _check_schedules(name: str, schedules: Mapping[str, Due]) -> None:
    """Of two schedules with one name, only one would become a task."""
    for other in _registered.values():
        twice = sorted(schedules.keys() & other.schedules.keys())
        if other.name != name and twice:
            raise ValueError(f"{other.name} has a schedule called {twice[0]!r} as well: give one of them another name=")


def _is_context(parameter: inspect.Parameter, call: Callable[..., Any]) -> bool:
    """Whether a parameter asks for the context: by its annotation, or by its name where it has none."""
    if parameter.kind in VARIABLE:
        return False
    if parameter.annotation is parameter.empty:
        return parameter.name == CONTEXT
    if not isinstance(parameter.annotation, str):
        return Context in (parameter.annotation, *getattr(parameter.annotation, "__args__", ()))
    another = getattr(call, "__globals__", {}).get(Context.__name__, Context) is not Context
    return CONTEXT_CLASS.search(parameter.annotation) is not None and not another


def _home(call: Callable[..., Any]) -> str:
    return f"{call.__module__}.{call.__qualname__}"
