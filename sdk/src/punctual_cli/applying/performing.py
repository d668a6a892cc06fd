"""Performing: a plan's steps, one by one, each against the very version that was compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from punctual_cli.applying.marks import Task
from punctual_cli.applying.planning import Deed, Step
from punctual_client import PunctualError, Refused

REASON = "the file of its set has it no more"
OF_ALL = frozenset({401, 429})
"""Statuses of a refusal that would meet every other step as well."""


class Tasks(Protocol):
    """What is asked of the API."""

    def create(self, definition: Any, /) -> Any: ...

    def replace(self, task_id: str, definition: Any, /, *, if_match: int | None) -> Any: ...

    def delete(self, task_id: str, /, *, if_match: int | None) -> None: ...

    def pause(self, task_id: str, reason: str, /) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Done:
    """A step that was done, or why it was not. `task` is what it made."""

    step: Step
    task: Task | None = None
    error: PunctualError | None = None


def perform(steps: Sequence[Step], tasks: Tasks) -> Iterator[Done]:
    """Do what is to be done. One refused step (somebody changed the task meanwhile, say) does not keep the others from
    being done; an error that would meet them as well ends it."""
    for step in steps:
        if step.deed is Deed.KEEP:
            yield Done(step=step, task=step.task)
            continue
        try:
            task = _performed(step, tasks)
        except Refused as refused:
            yield Done(step=step, error=refused)
            if refused.status in OF_ALL or refused.status >= 500:
                return
        except PunctualError as error:
            yield Done(step=step, error=error)
            return
        else:
            yield Done(step=step, task=task)


def _performed(step: Step, tasks: Tasks) -> Task | None:
    if step.task is None:
        made: Task = tasks.create(step.definition)
        return made
    task_id, version = str(step.task["id"]), int(step.task["version"])
    if step.deed is Deed.DELETE:
        tasks.delete(task_id, if_match=version)
        return None
    if step.deed is Deed.PAUSE:
        paused: Task = tasks.pause(task_id, REASON)
        return paused
    changed: Task = tasks.replace(task_id, step.definition, if_match=version)
    return changed
