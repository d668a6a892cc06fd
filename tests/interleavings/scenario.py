"""Scenarios: which tasks an owner has and what they do to them, drawn from the seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.bootstrap.whole import System
from chalicelib.core.errors import NotFound
from chalicelib.core.instant import to_text
from chalicelib.core.run import FINAL, Run, RunStatus
from chalicelib.core.task import Task, to_json
from tests.core.building import START, at, every
from tests.faults.story import ANN
from tests.interleavings.chance import Chance
from tests.interleavings.world import World

ALL = {"catch_up": "all", "grace_seconds": 604_800}
"""However late, every due time starts: so whatever does not was lost."""
MISFIRES = (ALL, ALL, ALL, {"catch_up": "latest"}, {"catch_up": "none"}, {"catch_up": "all", "grace_seconds": 60})
RETRIES: tuple[dict[str, Any], ...] = (
    {"max_attempts": 8},
    {"max_attempts": 1},
    {"max_attempts": 3},
    {"max_attempts": 5, "backoff": "fixed", "delay_seconds": 5},
    {"max_attempts": 4, "backoff": "exponential", "delay_seconds": 40, "max_delay_seconds": 100},
)
LONG = 600.0
"""Seconds: what is to go on for longer has longer intervals."""

Do = Callable[[System], object]


def tell(world: World) -> None:
    """Let an owner create tasks and change them, as the seed will have it."""
    chance, draw = world.chance, world.random
    for n in range(draw.randint(*chance.tasks)):
        label, created = f"task-{n}", world.moment(*chance.created)
        seconds = (created - START).total_seconds()
        data = _task(draw, label, seconds, chance)
        world.ask(created, label, "create", partial(_create, data))
        for _ in range(_poisson(draw, chance.changes)):
            _change(world, label, world.moment(seconds + 2, chance.end))
    for n in range(chance.crowd):
        data = _crowded(draw, f"crowd-{n}", chance.crowded)
        world.ask(at(draw.uniform(0.2, 25)), f"crowd-{n}", "create", partial(_create, data))


def _poisson(draw: random.Random, mean: float) -> int:
    return sum(draw.random() < mean / 6 for _ in range(6))


def _task(draw: random.Random, label: str, created: float, chance: Chance) -> dict[str, Any]:
    overlap = draw.choice(["allow", "allow", "allow", "skip", "queue", "replace"])
    return {
        "name": label,
        "tags": [label],
        "schedule": _schedule(draw, created, chance),
        "action": _action(draw, overlap),
        "retry": draw.choice(RETRIES),
        "misfire": draw.choice(MISFIRES),
        "overlap": overlap,
        "delivery": draw.choice(["at_least_once"] * 4 + ["at_most_once"]),
        "priority": draw.choice(["normal", "normal", "high", "low"]),
        "timeout_seconds": draw.choice([60, 60, 100]),
    }


def _schedule(draw: random.Random, created: float, chance: Chance) -> dict[str, Any]:
    end = chance.end
    if end > LONG:
        return _long_schedule(draw, end)
    first = to_text(at(int(created) + draw.choice(chance.leads)))
    until = {"end_at": to_text(at(end))}
    match draw.randrange(8):
        case 0:
            return {"type": "once", "at": to_text(at(created + draw.choice(chance.leads) + draw.choice([0, 0.5])))}
        case 1:
            second = draw.randrange(20)
            return {"type": "cron", "expression": f"{second}-59/{draw.choice([17, 20, 40])} * * * * *", **until}
        case _:
            seconds = draw.choice([3, 7, 13, 20, 30, 45])
            return every(seconds, max_runs=draw.randint(2, 6), start_at=first)


def _long_schedule(draw: random.Random, end: float) -> dict[str, Any]:
    """Some of them are due just when things come back."""
    if draw.random() < 0.3:
        return {"type": "once", "at": to_text(at(end - draw.choice([10, 60, 85, 150, 600])))}
    return every(draw.choice([int(end / 7), int(end / 15), int(end / 30)]), end_at=to_text(at(end)))


def _crowded(draw: random.Random, label: str, seconds: int) -> dict[str, Any]:
    """One of many tasks that are due in the window of 120 s; the least of it takes several passes. Those that come in
    packs are as different as any."""
    due = 120 + draw.randrange(0, seconds)
    packed = seconds < Chance.crowded
    return {
        "name": label,
        "tags": [label],
        "schedule": every(40, start_at=to_text(at(due)), max_runs=1),
        "action": _action(draw, "allow") if packed else {"type": "function", "name": "print_hello"},
        "misfire": ALL,
        "retry": {"max_attempts": 8},
    }


def _action(draw: random.Random, overlap: str) -> dict[str, Any]:
    wishes: dict[str, Any] = {}
    if draw.random() < 0.3:
        wishes["fails"] = draw.choice([1, 1, 2, 20])
    if overlap != "allow" or draw.random() < 0.2:
        wishes["seconds"] = draw.choice([2, 12, 25, 25, 70])
    if draw.random() < 0.03:
        wishes = {"seconds": 200, "stubborn": True}
    return {"type": "function", "name": "print_hello", "kwargs": wishes}


def _create(data: dict[str, Any], system: System) -> object:
    return system.catalog.create(ANN, data)


# Changes


def _change(world: World, label: str, when: datetime) -> None:
    verb = world.random.choice(world.chance.verbs or tuple(CHANGES))
    world.ask(when, label, verb, partial(CHANGES[verb], world, label))
    if verb == "pause" and world.random.random() < 0.7:
        again = when + timedelta(seconds=world.random.uniform(1, world.random.choice([5, 40])))
        world.ask(again, label, "resume", partial(_resume, world, label))


def _found(system: System, label: str) -> Task:
    for task in system.catalog.tasks(ANN, limit=100).items:
        if task.definition.tags == (label,):
            return task
    raise NotFound("its creation did not come through, or it was deleted")


def _pause(world: World, label: str, system: System) -> object:
    return system.catalog.pause(ANN, _found(system, label).id)


def _resume(world: World, label: str, system: System) -> object:
    return system.catalog.resume(ANN, _found(system, label).id)


def _delete(world: World, label: str, system: System) -> object:
    system.catalog.delete(ANN, _found(system, label).id)
    return None


def _rename(world: World, label: str, system: System) -> object:
    task = _found(system, label)
    name = f"{label}, renamed {world.random.randrange(100)}"
    return system.catalog.replace(ANN, task.id, to_json(task.definition) | {"name": name})


def _edit(world: World, label: str, system: System) -> object:
    task = _found(system, label)
    now = (world.now - START).total_seconds()
    schedule = _schedule(world.random, min(now, world.chance.end - 60), world.chance)
    return system.catalog.replace(ANN, task.id, to_json(task.definition) | {"schedule": schedule})


def _run_now(world: World, label: str, system: System) -> object:
    return system.catalog.run_now(ANN, _found(system, label).id)


def _backfill(world: World, label: str, system: System) -> object:
    task = _found(system, label)
    first = at(world.random.uniform(-20, 100))
    return system.due_times.backfill(ANN, task.id, first, world.now, dry_run=False)


def _skip(world: World, label: str, system: System) -> object:
    task = _found(system, label)
    due = task.next_due(world.now + timedelta(seconds=world.random.uniform(0, 60)))
    if due is None:
        raise NotFound("nothing left to skip")
    return world.owner.order("skip", (task.id, due), lambda: system.due_times.skip(ANN, task.id, due))


def _cancel(world: World, label: str, system: System) -> object:
    run = _chosen(world, label, system, lambda run: run.status not in FINAL)
    return world.owner.order("cancel", (run.task_id, run.due_at), lambda: system.control.cancel(ANN, run.id))


def _retry(world: World, label: str, system: System) -> object:
    ended = FINAL - {RunStatus.SUCCEEDED, RunStatus.SKIPPED}
    run = _chosen(world, label, system, lambda run: run.status in ended)
    return world.owner.order("retry", (run.task_id, run.due_at), lambda: system.control.retry(ANN, run.id))


def _chosen(world: World, label: str, system: System, wanted: Callable[[Run], bool]) -> Run:
    """One of the task's latest runs, as its owner finds it in a list."""
    page = system.reports.runs_of(ANN, _found(system, label).id, limit=20)
    runs = [run for run in page.items if wanted(run)]
    if not runs:
        raise NotFound("there is no such run")
    return world.random.choice(runs)


CHANGES: dict[str, Callable[[World, str, System], object]] = {
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
    "rename": _rename,
    "edit": _edit,
    "run now": _run_now,
    "backfill": _backfill,
    "skip": _skip,
    "cancel": _cancel,
    "retry": _retry,
}
