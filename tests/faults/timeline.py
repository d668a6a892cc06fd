"""A timeline: processes that take turns, one AWS call at a time, on a clock that nobody waits for.

Each process is a thread, and exactly one of them is ever awake; who is next follows from the times at which they want
to go on. So the same beginning gives the same history, whatever the machine does.
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
    failure: BaseException | None = None
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    mates: list[Process] = field(default_factory=list)
    """Those that share its memory: they die together."""

    def die(self, why: str) -> Died:
        """From now on nothing that this process or its mates ask for reaches anybody."""
        for one in (self, *self.mates):
            if not one.done:
                one.dead, one.broken = True, why
        return Died(f"{self.name}: {why}")


class Timeline:
    """Whose turn it is, and what time it is. `now` is the true time."""

    def __init__(self, start: datetime) -> None:
        self.start = self.now = start
        self.current: Process | None = None
        self.processes: list[Process] = []
        self._until = start
        self._heap: list[tuple[datetime, int, Event]] = []
        self._numbers = count()
        self._back = threading.Semaphore(0)

    def at(self, instant: datetime, event: Event) -> None:
        """Let something happen at an instant."""
        heappush(self._heap, (max(instant, self.now), next(self._numbers), event))

    def play(self, until: datetime) -> None:
        """Let time pass until an instant, with everything that happens before it."""
        self._until = until
        while self._heap and self._heap[0][0] <= until:
            self.now, _, event = heappop(self._heap)
            event()
        self.now = until

    def spawn(self, process: Process, body: Event, at: datetime | None = None) -> None:
        """Begin a process."""
        self.processes.append(process)
        thread = threading.Thread(target=self._live, args=(process, body), name=process.name, daemon=True)

        def begin() -> None:
            thread.start()
            self._resume(process)

        self.at(self.now if at is None else at, begin)

    def sleep(self, duration: timedelta) -> None:
        """Let time pass for the process that asks, and for all others. Its function's timeout ends it."""
        process = self.current
        if process is None:
            raise AssertionError("only a process sleeps")
        wake = min(self.now + max(duration, timedelta(0)), max(process.killed_at, self.now))
        if wake <= self._until and (not self._heap or self._heap[0][0] > wake):
            self.now = wake
        else:
            self.at(wake, lambda: self._resume(process))
            self._back.release()
            process.go.acquire()
        if process.dead:
            raise Died(process.name)
        if self.now >= process.killed_at:
            raise process.die("timed out")

    def end(self) -> None:
        """Let every process that is still asleep die, so that no thread is left behind."""
        self._heap.clear()
        for process in self.processes:
            if not process.done and not process.dead:
                process.die("the story is over")
        for process in self.processes:
            if not process.done and process.go is not None:
                self._resume(process)

    def _resume(self, process: Process) -> None:
        if process.done:
            return
        self.current = process
        process.go.release()
        self._back.acquire()
        self.current = None

    def _live(self, process: Process, body: Event) -> None:
        process.go.acquire()
        try:
            if not process.dead:
                body()
        except Died:
            pass
        except BaseException as error:
            process.failure = error
        process.done = True
        self._back.release()


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
