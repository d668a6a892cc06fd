"""Steps: the ports of every process. At each verb the other processes may go on, and trouble may come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from tests.interleavings.trouble import Arguments, Perform


class Takes(Protocol):
    """Whoever decides what becomes of a call."""

    def step(self, verb: str, perform: Perform, arguments: Arguments, named: Mapping[str, Any]) -> Any:
        """Perform a call, or not; its answer. `named` is for the history: `perform` has them already."""


class Stepping:
    """A port each of whose verbs is a step."""

    def __init__(self, port: object, world: Takes) -> None:
        self._port = port
        self._world = world

    def __getattr__(self, verb: str) -> Any:
        """The verb as a step, made when it is first asked for."""
        step = partial(self._step, verb, getattr(self._port, verb))
        self.__dict__[verb] = step
        return step

    def _step(self, verb: str, perform: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return self._world.step(verb, lambda given: perform(*given, **named), arguments, named)
