"""Unstarted: due times that have passed and of which nothing is recorded, whatever it was that broke.

Only for tasks whose owners want to be told: each gets a cue for the end of its grace. Windows that passes have handled
are looked into anyway; here are those that no pass has come to, and the entries that wait in late partitions. Nothing
of this relies on anybody but the auditor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from chalicelib.core.alerting.cues import unstarted
from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.owed.auditing import expected
from chalicelib.core.schedule import due_times
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, Kind
from chalicelib.ports import Store

MOST_LATE = 500
"""Late entries of a shard that are looked at, the oldest first."""
MOST_DUES = 20
"""Due times of one entry that has waited for a pass."""
PAGE = 500
LATELY = timedelta(minutes=10)
"""Twice the time between two audits: how far back an entry that waits is followed, each time."""
Occurrence = tuple[str, datetime]
Dues = Callable[[Entry, Task], Iterable[datetime]]
"""The due times that an entry of a task stands for."""


@dataclass(frozen=True, kw_only=True)
class Unstarted:
    """Leaves cues for due times that nothing is recorded of."""

    store: Store

    def note(self, occurrences: Iterable[Occurrence], tasks: Mapping[str, Task | None]) -> None:
        """Leave cues for due times without a run, of those tasks whose owners want to be told."""
        found = ((tasks.get(task_id), due) for task_id, due in occurrences)
        cues = [unstarted(task, due) for task, due in found if task is not None]
        if wanted := [cue for cue in cues if cue is not None]:
            self.store.put_cues(wanted)

    def look(self, start: datetime, shard: int) -> None:
        """Look into a window that no pass has handled."""
        after = None
        while True:
            entries = self.store.window(start, shard, after=after, limit=PAGE)
            self._look(entries, lambda entry, task: expected(entry, task, start))
            if len(entries) < PAGE:
                return
            after = entries[-1].key

    def look_at_late(self, shard: int, until: datetime) -> None:
        """Look at the entries that wait for a pass and have begun by an instant."""
        waiting = [late.entry for late in self.store.late(shard, MOST_LATE).entries]
        self._look(
            [entry for entry in waiting if entry.start < until], lambda entry, task: _waited_for(entry, task, until)
        )

    def _look(self, entries: Iterable[Entry], dues: Dues) -> None:
        entries = list(entries)
        if not entries:
            return
        tasks = self.store.tasks({entry.task_id for entry in entries})
        told = {task_id: task for task_id, task in tasks.items() if task is not None and task.definition.notify}
        wanted = {(e.task_id, due) for e in entries if e.task_id in told for due in _safe(dues, e, told[e.task_id])}
        runs = {(run.task_id, run.due_at) for run in self.store.runs_at(sorted(wanted))}
        self.note(sorted(wanted - runs), tasks)


def _waited_for(entry: Entry, task: Task, until: datetime) -> list[datetime]:
    """The due times that an entry should have led to by now, of late: no pass has put the next one either."""
    if entry.kind is not Kind.SCHEDULE or not task.active:
        return []
    begin = max(entry.due_at, task.changed_at, until - LATELY)
    return list(islice(due_times(task.definition.schedule, begin, until), MOST_DUES))


def _safe(dues: Dues, entry: Entry, task: Task) -> list[datetime]:
    try:
        return list(dues(entry, task))
    except UNPLANNABLE:  # the look at what is recorded tells of that
        return []
