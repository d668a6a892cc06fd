"""Side by side: attempts that take time at the same time, of which one moves at any moment.

An engine's attempt is one call that returns when its action has ended. To let time pass inside of it, it has a thread
of its own and a turn: the world gives the turn to an attempt and waits until it is given back, at the attempt's end or
when its action rests. So however many attempts are at work, there is one order of events, and it is always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Semaphore, Thread

Resume = Callable[[], None]


class Died(BaseException):
    """The worker is no more. Not an `Exception`: nothing in it may catch this and go on."""


@dataclass(eq=False)
class _Attempt:
    """One attempt at work. `turn` is released when it may move."""

    turn: Semaphore = field(default_factory=lambda: Semaphore(0))
    dies: bool = False
    failure: BaseException | None = None


class SideBySide:
    """The attempts at work of one world."""

    def __init__(self) -> None:
        self._given_back = Semaphore(0)
        self._moving: _Attempt | None = None
        self._resting: list[_Attempt] = []

    def begin(self, work: Callable[[], object]) -> None:
        """Let an attempt move until it rests or ends. What it raises is raised here."""
        attempt = _Attempt()
        Thread(target=self._work, args=(attempt, work), name="attempt", daemon=True).start()
        self._move(attempt)

    def rest(self, call: Callable[[Resume], None]) -> None:
        """Inside an attempt: give the turn back until the world calls what `call` is handed. `Died` ends the rest."""
        attempt = self._moving
        if attempt is None:
            raise RuntimeError("only an attempt that was begun here can rest")
        self._resting.append(attempt)
        call(partial(self._resume, attempt))
        self._given_back.release()
        attempt.turn.acquire()
        if attempt.dies:
            raise Died

    def end_all(self) -> None:
        """Every attempt that rests dies on the spot, without another word."""
        for attempt in list(self._resting):
            attempt.dies = True
            self._resume(attempt)

    def _resume(self, attempt: _Attempt) -> None:
        if attempt in self._resting:  # or else it has died meanwhile
            self._resting.remove(attempt)
            self._move(attempt)

    def _move(self, attempt: _Attempt) -> None:
        """Give an attempt its turn and wait until it gives it back."""
        self._moving = attempt
        attempt.turn.release()
        self._given_back.acquire()
        self._moving = None
        if attempt.failure is not None:
            raise attempt.failure

    def _work(self, attempt: _Attempt, work: Callable[[], object]) -> None:
        attempt.turn.acquire()
        try:
            work()
        except Died:
            pass
        except BaseException as failure:  # the world's loop is told, in its own thread
            attempt.failure = failure
        self._given_back.release()
