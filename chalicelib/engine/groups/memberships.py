"""Memberships: what a worker does for runs that belong to groups. Those that belong to none cost nothing here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.core.attempts.claim import ASKED_FOR
from chalicelib.core.attempts.refusal import Refusal
from chalicelib.core.groups.group import CANCELLED, SECTION, Group, GroupState, Handing, section_of
from chalicelib.core.groups.marks import standing
from chalicelib.core.groups.results import Results, fitting
from chalicelib.core.run import THEN, Part, Run, RunStatus
from chalicelib.engine.groups.advancing import Advancing
from chalicelib.engine.groups.looking_after import LookingAfter
from chalicelib.logs import log
from chalicelib.ports import Store

SECTIONS_AT_ONCE = 5
"""Whose results are read together."""


@dataclass(frozen=True, kw_only=True)
class Memberships:
    """For workers."""

    store: Store
    advancing: Advancing
    looking_after: LookingAfter

    def look_after(self, group_id: str) -> None:
        """Do what is left to be done for a group."""
        self.looking_after.look_after(group_id)

    def refusal(self, run: Run) -> Refusal | None:
        """Why a claimed run is not performed, as far as its group is concerned. Asked after the claim, so that nothing
        starts after its cancelling was acknowledged; but what its owner then retries by itself does."""
        if run.part is None or run.error == ASKED_FOR:
            return None
        group = self.store.group(run.part.group_id)
        return CANCELLED if group is not None and group.state is GroupState.CANCELLED else None

    def ended(self, run: Run) -> None:
        """Tell the group of a run of its end. What does not work out is left to whoever looks after the group."""
        if run.part is None:
            return
        try:
            self.advancing.ended(run)
        except Exception as error:  # whatever it is: the run has ended well
            log("group_left", logging.ERROR, failure=error, run_id=run.id, group_id=run.part.group_id)

    def results_before(self, run: Run) -> tuple[Results, Handing] | None:
        """What the members before a run hand on to it, and how; None where there are none."""
        part = run.part
        if part is None or part.index == 0 or (part.index > 0 and not part.chain):
            return None
        group = self.store.group(part.group_id)
        if group is None:
            return None
        handing = self._handing(group, part)
        if group.chain:
            last = part.index - 1 if part.index > 0 else group.position
            return fitting(self._results(group, range(last, last + 1)), 1, single=True), handing
        return fitting(self._results(group, range(group.total)), group.total), handing

    def _handing(self, group: Group, part: Part) -> Handing:
        """How what comes before reaches the member, or what follows, that a run is of."""
        if part.index >= 0:
            return self.store.section(group.id, section_of(part.index))[part.index % SECTION].handing
        member = group.then if part.index == THEN else group.on_failure
        return Handing.CONTEXT if member is None else member.handing

    def _results(self, group: Group, indices: range) -> Iterator[Any]:
        """The results of some members, in order, null for one that has not succeeded; read as far as they are taken."""
        for first in range(0, len(indices), SECTIONS_AT_ONCE * SECTION):
            some = indices[first : first + SECTIONS_AT_ONCE * SECTION]
            sections = sorted({section_of(index) for index in some})
            marks = standing(self.store.marks(group.id, sections), group)
            members = {number: self.store.section(group.id, number) for number in sections}
            keys = {
                index: (members[section_of(index)][index % SECTION].task_id, marks[index].due_at)
                for index in some
                if index in marks and marks[index].status is RunStatus.SUCCEEDED
            }
            found = self.store.results(list(keys.values()))
            yield from (found.get(keys[index]) if index in keys else None for index in some)
