"""Code that says schedules, and deployments of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.core.in_code import Reported, Standing, task_id_of
from chalicelib.core.task import Task
from chalicelib.functions import registry
from chalicelib.functions.registry import function
from tests.engine.conftest import Stage

Deploy = Callable[..., dict[str, Standing]]


def _work(to: str = "all", count: int = 1) -> None:
    """Send the report.

    And more about it.
    """


def write(code: dict[str, dict[str, Any]]) -> None:
    vars(registry)["_registered"].clear()
    for name, said in code.items():
        function(name=name, **said)(_work)


def standings(items: Sequence[Reported]) -> dict[str, Standing]:
    return {one.name: one.standing for one in items}


def task_of(stage: Stage, name: str) -> Task | None:
    return stage.world.store.task(task_id_of(name))


def the_task(stage: Stage, name: str = "report") -> Task:
    task = task_of(stage, name)
    assert task is not None
    return task
