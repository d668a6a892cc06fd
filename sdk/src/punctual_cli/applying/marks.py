"""Marks: what tells, in a task's metadata, which set it belongs to and under which key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SET, KEY = "punctual.set", "punctual.key"

Task = Mapping[str, Any]


def marked(definition: Task, set_name: str, key: str) -> dict[str, Any]:
    """A definition with the mark of a set."""
    return {**definition, "metadata": {**definition.get("metadata", {}), SET: set_name, KEY: key}}


def mark_of(task: Task) -> tuple[str, str] | None:
    """The set and the key of a task that was made from one."""
    metadata = task.get("metadata", {})
    mark = metadata.get(SET), metadata.get(KEY)
    return (str(mark[0]), str(mark[1])) if None not in mark else None


@dataclass(frozen=True, kw_only=True)
class Found:
    """The tasks that an account has, to look them up."""

    by_mark: Mapping[tuple[str, str], list[Task]] = field(default_factory=dict)
    by_id: Mapping[str, Task] = field(default_factory=dict)
    unmarked: Mapping[str, list[Task]] = field(default_factory=dict)
    """By their names, those that belong to no set."""

    def of_set(self, set_name: str) -> list[Task]:
        """All tasks of a set, the oldest first."""
        found = [task for (name, _), tasks in self.by_mark.items() if name == set_name for task in tasks]
        return sorted(found, key=lambda task: str(task["id"]))


def found_in(tasks: Iterable[Task]) -> Found:
    """An account's tasks, in order to be looked up."""
    by_mark: dict[tuple[str, str], list[Task]] = {}
    by_id: dict[str, Task] = {}
    unmarked: dict[str, list[Task]] = {}
    for task in tasks:
        by_id[str(task["id"])] = task
        mark = mark_of(task)
        if mark is None:
            unmarked.setdefault(str(task["name"]), []).append(task)
        else:
            by_mark.setdefault(mark, []).append(task)
    return Found(by_mark=by_mark, by_id=by_id, unmarked=unmarked)
