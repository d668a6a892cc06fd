"""The recorder: who needed which permission while the suite ran. Every client of botocore passes it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

import botocore.handlers

from tests.policies.callers import NOBODY, caller
from tests.policies.calls import Permission, permissions

T = TypeVar("T")
_EVENT = "provide-client-params"
"""What botocore's clients ask their handlers first, before anything can change the request."""


class Call(NamedTuple):
    """A role needed a permission."""

    role: str
    permission: Permission


recorded: set[Call] = set()
"""The different calls of this process."""
_behind: ContextVar[str] = ContextVar("behind", default=NOBODY)
"""Who has handed work to the pool that this thread belongs to: there, the stack does not say it."""
_submit = ThreadPoolExecutor.submit


def install() -> None:
    """Record every call of the clients that this process makes from now on. Once is enough."""
    ours = (_EVENT, _note)
    if ours not in botocore.handlers.BUILTIN_HANDLERS:
        botocore.handlers.BUILTIN_HANDLERS.append(ours)
        setattr(ThreadPoolExecutor, "submit", _submit_for)  # noqa: B010


@contextmanager
def kept_apart() -> Iterator[set[Call]]:
    """What is recorded meanwhile, which is not held against the policies."""
    before = set(recorded)
    recorded.clear()
    try:
        yield recorded
    finally:
        recorded.clear()
        recorded.update(before)


def _note(params: dict[str, Any], model: Any, **_: Any) -> None:
    role = _who()
    if role:
        recorded.update(Call(role, each) for each in permissions(model.service_model.service_name, model.name, params))


def _submit_for(pool: ThreadPoolExecutor, do: Callable[..., T], /, *args: Any, **more: Any) -> Future[T]:
    role = _who()
    return _submit(pool, _as, role, do, *args, **more) if role else _submit(pool, do, *args, **more)


def _who() -> str:
    found = caller(sys._getframe(2))
    return _behind.get() if found is None else found


def _as(role: str, do: Callable[..., T], /, *args: Any, **more: Any) -> T:
    before = _behind.set(role)
    try:
        return do(*args, **more)
    finally:
        _behind.reset(before)
