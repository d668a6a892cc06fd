"""The catalog: a person's tasks, and every change to them.

A change is written together with the agenda entry that it makes necessary. What is due before the agenda could be read
again is sent to the workers directly; if that is lost, the entry is still there, and the claim settles the duplicate.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.core import task as tasks
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.errors import Conflict, NotFound, VersionConflict
from chalicelib.core.instant import MILLISECOND, floor_ms
from chalicelib.core.owed.deletion import taken_away, unhandled, unknown
from chalicelib.core.people.account import User, may_see
from chalicelib.core.planning import entry_message, first_entry, near_messages
from chalicelib.core.run import Run, RunStatus, Trigger
from chalicelib.core.schedule import (
    Spans,
    calendar_names,
    calendars_of,
    with_calendars,
)
from chalicelib.core.task import Definition, State, Task
from chalicelib.core.trials import is_hidden
from chalicelib.core.window import NEAR, Entry, Kind, shard_of
from chalicelib.engine.requests.acting import acted
from chalicelib.engine.requests.answers import Asked
from chalicelib.engine.requests.ids import id_from, new_id
from chalicelib.engine.requests.secrets import require_known
from chalicelib.engine.requests.tasks.defining import definition_of, first_owed, redefined
from chalicelib.engine.requests.tasks.granting import require_granted, require_notify_granted
from chalicelib.engine.requests.visibility import visible_owner
from chalicelib.engine.shards.preparing import record
from chalicelib.engine.writing import place, write_placed
from chalicelib.ports import Clock, Page, Queue, Secrets
from chalicelib.ports.whole import WholeStore

TRIES = 20
"""A lost race is run again this often; a due time that is taken moves on by a millisecond this often."""


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Tasks of the caller; an admin's are everybody's. Somebody else's task answers like a missing one: `NotFound`."""

    store: WholeStore
    queue: Queue
    clock: Clock
    secrets: Secrets
    shards: int

    def task(self, caller: User, task_id: str) -> Task:
        """One task that the caller may see."""
        task = None if is_hidden(task_id) else self.store.task(task_id)
        if task is None or not may_see(caller, task.owner):
            raise NotFound("there is no such task")
        return task

    def tasks(self, caller: User, *, limit: int, after: str | None = None, owner: str | None = None) -> Page[Task]:
        """An account's tasks, newest first: the caller's, or those of an owner whom the caller may see."""
        return self.store.tasks_of(visible_owner(self.store, caller, owner), limit=limit, after=after)

    def create(
        self, caller: User, data: Mapping[str, Any], *, asked: Asked | None = None, known_as: str | None = None
    ) -> Task:
        """Store the task that checked JSON of the contract defines; `Invalid` where its schedule never fires. A request
        that comes again finds the task that it made. `known_as` is its id where that follows from something else."""
        now = floor_ms(self.clock.now())
        task_id = known_as or (new_id(now) if asked is None else id_from(asked.begun_at, bytes.fromhex(asked.name)))
        made = self.store.task(task_id) if asked is not None and asked.again else None
        if made is not None:
            return made
        definition = self._defined(caller, data, now, task_id)
        from_ = first_owed(definition, now)
        task = Task(
            id=task_id,
            owner=caller.id,
            shard=shard_of(task_id, self.shards),
            definition=definition,
            created_at=now,
            updated_at=now,
            changed_at=from_,
        )
        entry = first_entry(task, from_)
        placed = None if entry is None else place(entry, task.shard, now)
        write_placed(self.store, self.clock, lambda placed: self.store.create_task(task, placed), placed)
        self._send_near(task, entry, now)
        return task

    def replace(
        self,
        caller: User,
        task_id: str,
        data: Mapping[str, Any],
        *,
        version: int | None = None,
        reason: str = "",
        verb: str = "change_task",
    ) -> Task:
        """Give a task another definition. `VersionConflict` where the caller knew another version of it.

        What the owner may not do any more can still be renamed and paused, but not begun anew. `verb` is what the trace
        of an admin calls it.
        """

        def defined(old: Task, now: datetime) -> Definition:
            return self._defined_anew(data, old, now)

        return self._change(caller, task_id, defined, version=version, reason=reason, verb=verb)

    def _change(
        self,
        caller: User,
        task_id: str,
        defined: Callable[[Task, datetime], Definition],
        *,
        version: int | None = None,
        reason: str = "",
        verb: str,
    ) -> Task:
        """Give a task the definition that is made of the one it has, which is read again where a race was lost."""
        for _ in range(TRIES):
            old = self.task(caller, task_id)
            if version is not None and version != old.version:
                raise VersionConflict(f"the task is at version {old.version}, not {version}: read it again")
            now = max(floor_ms(self.clock.now()), old.changed_at + MILLISECOND)
            new = self._changed(caller, old, defined(old, now), now, reason)
            if self._written(old, new, now):
                acted(caller, old.owner, verb, task_id)
                return new
        raise Conflict("the task is being changed by others all the time: try again")

    def checked(self, caller: User, data: Mapping[str, Any], task_id: str | None = None) -> Definition:
        """What a new task would be stored as, or that one would be changed to: refused as it would be then. Nothing is
        stored."""
        now = floor_ms(self.clock.now())
        if task_id is not None:
            old = self.task(caller, task_id)
            return self._changed(caller, old, self._defined_anew(data, old, now), now).definition
        definition = self._defined(caller, data, now, new_id(now))
        first_owed(definition, now)
        return definition

    def _defined(self, caller: User, data: Mapping[str, Any], now: datetime, task_id: str) -> Definition:
        """The definition of a new task, which its owner may have."""
        definition = definition_of(data, now, task_id, self.named_calendars(caller.id, data["schedule"]))
        require_granted(self.store, caller, caller.id, definition.action)
        require_notify_granted(self.store, caller, caller.id, definition)
        require_known(self.secrets, caller.id, definition.action)
        return definition

    def _defined_anew(self, data: Mapping[str, Any], old: Task, now: datetime) -> Definition:
        """The definition that a task would have, in place of the one that it has."""
        calendars = calendars_of(old.definition.schedule) | self.named_calendars(old.owner, data["schedule"])
        return definition_of(data, now, old.id, calendars, old.definition.schedule)

    def _changed(self, caller: User, old: Task, definition: Definition, now: datetime, reason: str = "") -> Task:
        """A task with another definition, which its owner may have."""
        new = redefined(old, definition, now, reason)
        if new.definition.action != old.definition.action or (new.active and not old.active):
            require_granted(self.store, caller, old.owner, new.definition.action)
        if new.definition.notify != old.definition.notify:
            require_notify_granted(self.store, caller, old.owner, new.definition)
        require_known(self.secrets, old.owner, definition.action, before=old.definition.action)
        return new

    def named_calendars(self, owner: str, schedule: Mapping[str, Any]) -> dict[str, Spans]:
        """Those of an owner's calendars that the JSON of a schedule names, and the owner has."""
        found = {name: self.store.calendar(owner, name) for name in sorted(calendar_names(schedule))}
        return {name: calendar.spans for name, calendar in found.items() if calendar is not None}

    def take_calendar(self, caller: User, task_id: str, calendar: Calendar) -> bool:
        """Give a task's schedule the spans that a calendar it names has now. Whether that changed anything.

        Nobody has to know another version of the task for it; one that was deleted meanwhile needs nothing.
        """
        for _ in range(TRIES):
            old = self.store.task(task_id)
            if old is None or old.owner != caller.id:
                return False
            now = max(floor_ms(self.clock.now()), old.changed_at + MILLISECOND)
            schedule = with_calendars(old.definition.schedule, {calendar.name: calendar.spans}, now)
            if schedule == old.definition.schedule:
                return False
            if self._written(old, old.redefined(replace(old.definition, schedule=schedule), now), now):
                return True
        raise Conflict("a task that names this calendar is being changed all the time: try again")

    def _written(self, old: Task, new: Task, now: datetime) -> bool:
        """Write a changed task, with a new chain of entries where schedule or state changed. False: a race was lost."""
        begins = new.changed_at != old.changed_at
        entry = first_entry(new, new.changed_at) if begins else None
        placed = None if entry is None else place(entry, new.shard, now)
        if not write_placed(self.store, self.clock, lambda placed: self.store.replace_task(new, placed), placed):
            return False
        self._send_near(new, entry, now)
        return True

    def delete(self, caller: User, task_id: str, *, version: int | None = None) -> None:
        """Delete a task. Its runs stay readable; what was dispatched is recorded as skipped, and so is what was due
        before now and no pass has come for."""
        task = self.task(caller, task_id)
        through, now = self.store.late(task.shard, 1).control.through, floor_ms(self.clock.now())
        if not self.store.delete_task(task_id, version):
            raise VersionConflict("the task has been changed since you read it: read it again")
        dues = unhandled(task, through, now)
        begun = {run.due_at for run in self.store.runs_at([(task.id, due) for due in dues])}
        for run in [*unknown(task, through), *taken_away(task, [due for due in dues if due not in begun], now)]:
            record(self.store, run)
        if task.definition.notify is not None:
            self.store.drop_alert_state(task.owner, task_id)
        acted(caller, task.owner, "delete_task", task_id)

    def pause(self, caller: User, task_id: str, reason: str = "") -> Task:
        """No start from now on. Pausing a paused task changes nothing. The rest of its definition is not read anew: a
        task whose time zone is gone can be paused as well."""
        task = self.task(caller, task_id)
        if not task.active:
            return task

        def paused(old: Task, _: datetime) -> Definition:
            return replace(old.definition, state=State.PAUSED)

        return self._change(caller, task_id, paused, reason=reason, verb="pause_task")

    def resume(self, caller: User, task_id: str, reason: str = "") -> Task:
        """Go on with the next due time; those of the pause are not made up for."""
        task = self.task(caller, task_id)
        if task.active:
            return task
        data = tasks.to_json(task.definition) | {"state": str(State.ACTIVE)}
        return self.replace(caller, task_id, data, reason=reason, verb="resume_task")

    def run_now(self, caller: User, task_id: str, *, asked: Asked | None = None) -> Run:
        """Record a run that is due now and send it; a paused task runs as well. A request that comes again finds the
        run that it made."""
        task = self.task(caller, task_id)
        require_granted(self.store, caller, task.owner, task.definition.action)
        now = floor_ms(self.clock.now()) if asked is None else asked.begun_at
        made = self.store.run(task_id, now) if asked is not None and asked.again else None
        if made is not None and made.trigger is Trigger.MANUAL:
            return made
        for n in range(TRIES):
            run = _manual_run(task, now + n * MILLISECOND)
            entry = Entry(start=run.due_at, task_id=task.id, kind=Kind.MANUAL, due_at=run.due_at)
            placed = place(entry, task.shard, now)
            if self.store.enqueue_run(run, placed):
                self.queue.send_runs([entry_message(entry, task)], self.clock.now())
                acted(caller, task.owner, "run_task", task_id)
                return run
        raise Conflict("the task has many runs due at this very moment: try again")

    def _send_near(self, task: Task, entry: Entry | None, now: datetime) -> None:
        """Send what is due before an ordinary pass can be relied on."""
        if entry is not None and entry.start < now + NEAR:
            self.queue.send_runs(near_messages(task, entry.start, now + NEAR), self.clock.now())


def _manual_run(task: Task, due: datetime) -> Run:
    return Run(
        task_id=task.id,
        due_at=due,
        owner=task.owner,
        task_name=task.definition.name,
        trigger=Trigger.MANUAL,
        status=RunStatus.QUEUED,
        token=secrets.token_hex(8),
        retention=task.definition.retention,
    )
