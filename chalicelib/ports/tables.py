"""The tables of tasks, agenda and runs, in the verbs of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.core.attempts.overlap import Slot
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, LateEntry
from chalicelib.ports.values import Audited, Control, LatePartition, Page, Placed


class Tasks(Protocol):
    """The table `tasks`. Reads by id are strongly consistent."""

    def create_task(self, task: Task, entry: Placed | None) -> None:
        """Write a new task and its first entry, both or neither. `Conflict` where another task has its id."""

    def replace_task(self, task: Task, entry: Placed | None) -> bool:
        """Write a task over its previous version (`task.version - 1`), with an entry, both or neither. False: lost."""

    def delete_task(self, task_id: str, version: int | None) -> bool:
        """Delete a task if it has this version (any, for None). False: it has another. Gone already is True."""

    def task(self, task_id: str) -> Task | None:
        """One task."""

    def tasks(self, task_ids: Iterable[str]) -> dict[str, Task | None]:
        """Those of the tasks that exist, by id. None for one that cannot be read; that is logged."""

    def tasks_of(self, owner: str, *, limit: int, after: str | None) -> Page[Task]:
        """An owner's tasks, newest first."""

    def tasks_in(self, shard: int | None, *, after: str | None) -> Page[Task]:
        """Some of a shard's tasks (None: of all), in any order that stays the same, by reading the whole table: only
        for jumping an outage, for the auditor and for exports. One that cannot be read is left out, counted and
        logged."""


class Agenda(Protocol):
    """The table `agenda`. Reads are strongly consistent."""

    def shards_in_use(self, at_least: int) -> int:
        """How many shards have to be looked at: as many as there have ever been, and `at_least` from now on."""

    def late(self, shard: int, limit: int) -> LatePartition:
        """Control row and late entries of a shard in one read, at most `limit` entries."""

    def controls(self, shards: Sequence[int]) -> dict[int, Control]:
        """The control rows of some shards; one to which no pass has ever come is left out."""

    def window(self, start: datetime, shard: int, *, after: str | None, limit: int) -> list[Entry]:
        """Up to `limit` entries of a window in the order of their keys, from after a key on."""

    def put_entries(self, entries: Sequence[Placed]) -> None:
        """Write entries. One that is there already stays as it is, but a late one is given a new nonce."""

    def delete_late(self, shard: int, entries: Sequence[LateEntry]) -> None:
        """Delete late entries, each only if it has not been written again since it was read."""

    def absent_entries(self, entries: Sequence[Placed]) -> list[Placed]:
        """Those entries that are not where they would be written."""

    def audited(self) -> Audited:
        """How far the auditor has come."""

    def put_audited(self, audited: Audited) -> None:
        """Write how far the auditor has come."""

    def take_lease(self, shard: int, token: str, *, now: datetime, until: datetime) -> Control | None:
        """Begin a pass: the control row as it now stands, or None where another pass's lease has not ended."""

    def move(self, shard: int, control: Control) -> bool:
        """Write the control row if `control.token` still holds the lease. False: it does not."""

    def pass_by(self, shard: int, control: Control, token: str, *, through: datetime) -> bool:
        """Take the lease, move the watermark and give the lease back, in one write, if no pass has been at the shard
        since the control row was read as `control`. False: one has."""


class Runs(Protocol):
    """The table `runs`."""

    def insert_run(self, run: Run) -> Run | None:
        """Write a run if there is none with its key. None: written, by this call or an earlier try of it (same token).
        Otherwise the run that is there."""

    def replace_run(self, run: Run, *, token: str, entry: Placed | None = None) -> Run | None:
        """Write a run over one that has `token`, with an entry, both or neither. None: written, by this call or an
        earlier try of it (the run there has `run.token` and status). Otherwise the run that is there; `NotFound` where
        there is none. `TooLarge` where the run with its output does not fit."""

    def enqueue_run(self, run: Run, entry: Placed) -> bool:
        """Write a queued run and its entry, both or neither. False: there is a run with its key."""

    def enqueue_runs(self, queued: Sequence[tuple[Run, Placed]]) -> list[Run | None]:
        """Write queued runs, each with its entry, both or neither. For each: None where it was written, otherwise the
        run that is there."""

    def run(self, task_id: str, due_at: datetime) -> Run | None:
        """One run with its output, strongly consistent."""

    def runs_at(self, occurrences: Sequence[tuple[str, datetime]], *, consistent: bool = False) -> list[Run]:
        """Those of the runs with these task ids and due times that exist, without output, in any order. Unless it is to
        be consistent, what was written a moment ago may not be among them."""

    def runs_of(
        self, task_id: str, *, limit: int, after: str | None, first: datetime | None, last: datetime | None
    ) -> Page[Run]:
        """A task's runs with their output, newest due time first, within [first, last]."""

    def last_runs(self, task_ids: Sequence[str], limit: int) -> dict[str, list[Run]]:
        """The newest runs of each of some tasks, without output, newest first."""

    def runs_beside(self, task_id: str, due_at: datetime) -> tuple[Run | None, Run | None]:
        """The runs of a task that were due right before and right after an instant, without output."""

    def recent_runs(self, task_id: str, *, limit: int, first: datetime) -> Page[Run]:
        """The newest runs of a task that were due from `first` on, newest first, without output, result and lease: at
        most `limit`, and as many as four reads bring. `after` says that there are more. What was written a moment ago
        may not be among them."""

    def feed(self, owner: str, *, limit: int, after: str | None) -> Page[Run]:
        """An owner's runs across tasks with their output, newest due time first."""

    def attention(self, owner: str, *, limit: int, after: str | None) -> Page[Run]:
        """An owner's runs that failed, were missed or lost, or wait for a retry, newest due time first, no output."""

    def occurrences(
        self,
        owner: str,
        *,
        first: datetime,
        last: datetime,
        limit: int,
        after: str | None = None,
        attention: bool = False,
    ) -> Page[tuple[str, datetime]]:
        """Task ids and due times of an owner's runs across tasks, newest first, within [first, last]: nothing else of
        them is read. With `attention`, only of those that `attention` lists."""


class Slots(Protocol):
    """The slots of tasks that do not allow overlap, in the table `runs`."""

    def take_slot(self, slot: Slot) -> Slot | None:
        """Write a slot if its task has none. None: written, by this call or an earlier try of it (same token).
        Otherwise the slot that is there."""

    def move_slot(self, slot: Slot, *, token: str) -> bool:
        """Write a slot over the one that has `token`. False: it has another by now, or there is none."""

    def slot(self, task_id: str) -> Slot | None:
        """A task's slot, strongly consistent."""

    def free_slot(self, slot: Slot) -> bool:
        """Delete a slot if it still has its token. False: it has another by now. Gone already is True."""
