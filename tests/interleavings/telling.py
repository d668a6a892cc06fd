"""Telling: one history by its kind and seed. `python -m tests.interleavings.telling "zombies" 17` prints it.

The pools, the sizes of pages and the randomness of ids belong to the history while it is told.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

import chalicelib.engine.deliveries
import chalicelib.engine.requests.ids
from chalicelib.core.errors import Unavailable
from chalicelib.engine import dispatcher
from chalicelib.engine.audit.finding import FOUND
from chalicelib.logs import LOGGER
from tests.interleavings.chance import KINDS
from tests.interleavings.judging import settle
from tests.interleavings.scenario import tell
from tests.interleavings.world import World


def told(kind: str, seed: int) -> World:
    """The world of a kind and a seed, when it has come to rest. `AssertionError` with its history where it is wrong."""
    chance = replace(KINDS[kind], kind=kind, seed=seed)
    world = World(chance)
    with belonging_to(world):
        try:
            tell(world)
            settle(world)
        except AssertionError as error:
            again = f"python -m tests.interleavings.telling {kind!r} {seed}"
            raise AssertionError(f"{error}\n\nTo have it told again: {again}") from error
    return world


@contextmanager
def belonging_to(world: World) -> Iterator[None]:
    """Let a world have the randomness, the log and the sizes of pages for itself, and end it afterwards."""
    chance, tokens, ids = world.chance, count(1), random.Random(f"ids {world.chance.seed}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dispatcher, "PAGE", chance.page)
        patched.setattr(dispatcher, "PASS_LIMIT", chance.pass_limit)
        patched.setattr(chalicelib.engine.deliveries, "ThreadPoolExecutor", _OneAfterTheOther)
        patched.setattr(chalicelib.engine.requests.ids, "os", SimpleNamespace(urandom=ids.randbytes))
        patched.setattr("secrets.token_hex", lambda length: f"token-{next(tokens)}")
        patched.setattr(LOGGER, "handlers", [_Unforeseen(world)])
        patched.setattr(LOGGER, "propagate", False)
        LOGGER.setLevel(logging.ERROR)  # a history tells more, and only when it is asked for
        try:
            yield
        finally:
            world.end()
            LOGGER.setLevel(logging.NOTSET)


class _Unforeseen(logging.Handler):
    """Complains of every error that the engine has not foreseen: it would have been logged, and its message lost."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        """One line of the log."""
        failure = record.exc_info[1] if record.exc_info else None
        if record.getMessage() == FOUND:
            self._world.findings.append(record.__dict__["fields"])
            return
        if not isinstance(failure, Unavailable):
            self._world.complaints.append(f"I16 {record.getMessage()}: {failure!r}")


class _OneAfterTheOther:
    """A pool without threads: whose turn it is, only the timeline says."""

    def __init__(self, **_: Any) -> None: ...

    def __enter__(self) -> _OneAfterTheOther:
        return self

    def __exit__(self, *_: object) -> None: ...

    def map(self, do: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        return map(do, items)


if __name__ == "__main__":
    print(told(sys.argv[1], int(sys.argv[2])).history())
