"""Exporting: tasks as the file from which `apply` would make them, without what has its default value anyway."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from punctual_cli.applying.comparing import ABSENT, definition_of, same
from punctual_cli.applying.marks import KEY, SET, Task, mark_of
from punctual_cli.applying.scalars import is_text

EXPORTED = "exported"
"""The set of a file whose tasks come from several sets, or from none."""
DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "tags": [],
    "metadata": {},
    "timeout_seconds": 60,
    "retry": {"max_attempts": 3, "backoff": "next_window", "delay_seconds": 30, "max_delay_seconds": 3600},
    "overlap": "allow",
    "misfire": {"grace_seconds": 3600, "catch_up": "latest"},
    "delivery": "at_least_once",
    "priority": "normal",
    "retention_days": 30,
}
"""Those of the API's contract. `state` is always written: what a file does not say of it is left as it is."""
OF_FUNCTIONS = ("timeout_seconds", "retry", "overlap", "priority")
"""What a function may say of the tasks that call it, in place of the default: so it is always written for those."""
ORDER = ("key", "name", "description", "tags", "metadata", "state", "action", "schedule")
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*", re.ASCII)
"""What needs no quotes, unless it is a word like yes."""


def exported(tasks: Iterable[Task]) -> dict[str, Any]:
    """A set of tasks, in the order in which they were made, so that the same tasks give the same file."""
    several = sorted(tasks, key=lambda task: str(task["id"]))
    sets = {None if (mark := mark_of(task)) is None else mark[0] for task in several}
    only = sets.pop() if len(sets) == 1 else None
    return {"set": only or EXPORTED, "tasks": [_exported(task, only) for task in several]}


def _exported(task: Task, set_name: str | None) -> dict[str, Any]:
    """A task with its key: that of the set which the whole file is, else its id."""
    own, mark = definition_of(task), mark_of(task)
    key = str(task["id"])
    if mark is not None and mark[0] == set_name:
        key = mark[1]
        own["metadata"] = {name: value for name, value in own["metadata"].items() if name not in (SET, KEY)}
    kept = OF_FUNCTIONS if own["action"]["type"] == "function" else ()
    usual = {name: value for name, value in DEFAULTS.items() if name not in kept}
    given = {"key": key} | {name: value for name, value in own.items() if not same(value, usual.get(name, ABSENT))}
    for name in {"retry", "misfire"} & given.keys() & usual.keys():
        given[name] = {k: v for k, v in given[name].items() if not same(v, usual[name].get(k, ABSENT))}
    places = [*ORDER, *(name for name in given if name not in ORDER)]
    return {name: given[name] for name in places if name in given}


class _Dumper(yaml.SafeDumper):
    """Writes texts so that every reader of YAML takes them for texts, those of several lines as they are."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    if PLAIN.fullmatch(text) and is_text(text):
        return None
    lines = text.split("\n")
    as_it_is = len(lines) > 1 and text.strip() and all(line == line.rstrip() and line.isprintable() for line in lines)
    return "|" if as_it_is and not text.startswith((" ", "\n")) else '"'


_Dumper.add_representer(str, _text)


def to_yaml(document: Mapping[str, Any]) -> str:
    """A set as YAML that `apply` reads back as the same.

    >>> print(to_yaml({"set": "a", "tasks": [{"key": "b", "every": 5, "on": "* * * * *"}]}), end="")
    set: a
    tasks:
    - key: b
      every: 5
      "on": "* * * * *"
    """
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
