"""Completing: names of tasks, for a shell that asks while somebody types."""

from __future__ import annotations

import warnings
from datetime import timedelta
from itertools import islice

import click
from click.shell_completion import CompletionItem

from punctual_client import Client, NotEncrypted, PunctualError
from punctual_client.shapes import Task

VARIABLE = "_PUNCTUAL_COMPLETE"
SHOWN = 50
PATIENCE = timedelta(seconds=2)
"""Whoever presses the tab key does not wait longer."""


class TaskName(click.ParamType[str]):
    """The id or the name of a task."""

    name = "task"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Names that begin like this. Nothing where they cannot be had: a shell is no place for errors."""
        try:
            found = _found(incomplete)
        except PunctualError:
            return []
        fitting = [task for task in found if task["name"].casefold().startswith(incomplete.casefold())]
        return [CompletionItem(task["name"], help=task["schedule_text"]) for task in fitting]


def _found(text: str) -> list[Task]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotEncrypted)
        client = Client.from_environment(timeout=PATIENCE, retries=0)
    return list(islice(client.tasks.list(q=text, page=SHOWN), SHOWN))
