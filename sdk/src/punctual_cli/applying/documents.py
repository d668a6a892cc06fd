"""Documents: the set of tasks that a file describes, each under a key that it keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from punctual_cli.applying.places import Path, Placed, Unreadable

DEFAULT_SET = "default"
LONGEST_NAME = 200
"""Characters of a set's name, or of a key: both stand in the metadata of tasks, which has 4 KB."""
MOST_TASKS = 2_000
"""As many as an account may change in a minute."""
FIELDS = ("set", "tasks")
NOT_SENT = ("key", "id")
"""What a task of a file has for us alone; an `id` that was copied along would be another task's."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A task as a file wants it."""

    key: str
    definition: Mapping[str, Any]
    path: Path


@dataclass(frozen=True, kw_only=True)
class Document:
    """A set of tasks. `named` is whether the file itself says which set it is."""

    set_name: str
    named: bool
    tasks: tuple[Wanted, ...]
    placed: Placed


def document_of(placed: Placed, set_name: str | None = None) -> Document:
    """The set that a file describes; `Unreadable` with a sentence for everything that is wrong. `set_name` is another
    one than the file says."""
    value: Any = placed.value
    tasks_path: Path = ()
    if isinstance(value, Mapping):
        value, tasks_path = _tasks_of(placed, value), ("tasks",)
    if not isinstance(value, list):
        raise placed.wrong(tasks_path, "a list of tasks is expected: begin each with `- name: …`")
    if len(value) > MOST_TASKS:
        raise placed.wrong(tasks_path, f"has more than {MOST_TASKS:,} tasks: split it into several files, each a set")
    named = set_name or _set_of(placed)
    wanted: list[Wanted] = []
    wrong: list[str] = []
    for index, item in enumerate(value):
        try:
            wanted.append(_wanted(placed, (*tasks_path, index), item))
        except Unreadable as error:
            wrong += error.sentences
    wrong += _clashes(placed, wanted)
    if wrong:
        raise Unreadable(*wrong)
    return Document(set_name=named or DEFAULT_SET, named=named is not None, tasks=tuple(wanted), placed=placed)


def _tasks_of(placed: Placed, value: Mapping[str, Any]) -> Any:
    unknown = [name for name in value if name not in FIELDS]
    if unknown:
        raise Unreadable(
            *(f"{placed.where((name,))}: {name!r} is unknown here: a file has `set` and `tasks`" for name in unknown)
        )
    if "tasks" not in value:
        raise placed.wrong((), "there are no `tasks`: a file has `set`, and `tasks` with a list")
    return value["tasks"]


def _set_of(placed: Placed) -> str | None:
    if not isinstance(placed.value, Mapping) or "set" not in placed.value:
        return None
    return _name(placed, ("set",), placed.value["set"], "set")


def _wanted(placed: Placed, path: Path, item: Any) -> Wanted:
    if not isinstance(item, Mapping):
        raise placed.wrong(path, "a task is an object with `name`, `action` and `schedule`")
    given = "key" if "key" in item else "name"
    if given not in item:
        raise placed.wrong(path, "a task needs a `name`")
    key = _name(placed, (*path, given), item[given], given)
    definition = {name: value for name, value in item.items() if name not in NOT_SENT}
    if not isinstance(definition.get("metadata", {}), Mapping):
        raise placed.wrong((*path, "metadata"), "`metadata` is an object")
    return Wanted(key=key, definition=definition, path=path)


def _name(placed: Placed, path: Path, given: Any, field: str) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > LONGEST_NAME or not given.isprintable():
        raise placed.wrong(path, f"`{field}` is a text of 1 to {LONGEST_NAME} characters on one line; put it in quotes")
    return given


def _clashes(placed: Placed, wanted: list[Wanted]) -> Iterator[str]:
    first: dict[str, Wanted] = {}
    for task in wanted:
        other = first.setdefault(task.key, task)
        if other is not task:
            where = placed.where(other.path).rpartition(":")[2]
            named = "key" if "key" in placed.value_at(task.path) else "name"
            yield (
                f"{placed.where(task.path)}: has the {named} {task.key!r}, as the task on line {where} has: give one of"
                " them a `key` of its own"
            )
