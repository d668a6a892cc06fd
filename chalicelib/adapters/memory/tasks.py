"""The table `tasks` in memory."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.adapters.keys import known_task_id
from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.errors import Conflict
from chalicelib.core.task import Task
from chalicelib.core.trials import PREFIX as TRIALS
from chalicelib.ports import Page, Placed

READ_AT_ONCE = 100
"""Tasks that `tasks_in` looks at for one page, so that callers meet pages in tests as well."""


class MemoryTasks(InMemory):
    """Tasks by id."""

    def create_task(self, task: Task, entry: Placed | None) -> None:
        """Write a new task and its first entry, both or neither; `Conflict` where another task has its id."""
        with self._lock:
            if self._tasks.get(task.id, task) != task:
                raise Conflict(f"there is a task {task.id} already")
            if task.id not in self._tasks:
                self._tasks[task.id] = task
                self._put_entry(entry)

    def replace_task(self, task: Task, entry: Placed | None) -> bool:
        """Write a task over its previous version, with an entry, both or neither. False: lost."""
        with self._lock:
            found = self._tasks.get(task.id)
            if found is None or found.version != task.version - 1:
                return found == task
            self._tasks[task.id] = task
            self._put_entry(entry)
            return True

    def delete_task(self, task_id: str, version: int | None) -> bool:
        """Delete a task if it has this version (any, for None). False: it has another. Gone already is True."""
        with self._lock:
            found = self._tasks.get(task_id)
            if found is not None and version not in (None, found.version):
                return False
            self._tasks.pop(task_id, None)
            return True

    def task(self, task_id: str) -> Task | None:
        """One task."""
        with self._lock:
            return self._tasks.get(task_id)

    def tasks(self, task_ids: Iterable[str]) -> dict[str, Task | None]:
        """Those of the tasks that exist, by id."""
        with self._lock:
            return {task_id: self._tasks[task_id] for task_id in task_ids if task_id in self._tasks}

    def tasks_of(self, owner: str, *, limit: int, after: str | None) -> Page[Task]:
        """An owner's tasks, newest first: ids are in the order of time, and those of trials behind all others."""
        before = TRIALS if after is None else min(TRIALS, known_task_id(after))
        with self._lock:
            own = [task for task in self._tasks.values() if task.owner == owner and task.id < before]
        newest = sorted(own, key=lambda task: task.id, reverse=True)
        return Page(items=tuple(newest[:limit]), after=newest[limit - 1].id if len(newest) > limit else None)

    def tasks_in(self, shard: int | None, *, after: str | None) -> Page[Task]:
        """Some of a shard's tasks (None: of all), by reading all of them a page at a time."""
        with self._lock:
            ids = sorted(task_id for task_id in self._tasks if after is None or task_id > after)
            page = [self._tasks[task_id] for task_id in ids[:READ_AT_ONCE]]
        last = ids[READ_AT_ONCE - 1] if len(ids) > READ_AT_ONCE else None
        return Page(items=tuple(task for task in page if shard in (None, task.shard)), after=last)
