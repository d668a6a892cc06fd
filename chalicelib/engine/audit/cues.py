"""Cues: what owners may have to be told of, held against the runs, and told.

What a worker has told by itself has left no cue. Here come those of workers that died, of what others recorded, of due
times that nothing came of, and of alerts that are to be delivered later or once more.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from chalicelib.core.alerting.cues import Cue, Hint, bears_out, overdue
from chalicelib.core.alerting.policy import TROUBLES, Happening
from chalicelib.core.alerting.state import Event
from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.errors import PunctualError
from chalicelib.core.instant import floor_ms
from chalicelib.core.owed.auditing import owed
from chalicelib.core.run import FINAL, Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.engine.alerts.ends import event_of
from chalicelib.engine.alerts.telling import Matter, Telling
from chalicelib.engine.audit.records import recorded
from chalicelib.logs import log
from chalicelib.ports import Clock, Store

AT_ONCE = 50
"""Cues that are worked off together: with sixteen letters side by side, of five seconds at most, within twenty."""
MOST_REFUSED = 8
"""Letters of one owner that nobody took: then an audit leaves what else that owner is to be told to the next one. Each
may take five seconds, and others are waiting."""
SHORTENED = timedelta(milliseconds=10)
"""By so much earlier may a record of several due times stand than it was announced: it met a run with its key."""


@dataclass(frozen=True, kw_only=True)
class Cues:
    """Works off the cues of some shards. After `end`, by the clock's `elapsed`, nothing new is begun."""

    store: Store
    clock: Clock
    telling: Telling
    end: timedelta
    _left: set[Cue] = field(default_factory=set)
    """Of which nothing can be said yet."""
    _refused: Counter[str] = field(default_factory=Counter)
    """How many letters of each owner nobody took."""

    def work_off(self, shards: Sequence[int]) -> int:
        """Tell what there is to tell, the oldest first. How many letters were sent."""
        letters, now = 0, floor_ms(self.clock.now())
        waiting = merge(*(self._waiting(shard, now) for shard in shards))
        while self.clock.elapsed() < self.end and (some := list(islice(waiting, AT_ONCE))):
            told = self.telling.tell(self._matters(some))
            self._refused.update(told.refused)
            letters += told.letters
        return letters

    def _waiting(self, shard: int, now: datetime) -> Iterator[Cue]:
        """The cues of a shard, each once: what is left is not looked at again."""
        after: Cue | None = None
        while found := self.store.cues(shard, until=now, limit=AT_ONCE, after=after):
            yield from found
            if len(found) < AT_ONCE:
                return
            after = found[-1]

    def _matters(self, cues: Sequence[Cue]) -> list[Matter]:
        """The cues by task, with what is true of them. Those of a task that is gone are dropped."""
        tasks = self.store.tasks({cue.task_id for cue in cues})
        by_task: dict[str, list[Cue]] = {}
        for cue in cues:
            by_task.setdefault(cue.task_id, []).append(cue)
        self.store.drop_cues([cue for cue in cues if cue.task_id not in tasks])
        found = [self._looked_up(tasks[task_id], of_task) for task_id, of_task in by_task.items() if task_id in tasks]
        return [matter for matter in found if matter is not None]

    def _looked_up(self, task: Task | None, cues: Sequence[Cue]) -> Matter | None:
        """What has happened to a task. None, and the cues stay, where it cannot be found out, or where its owner's
        receivers have taken enough of this audit's time."""
        if task is None or self._refused[task.owner] >= MOST_REFUSED:
            return None
        try:
            return self._matter(task, cues)
        except PunctualError as error:
            log("cue_left", logging.WARNING, task_id=task.id, reason=str(error))
            return None

    def _matter(self, task: Task, cues: Sequence[Cue]) -> Matter | None:
        settled, events = list[Cue](), list[Event]()
        for cue in cues:
            try:
                event = self._event(task, cue)
            except PunctualError as error:
                log("cue_left", logging.WARNING, task_id=task.id, cue=cue.key, reason=str(error))
                self._left.add(cue)
                continue
            if cue not in self._left:
                settled.append(cue)
                events += [] if event is None else [event]
        since = self._recovered_since(task, events)
        return Matter(task=task, cues=tuple(settled), events=(*events, *since)) if settled else None

    def _event(self, task: Task, cue: Cue) -> Event | None:
        """What a cue stands for; None where it stands for nothing, or for nothing yet (then it is among those left)."""
        if cue.hint is Hint.AGAIN:
            return None
        if cue.hint is Hint.UNSTARTED:
            return self._unstarted(task, cue)
        run, now = self._run(cue), self.clock.now()
        if run is not None and bears_out(run, cue):
            return event_of(run, cue)
        if not overdue(cue, now) and (run is None or run.status not in FINAL):
            self._left.add(cue)
        return None

    def _run(self, cue: Cue) -> Run | None:
        """The run that a cue speaks of. One that stands for several may have been moved a little."""
        run = self.store.run(cue.task_id, cue.due_at)
        if cue.hint is not Hint.MISSED or (run is not None and run.status is RunStatus.MISSED):
            return run
        first = cue.due_at - SHORTENED
        near = self.store.runs_of(cue.task_id, limit=5, after=None, first=first, last=cue.due_at).items
        return next((one for one in near if one.status is RunStatus.MISSED), run)

    def _unstarted(self, task: Task, cue: Cue) -> Event | None:
        if not _owed(task, cue.due_at) or recorded(self.store, task.id, cue.due_at):
            return None
        return Event(task_id=task.id, name=cue.name, kind=Happening.DID_NOT_RUN, due_at=cue.due_at)

    def _recovered_since(self, task: Task, events: Sequence[Event]) -> list[Event]:
        """A success that came after trouble of which its worker could not know yet that it would be told."""
        notify, trouble = task.definition.notify, [event for event in events if event.kind in TROUBLES]
        if notify is None or not notify.told_of_recovery or not trouble:
            return []
        newest = next(iter(self.store.last_runs([task.id], 1)[task.id]), None)
        if newest is None or newest.status is not RunStatus.SUCCEEDED or newest.due_at <= _last(trouble):
            return []
        number = len(newest.attempts)
        cue = Cue(at=newest.due_at, task_id=task.id, hint=Hint.RECOVERED, due_at=newest.due_at, number=number)
        return [event_of(newest, cue)]


def _last(events: Sequence[Event]) -> datetime:
    return max(event.due_at for event in events)


def _owed(task: Task, due: datetime) -> bool:
    try:
        return owed(task, due)
    except UNPLANNABLE:  # whoever plans it tells of that
        return False
