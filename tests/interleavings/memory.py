"""Stores and queues in memory that a world can look into, and whose messages may come twice, late and out of order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial

from chalicelib.adapters.keys import due_key
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore, Received
from chalicelib.core.attempts.overlap import Slot
from chalicelib.core.groups.group import Group
from chalicelib.core.message import PASSES, QUEUES
from chalicelib.core.run import Run
from chalicelib.core.task import Channel, Task
from chalicelib.core.trials import is_hidden
from chalicelib.ports import Placed
from chalicelib.settings import Settings
from infra import resources
from tests.faults.timeline import Timeline

Key = tuple[str, datetime]
Delays = Callable[[], list[timedelta]]
"""By how much longer than asked for each copy of a message is held."""
Deliver = Callable[[str], object]


class Tables(MemoryStore):
    """The four tables, to be looked at. `paths` holds everything that was ever written of each run, in order; `moves`
    every group as it came into another state."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: defaultdict[Key, list[Run]] = defaultdict(list)
        self.moves: defaultdict[str, list[Group]] = defaultdict(list)

    def insert_run(self, run: Run) -> Run | None:
        """As the store does."""
        found = super().insert_run(run)
        self._note(run)
        return found

    def replace_run(self, run: Run, *, token: str, entry: Placed | None = None) -> Run | None:
        """As the store does."""
        found = super().replace_run(run, token=token, entry=entry)
        self._note(run)
        return found

    def _enqueued(self, run: Run, entry: Placed) -> Run | None:
        found = super()._enqueued(run, entry)
        self._note(run)
        return found

    def replace_group(
        self, group: Group, *, token: str, queued: Run | None = None, entry: Placed | None = None
    ) -> Group | Run | None:
        """As the store does."""
        before = self._groups.get(group.id)
        met = super().replace_group(group, token=token, queued=queued, entry=entry)
        if before is not None and before.token != group.token and self._groups.get(group.id) is group:
            self.moves[group.id] += [group] if before.state is not group.state else []
            if queued is not None:
                self._note(queued)
        return met

    def all_groups(self) -> list[Group]:
        """Every group."""
        return list(self._groups.values())

    def _note(self, run: Run) -> None:
        path, stored = self.paths[run.task_id, run.due_at], self._runs[run.task_id][due_key(run.due_at)]
        if not path or path[-1] is not stored:
            path.append(stored)

    def by_label(self) -> dict[str, Task]:
        """The stored tasks by their tag: a label that they keep through all changes."""
        listed = [task for task in self._tasks.values() if not is_hidden(task.id)]
        tasks = {task.definition.tags[0]: task for task in listed}
        assert len(tasks) == len(listed), "a task was stored twice"
        return tasks

    def all_runs(self) -> dict[Key, Run]:
        """Every stored run by its key."""
        return {(run.task_id, run.due_at): run for runs in self._runs.values() for run in runs.values()}

    def all_slots(self) -> list[Slot]:
        """Every slot that is taken."""
        return list(self._slots.values())

    def all_late(self) -> list[str]:
        """The keys of all late entries."""
        return [key for rows in self._late.values() for key in rows]


class Queues(MemoryQueue):
    """The queues, which say when something in them becomes available."""

    def __init__(self, timeline: Timeline, delays: Delays, deliver: Deliver) -> None:
        self._timeline, self._delays, self._deliver = timeline, delays, deliver
        super().__init__(_TrueTime(timeline))

    def send(self, queue: str, body: str, delay: timedelta = timedelta(0), *, group: str | None = None) -> None:
        """Send a body to a queue, once or more often."""
        for more in self._delays():
            super().send(queue, body, delay + more, group=group)
            if queue in QUEUES:  # the dead letters are the auditor's
                self.expect(queue, self._timeline.now + delay + more)

    def expect(self, queue: str, instant: datetime) -> None:
        """Let somebody receive from a queue at an instant."""
        self._timeline.at(instant, partial(self._deliver, queue))

    def receive(self, queue: str, *, visibility: timedelta, most: int = 10) -> list[Received]:
        """The messages that are available now; each is looked for again when its visibility ends."""
        received = super().receive(queue, visibility=visibility, most=most)
        for message in received if queue in QUEUES else ():
            self.expect(queue, message.available_at)
        return received


@cache
def declared() -> dict[str, tuple[timedelta, int]]:
    """Of each queue the visibility timeout, and after how many receives a message goes to the dead letters."""
    settings = Settings()
    queues = {queue["QueueName"]: queue for queue in resources.queues(resources.load(settings.stage))}
    found = {name: queues[settings.queue(name)] for name in (PASSES, *map(str, Channel))}
    return {
        name: (timedelta(seconds=queue["VisibilityTimeout"]), queue["RedrivePolicy"]["maxReceiveCount"])
        for name, queue in found.items()
    }


class _TrueTime(ManualClock):
    """The queues' own clock is right."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(timeline.start)
        self._timeline = timeline

    def now(self) -> datetime:
        return self._timeline.now
