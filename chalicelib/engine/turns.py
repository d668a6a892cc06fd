"""Turns: how runs of a task that does not allow overlap pass its slot on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.attempts.claim import rerouted, slept
from chalicelib.core.attempts.overlap import (
    OVERLAPPED,
    Enter,
    Replace,
    Skip,
    Slot,
    Verdict,
    Wait,
    handed_over,
    replaced,
    slot_of,
    verdict,
    waiting,
)
from chalicelib.core.errors import Unavailable
from chalicelib.core.run import FINAL, Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.core.window import Entry
from chalicelib.engine.writing import place
from chalicelib.logs import log
from chalicelib.ports import Clock, Store

TRIES = 8
"""The slot is read again after each lost race; more racers than this at one moment are not to be had."""


@dataclass(frozen=True, kw_only=True)
class TurnedAway:
    """What a claimed run becomes that may not be performed now, and the entry that looks again, if there is one."""

    run: Run
    entry: Entry | None = None


@dataclass(frozen=True, kw_only=True)
class Turns:
    """The slots of tasks."""

    store: Store
    clock: Clock

    def enter(self, task: Task, run: Run) -> TurnedAway | None:
        """Take the task's slot for a claimed run. None: it is this run's turn."""
        for _ in range(TRIES):
            now = self.clock.now()
            if slept(run, now):  # a successor may have entered: its slot must not be taken
                return _asked_again(run, now)
            found = self.store.take_slot(slot_of(run, run.lease_until or now))
            if found is None:
                return None
            decision = verdict(task.definition.overlap, self._without_who_ended(found), run, now)
            if isinstance(decision, Skip):
                ended = run.moved(
                    RunStatus.SKIPPED,
                    error=OVERLAPPED,
                    finished_at=now,
                    lease_until=None,
                    attempts=run.attempts[:-1],
                )
                return TurnedAway(run=ended)
            if isinstance(decision, Replace):
                self._end(run.task_id, decision.ended, now)
            if self.store.move_slot(decision.slot, token=found.token):
                return _after(decision, run)
        raise Unavailable(f"the slot of task {task.id} changes all the time")

    def _end(self, task_id: str, due_at: datetime, now: datetime) -> None:
        """Cancel the run that has the slot. It may have ended by itself meanwhile: that is as well."""
        run = self.store.run(task_id, due_at)
        if run is not None and run.status not in FINAL:
            found = self.store.replace_run(replaced(run, secrets.token_hex(8), now), token=run.token)
            log("run_replaced", run_id=run.id, by_now_ended=found is not None)

    def leave(self, task: Task, run: Run, next_start: datetime | None, lease: timedelta) -> None:
        """Pass the slot on after a run's attempt was recorded; a run that is tried again keeps it."""
        for _ in range(TRIES):
            slot = self.store.slot(task.id)
            if slot is None or slot.due_at != run.due_at:
                return
            if next_start is not None:
                kept = replace(slot, token=secrets.token_hex(8), lease_until=next_start + lease)
                if self.store.move_slot(kept, token=slot.token):
                    return
                continue
            if self._passed_on(task, slot, lease):
                return

    def _passed_on(self, task: Task, slot: Slot, lease: timedelta) -> bool:
        """Keep the slot for the run that waits and call it, or free the slot. False: a race was lost."""
        now = self.clock.now()
        handed = handed_over(slot, secrets.token_hex(8), now, lease) if self._waited_for(slot) else None
        if handed is None:
            return self.store.free_slot(slot)
        kept, call = handed
        self.store.put_entries([place(call, task.shard, now)])
        return self.store.move_slot(kept, token=slot.token)

    def _without_who_ended(self, slot: Slot) -> Slot:
        """The slot as it is for who comes now: nobody stands behind a run that has ended."""
        return slot if slot.waiting is None or self._waited_for(slot) else replace(slot, waiting=None)

    def _waited_for(self, slot: Slot) -> bool:
        """Whether the run that waits for a slot still does: its owner may have ended it, or its task have changed."""
        if slot.waiting is None:
            return False
        run = self.store.run(slot.task_id, slot.waiting)
        return run is not None and run.status not in FINAL


def _asked_again(run: Run, now: datetime) -> TurnedAway:
    waiting_again, entry = rerouted(run, now)
    return TurnedAway(run=waiting_again, entry=entry)


def _after(decision: Verdict, run: Run) -> TurnedAway | None:
    match decision:
        case Wait(entry=entry):
            return TurnedAway(run=waiting(run), entry=entry)
        case Enter() | Replace() | Skip():
            return None
