"""Groups in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.adapters.keys import due_key, known_task_id
from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.errors import NotFound
from chalicelib.core.groups.group import SECTION, Group, Member
from chalicelib.core.groups.marks import Mark
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.ports import Occurrence, Page, Placed


class MemoryGroups(InMemory):
    """Groups by id, members and marks by section."""

    def group(self, group_id: str) -> Group | None:
        """One group."""
        with self._lock:
            return self._groups.get(group_id)

    def replace_group(
        self, group: Group, *, token: str, queued: Run | None = None, entry: Placed | None = None
    ) -> Group | Run | None:
        """Write a group over the one that has `token`, with a queued run and an entry, all or nothing. None: written,
        by this call or an earlier try of it. Otherwise the group that is there, or the run that has the key of the
        queued one; `NotFound` where there is no such group."""
        with self._lock:
            found = self._groups.get(group.id)
            if found is None:
                raise NotFound(f"group {group.id} is gone")
            if found.token != token:
                return None if found.token == group.token else found
            if queued is not None:
                met = self._runs[queued.task_id].setdefault(due_key(queued.due_at), queued)
                if met is not queued:
                    return met
            self._put_entry(entry)
            self._groups[group.id] = group
            return None

    def section(self, group_id: str, number: int) -> tuple[Member, ...]:
        """The members of a section; none where there is no such section."""
        with self._lock:
            return self._sections.get((group_id, number), ((), set()))[0]

    def mark(self, group_id: str, section: int, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Add marks of a section's members: all that the section has then. Adding one twice is adding it once; where
        the section is gone there are none."""
        with self._lock:
            if (group_id, section) not in self._sections:
                return frozenset()
            known = self._sections[group_id, section][1]
            known.update(marks)
            return frozenset(known)

    def marks(self, group_id: str, sections: Sequence[int]) -> dict[int, frozenset[Mark]]:
        """All marks of some sections; one that is gone is left out."""
        with self._lock:
            found = {number: self._sections.get((group_id, number)) for number in sections}
            return {number: frozenset(one[1]) for number, one in found.items() if one is not None}

    def results(self, occurrences: Sequence[Occurrence]) -> Mapping[Occurrence, Any]:
        """What those of the runs came to that exist, and nothing else of them."""
        with self._lock:
            found = {(task_id, due): self._runs[task_id].get(due_key(due)) for task_id, due in occurrences}
            return {key: run.result for key, run in found.items() if run is not None}

    def put_members(self, group: Group, members: Sequence[Member], defined: Sequence[Task]) -> None:
        """Write the members of a group that is about to be made, and the tasks that were defined within it."""
        with self._lock:
            for number in range(group.sections):
                some = tuple(members[number * SECTION : (number + 1) * SECTION])
                self._sections[group.id, number] = (some, set())
            self._tasks.update({task.id: task for task in defined})

    def create_group(self, group: Group, entry: Placed) -> bool:
        """Write a group into its owner's list, with the entry that has somebody look after it, all or nothing. False:
        there is a group with its id."""
        with self._lock:
            found = self._groups.setdefault(group.id, group)
            if found is group:
                self._put_entry(entry)
            return found.token == group.token

    def groups_of(self, owner: str, *, limit: int, after: str | None) -> Page[Group]:
        """An owner's groups, newest first."""
        before = None if after is None else known_task_id(after)
        with self._lock:
            own = [group for group in self._groups.values() if group.owner == owner]
        newest = sorted((one for one in own if before is None or one.id < before), key=lambda one: one.id, reverse=True)
        return Page(items=tuple(newest[:limit]), after=newest[limit - 1].id if len(newest) > limit else None)
