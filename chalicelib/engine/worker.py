"""The worker: one message leads to at most one attempt.

Wait for the start, claim, read the task, perform its action, finish. The claim comes before the read, so that no start
follows a pause that was acknowledged. Every write is conditional on the claim's token: a worker that lost its lease
cannot overwrite its successor.
"""

from __future__ import annotations

import logging
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.attempts.claim import (
    ACTION_LIMIT,
    Claimed,
    Dropped,
    Postponed,
    begun,
    claim,
    first_claim,
    lease_for,
    new_token,
    rerouted,
    settled,
    slept,
)
from chalicelib.core.attempts.refusal import GONE, Refusal, refusal, refused
from chalicelib.core.errors import PunctualError, TooLarge
from chalicelib.core.groups.group import Handing
from chalicelib.core.groups.results import Results, handed
from chalicelib.core.instant import floor_ms, to_text
from chalicelib.core.message import RunMessage
from chalicelib.core.people.rights import GRANTS, lacking
from chalicelib.core.run import FINAL, AttemptStatus, Outcome, Run, RunError, RunStatus
from chalicelib.core.task import Channel, Overlap, Task
from chalicelib.core.window import HORIZON, MARGIN, Entry, Kind, shard_of
from chalicelib.engine.alerts.ends import Ends
from chalicelib.engine.groups.memberships import Memberships
from chalicelib.engine.secrets import Revealing, told
from chalicelib.engine.turns import Turns
from chalicelib.engine.writing import place, write_placed
from chalicelib.logs import log
from chalicelib.ports import Action, Clock, Placed, Store

PUNCTUAL = frozenset({Kind.SCHEDULE, Kind.MANUAL})
"""What has to start at its due time."""
Before = tuple[Results, Handing]
"""What a group hands on to a run, and how."""
TRIES = 5
"""A claim that loses a race reads again and decides again, this often."""


