"""What is moved from one stage to another, and how."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from chalicelib.adapters.memory import ManualClock
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.people.account import Role, User
from chalicelib.core.task import State, Task
from chalicelib.ports.whole import WholeStore
from infra.backup.importing import Importing, Report
from tests.adapters.building import START, at, make_task, make_user

HASH = "scrypt$15$8$3$c2FsdA==$aGFzaA=="
SPANS = ((at(0), at(3600)), (at(86_400), at(90_000)))


def user(user_id: str, name: str, role: Role = Role.MEMBER, **more: Any) -> User:
    return replace(make_user(user_id, name), password_hash=HASH, role=role, **more)


ROOT, ANN = user("u0", "root", Role.ADMIN, version=7), user("u1", "ann", can_run_commands=True, epoch=2, version=3)
CALENDAR = Calendar(owner="u1", name="holidays", spans=SPANS, updated_at=START)
EVERY = {"type": "interval", "every": 7, "unit": "minutes", "max_runs": 999, "jitter_seconds": 5}


def filled(store: WholeStore, tasks: int = 3) -> list[Task]:
    """A stage with two accounts, a calendar, and tasks in shard 3, of which the first is paused."""
    store.create_user(ROOT, first=True)
    store.create_user(ANN)
    store.put_calendar(CALENDAR)
    first = make_task(owner="u1", shard=3, schedule=EVERY)  # made once: counting `max_runs` out takes long
    made = [replace(first, id=f"t{n:03}", definition=replace(first.definition, name=f"task {n}")) for n in range(tasks)]
    paused = made[0].redefined(replace(made[0].definition, state=State.PAUSED), at(9), "too loud")
    made[0] = paused
    for task in made:
        store.create_task(task, None)
    return made


def taken_in(
    store: WholeStore, clock: ManualClock, file: Path, *, shards: int = 4, **more: Any
) -> tuple[Report, list[str]]:
    """What became of a file, and the sentences about lines that were refused."""
    told: list[str] = []
    importing = Importing(store=store, clock=clock, shards=shards, **more)
    with file.open("rb") as opened:
        report = importing.take(opened, lambda number, why: told.append(f"{number}: {why}"))
    return report, told


def all_tasks(store: WholeStore) -> dict[str, Task]:
    found: dict[str, Task] = {}
    after: str | None = None
    while True:
        page = store.tasks_in(None, after=after)
        found |= {task.id: task for task in page.items}
        after = page.after
        if after is None:
            return found
