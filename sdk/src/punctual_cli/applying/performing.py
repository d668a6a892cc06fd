"""Performing: a plan's steps, one by one, each against the very version that was compared.

Of two who apply the same set at the same moment, and each make a task of the same key, one gives way: who has made
something looks again, both see both, and agree that the task with the smaller id stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from punctual_cli.applying.marks import Task, found_in, mark_of
from punctual_cli.applying.planning import Deed, Step
from punctual_client import PunctualError, Refused
from punctual_client.errors import refused as refusal

REASON = "the file of its set has it no more"
CONFLICT = 409
OF_ALL = frozenset({401, 429})
"""Statuses of a refusal that would meet every other step as well."""


class Tasks(Protocol):
    """What is asked of the API."""

    def list(self, *, page: int) -> Iterable[Task]: ...

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


def settle(done: Mapping[int, Done], tasks: Tasks) -> Iterator[tuple[int, Done]]:
    """The steps whose task had to give way, by their places; it is deleted again before anybody relies on it."""
    made = {number: one.task for number, one in done.items() if one.step.deed is Deed.CREATE and one.task is not None}
    first = _first_of_each(tasks.list(page=100)) if made else {}
    for number, task in made.items():
        mark = mark_of(task)
        stays = first.get(mark, "") if mark is not None else ""
        if stays and stays < str(task["id"]):
            tasks.delete(str(task["id"]), if_match=int(task["version"]))
            yield number, replace(done[number], task=None, error=_rival(stays))


def _first_of_each(tasks: Iterable[Task]) -> dict[tuple[str, str], str]:
    """The smallest id of each set and key."""
    return {mark: min(str(task["id"]) for task in same) for mark, same in found_in(tasks).by_mark.items()}


def _rival(stays: str) -> PunctualError:
    told = f"somebody else made it at the same moment ({stays}), and theirs stays"
    return refusal({"code": "made_twice", "detail": told}, status=CONFLICT)
