"""Tasks, runs and entries for the contract suite, with everything that a test does not care about filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core import task as definitions
from chalicelib.core.people.account import Role, User
from chalicelib.core.run import Attempt, AttemptStatus, Run, RunStatus, Trigger
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, Kind
from chalicelib.ports import Placed

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
CRON = {"type": "cron", "expression": "*/5 * * * *", "time_zone": "Europe/Paris"}


def at(seconds: float) -> datetime:
    """An instant so many seconds after `START`."""
    return START + timedelta(seconds=seconds)


def make_task(task_id: str = "task", *, owner: str = "ann", shard: int = 0, **definition: Any) -> Task:
    """A task that was created at `START`."""
    given = {"name": "hello", "action": {"type": "function", "name": "print_hello"}, "schedule": CRON} | definition
    return Task(
        id=task_id,
        owner=owner,
        shard=shard,
        definition=definitions.from_json(given, START),
        created_at=START,
        updated_at=START,
        changed_at=START,
    )


def renamed(task: Task, name: str) -> Task:
    """The task one version on."""
    data = definitions.to_json(task.definition) | {"name": name}
    return task.redefined(definitions.from_json(data, START, keeping=task.definition.schedule), at(1))


def entry(start: datetime = START, *, task_id: str = "task", kind: Kind = Kind.SCHEDULE, number: int = 1) -> Entry:
    """An entry that begins when it is due."""
    return Entry(start=start, task_id=task_id, kind=kind, due_at=start, number=number)


def in_window(entry: Entry, shard: int = 0) -> Placed:
    """The entry under its window."""
    return Placed(entry=entry, shard=shard, late=False)


def late(entry: Entry, shard: int = 0) -> Placed:
    """The entry in its shard's late partition."""
    return Placed(entry=entry, shard=shard, late=True)


def make_run(
    due: datetime = START, *, task_id: str = "task", status: RunStatus = RunStatus.RUNNING, **more: Any
) -> Run:
    """A run of ann's."""
    fields: dict[str, Any] = {
        "task_id": task_id,
        "due_at": due,
        "owner": "ann",
        "task_name": "hello",
        "trigger": Trigger.SCHEDULE,
        "status": status,
        "token": "first",
        "retention": timedelta(days=30),
    }
    return Run(**fields | more)


def attempt(number: int = 1, output: str = "", **more: Any) -> Attempt:
    """An attempt that succeeded."""
    fields: dict[str, Any] = {
        "number": number,
        "started_at": at(number),
        "finished_at": at(number + 0.5),
        "status": AttemptStatus.SUCCEEDED,
        "output": output,
    }
    return Attempt(**fields | more)


def make_user(user_id: str = "u1", username: str = "ann") -> User:
    """A user without rights."""
    return User(
        id=user_id,
        username=username,
        email=f"{user_id}@example.com",
        role=Role.MEMBER,
        can_run_commands=False,
        password_hash="scrypt$...",
        created_at=START,
    )
