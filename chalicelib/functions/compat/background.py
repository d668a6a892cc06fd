"""`@background`, as django-background-tasks has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, overload

from chalicelib.core.instant import to_text
from chalicelib.functions.compat.calling import Called, call, instant_in, priority_of
from chalicelib.functions.registry import Registered, check_name, find, function, name_of

P = ParamSpec("P")
R = TypeVar("R")
When = float | timedelta | datetime | None
"""Seconds from now, or an instant."""
RESERVED = ("queue", "creator", "remove_existing_tasks")
"""Words that a call may not use for arguments there, and that have no meaning here."""
MIDDLE = 0


class Background(Generic[P, R]):
    """A function that is called for later. `now` calls it here and now."""

    def __init__(self, now: Callable[P, R], name: str, schedule: When) -> None:
        self.now, self.name, self.schedule = now, name, schedule
        update_wrapper(self, now)

    def __call__(
        self,
        *args: Any,
        schedule: When = None,
        repeat: int | None = None,
        repeat_until: datetime | None = None,
        priority: int | None = None,
        verbose_name: str | None = None,
        **kwargs: Any,
    ) -> Called:
        """Have it called, after `schedule` (its own, where none is given), and every `repeat` seconds from then on
        until `repeat_until`."""
        reserved = next((word for word in RESERVED if word in kwargs), None)
        if reserved is not None:
            raise TypeError(f"{reserved}= has no meaning here: leave it out")
        at = instant_in(self.schedule if schedule is None else schedule)
        said: dict[str, Any] = priority_of(priority, MIDDLE)
        if verbose_name:
            check_name(verbose_name, "verbose_name")
            said["name"] = verbose_name
        if repeat_until is not None and not repeat:
            raise TypeError("repeat_until= says how long, and repeat= has to say how often")
        if repeat:
            said["schedule"] = _again(at, repeat, repeat_until)
        return call(self.known, args, kwargs, at, **said)

    @property
    def known(self) -> Registered:
        """How tasks know it."""
        found = find(self.name)
        if found is None:
            raise LookupError(f"there is no function named {self.name} any more")
        return found


@overload
def background(run: Callable[P, R], /) -> Background[P, R]: ...


@overload
def background(*, schedule: When = None, name: str | None = None) -> Callable[[Callable[P, R]], Background[P, R]]: ...


def background(run: Callable[..., Any] | None = None, /, *, schedule: When = None, name: str | None = None) -> Any:
    """Let tasks call a function, and have every call of it made later: `schedule` seconds after, or at an instant."""

    def decorate(decorated: Callable[P, R]) -> Background[P, R]:
        known_as = name_of(decorated) if name is None else name
        function(name=known_as)(decorated)
        return Background(decorated, known_as, schedule)

    return decorate if run is None else decorate(run)


def _again(at: datetime, repeat: int, until: datetime | None) -> dict[str, Any]:
    if isinstance(repeat, bool) or not isinstance(repeat, int) or repeat < 1:
        raise TypeError(f"repeat= takes a whole number of seconds, at least 1, not {repeat!r}")
    end = {} if until is None else {"end_at": to_text(instant_in(until))}
    return {"type": "interval", "every": repeat, "unit": "seconds", "start_at": to_text(at)} | end
