"""Planning: what has to happen to a set's tasks so that they are as a file wants them. Nothing is changed here.

1. Each wanted task is looked for: by the set and key in its metadata; else by its key, where that is a task's id, as
   `export` writes it; else it is new.
2. The server says what it would be stored as, every default filled in, or refuses it.
3. That is compared with what is stored.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from punctual_cli.applying.comparing import Difference, definition_of, differences
from punctual_cli.applying.documents import Document, Wanted
from punctual_cli.applying.marks import Found, Task, marked
from punctual_cli.applying.places import Unreadable, path_of
from punctual_client import Refused

Check = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""What a definition would be stored as; with an `id`, what that task would be changed to. Raises `Refused`."""
OF_ALL = frozenset({401, 429})
"""Statuses of a refusal that is not about the task."""


class Deed(enum.StrEnum):
    """What happens to a task."""

    CREATE = "create"
    CHANGE = "change"
    KEEP = "keep"
    """It is as it should be."""
    DELETE = "delete"
    PAUSE = "pause"
    """The file has it no more, and it is to be paused instead of deleted."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One task of a plan. `task` is the one that is there; `definition` is what it is to be."""

    deed: Deed
    key: str
    name: str
    task: Task | None = None
    definition: Mapping[str, Any] | None = None
    differences: tuple[Difference, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The step for programs."""
        told = {"deed": str(self.deed), "key": self.key, "name": self.name}
        known = {} if self.task is None else {"id": self.task["id"]}
        return told | known | {"differences": [one.to_json() for one in self.differences]}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What may be done beside creating and changing. `prune` is what becomes of what the file has no more."""

    prune: Deed | None = None
    adopt: bool = False
    """Take over a task of the same name that belongs to no set."""


def plan(document: Document, found: Found, check: Check, choices: Choices) -> list[Step]:
    """The steps, in the file's order and what is pruned last; `Unreadable` with everything that would be refused."""
    if choices.prune is not None and not document.named:
        raise Unreadable(
            f"{document.placed.file}: does not say which set it is, so that nothing is known to belong to it alone: "
            "begin it with `set: <name>`, and put the list under `tasks:`"
        )
    planner = _Planner(document=document, found=found, check=check, choices=choices)
    steps: list[Step] = []
    wrong: list[str] = []
    meant: dict[str, Wanted] = {}
    for wanted in document.tasks:
        try:
            step = planner.step(wanted)
            planner.check_alone(wanted, step, meant)
            steps.append(step)
        except Unreadable as error:
            wrong += error.sentences
    if wrong:
        raise Unreadable(*wrong)
    return steps + planner.pruned(steps)


@dataclass(frozen=True, kw_only=True)
class _Planner:
    document: Document
    found: Found
    check: Check
    choices: Choices

    def step(self, wanted: Wanted) -> Step:
        """What happens to a wanted task."""
        task, definition = self._there(wanted)
        if task is not None:
            definition = {"state": task["state"]} | definition | {"id": task["id"]}
        normal = self._checked(wanted, definition)
        if task is None:
            return Step(deed=Deed.CREATE, key=wanted.key, name=str(normal["name"]), definition=normal)
        found = differences(definition_of(task), normal)
        deed = Deed.CHANGE if found else Deed.KEEP
        return Step(
            deed=deed,
            key=wanted.key,
            name=str(normal["name"]),
            task=task,
            definition=normal,
            differences=tuple(found),
        )

    def check_alone(self, wanted: Wanted, step: Step, meant: dict[str, Wanted]) -> None:
        """Refuse a second one that is the same task. `meant` holds which was which so far."""
        if step.task is None:
            return
        first = meant.setdefault(str(step.task["id"]), wanted)
        if first is not wanted:
            other = self.document.placed.where(first.path)
            told = f"is the same task as the one at {other} ({step.task['id']}): take one out, or give it another name"
            raise self._wrong(wanted, told)

    def _there(self, wanted: Wanted) -> tuple[Task | None, dict[str, Any]]:
        """The task that a wanted one is, where there is one, and the definition that it is to have."""
        own = marked(wanted.definition, self.document.set_name, wanted.key)
        same = self.found.by_mark.get((self.document.set_name, wanted.key), [])
        if len(same) > 1:
            ids = _ids(same)
            raise self._wrong(
                wanted, f"the tasks {ids} both have the key {wanted.key!r} of this set: delete one of them"
            )
        if same:
            return same[0], own
        if wanted.key in self.found.by_id:
            return self.found.by_id[wanted.key], dict(wanted.definition)
        return self._of_same_name(wanted), own

    def _of_same_name(self, wanted: Wanted) -> Task | None:
        name = wanted.definition.get("name")
        others = self.found.unmarked.get(name, []) if isinstance(name, str) else []
        if not others:
            return None
        if not self.choices.adopt or len(others) > 1:
            ids = _ids(others)
            remedy = (
                "give this one another name" if len(others) > 1 else "--adopt takes it over; or give this another name"
            )
            raise self._wrong(wanted, f"there is a task {name!r} already ({ids}) that belongs to no set: {remedy}")
        return others[0]

    def _checked(self, wanted: Wanted, definition: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return self.check(definition)
        except Refused as refused:
            if refused.status in OF_ALL or refused.status >= 500:
                raise
            raise self._refusal(wanted, refused) from refused

    def _refusal(self, wanted: Wanted, refused: Refused) -> Unreadable:
        named = wanted.definition.get("name", wanted.key)
        if not refused.errors:
            return self._wrong(wanted, f"{named!r}: {refused.detail}")
        where = self.document.placed.where
        said = [(wanted.path + path_of(one.pointer), one.pointer or "the task", one.detail) for one in refused.errors]
        return Unreadable(*(f"{where(path)}: {named!r}: {field} {detail}" for path, field, detail in said))

    def _wrong(self, wanted: Wanted, sentence: str) -> Unreadable:
        return self.document.placed.wrong(wanted.path, sentence)

    def pruned(self, steps: list[Step]) -> list[Step]:
        """What becomes of the set's tasks that the file has no more."""
        deed = self.choices.prune
        if deed is None:
            return []
        kept = {step.task["id"] for step in steps if step.task is not None}
        gone = [task for task in self.found.of_set(self.document.set_name) if task["id"] not in kept]
        return [
            Step(deed=deed, key=str(task["metadata"]["punctual.key"]), name=str(task["name"]), task=task)
            for task in gone
            if deed is not Deed.PAUSE or task["state"] != "paused"
        ]


def _ids(tasks: Iterable[Task]) -> str:
    return " and ".join(sorted(str(task["id"]) for task in tasks))
