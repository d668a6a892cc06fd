"""Looking after groups: what begins one, and finds what those who died have left undone.

The next look is in the agenda before anything else is done, so that somebody always comes, until a group is at rest.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.attempts.claim import cancelled
from chalicelib.core.groups.group import SECTION, Group, GroupState, section_of
from chalicelib.core.groups.marks import counting, mark_of, standing
from chalicelib.core.instant import floor_ms
from chalicelib.core.run import FINAL, Run, RunStatus
from chalicelib.core.window import Entry, Kind, shard_of
from chalicelib.engine.groups.advancing import Advancing
from chalicelib.engine.groups.starting import KEPT_EVERY, Starting, found_runs
from chalicelib.engine.writing import place, write_placed
from chalicelib.logs import log
from chalicelib.ports import Clock, Placed, Store

LOOKING = timedelta(seconds=40)
"""How long one look takes at most, and a little more: a worker of light runs has 160 s. What is left, the next does."""
TRIES = 8


@dataclass(frozen=True, kw_only=True)
class LookingAfter:
    """Looks after groups. `shards` is how many there are for the entries that have somebody look."""

    store: Store
    clock: Clock
    shards: int
    advancing: Advancing
    starting: Starting

    def look_after(self, group_id: str) -> None:
        """Do what is left to be done for a group, as far as there is time."""
        group = self.store.group(group_id)
        if group is None or at_rest(group):
            return
        now, end = self.clock.now(), self.clock.elapsed() + LOOKING
        self._look_again(group, group.next_look(now))
        if not self.go_on(group, end=end):
            self._look_again(group, now)

    def go_on(self, group: Group, *, end: timedelta, most: int = 10**6, direct: bool = False) -> bool:
        """Start, mend or sweep a group until the clock's `elapsed` is at `end`. Whether all was done that could be."""
        if group.state is GroupState.CANCELLED:
            return self._sweep(group, end)
        if group.chain:
            self._go_on_with_chain(group)
            return True
        started = self.starting.start(group, most=most, end=end, direct=direct)
        if started is None:  # somebody else is at it
            return True
        if started.position < started.sections:
            return False
        if group.position < group.sections and group.rounds == 1:  # begun just now: nothing can be missing yet
            return True
        return self._mend(started, end)

    def entry_for(self, group: Group, start: datetime) -> Placed:
        """The entry that has a worker look after a group."""
        entry = Entry(start=start, task_id=group.id, kind=Kind.GROUP, due_at=group.created_at)
        return place(entry, shard_of(group.id, self.shards), self.clock.now())

    def _look_again(self, group: Group, start: datetime) -> None:
        placed = self.entry_for(group, start)
        write_placed(self.store, self.clock, lambda one: self.store.put_entries([one or placed]), placed)

    def _mend(self, group: Group, end: timedelta) -> bool:
        """Set marks that are missing of runs that have ended, and end the group where that is all it waited for."""
        for number in range(group.sections):
            if self.clock.elapsed() > end:
                return False
            for run in self._unmarked(group, number):
                if run.status in FINAL:
                    log("group_mark_missing", logging.WARNING, group_id=group.id, run_id=run.id, status=run.status)
                    self._mark(group, run)
        self.advancing.settle(group)
        return True

    def _unmarked(self, group: Group, number: int) -> Iterable[Run]:
        """The runs of those members of a section that have no mark yet."""
        known = counting(self.store.marks(group.id, [number]).get(number, ()), group.rounds)
        if len(known) == group.size(number):
            return ()
        members = list(enumerate(self.store.section(group.id, number), number * SECTION))
        left = [(index, member) for index, member in members if index not in known]
        return found_runs(self.store, group, left).values()

    def _mark(self, group: Group, run: Run) -> None:
        mark = mark_of(run)
        if mark is not None:
            self.store.mark(group.id, section_of(mark.index), [mark])

    def _go_on_with_chain(self, group: Group) -> None:
        if group.turn_at is None:
            self.advancing.begin_turn(group, self._first_left(group))
            return
        run = self._turn(group, group.turn_at)
        if run is None:  # kept for a shorter time than the group
            self.advancing.turn_over(group, RunStatus.LOST)
        elif run.status in FINAL:
            self._mark(group, run)
            self.advancing.turn_over(group, run.status)

    def _first_left(self, group: Group) -> int:
        """The first member of a chain that has not succeeded in an earlier round."""
        if group.rounds == 1:
            return 0
        marks = standing(self.store.marks(group.id, range(group.sections)), group)
        done = {index for index, mark in marks.items() if mark.status is RunStatus.SUCCEEDED}
        return next((index for index in range(group.total) if index not in done), group.total)

    def _turn(self, group: Group, due: datetime) -> Run | None:
        """The run of the member of a chain whose turn it is."""
        member = self.store.section(group.id, section_of(group.position))[group.position % SECTION]
        return self.store.run(member.task_id, due)

    def _sweep(self, group: Group, end: timedelta) -> bool:
        """Cancel what is still on its way of a cancelled group."""
        for run in self._on_their_way(group):
            if self.clock.elapsed() > end:
                return False
            self._cancel(group, run)
        swept = replace(group, swept=True, token=secrets.token_hex(8))
        return self.store.replace_group(swept, token=group.token) is None

    def _on_their_way(self, group: Group) -> Iterable[Run]:
        if group.chain:
            run = None if group.turn_at is None else self._turn(group, group.turn_at)
            yield from () if run is None else (run,)
            return
        for number in range(min(group.sections, group.position + KEPT_EVERY)):  # who starts it may not have noted all
            yield from self._unmarked(group, number)

    def _cancel(self, group: Group, run: Run) -> None:
        """Cancel a run unless it has ended, and mark it."""
        by_now: Run | None = run
        for _ in range(TRIES):
            if by_now is None:
                return
            if by_now.status in FINAL:
                self._mark(group, by_now)
                return
            full = self.store.run(run.task_id, run.due_at)
            if full is None or full.status in FINAL:
                by_now = full
                continue
            ended = cancelled(full, secrets.token_hex(8), floor_ms(self.clock.now()))
            met = self.store.replace_run(ended, token=full.token)
            by_now = ended if met is None else met


def at_rest(group: Group) -> bool:
    """Whether nothing is left to be done for a group."""
    return group.state in (GroupState.SUCCEEDED, GroupState.FAILED) or group.swept
