"""The table `tasks`: one item per task, and an index by owner."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.adapters.dynamo.agenda import entry_put
from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed, Put
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, readable, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.keys import is_key, known_task_id
from chalicelib.adapters.tables import TaskItem
from chalicelib.core import schedule as schedules
from chalicelib.core import task as definitions
from chalicelib.core.errors import Conflict
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.schedule import Once
from chalicelib.core.task import Superseded, Task
from chalicelib.core.trials import PREFIX as TRIALS
from chalicelib.core.trials import gone_at
from chalicelib.logs import log
from chalicelib.ports import Page, Placed


class DynamoTasks(OnDynamo):
    """Reads by id are strongly consistent."""

    def create_task(self, task: Task, entry: Placed | None) -> None:
        """Write a new task and its first entry, both or neither; `Conflict` where another task has its id."""
        item = task_item(task)
        put = Put(model=TaskItem, item=item, condition=TaskItem.id.does_not_exist())
        try:
            self._calls.put_together(put, entry_put(entry))
        except ConditionFailed as error:
            if self._found_task(error, item) != item:
                raise Conflict(f"there is a task {task.id} already") from error

    def replace_task(self, task: Task, entry: Placed | None) -> bool:
        """Write a task over its previous version, with an entry, both or neither. False: lost."""
        item = task_item(task)
        put = Put(model=TaskItem, item=item, condition=TaskItem.version == task.version - 1)
        try:
            self._calls.put_together(put, entry_put(entry))
        except ConditionFailed as error:
            return self._found_task(error, item) == item
        return True

    def _found_task(self, error: ConditionFailed, item: Item) -> Item | None:
        """The task that a refused write met. The very item that was to be written: an earlier try of it had come
        through, and only its answer was lost."""
        return error.found or self._calls.get(TaskItem, _key(item["id"]["S"]))

    def delete_task(self, task_id: str, version: int | None) -> bool:
        """Delete a task if it has this version (any, for None). False: it has another. Gone already is True."""
        gone_or_as_known = None
        if version is not None:
            gone_or_as_known = TaskItem.id.does_not_exist() | (TaskItem.version == version)
        try:
            self._calls.delete(TaskItem, _key(task_id), gone_or_as_known)
        except ConditionFailed:
            return False
        return True

    def task(self, task_id: str) -> Task | None:
        """One task; `Unavailable` for one that cannot be read."""
        item = self._calls.get(TaskItem, _key(task_id))
        return None if item is None else read_one(TaskItem, item, task_of)

    def tasks(self, task_ids: Iterable[str]) -> dict[str, Task | None]:
        """Those of the tasks that exist, by id. None for one that cannot be read; that is logged."""
        ids = dict.fromkeys(task_ids)
        keys = [_key(task_id) for task_id in ids if is_key(task_id)]
        if len(keys) < len(ids):
            log("task_id_impossible", logging.WARNING, ids=[task_id for task_id in ids if not is_key(task_id)])
        items = list(self._calls.get_many(TaskItem, keys))
        found: dict[str, Task | None] = dict.fromkeys(item["id"]["S"] for item in items)
        return found | {task.id: task for task in readable(TaskItem, items, task_of)}

    def tasks_of(self, owner: str, *, limit: int, after: str | None) -> Page[Task]:
        """An owner's tasks, newest first: ids are in the order of time, and those of trials behind all others."""
        before = TRIALS if after is None else min(TRIALS, known_task_id(after))
        where = (TaskItem.owner == owner) & (TaskItem.id < before)
        rows = self._calls.query(TaskItem, where, index="by_owner", page=limit + 1, newest_first=True)
        items = list(islice(rows, limit + 1))
        found = readable(TaskItem, items[:limit], task_of)
        more = len(items) > limit
        return Page(items=tuple(found), after=items[limit - 1]["id"]["S"] if more else None)

    def tasks_in(self, shard: int | None, *, after: str | None) -> Page[Task]:
        """Some of a shard's tasks (None: of all), in any order that stays the same, by reading the whole table."""
        where = None if shard is None else TaskItem.shard == shard
        items, last = self._calls.scan(TaskItem, where, None if after is None else _key(after))
        found = tuple(readable(TaskItem, items, task_of))
        return Page(items=found, after=None if last is None else last["id"]["S"], left_out=len(items) - len(found))


def _key(task_id: str) -> Item:
    return write(TaskItem, id=task_id)


def task_item(task: Task) -> Item:
    """The item of a task."""
    item = write(
        TaskItem,
        id=task.id,
        owner=task.owner,
        shard=task.shard,
        version=task.version,
        created_at=task.created_at,
        updated_at=task.updated_at,
        changed_at=task.changed_at,
        name=task.definition.name,
        definition=definitions.to_record(task.definition),
        superseded=None if task.superseded is None else _superseded_record(task.superseded),
        pause_reason=task.pause_reason or None,
        expires_at=_gone_at(task),
    )
    return numbered(TaskItem, item)


def _gone_at(task: Task) -> datetime | None:
    schedule, retention = task.definition.schedule, task.definition.retention
    return gone_at(task.id, task.created_at, schedule.at if isinstance(schedule, Once) else None, retention)


def task_of(item: Item) -> Task:
    """The task that an item holds."""
    values = read(TaskItem, item)
    superseded = values.get("superseded")
    return Task(
        id=values["id"],
        owner=values["owner"],
        shard=values["shard"],
        version=values["version"],
        created_at=values["created_at"],
        updated_at=values["updated_at"],
        changed_at=values["changed_at"],
        definition=definitions.from_record(values["definition"]),
        superseded=None if superseded is None else _superseded(superseded, values["changed_at"]),
        pause_reason=values.get("pause_reason", ""),
    )


def _superseded_record(superseded: Superseded) -> dict[str, Any]:
    schedule = schedules.to_record(superseded.schedule)
    times = {"since": to_ms(superseded.since), "until": to_ms(superseded.until)}
    return {"schedule": schedule, "active": superseded.active, **times}


def _superseded(record: dict[str, Any], changed_at: datetime) -> Superseded:
    """Records of an earlier version do not say `until`: it was the change itself."""
    schedule = schedules.from_record(record["schedule"])
    until = from_ms(record["until"]) if "until" in record else changed_at
    return Superseded(schedule=schedule, active=record["active"], since=from_ms(record["since"]), until=until)
