"""Progress: how the members of a group stand, by what is known of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.core.groups.group import SECTION, Group, GroupState
from chalicelib.core.groups.marks import Mark
from chalicelib.core.run import FINAL, Run, RunStatus

WAITING = "waiting"
"""Of a member that has no run yet."""
ON_THEIR_WAY = "on_their_way"
"""Of members of a large group that have started and not ended: as many are not looked at one by one."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many members stand how, by status; `done` of them have ended, or never will begin."""

    counts: Mapping[str, int]
    done: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """How one member stands, and the run that says so, if there is one."""

    index: int
    task_id: str
    name: str
    status: str
    run_id: str | None


def started(group: Group, index: int) -> bool:
    """Whether a member may have a run in this round."""
    if group.chain:
        return index < group.position or (index == group.position and group.turn_at is not None)
    return index // SECTION < group.position


def unstarted(group: Group) -> str:
    """How members stand that have no run: they wait, or what happened to the group keeps them from running."""
    if group.state is GroupState.CANCELLED:
        return str(RunStatus.CANCELLED)
    return WAITING if group.state is GroupState.RUNNING else str(RunStatus.SKIPPED)


def progress(group: Group, marks: Mapping[int, Mark], seen: Mapping[int, Run]) -> Progress:
    """What the marks say, of members without one their runs where they were looked at, and of the others the group."""
    statuses = {index: str(run.status) for index, run in seen.items()}
    statuses |= {index: str(mark.status) for index, mark in marks.items()}
    left = [index for index in range(group.total) if index not in statuses]
    on_their_way = sum(started(group, index) for index in left)
    counts = Counter(statuses.values())
    counts[ON_THEIR_WAY] += on_their_way
    counts[unstarted(group)] += len(left) - on_their_way
    done = sum(number for status, number in counts.items() if status in FINAL)
    return Progress(counts={status: number for status, number in counts.items() if number}, done=done)
