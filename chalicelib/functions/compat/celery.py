"""`@shared_task`, as Celery has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, overload

from chalicelib.functions.compat.calling import MIDDLE, Called, call, check, instant_in, priority_of
from chalicelib.functions.registry import Registered, find, function, name_of

P = ParamSpec("P")
R = TypeVar("R")
WITHOUT_MEANING = ("ignore_result", "acks_late", "serializer", "track_started", "queue")
"""Of the options that a task or a call of it has in Celery: taken, and nothing follows from them."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A call that is not made yet: what `.s()` gives. An `immutable` one (`.si()`) takes nothing of what was before."""

    task: SharedTask[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    immutable: bool = False

    @property
    def action(self) -> dict[str, Any]:
        """It as the action of a task."""
        given = {"args": list(self.args), "kwargs": dict(self.kwargs)}
        return {"type": "function", "name": self.task.name} | {name: value for name, value in given.items() if value}

    @property
    def member(self) -> dict[str, Any]:
        """It as a member of a group, or the first of a chain (`POST /api/groups`)."""
        return {"define": {"name": self.task.name, "action": self.action}}

    @property
    def follower(self) -> dict[str, Any]:
        """It as a later member of a chain, or as `then`: what was before it is its first argument, if it takes that."""
        return self.member if self.immutable else self.member | {"pass_results": "first_argument"}

    def delay(self, *args: Any, **kwargs: Any) -> Called:
        """Call it as soon as possible, with these arguments before its own, as Celery has it."""
        return self.apply_async(args, kwargs)

    def apply_async(self, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None, **options: Any) -> Called:
        """Call it later; `options` are those of a task's `apply_async`."""
        before = () if self.immutable else tuple(args)
        more = {} if self.immutable else dict(kwargs or {})
        return self.task.apply_async((*before, *self.args), {**self.kwargs, **more}, **options)


class SharedTask(Generic[P, R]):
    """A function that can be called for later. Called itself, it is the plain function that it is."""

    def __init__(self, run: Callable[P, R], name: str) -> None:
        self.run, self.name = run, name
        update_wrapper(self, run)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.run(*args, **kwargs)

    def delay(self, *args: Any, **kwargs: Any) -> Called:
        """Call it as soon as possible."""
        return self.apply_async(args, kwargs)

    def apply_async(
        self,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        *,
        countdown: float | None = None,
        eta: datetime | None = None,
        expires: float | datetime | None = None,
        priority: int | None = None,
        retry: bool = True,
        **options: Any,
    ) -> Called:
        """Call it, after `countdown` seconds or at `eta`. It does not begin after `expires`, which is seconds from now
        or an instant. `retry` changes nothing: what is sent is always sent again until it is known to have come."""
        _check_options(options)
        if not isinstance(args, list | tuple | None):
            raise TypeError(f"{self.name} takes its arguments as a list, as apply_async([{args!r}])")
        if countdown is not None and eta is not None:
            raise TypeError(f"{self.name} takes countdown= or eta=, not both")
        at = max(instant_in(countdown if eta is None else eta), datetime.now(UTC))
        ends = None if expires is None else instant_in(expires)
        said: dict[str, Any] = priority_of(priority, MIDDLE)
        if ends is not None:
            if ends <= at:
                raise TypeError(f"{self.name} would expire before it is due: give a later expires=")
            said["misfire"] = {"grace_seconds": round(min(ends - at, MOST_GRACE).total_seconds(), 3)}
        return call(self.known, list(args or ()), dict(kwargs or {}), at, **said)

    def s(self, *args: Any, **kwargs: Any) -> Signature:
        """A call that is not made yet."""
        return Signature(task=self, args=args, kwargs=kwargs)

    def si(self, *args: Any, **kwargs: Any) -> Signature:
        """One that takes nothing of what was before it."""
        check(self.known, args, kwargs)
        return Signature(task=self, args=args, kwargs=kwargs, immutable=True)

    @property
    def known(self) -> Registered:
        """How tasks know it."""
        found = find(self.name)
        if found is None:
            raise LookupError(f"there is no function named {self.name} any more")
        return found


MOST_GRACE = timedelta(seconds=604_800)
"""What a task's grace may be."""


@overload
def shared_task(run: Callable[P, R], /) -> SharedTask[P, R]: ...


@overload
def shared_task(
    *,
    name: str | None = None,
    max_retries: int | None = None,
    time_limit: float | None = None,
    priority: int | None = None,
    **options: Any,
) -> Callable[[Callable[P, R]], SharedTask[P, R]]: ...


def shared_task(
    run: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    max_retries: int | None = None,
    time_limit: float | None = None,
    priority: int | None = None,
    **options: Any,
) -> Any:
    """Let tasks call a function, and let it be called for later: `.delay()`, `.apply_async()`, `.s()`, `.si()`."""
    _check_options(options)
    chosen = priority_of(priority, MIDDLE).get("priority")

    def decorate(decorated: Callable[P, R]) -> SharedTask[P, R]:
        known_as = name_of(decorated) if name is None else name
        function(name=known_as, retries=max_retries, timeout=time_limit, priority=chosen)(decorated)
        return SharedTask(decorated, known_as)

    return decorate if run is None else decorate(run)


def _check_options(options: Mapping[str, Any]) -> None:
    if options.get("bind"):
        raise TypeError("bind=True has no meaning here: take a parameter `ctx: Context` to be told of the run")
    unknown = [one for one in options if one not in (*WITHOUT_MEANING, "bind")]
    if unknown:
        raise TypeError(f"{unknown[0]}= has no meaning here; without consequence are {', '.join(WITHOUT_MEANING)}")
