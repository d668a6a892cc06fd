"""A timeline: processes that take turns, one call at a time, on a clock that nobody waits for.

Each process has a thread, and exactly one of them is ever awake; who is next follows from the times at which they want
to go on. So the same beginning gives the same history, whatever the machine does. Whoever goes to sleep or has ended
looks itself who is next: threads change only where processes really overlap.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from chalicelib.core.instant import floor_ms

FOREVER = timedelta(days=365)
MILLISECOND = timedelta(milliseconds=1)

Event = Callable[[], object]


def _closed() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


class Died(BaseException):
    """This process is gone, with all it remembered. No `except Exception` catches it, as none catches `kill -9`."""


@dataclass(eq=False)
class Process:
    """One invocation of one function. `skew` is how far its clock is wrong; at `killed_at` its function times out.

    `broken` says why it may have left an attempt unfinished: it died, it slept past its lease, AWS did not answer it.
    `slow` says that a call of it took seconds.
    """

    kind: str
    name: str
    skew: timedelta
    killed_at: datetime
    broken: str = ""
    slow: bool = False
    dead: bool = False
    done: bool = False
    begun: bool = False
    failure: BaseException | None = None
    go: threading.Lock = field(default_factory=_closed)
    body: Event = lambda: None
    mates: list[Process] = field(default_factory=list)
    """Those that share its memory: they die together."""

    def die(self, why: str) -> Died:
        """From now on nothing that this process or its mates ask for reaches anybody."""
        for one in (self, *self.mates):
            if not one.done:
                one.dead, one.broken = True, why
        return Died(f"{self.name}: {why}")


@dataclass(eq=False)
class _Carrier:
    """A thread that lives the lives of processes, one after the other. No process: it ends."""

    process: Process | None
    go: threading.Lock = field(default_factory=_closed)
    thread: threading.Thread = field(init=False)


class Timeline:
    """Whose turn it is, and what time it is. `now` is the true time."""

    def __init__(self, start: datetime) -> None:
        self.start = self.now = start
        self.current: Process | None = None
        self.processes: list[Process] = []
        self._until = start
        self._heap: list[tuple[datetime, int, Event | Process]] = []
        self._numbers = count()
        self._player = _closed()
        self._idle: list[_Carrier] = []
        self._failure: BaseException | None = None

    def at(self, instant: datetime, event: Event) -> None:
        """Let something happen at an instant."""
        self._plan(instant, event)

    def play(self, until: datetime) -> None:
        """Let time pass until an instant, with everything that happens before it."""
        self._until = until
        following = self._advance()
        if following is not None:
            self._hand_over(following)
            self._player.acquire()
        self.current, failure, self._failure = None, self._failure, None
        if failure is not None:
            raise failure
        self.now = until

    def spawn(self, process: Process, body: Event, at: datetime | None = None) -> None:
        """Begin a process."""
        self.processes.append(process)
        process.body = body
        self._plan(self.now if at is None else at, process)

    def sleep(self, duration: timedelta) -> None:
        """Let time pass for the process that asks, and for all others. Its function's timeout ends it."""
        process = self.current
        if process is None:
            raise AssertionError("only a process sleeps")
        wake = min(self.now + max(duration, timedelta(0)), max(process.killed_at, self.now))
        if wake <= self._until and (not self._heap or self._heap[0][0] > wake):
            self.now = wake
        else:
            self._plan(wake, process)
            following = self._advance()
            if following is not process:
                self._hand_over(following)
                process.go.acquire()
            self.current = process
        if process.dead:
            raise Died(process.name)
        if self.now >= process.killed_at:
            raise process.die("timed out")

    def end(self) -> None:
        """Let every process that is still asleep die, so that no thread is left behind."""
        self._heap.clear()
        self._until = self.start
        for process in self.processes:
            if not process.done and not process.dead:
                process.die("the story is over")
        for process in self.processes:
            if process.begun and not process.done:
                self._hand_over(process)
                self._player.acquire()
        for carrier in self._idle:
            carrier.process = None
            carrier.go.release()
            carrier.thread.join()
        self._idle.clear()

    def _plan(self, instant: datetime, what: Event | Process) -> None:
        heappush(self._heap, (max(instant, self.now), next(self._numbers), what))

    def _advance(self) -> Process | None:
        """Let everything happen up to the next turn of a process. None: the time is up, and the player goes on."""
        self.current = None
        while self._heap and self._heap[0][0] <= self._until:
            self.now, _, what = heappop(self._heap)
            if isinstance(what, Process):
                if not what.done:
                    return what
                continue
            try:
                what()
            except BaseException as error:  # in whatever thread it was: it is the player's
                self._failure = error
                return None
        return None

    def _hand_over(self, following: Process | None) -> None:
        """Wake who is next. Whoever calls this does nothing more until it is woken itself."""
        if following is None:
            self._player.release()
        elif following.begun:
            following.go.release()
        elif self._idle:
            carrier = self._idle.pop()
            carrier.process = following
            carrier.go.release()
        else:
            carrier = _Carrier(following)
            carrier.thread = threading.Thread(target=self._carry, args=(carrier,), daemon=True)
            carrier.thread.start()

    def _carry(self, carrier: _Carrier) -> None:
        while carrier.process is not None:
            self._live(carrier.process)
            following = self._advance()
            if following is not None and not following.begun:
                carrier.process = following
                continue
            self._idle.append(carrier)
            self._hand_over(following)
            carrier.go.acquire()

    def _live(self, process: Process) -> None:
        process.begun, self.current = True, process
        try:
            if not process.dead:
                process.body()
        except Died:
            pass
        except BaseException as error:
            process.failure = error
        process.done = True


@dataclass(frozen=True)
class OwnClock:
    """The clock of one process: wrong by its skew."""

    timeline: Timeline
    skew: timedelta

    def now(self) -> datetime:
        """Aware, UTC."""
        return floor_ms(self.timeline.now) + self.skew

    def elapsed(self) -> timedelta:
        """Since the beginning of the story."""
        return self.timeline.now - self.timeline.start

    def wait_until(self, instant: datetime) -> None:
        """Let the time until an instant pass."""
        if instant > self.now():
            self.timeline.sleep(instant - self.now())
