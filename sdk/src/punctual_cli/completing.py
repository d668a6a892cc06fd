"""Completing: names of tasks, for a shell that asks while somebody types."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import click
from click.shell_completion import CompletionItem

from punctual_client import Client, PunctualError

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
            client = Client.from_environment(timeout=PATIENCE, retries=0)
            found = list(islice(client.tasks.list(q=incomplete, page=SHOWN), SHOWN))
        except PunctualError:
            return []
        fitting = [task for task in found if task["name"].casefold().startswith(incomplete.casefold())]
        return [CompletionItem(task["name"], help=task["schedule_text"]) for task in fitting]
