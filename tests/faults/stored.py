"""What is stored in a story's tables and waits in its queues, read back without a call."""

from __future__ import annotations

from datetime import datetime

from chalicelib.adapters.dynamo.groups import GROUP, group_of
from chalicelib.adapters.dynamo.run_items import run_of
from chalicelib.adapters.dynamo.tasks import task_of
from chalicelib.core.groups.group import Group
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.settings import Settings
from tests.faults.aws import Aws, Item


class Stored:
    """A stage's tables and queues, looked at from above."""

    def __init__(self, settings: Settings, aws: Aws) -> None:
        self._settings = settings
        self._aws = aws

    def tasks(self) -> dict[str, Task]:
        """The stored tasks by name."""
        found = [task_of(item) for item in self._items("tasks")]
        assert len({task.definition.name for task in found}) == len(found), "a task was stored twice"
        return {task.definition.name: task for task in found}

    def runs(self) -> dict[tuple[str, datetime], Run]:
        """The stored runs."""
        found = [run_of(item) for item in self._items("runs") if item["due_key"]["S"].isdecimal()]
        return {(run.task_id, run.due_at): run for run in found}

    def slots(self) -> list[Item]:
        """The slots that are taken."""
        return [item for item in self._items("runs") if item["due_key"]["S"] == "!slot"]

    def groups(self) -> list[Group]:
        """The stored groups."""
        return [group_of(item) for item in self._items("runs") if item["due_key"]["S"] == GROUP]

    def late_entries(self) -> list[str]:
        """The keys of all late entries."""
        found = [(item["partition"]["S"], item["entry"]["S"]) for item in self._items("agenda")]
        return [entry for partition, entry in found if partition.startswith("late#") and entry != "!control"]

    def accounts(self) -> list[Item]:
        """What is kept of owners."""
        return self._items("accounts")

    def waiting(self, *names: str) -> int:
        """How many messages are in some queues."""
        return sum(self._aws.count(self._settings.queue(name)) for name in names)

    def _items(self, table: str) -> list[Item]:
        return self._aws.items(self._settings.table(table))
