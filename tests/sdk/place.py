"""A whole installation in memory behind HTTP on a free port. Its workers work while time passes for who waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chalice.test import Client as InProcess

from app import app
from chalicelib.actions import function
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemorySecrets, MemoryStore
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.bootstrap.whole import System
from chalicelib.core.message import decode_pass, decode_run, parts
from chalicelib.core.run import AttemptStatus, Outcome, RunError
from chalicelib.core.task import Channel
from chalicelib.functions import registry
from chalicelib.settings import Settings
from punctual_client import Client
from tests.browser.serving import served
from tests.web.building import HELLO, HOURLY, NOW, Caller, World

VISIBILITY = timedelta(minutes=15)
TICK = timedelta(minutes=1)
FAILS: Mapping[str, Any] = {"type": "command", "command": "exit 3"}
"""What fails here, in its only attempt. Any other command prints `hello`."""


def hello(name: str = "hello", **changes: Any) -> dict[str, Any]:
    """A task that can be stored."""
    return {"name": name, "action": HELLO, "schedule": HOURLY} | changes


def _command(action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
    if action["command"] == FAILS["command"]:
        error = RunError(code="exit_code", detail="the command ended with exit code 3")
        return Outcome(status=AttemptStatus.FAILED, exit_code=3, output="oh\n", error=error, result={"exit_code": 3})
    return Outcome(status=AttemptStatus.SUCCEEDED, exit_code=0, output="hello\n", result={"exit_code": 0})


@dataclass
class Place:
    """An installation, and the clock of those who wait for it: while they sleep, its time passes."""

    url: str
    world: World
    system: System
    slept: list[timedelta] = field(default_factory=list)
    working: bool = True
    next_tick: timedelta = timedelta(0)

    def now(self) -> timedelta:
        return self.world.clock.now() - NOW

    def sleep(self, duration: timedelta) -> None:
        """Time passes, and everything happens that is due by then."""
        self.slept.append(duration)
        self.world.clock.advance(duration)
        if self.working:
            self.work()

    def work(self) -> None:
        """A tick, where it is time for one, then every message that is there."""
        if self.now() >= self.next_tick:
            self.system.coordinator.tick()
            self.next_tick = self.now() + TICK
        self._deliver("passes")
        for channel in Channel:
            self._deliver(str(channel))

    def _deliver(self, name: str) -> None:
        queue = self.world.queue
        while received := queue.receive(name, visibility=VISIBILITY):
            for message in received:
                if name == "passes":
                    self.system.dispatcher.handle(decode_pass(message.body).shard)
                else:
                    for body in parts(message.body):
                        self.system.worker.handle(decode_run(body, Channel(name)), redelivered=False)
                queue.delete(name, message.id)

    def token(self, name: str, **more: Any) -> str:
        """The token of a new account."""
        token = self.world.caller(name, **more).token
        assert token is not None
        return token

    def client(self, token: str | None) -> Client:
        """Of somebody who waits by this place's clock."""
        return Client(self.url, token, clock=self)

    def caller(self, name: str, **more: Any) -> Caller:
        return self.world.caller(name, **more)


@contextmanager
def place(stage: str = "") -> Iterator[Place]:
    """An installation that nobody has used."""
    clock, store = ManualClock(NOW), MemoryStore()
    queue = MemoryQueue(clock)
    registry.load()
    actions = {"function": function.perform, "command": _command}
    parts: dict[str, Any] = {"store": store, "queue": queue, "clock": clock, "actions": actions}
    system = bootstrap.assemble(Settings(), **parts, secrets=MemorySecrets(clock))
    bootstrap.use(system)
    world = World(client=InProcess(app), store=store, queue=queue, clock=clock)
    with served(stage) as url:
        yield Place(url=url, world=world, system=system)
