"""Groups and the marks of their members, in the table `runs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from chalicelib.core.groups.group import Group, Member
from chalicelib.core.groups.marks import Mark
from chalicelib.core.run import Run
from chalicelib.ports.values import Placed

Occurrence = tuple[str, datetime]
"""A task's id and a due time: the key of a run."""


class Groups(Protocol):
    """Reads are strongly consistent."""

    def group(self, group_id: str) -> Group | None:
        """One group."""

    def replace_group(
        self, group: Group, *, token: str, queued: Run | None = None, entry: Placed | None = None
    ) -> Group | Run | None:
        """Write a group over the one that has `token`, with a queued run and an entry, all or nothing. None: written,
        by this call or an earlier try of it. Otherwise the group that is there, or the run that has the key of the
        queued one; `NotFound` where there is no such group."""

    def section(self, group_id: str, number: int) -> tuple[Member, ...]:
        """The members of a section; none where there is no such section."""

    def mark(self, group_id: str, section: int, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Add marks of a section's members: all that the section has then. Adding one twice is adding it once; where
        the section is gone there are none."""

    def marks(self, group_id: str, sections: Sequence[int]) -> dict[int, frozenset[Mark]]:
        """All marks of some sections; one that is gone is left out."""

    def results(self, occurrences: Sequence[Occurrence]) -> Mapping[Occurrence, Any]:
        """What those of the runs came to that exist, and nothing else of them."""
