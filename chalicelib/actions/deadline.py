"""Calls that nobody waits for longer than they want."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Generic, TypeVar

from chalicelib.core.run import RunError

T = TypeVar("T")

BYTECODES = 3
"""Turns of an empty loop: an interruption that is under way arrives at a loop's end."""


class Interrupted(BaseException):
    """Raised inside a call that took too long. No `Exception`, so that `except Exception` does not swallow it."""


class Call(Generic[T]):
    """One call in a thread of its own.

    Python cannot end a thread. A call that overstays is left behind as a daemon: its caller goes on, the process may
    end, and `interrupt` ends it as soon as it executes Python again.
    """

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._ended = threading.Event()
        self._ending = threading.Lock()
        self._value: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="action", daemon=True)
        self._thread.start()

    def ended_within(self, timeout: timedelta) -> bool:
        """Wait until the call has ended, at most so long; whether it has."""
        return self._ended.wait(timeout.total_seconds())

    def value(self) -> T:
        """What an ended call returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._value[0]

    def interrupt(self) -> None:
        """Raise `Interrupted` inside the call, if it has not ended."""
        ctypes = import_module("ctypes")  # most workers never need it
        with self._ending:
            if not self._ended.is_set():
                thread = ctypes.c_ulong(self._thread.ident or 0)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(Interrupted))

    def _run(self) -> None:
        try:
            self._keep()
            with self._ending:
                self._ended.set()
            for _ in range(BYTECODES):
                pass
        except Interrupted:
            self._ended.set()

    def _keep(self) -> None:
        try:
            self._value.append(self._function())
        except BaseException as error:  # SystemExit and KeyboardInterrupt of the called must not end the caller
            self._error = error


def timed_out(timeout: timedelta) -> RunError:
    """Why an attempt that took longer than its task allows was stopped."""
    return RunError(code="timeout", detail=f"stopped after {timeout.total_seconds():g} s, the task's timeout")
