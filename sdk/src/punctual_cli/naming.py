"""Naming: a task may be called by its id or, where no other has it, by its name."""

from __future__ import annotations

import re
from itertools import islice

from punctual_cli.errors import ExitCode, Failed
from punctual_cli.printing import GAP, plain
from punctual_client import Client, NotFound
from punctual_client.shapes import Task

ID = re.compile(r"[0-9A-Za-z]{26}")
"""What ids look like; a name may look like it too."""
SHOWN = 10
"""Candidates that a sentence lists."""


def task_named(client: Client, name: str) -> Task:
    """The task with an id, or the only one with a name. Where several have the name, they are listed; where none has
    it, those that come close."""
    found = _by_id(client, name) if ID.fullmatch(name) else None
    near = [] if found is not None else list(islice(client.tasks.list(q=name), 1000))
    exact = [task for task in near if task["name"] == name]
    if found is None and not exact:
        found = _by_id(client, name)
    if found is not None:
        return found
    if len(exact) > 1:
        raise Failed(f"{len(exact)} tasks are named {name!r}: use an id.\n{_listed(exact)}", ExitCode.USAGE)
    if exact:
        return exact[0]
    close = f" These come close:\n{_listed(near)}" if near else " `punctual task list` shows those that there are."
    raise Failed(f"there is no task with the id or the name {name!r}.{close}", ExitCode.NOT_FOUND)


def task_id(client: Client, name: str) -> str:
    """The id of the task that is meant."""
    return task_named(client, name)["id"]


def _by_id(client: Client, name: str) -> Task | None:
    try:
        return client.tasks.get(name)
    except NotFound:
        return None


def _listed(tasks: list[Task]) -> str:
    shown = [f"  {task['id']}{GAP}{plain(task['name'])}{GAP}({task['schedule_text']})" for task in tasks[:SHOWN]]
    more = [f"  and {len(tasks) - SHOWN} more"] if len(tasks) > SHOWN else []
    return "\n".join(shown + more)
