"""Starting: the members of a parallel group, section by section. A section that is started twice is started once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.core.errors import Unavailable
from chalicelib.core.groups.group import SECTION, Group, Member
from chalicelib.core.groups.marks import counting
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.window import Entry, Kind
from chalicelib.engine.groups.advancing import TRIES, Advancing
from chalicelib.engine.writing import place
from chalicelib.ports import Clock, Placed, Store

PACE = timedelta(milliseconds=2)
"""Between the starts of two members: 10,000 of them take twenty seconds, and others' runs find workers in between."""
KEPT_EVERY = 10
"""Sections between two writes of how far it has come: after a crash, so many are looked at again."""


@dataclass(frozen=True, kw_only=True)
class Starting:
    """Starts members. Their runs wait in the late partition, where every pass looks."""

    store: Store
    clock: Clock
    advancing: Advancing

    def start(self, group: Group, *, most: int, end: timedelta, direct: bool = False) -> Group | None:
        """Start up to so many sections from where the group stands, until the clock's `elapsed` is at `end`. The group
        as it then stands; None where somebody else has moved it."""
        position, last = group.position, min(group.sections, group.position + most)
        while position < last and self.clock.elapsed() < end:
            self._start_section(group, position, direct=direct)
            position += 1
            if position % KEPT_EVERY == 0 and position < last:
                kept = self._at(group, position)
                if kept is None:
                    return None
                group = kept
        return self._at(group, position)

    def _at(self, group: Group, position: int) -> Group | None:
        if position == group.position:
            return group
        moved = replace(group, position=position, token=secrets.token_hex(8))
        return moved if self.store.replace_group(moved, token=group.token) is None else None

    def _start_section(self, group: Group, number: int, *, direct: bool) -> None:
        waiting = self._wanted(group, number)
        for nth_try in range(TRIES):
            if not waiting:
                return
            queued = [self._queued(group, index, member, nth_try) for index, member in waiting]
            met = self.store.enqueue_runs(queued)
            if direct:
                new = zip(waiting, queued, met, strict=True)
                self.advancing.send(group, [(one[1], two[1].entry) for one, two, found in new if found is None])
            taken = [found is not None and found.part != run.part for (run, _), found in zip(queued, met, strict=True)]
            waiting = [one for one, other in zip(waiting, taken, strict=True) if other]
        if waiting:
            raise Unavailable(f"tasks of group {group.id} have other runs at every due time that was tried")

    def _wanted(self, group: Group, number: int) -> list[tuple[int, Member]]:
        """The members of a section that have not succeeded in an earlier round."""
        members = list(enumerate(self.store.section(group.id, number), number * SECTION))
        if group.rounds == 1:
            return members
        marks = counting(self.store.marks(group.id, [number]).get(number, ()), group.rounds)
        done = {index for index, mark in marks.items() if mark.status is RunStatus.SUCCEEDED}
        return [(index, member) for index, member in members if index not in done]

    def _queued(self, group: Group, index: int, member: Member, nth_try: int) -> tuple[Run, Placed]:
        run = group.queued(member, index, group.due_times(member, TRIES)[nth_try], secrets.token_hex(8))
        now = self.clock.now()
        start = max(now, group.began_at + index * PACE)
        entry = Entry(start=start, task_id=run.task_id, kind=Kind.MEMBER, due_at=run.due_at)
        return run, place(entry, member.shard, now)


def found_runs(store: Store, group: Group, members: Sequence[tuple[int, Member]]) -> dict[int, Run]:
    """The runs that members of a parallel group have in this round, without output, by index."""
    found: dict[int, Run] = {}
    left = list(members)
    for nth_try in range(TRIES):
        keys = {(member.task_id, group.due_times(member, TRIES)[nth_try]): (index, member) for index, member in left}
        taken: list[tuple[int, Member]] = []
        for run in store.runs_at(list(keys), consistent=True):
            index, member = keys[run.task_id, run.due_at]
            if run.part == group.part(index):
                found[index] = run
            else:
                taken.append((index, member))
        if not taken:
            break
        left = taken
    return found
