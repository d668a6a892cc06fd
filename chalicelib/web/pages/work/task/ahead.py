"""Ahead: the next due times of a task, each with what keeps it from starting, if anything does."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.errors import PunctualError
from chalicelib.core.run import run_id
from chalicelib.core.schedule.preview import Oddity, preview
from chalicelib.core.task import Task

DUE_TIMES_SHOWN = 10
EXCLUDED_SHOWN = 10
TOLD_ELSEWHERE = ("never_fires", "excluded")
"""Warnings that the list itself says as well."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the list; `without` says why nothing starts then, `run` is the run that stands for it already."""

    at: datetime
    without: str = ""
    run: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """What comes next. `zone` is the name of the schedule's own; `broken` says why nothing can be known."""

    next_due: datetime | None = None
    lines: tuple[Line, ...] = ()
    more_excluded: int = 0
    warnings: tuple[Oddity, ...] = ()
    zone: str = "UTC"
    broken: str = ""


def ahead_of(task: Task, now: datetime, skipped: AbstractSet[datetime]) -> Ahead:
    """The next due times of a task, and what is left out between them. A schedule that makes no sense any more is told,
    and keeps nothing else from being shown."""
    try:
        return _ahead(task, now, skipped)
    except (*UNPLANNABLE, PunctualError) as error:
        return Ahead(broken=f"{type(error).__name__}: {error}")


def _ahead(task: Task, now: datetime, skipped: AbstractSet[datetime]) -> Ahead:
    found = preview(task.definition.schedule, now, DUE_TIMES_SHOWN)
    lines = [
        Line(at=due, without="skipped by its owner", run=run_id(task.id, due)) if due in skipped else Line(at=due)
        for due in found.due_times
    ]
    lines += [Line(at=one.at, without=f"excluded by {one.by}") for one in found.excluded[:EXCLUDED_SHOWN]]
    return Ahead(
        next_due=task.next_due(now, skipped),
        lines=tuple(sorted(lines, key=lambda line: line.at)),
        more_excluded=max(0, len(found.excluded) - EXCLUDED_SHOWN),
        warnings=tuple(one for one in found.warnings if one.code not in TOLD_ELSEWHERE),
        zone=found.zone.key,
    )