@dataclass(frozen=True, kw_only=True)
class Handled:
    """What came of a message: the run as it was recorded, or None where there was nothing to do.

    `lost`: another worker had the run, or it had ended. `retried`: the attempt failed and another one follows.
    """

    run: Run | None = None
    lost: bool = False
    retried: bool = False
    lateness: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Handles messages. `actions` performs each type of action."""

    store: Store
    clock: Clock
    actions: Mapping[str, Action]
    shards: int
    turns: Turns
    revealing: Revealing
    ends: Ends
    memberships: Memberships
    chance: random.Random = field(default_factory=random.Random)

    def handle(self, message: RunMessage, *, redelivered: bool, delivery: str = "") -> Handled:
        """Make the attempt that a message asks for.

        `delivery` is the message's id: a queue may deliver it twice at once, and count both as the first time. One that
        came long before its start goes back into the agenda: waiting for it would hold up its neighbours. Raises
        `Unavailable` where the store did not answer: the message has to come again.
        """
        if message.entry.kind is Kind.GROUP:
            self.memberships.look_after(message.entry.task_id)
            return Handled()
        if message.entry.start > self.clock.now() + MARGIN:
            self._look_again("message_early", message.entry)
            return Handled()
        self.clock.wait_until(max(message.entry.start, message.entry.due_at))
        run = self._claim(message, new_token(delivery), redelivered=redelivered)
        if isinstance(run, Handled):
            return run
        task = self.store.task(run.task_id)
        if task is None:
            return _handled(message, run, self._finish(run, refused(run, None, GONE, self._now())))
        try:
            ended = self._go_on(task, run, message.channel)
        except Exception:
            self.ends.forget(run)  # its cue stays, and the auditor comes for it
            raise
        if ended is not None:
            self.ends.tell(task, ended)
        return _handled(message, run, ended)

    def _go_on(self, task: Task, run: Run, channel: Channel) -> Run | None:
        """What becomes of a claimed run whose task is there: refused, sent elsewhere, turned away or performed."""
        unwanted = self._unwanted(task, run)
        if unwanted is not None:
            return self._finish(run, refused(run, task, unwanted, self._now()), task=task)
        if task.definition.channel is not channel:
            return self._finish(run, *rerouted(run, self._now()), task=task)
        if task.definition.overlap is Overlap.ALLOW:
            return self._attempt(task, run, channel)[0]
        turned_away = self.turns.enter(task, run)
        if turned_away is not None:
            return self._finish(run, turned_away.run, turned_away.entry, task=task)
        ended, entry = self._in_turn(run, channel)
        if ended is not None:
            self._leave(task, ended, entry, channel)
        return ended

    def _in_turn(self, run: Run, channel: Channel) -> tuple[Run | None, Entry | None]:
        """An attempt that has its task's slot. What was read before it was taken may be true no more."""
        task = self.store.task(run.task_id)
        unwanted = GONE if task is None else self._unwanted(task, run)
        if task is None or unwanted is not None:
            return self._finish(run, refused(run, task, unwanted or GONE, self._now()), task=task), None
        return self._attempt(task, run, channel)

    def _unwanted(self, task: Task, run: Run) -> Refusal | None:
        """Why a claimed run is not performed, as far as its task and its group are concerned."""
        return refusal(task, run, self._now()) or self.memberships.refusal(run)

    def _attempt(self, task: Task, run: Run, channel: Channel) -> tuple[Run | None, Entry | None]:
        """Perform the action and record what it came to, with the next attempt's entry if there is one. A worker that
        slept since its claim starts nothing."""
        forbidden, before = self._forbidden(task), self._results_before(run)
        if slept(run, self._now()):
            waiting, entry = rerouted(run, self._now())
            return self._finish(run, waiting, entry, task=task), entry
        if isinstance(before, Outcome):
            forbidden, before = forbidden or before, None
        run = run if forbidden else begun(run, self._now())
        outcome = forbidden or self._perform(task, run, ACTION_LIMIT[channel], before)
        ended, next_entry = settled(run, task, outcome, now=self._now(), spread=self.chance.random())
        return self._finish(run, ended, next_entry, task=task), next_entry

    def _forbidden(self, task: Task) -> Outcome | None:
        """The outcome of an action that the task's owner may not take any more: a failure that no retry mends. Only for
        what has to be granted is the owner looked up."""
        action = task.definition.action
        if action["type"] not in GRANTS:
            return None
        owner = self.store.rights(task.owner)
        if owner is not None and lacking(owner, action) is None:
            return None
        detail = f"the owner of this task may not {GRANTS[action['type']]}: ask an admin"
        error = RunError(code="not_allowed", detail=detail, permanent=True)
        return Outcome(status=AttemptStatus.FAILED, error=error)

    def _leave(self, task: Task, ended: Run, entry: Entry | None, channel: Channel) -> None:
        """Pass the slot on. A run that is tried again keeps it, until a pass has come for its entry."""
        start = None if entry is None else entry.start + HORIZON
        self.turns.leave(task, ended, start, lease_for(channel))

    def _claim(self, message: RunMessage, token: str, *, redelivered: bool) -> Run | Handled:
        """The run as claimed, or what came of a message that has nothing to do."""
        now = self._now()
        mine = first_claim(message, token, now)
        found = self._existing(message) if mine is None else self.store.insert_run(mine)
        if mine is not None and found is None:
            return mine
        for _ in range(TRIES):
            decision = claim(found, message, token=token, now=self._now(), redelivered=redelivered)
            match decision:
                case Dropped(reason=reason):
                    log("message_dropped", task_id=message.entry.task_id, due=message.entry.due_at, reason=reason)
                    self._leave_unused(message, found)
                    if redelivered and found is not None:  # who had it first may have died before its group was told
                        self.memberships.ended(found)
                    return Handled(lost=True)
                case Postponed(entry=entry):
                    self._look_again("takeover_planned", entry)
                    return Handled()
                case Claimed(run=claimed):
                    before = found.token if found is not None else ""
                    found = self.store.replace_run(claimed, token=before)
                    if found is None:
                        return claimed
        log("claim_lost", task_id=message.entry.task_id, due=message.entry.due_at)
        return Handled(lost=True)

    def _leave_unused(self, message: RunMessage, found: Run | None) -> None:
        """A run that was called to its slot and had been ended meanwhile passes the slot on."""
        if message.entry.kind is not Kind.TAKEOVER or found is None or found.status not in FINAL:
            return
        task = self.store.task(found.task_id)
        if task is not None and task.definition.overlap is not Overlap.ALLOW:
            self.turns.leave(task, found, None, lease_for(message.channel))

    def _existing(self, message: RunMessage) -> Run | None:
        return self.store.run(message.entry.task_id, message.entry.due_at)

    def _look_again(self, action: str, entry: Entry) -> None:
        """Let a pass come for an entry: when its start is near, or the lease of who seems to be at it has ended."""
        task = self.store.task(entry.task_id)
        shard = task.shard if task is not None else shard_of(entry.task_id, self.shards)
        placed = place(entry, shard, self.clock.now())
        write_placed(self.store, self.clock, lambda one: self.store.put_entries([one or placed]), placed)
        log(action, task_id=entry.task_id, due=entry.due_at, start=entry.start)

    def _perform(self, task: Task, run: Run, limit: timedelta, before: Before | None) -> Outcome:
        """The outcome of the action, which is handed what its group has for it. An action that breaks is an attempt
        that failed, whatever broke."""
        began = self.clock.elapsed()
        revealed = self.revealing.reveal(task.owner, task.definition.action)
        if isinstance(revealed, Outcome):
            return revealed
        action, redaction = revealed.action, revealed.redaction
        left = limit - (self.clock.elapsed() - began)  # what was looked up must not make it outlast its lease
        about = {
            "task_id": task.id,
            "run_id": run.id,
            "due_at": to_text(run.due_at),
            "attempt": str(run.attempts[-1].number),
        }
        context: dict[str, Any] = {**about}
        if before is not None:
            action, context["results"] = handed(action, *before), list(before[0].values)
            context["left_out"] = before[0].left_out
        try:
            return redaction.outcome(self.actions[action["type"]](action, min(task.definition.timeout, left), context))
        except Exception as error:
            fields: dict[str, Any] = {**about, "exception": told(error, redaction)}
            log("action_broke", logging.ERROR, **fields)
            detail = "the action could not be performed: see the log for this run's id"
            return Outcome(status=AttemptStatus.FAILED, error=RunError(code="action_broke", detail=detail))

    def _results_before(self, run: Run) -> Before | Outcome | None:
        """What a run's group hands on to it. Where that cannot be read, the attempt has failed, and another may not."""
        try:
            return self.memberships.results_before(run)
        except PunctualError as error:
            log("results_not_read", logging.ERROR, failure=error, run_id=run.id)
            detail = "the results of its group could not be read"
            return Outcome(status=AttemptStatus.FAILED, error=RunError(code="results_not_read", detail=detail))

    def _finish(self, claimed: Run, ended: Run, entry: Entry | None = None, *, task: Task | None = None) -> Run | None:
        """Record the end, with the next attempt's entry. None where a successor has taken the run over.

        The end has a token of its own: a worker that read the run before, and then slept, must not find it unchanged.
        """
        ended = replace(ended, token=secrets.token_hex(8))
        placed = None if entry is None or task is None else place(entry, task.shard, self.clock.now())

        def write(placed: Placed | None) -> Run | None:
            try:
                return self.store.replace_run(ended, token=claimed.token, entry=placed)
            except TooLarge:
                return self.store.replace_run(_without_output(ended), token=claimed.token, entry=placed)

        if task is not None:
            self.ends.note(task, ended)
        found = write_placed(self.store, self.clock, write, placed)
        if found is not None:
            self.ends.forget(ended)
        log("run_recorded" if found is None else "finish_refused", run_id=ended.id, status=ended.status)
        self.memberships.ended(found or ended)  # who has ended a run that was at work may not have told its group
        return ended if found is None else None

    def _now(self) -> datetime:
        return floor_ms(self.clock.now())


def _handled(message: RunMessage, claimed: Run, ended: Run | None) -> Handled:
    """What came of a message whose run was claimed. How late it is, the first start says, and only where it was to be
    punctual: a retry has one behind it, a backfill is of the past, and a turn comes when it comes."""
    if ended is None:
        return Handled(lost=True)
    return Handled(
        run=ended,
        retried=ended.status is RunStatus.RETRYING and len(ended.attempts) == len(claimed.attempts),
        lateness=ended.lateness if message.entry.kind in PUNCTUAL else None,
    )


def _without_output(run: Run) -> Run:
    """The run without what is large, saying so."""
    bare = [replace(attempt, output="", output_truncated=True) for attempt in run.attempts]
    return replace(run, attempts=tuple(bare), result=None)
