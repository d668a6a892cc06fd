"""How groups stand: counts of their members, and their members one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.core.groups.group import SECTION, Group, Member, section_of
from chalicelib.core.groups.marks import Mark, standing
from chalicelib.core.groups.progress import Place, Progress, progress, started, unstarted
from chalicelib.core.run import Run, run_id
from chalicelib.engine.groups.starting import found_runs
from chalicelib.ports import Page
from chalicelib.ports.whole import WholeStore

MOST_LOOKED_AT = 1000
"""Runs that have not ended, of one group, that are looked at one by one for its counts."""


@dataclass(frozen=True, kw_only=True)
class Standings:
    """Reads how a group stands that its reader was found to see."""

    store: WholeStore

    def progress(self, group: Group) -> Progress:
        """How many members stand how."""
        marks = standing(self.store.marks(group.id, range(group.sections)), group)
        left = [index for index in range(group.total) if index not in marks and started(group, index)]
        members = dict(self._members(group, left[:MOST_LOOKED_AT]))
        return progress(group, marks, self._runs(group, members))

    def members(self, group: Group, *, limit: int, after: int | None) -> Page[Place]:
        """Some of a group's members, in order."""
        first = 0 if after is None else after + 1
        indices = range(first, min(group.total, first + limit))
        members = dict(self._members(group, list(indices)))
        sections = sorted({section_of(index) for index in indices})
        marks = standing(self.store.marks(group.id, sections), group)
        unmarked = {index: member for index, member in members.items() if index not in marks and started(group, index)}
        runs = self._runs(group, unmarked)
        places = tuple(
            _place(group, index, member, marks.get(index), runs.get(index)) for index, member in members.items()
        )
        return Page(items=places, after=str(indices[-1]) if indices and indices[-1] + 1 < group.total else None)

    def _members(self, group: Group, indices: list[int]) -> Iterator[tuple[int, Member]]:
        wanted = set(indices)
        for number in sorted({section_of(index) for index in indices}):
            for index, member in enumerate(self.store.section(group.id, number), number * SECTION):
                if index in wanted:
                    yield index, member

    def _runs(self, group: Group, members: dict[int, Member]) -> dict[int, Run]:
        """The runs of this round of members that have no mark."""
        if not group.chain:
            return found_runs(self.store, group, list(members.items()))
        turn = members.get(group.position)
        run = None if turn is None or group.turn_at is None else self.store.run(turn.task_id, group.turn_at)
        return {} if run is None else {group.position: replace(run, attempts=())}


def _place(group: Group, index: int, member: Member, mark: Mark | None, run: Run | None) -> Place:
    """What the mark says; without one the run; without one the group."""
    place = Place(index=index, task_id=member.task_id, name=member.name, status=unstarted(group), run_id=None)
    if mark is not None:
        return replace(place, status=str(mark.status), run_id=run_id(member.task_id, mark.due_at))
    return place if run is None else replace(place, status=str(run.status), run_id=run.id)
