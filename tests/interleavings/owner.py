"""The owner of all tasks: what they asked for, what they were told, and whether it was so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.bootstrap.whole import System
from chalicelib.core.errors import PunctualError
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.engine.requests.tasks.due_times import Backfill
from tests.core.building import at
from tests.faults.story import Change
from tests.faults.timeline import Process
from tests.interleavings.chance import Chance
from tests.interleavings.history import History, short
from tests.interleavings.memory import Tables

UNSEEN = timedelta(seconds=240)
"""Before a task is deleted, passes may not have come for so long: a deletion that died does not say what was due."""
Body = Callable[[Process, System], object]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What an owner asked for about single runs: what was answered, if it was, and between which instants."""

    verb: str
    key: tuple[str, datetime]
    asked: datetime
    ended: datetime
    answer: Run | None


class Begins(Protocol):
    """Where the owner's requests are answered."""

    chance: Chance
    store: Tables
    told: History
    complaints: list[str]

    @property
    def now(self) -> datetime:
        """The true time."""

    def begin(self, kind: str, body: Body, *, limit: str) -> Process:
        """Begin a process of a kind."""


class Owner:
    """Asks, and remembers."""

    def __init__(self, world: Begins) -> None:
        self.changes: list[Change] = []
        self.orders: list[Order] = []
        self._world = world
        self._asked_for: set[tuple[str, str]] = set()

    def ask(self, label: str, verb: str, do: Callable[[System], object]) -> None:
        """Ask for something now. `label` names the task that it concerns, for ever."""
        self._asked_for.add((label, verb))
        asked, answers = self._world.now, list[object]()

        def body(process: Process, system: System) -> None:
            self._world.told.tell(f"{process.name:9} is asked to {verb} {label}")
            try:
                answers.append(do(system))
            except PunctualError as error:  # the owner is told, and nothing is promised
                self._world.told.tell(f"{process.name:9} answers {error!r}")
            finally:
                self._note(label, verb, asked, answers)

        self._world.begin("api", body, limit="api")

    def order(self, verb: str, run: tuple[str, datetime], do: Callable[[], Run]) -> Run:
        """Perform something about a single run and keep that it was asked for, whether it was answered or not."""
        asked, answers = self._world.now, list[Run]()
        try:
            answers.append(do())
        finally:
            answer = answers[0] if answers else None
            self.orders.append(Order(verb=verb, key=run, asked=asked, ended=self._world.now, answer=answer))
        return answers[0]

    def _note(self, label: str, verb: str, asked: datetime, answers: list[object]) -> None:
        stored, acknowledged = self._world.store.by_label().get(label), bool(answers)
        if verb == "delete" and not acknowledged:  # it may have come through, and died before it recorded the rest
            asked = min(asked - UNSEEN, at(self._world.chance.silent[0]) if self._world.chance.silent else asked)
        told = next((answer for answer in answers if isinstance(answer, Task)), None)
        ended = self._world.now
        change = Change(name=label, asked=asked, ended=ended, acknowledged=acknowledged, stored=stored, answer=told)
        self.changes.append(change)
        answer = short(answers[0]) if acknowledged else "nothing"
        self._world.told.tell(f"{label} {verb}: {answer} was answered, {short(stored)} is stored")
        if acknowledged and not self._kept(label, answers[0], stored):
            self._world.complaints.append(f"{label} {verb}: {answers[0]} was acknowledged, and {stored} is stored")

    def _kept(self, label: str, answer: object, stored: Task | None) -> bool:
        """Whether what the owner was told is so, or another change has come since."""
        match answer:
            case Run():
                return (answer.task_id, answer.due_at) in self._world.store.all_runs()
            case Backfill():
                return all((run.task_id, run.due_at) in self._world.store.all_runs() for run in answer.runs)
            case Task() if stored is not None:
                return stored == answer or stored.version > answer.version
            case Task():
                return self.was_asked("delete", label)
        return stored is None

    def was_asked(self, verb: str, label: str) -> bool:
        """Whether the owner ever asked for this, acknowledged or not."""
        return (label, verb) in self._asked_for
