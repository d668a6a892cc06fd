"""Tasks, runs and messages for tests, with everything that a test does not care about filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core import task as tasks
from chalicelib.core.instant import to_text
from chalicelib.core.message import RunMessage
from chalicelib.core.run import Run, RunStatus, Trigger
from chalicelib.core.task import Channel, Task
from chalicelib.core.window import Entry, Kind

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HELLO = {"type": "function", "name": "print_hello"}


def at(seconds: float) -> datetime:
    """An instant so many seconds after `START`."""
    return START + timedelta(seconds=seconds)


def every(seconds: int, **more: Any) -> dict[str, Any]:
    """An interval's JSON whose due times are `START` and every so many seconds after it."""
    return {"type": "interval", "every": seconds, "unit": "seconds", "start_at": to_text(START)} | more


def once(seconds: float) -> dict[str, Any]:
    """The JSON of a schedule that is due one time."""
    return {"type": "once", "at": to_text(at(seconds))}


def definition_json(schedule: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The JSON of a task that says hello."""
    return {"name": "hello", "action": HELLO, "schedule": schedule} | more


def make_task(schedule: dict[str, Any], *, task_id: str = "task", shard: int = 0, **more: Any) -> Task:
    """A task of owner `ann`, created an hour before `START`."""
    created = START - timedelta(hours=1)
    definition = tasks.from_json(definition_json(schedule, **more), created)
    return Task(
        id=task_id,
        owner="ann",
        shard=shard,
        definition=definition,
        created_at=created,
        updated_at=created,
        changed_at=created,
    )


def entry(due: datetime, *, task_id: str = "task", kind: Kind = Kind.SCHEDULE, number: int = 1) -> Entry:
    """An agenda entry that begins when it is due."""
    return Entry(start=due, task_id=task_id, kind=kind, due_at=due, number=number)


def message(due: datetime, *, kind: Kind = Kind.SCHEDULE, number: int = 1) -> RunMessage:
    """A message for a light run."""
    return RunMessage(entry=entry(due, kind=kind, number=number), owner="ann", task_name="hello", channel=Channel.LIGHT)


def make_run(due: datetime, status: RunStatus, **more: Any) -> Run:
    """A run of the task `task`."""
    fields: dict[str, Any] = {
        "task_id": "task",
        "due_at": due,
        "owner": "ann",
        "task_name": "hello",
        "trigger": Trigger.SCHEDULE,
        "status": status,
        "token": "before",
        "retention": timedelta(days=30),
    }
    return Run(**fields | more)
