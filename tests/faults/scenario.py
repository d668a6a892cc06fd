"""The scenario of all sweeps: every kind of task, and every change to one, within four minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.bootstrap.whole import System
from chalicelib.core.errors import NotFound
from chalicelib.core.instant import to_text
from chalicelib.core.task import Task, to_json
from tests.core.building import at, every, once
from tests.faults.story import ANN, Story

END = at(110)
"""Nothing new is due after it."""
ALL = {"catch_up": "all", "grace_seconds": 604_800}
"""However late, every due time starts: so whatever does not was lost."""
UNTIL_END = {"end_at": to_text(END)}

TASKS: Mapping[str, tuple[float, dict[str, Any]]] = {
    "once": (0.3, {"schedule": once(20)}),
    "fast": (1.1, {"schedule": {"type": "interval", "every": 3, "unit": "seconds", "max_runs": 4}}),
    "cron": (1.4, {"schedule": {"type": "cron", "expression": "*/40 * * * * *", **UNTIL_END}}),
    "far": (4.6, {"schedule": once(98)}),
    "command": (
        2.2,
        {
            "schedule": once(26),
            "action": {"type": "command", "command": "x", "kwargs": {"fails": 1, "seconds": 2, "output": 3000}},
        },
    ),
    "flaky": (2.4, {"schedule": every(35, max_runs=1), "action": {"kwargs": {"fails": 1}}}),
    "paused": (3.1, {"schedule": every(17, **UNTIL_END)}),
    "edited": (3.3, {"schedule": every(16, **UNTIL_END)}),
    "deleted": (3.5, {"schedule": every(18, **UNTIL_END)}),
    "asked": (3.7, {"schedule": once(100_000)}),
    "skips": (4.1, {"schedule": every(10, max_runs=3), "action": {"kwargs": {"seconds": 12}}, "overlap": "skip"}),
    "queues": (4.3, {"schedule": every(10, max_runs=3), "action": {"kwargs": {"seconds": 12}}, "overlap": "queue"}),
    "replaces": (4.5, {"schedule": every(14, max_runs=2), "action": {"kwargs": {"seconds": 16}}, "overlap": "replace"}),
}
"""When the owner creates each task, in seconds after `START`, and what is special about it."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "schedules": ("once", "fast", "cron", "far"),
    "attempts": ("command", "flaky"),
    "changes": ("paused", "edited", "deleted", "asked", "far"),
    "overlaps": ("skips", "queues", "replaces"),
    "basics": ("once", "fast", "cron", "command", "paused", "edited"),
    "everything": tuple(TASKS),
}
"""Parts of the scenario that are told by themselves: the shorter a story, the more of them can be told."""


def definition(name: str, **more: Any) -> dict[str, Any]:
    """A task's JSON, as the owner sends it."""
    data = {"name": name, "retry": {"max_attempts": 8}, "misfire": ALL} | TASKS[name][1] | more
    return data | {"action": {"type": "function", "name": "print_hello"} | data.get("action", {})}


def tell(story: Story, part: str) -> None:
    """Let the owner create the tasks of a part and change them."""
    for name in PARTS[part]:
        moment, _ = TASKS[name]
        story.ask(at(moment), name, creation(name))
        for seconds, change in CHANGES.get(name, ()):
            story.ask(at(seconds), name, change)


def creation(name: str) -> Callable[[System], object]:
    return lambda system: system.catalog.create(ANN, definition(name))


def _found(system: System, name: str) -> Task:
    for task in system.catalog.tasks(ANN, limit=100).items:
        if task.definition.name == name:
            return task
    raise NotFound("its creation did not come through")


def _changed(name: str, **changes: Any) -> Callable[[System], object]:
    def change(system: System) -> object:
        task = _found(system, name)
        return system.catalog.replace(ANN, task.id, to_json(task.definition) | changes)

    return change


def _each(name: str, verb: str) -> Callable[[System], object]:
    def act(system: System) -> object:
        task = _found(system, name)
        return getattr(system.catalog, verb)(ANN, task.id)

    return act


CHANGES: Mapping[str, list[tuple[float, Callable[[System], object]]]] = {
    "paused": [(50, _each("paused", "pause")), (84, _each("paused", "resume"))],
    "edited": [(46.5, _changed("edited", schedule=every(23, end_at=to_text(END))))],
    "deleted": [(52.7, _each("deleted", "delete"))],
    "asked": [(33, _each("asked", "run_now")), (61, _each("asked", "run_now"))],
    "far": [(70, _changed("far", description="a change of words"))],
}
