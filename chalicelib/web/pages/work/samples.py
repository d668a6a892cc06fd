"""Samples: three small tasks that a newcomer makes with one click each, to see a run succeed before they read anything.

They need nothing that an installation may lack: no network, no address that may be called, and a command only where the
account may run commands. Each is first due within twenty seconds and ends by itself within an hour, so that what was
tried and forgotten costs nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.instant import to_text
from chalicelib.core.people.account import User
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.engine.requests.answers import Asked
from chalicelib.engine.requests.ids import id_from
from chalicelib.web import schemas
from chalicelib.web.pages.looks.words import RUN_LOOKS, Look
from chalicelib.web.pages.visit import Visit

TAG = "sample"
SOON = timedelta(seconds=5)
"""When a sample with a first due time of its own is due: time to see that it waits, and not to lose patience."""
RUNS_SHOWN = 3
WAITING = Look(icon="clock", word="waiting", tone="quiet")

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A task to try: its `key` in the form, what it shows, and what it is for an account that asks at an instant."""

    key: str
    title: str
    shows: str
    document: Callable[[User, datetime], Document]


def _greeting(user: User, now: datetime) -> Document:
    return {
        "name": "Say hello",
        "description": "A function every 30 seconds, for an hour: what a schedule by interval looks like.",
        "action": {"type": "function", "name": "print_hello", "kwargs": {"name": user.username}},
        "schedule": {
            "type": "interval",
            "every": 30,
            "unit": "seconds",
            "start_at": to_text(now + SOON),
            "max_runs": 120,
        },
    }


def _clock(user: User, now: datetime) -> Document:
    return {
        "name": "Tell the time",
        "description": "A function by a cron expression with seconds, for an hour. Compare what it prints with when it "
        "was due.",
        "action": {"type": "function", "name": "print_time"},
        "schedule": {"type": "cron", "expression": "*/20 * * * * *", "max_runs": 180},
    }


def _command(user: User, now: datetime) -> Document:
    return {
        "name": "Run a command",
        "description": "A command line, once. What it prints is kept with its run.",
        "action": {"type": "command", "command": "echo hello"},
        "schedule": {"type": "once", "at": to_text(now + SOON)},
    }


def _sum(user: User, now: datetime) -> Document:
    return {
        "name": "Add two numbers",
        "description": "A function with arguments, once. What it returns is kept with its run.",
        "action": {"type": "function", "name": "add", "args": [2, 3]},
        "schedule": {"type": "once", "at": to_text(now + SOON)},
    }


GREETING = Sample(
    key="greeting", title="Say hello", shows="A function every 30 seconds, for an hour.", document=_greeting
)
CLOCK = Sample(
    key="clock", title="Tell the time", shows="A cron expression: at :00, :20 and :40, for an hour.", document=_clock
)
COMMAND = Sample(key="command", title="Run a command", shows="The command line echo hello, once.", document=_command)
SUM = Sample(
    key="sum", title="Add two numbers", shows="A function with arguments, once, and what it returns.", document=_sum
)

ALL = (GREETING, CLOCK, COMMAND, SUM)


def offered(user: User) -> tuple[Sample, ...]:
    """The three for an account; whoever may not run commands has another third one."""
    return GREETING, CLOCK, COMMAND if user.can_run_commands else SUM


@dataclass(frozen=True, kw_only=True)
class Step:
    """A sample, and how far somebody has come with it: the task, if it is made, and its newest runs."""

    sample: Sample
    task: Task | None = None
    next_due: datetime | None = None
    runs: tuple[Run, ...] = ()

    @property
    def last_run(self) -> Run | None:
        return next(iter(self.runs), None)

    @property
    def succeeded(self) -> Run | None:
        """The newest run that went well."""
        return next((run for run in self.runs if run.status is RunStatus.SUCCEEDED), None)

    @property
    def look(self) -> Look:
        """How far it has come: the best there is to see, not what began a moment ago."""
        shown = self.succeeded or self.last_run
        return WAITING if shown is None else RUN_LOOKS[shown.status]


def untried(user: User) -> tuple[Step, ...]:
    """The three for whoever has no task at all. Reads nothing."""
    return tuple(Step(sample=sample) for sample in offered(user))


def steps(visit: Visit) -> tuple[Step, ...]:
    """The three, with how far the visitor has come. At most three reads for each."""
    return tuple(_step(visit, sample) for sample in offered(visit.user))


def _step(visit: Visit, sample: Sample) -> Step:
    task = _made(visit, sample)
    if task is None:
        return Step(sample=sample)
    # A sample that was deleted and made again has its old runs under the same id: these are not to be seen anew.
    runs = visit.system.reports.runs_of(visit.user, task.id, limit=RUNS_SHOWN, first=task.created_at)
    return Step(sample=sample, task=task, next_due=task.next_due(visit.now), runs=runs.items)


def _made(visit: Visit, sample: Sample) -> Task | None:
    try:
        return visit.system.catalog.task(visit.user, sample_id(visit.user, sample))
    except NotFound:
        return None


def make(visit: Visit, sample: Sample) -> Task:
    """The sample as a task of the visitor's, made by this or by an earlier click."""
    user = visit.user
    document = schemas.task(sample.document(user, visit.now) | {"tags": [TAG]})
    made = _made(visit, sample)
    if made is not None:
        return made
    visit.system.quotas.admit_new(user, document)
    asked = Asked(begun_at=user.created_at, name=_name(user, sample), again=True)
    try:
        return visit.system.catalog.create(user, document, asked=asked)
    except Conflict:  # of two clicks at once the other one was quicker
        return visit.system.catalog.task(user, sample_id(user, sample))


def delete(visit: Visit) -> tuple[Task, ...]:
    """Delete the visitor's samples; those that there were."""
    found = tuple(task for sample in ALL if (task := _made(visit, sample)) is not None)
    for task in found:
        visit.system.catalog.delete(visit.user, task.id)
    return found


def sample_id(user: User, sample: Sample) -> str:
    """The id of an account's sample, which follows from the two: so it is made once, and found without a search."""
    return id_from(user.created_at, bytes.fromhex(_name(user, sample)))


def _name(user: User, sample: Sample) -> str:
    return hashlib.sha256(f"{user.id} sample {sample.key}".encode()).hexdigest()
