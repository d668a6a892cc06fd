"""Scenes: what is there when a part is killed, for each part, and for each kind of request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.task import Task, to_json
from tests.kills.stage import Stage, in_

FAR = 100
"""Seconds: beyond the horizon, so that the entry goes under its window."""
FAR_PAST = 250
"""Seconds by which a clock must be ahead for all of the tasks to be due."""
Request = tuple[str, str, Any]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A part, by a clock so many seconds ahead, with what it finds. `ask` is what the API is asked."""

    part: str
    later: int = 0
    prepare: Callable[[Stage], Task | None]
    ask: Callable[[Stage, Task | None], Request] | None = None


def _nearby(stage: Stage) -> None:
    """Tasks whose runs are waiting for a worker: one of each queue, one that fails once, two runs that take turns."""
    stage.create("command", 0, stage.command())
    stage.create("fails", 0, stage.command('test "$PUNCTUAL_ATTEMPT" -gt 1'))
    stage.create("light", 0, stage.function("light"))
    stage.create("urgent", 0, stage.function("urgent"), priority="high")
    turns = stage.create("turns", 86_400, stage.function("turns"), overlap="queue")
    for _ in range(2):
        stage.system.catalog.run_now(stage.person, turns.id)


def _packed(stage: Stage) -> None:
    """Four runs in one message, as a pass sends them."""
    stage.system.dispatcher.handle(0)
    for name in ("one", "two", "three", "four"):
        stage.create(name, 0, stage.function(name))
    stage.empty("light")  # what the API sent: what a pass finds is left
    stage.system.dispatcher.handle(0)


def _ahead(stage: Stage) -> None:
    """Tasks that a pass has to dispatch, with entries under windows and late ones; one was edited, and the message that
    the API sent for another was lost."""
    stage.system.dispatcher.handle(0)
    stage.create("unsent", 0, stage.function("unsent"))
    stage.empty("light")
    stage.create("once", FAR, stage.function("once"))
    stage.create("near", 0, stage.function("near"))
    interval = {"type": "interval", "every": 600, "unit": "seconds", "start_at": in_(FAR), "max_runs": 3}
    stage.create("interval", 0, stage.function("interval"), schedule=interval)
    edited = stage.create("edited", FAR, stage.function("edited"))
    schedule = {"type": "once", "at": in_(FAR + 40)}
    stage.system.catalog.replace(stage.person, edited.id, to_json(edited.definition) | {"schedule": schedule})


def _ticked(stage: Stage) -> None:
    _ahead(stage)
    stage.system.coordinator.tick()


def _one(stage: Stage) -> Task:
    stage.system.dispatcher.handle(0)
    return stage.create("one", FAR, stage.function("one"))


def _create(seconds: float) -> Callable[[Stage, Task | None], Request]:
    return lambda stage, one: ("POST", "/api/tasks", stage.definition("new", seconds, stage.function("new")))


def _edit(seconds: float) -> Callable[[Stage, Task | None], Request]:
    def edit(stage: Stage, one: Task | None) -> Request:
        return "PATCH", _path(one), {"schedule": {"at": in_(seconds)}}

    return edit


def _path(task: Task | None) -> str:
    assert task is not None
    return f"/api/tasks/{task.id}"


SCENES: Mapping[str, Scene] = {
    "tick": Scene(part="tick", later=FAR_PAST, prepare=_ahead),
    "pass": Scene(part="pass", later=FAR_PAST, prepare=_ticked),
    "work": Scene(part="work", prepare=_nearby),
    "packed": Scene(part="work", prepare=_packed),
    "create near": Scene(part="api", prepare=_one, ask=_create(1)),
    "create far": Scene(part="api", prepare=_one, ask=_create(FAR)),
    "edit to near": Scene(part="api", prepare=_one, ask=_edit(2)),
    "edit to far": Scene(part="api", prepare=_one, ask=_edit(FAR + 60)),
    "pause": Scene(part="api", prepare=_one, ask=lambda stage, one: ("POST", f"{_path(one)}/pause", None)),
    "run": Scene(part="api", prepare=_one, ask=lambda stage, one: ("POST", f"{_path(one)}/run", None)),
    "delete": Scene(part="api", prepare=_one, ask=lambda stage, one: ("DELETE", _path(one), None)),
}
