"""Advancing: what the end of a member leads to. The next of a chain, or the end of the group and what follows it.

1. Whoever brought the end of a member's run about sets its mark: after the run, because the run is the truth. One that
   died in between leaves a mark missing, and whoever looks after the group finds that.
2. Who completes a section looks at the others: of two that complete the last ones at the same time, the later sees all.
3. The move of a group and the run that it leads to are one transaction, conditional on the group as it was read. So
   what follows is recorded once, however many see that it is time.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.core.errors import PunctualError, Unavailable
from chalicelib.core.groups.group import SECTION, Group, GroupState, Member, section_of
from chalicelib.core.groups.marks import Mark, complete, mark_of, standing
from chalicelib.core.instant import MILLISECOND, floor_ms
from chalicelib.core.message import RunMessage
from chalicelib.core.run import FINAL, Run, RunStatus
from chalicelib.core.window import Entry, Kind
from chalicelib.engine.writing import place
from chalicelib.logs import log
from chalicelib.ports import Clock, Placed, Queue, Store

TRIES = 8
"""Due times that are tried for a run where its task has others; each is a millisecond or more from the last."""
READ_AT_ONCE = 10
"""Sections whose marks are read together, from the last on: that is where something is missing longest."""
MOST_HOPS = 8
"""So many members of a chain call the next one directly; then a pass does. Lambda stops what has called itself sixteen
times in a row."""


@dataclass(frozen=True, kw_only=True)
class Advancing:
    """Brings groups on. Nothing here goes wrong by being done twice, or by several at once."""

    store: Store
    queue: Queue
    clock: Clock

    def ended(self, run: Run) -> None:
        """Count the end of a member's run, and go on with its group where that was what it waited for."""
        mark, part = mark_of(run), run.part
        if mark is None or part is None:
            return
        section = section_of(part.index)
        marks = self.store.mark(part.group_id, section, [mark])
        if not part.chain and not complete(marks, section, part.total, part.round):
            return
        group = self.store.group(part.group_id)
        if group is None or group.state is not GroupState.RUNNING or group.rounds != part.round:
            return
        if not part.chain:
            self.settle(group)
        elif (group.position, group.turn_at) == (part.index, run.due_at):
            self.turn_over(group, run.status)

    def settle(self, group: Group) -> None:
        """End a parallel group whose members have all ended."""
        marks = self._all_marks(group)
        if marks is None:
            return
        failed = [mark for mark in marks if mark.status is not RunStatus.SUCCEEDED]
        statuses = {mark.status for mark in marks} if not failed else self._by_now(group, failed)
        if statuses <= FINAL:
            self._end(group, GroupState.SUCCEEDED if statuses == {RunStatus.SUCCEEDED} else GroupState.FAILED)

    def _all_marks(self, group: Group) -> list[Mark] | None:
        """The marks that count, one for each member; None as long as one is missing."""
        found: dict[int, Mark] = {}
        last = group.sections
        while last > 0:
            numbers = range(max(0, last - READ_AT_ONCE), last)
            some = standing(self.store.marks(group.id, numbers), group)
            if len(some) < sum(group.size(number) for number in numbers):
                return None
            found |= some
            last = numbers[0]
        return list(found.values())

    def _by_now(self, group: Group, failed: Iterable[Mark]) -> set[RunStatus]:
        """How the members stand that have not succeeded: their owner may have retried one by itself."""
        by_section: dict[int, list[Mark]] = {}
        for mark in failed:
            by_section.setdefault(section_of(mark.index), []).append(mark)
        statuses = set[RunStatus]()
        for number, marks in by_section.items():
            members = self.store.section(group.id, number)
            keys = {(members[mark.index % SECTION].task_id, mark.due_at): mark.status for mark in marks}
            now = {(run.task_id, run.due_at): run.status for run in self.store.runs_at(list(keys), consistent=True)}
            statuses |= {now.get(key, status) for key, status in keys.items()}
        return statuses

    def turn_over(self, group: Group, status: RunStatus) -> None:
        """Go on with a chain whose member has ended: with the next one, or with its end."""
        if status is not RunStatus.SUCCEEDED:
            self._end(group, GroupState.FAILED)
        else:
            self.begin_turn(group, group.position + 1)

    def begin_turn(self, group: Group, index: int) -> None:
        """Start a member of a chain; behind the last one is the chain's end."""
        if index == group.total:
            self._end(group, GroupState.SUCCEEDED)
            return
        member = self.store.section(group.id, section_of(index))[index % SECTION]
        token = secrets.token_hex(8)
        self._moved(
            group,
            lambda due: replace(group, position=index, turn_at=due, token=token),
            (index, member),
            direct=index % MOST_HOPS != MOST_HOPS - 1,
        )

    def _end(self, group: Group, state: GroupState) -> None:
        """End a group, with the run that follows."""
        token, now = secrets.token_hex(8), floor_ms(self.clock.now())
        follower = group.follower(state)

        def move(due: datetime) -> Group:
            return group.ended(state, token, now, due if follower else None)

        if self._moved(group, move, follower, direct=True):
            log("group_ended", group_id=group.id, state=state, round=group.rounds)

    def _moved(
        self, group: Group, move: Callable[[datetime], Group], next_one: tuple[int, Member] | None, *, direct: bool
    ) -> bool:
        """Write a moved group with the run that it leads to, due now or at the next instant that its task has free;
        then call a worker for it. False: somebody else has moved the group."""
        now = floor_ms(self.clock.now())
        for number in range(TRIES):
            due = now + number * MILLISECOND
            queued, placed = (None, None) if next_one is None else self._queued(group, *next_one, due)
            met = self.store.replace_group(move(due), token=group.token, queued=queued, entry=placed)
            if isinstance(met, Group):
                return False
            if met is None:
                if placed is not None and next_one is not None and direct:
                    self.send(group, [(next_one[1], placed.entry)])
                return True
        raise Unavailable(f"a task of group {group.id} has runs due at every instant")

    def _queued(self, group: Group, index: int, member: Member, due: datetime) -> tuple[Run, Placed]:
        run = group.queued(member, index, due, secrets.token_hex(8))
        entry = Entry(start=due, task_id=run.task_id, kind=Kind.MEMBER, due_at=due)
        return run, place(entry, member.shard, due)

    def send(self, group: Group, started: Sequence[tuple[Member, Entry]]) -> None:
        """Call workers at once. Where that does not work out, the pass that finds the entries calls them."""
        messages = [
            RunMessage(
                entry=entry,
                owner=group.owner,
                task_name=member.name,
                channel=member.channel,
                priority=member.priority,
            )
            for member, entry in started
        ]
        try:
            self.queue.send_runs(messages, self.clock.now())
        except PunctualError as error:
            log("group_not_sent", logging.WARNING, group_id=group.id, messages=len(messages), reason=str(error))
