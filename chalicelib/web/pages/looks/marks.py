"""Marks: how a run looks in a chart. Each state has a shape of its own, so that no colour is needed to tell it."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.run import RunStatus


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A mark: the name of its shape, the word that it stands for, its tone, and how much it matters: where there is
    no room for all, what matters more is shown."""

    shape: str
    word: str
    tone: str
    weight: int = 0


RUN_MARKS: dict[RunStatus, Shape] = {
    RunStatus.SUCCEEDED: Shape(shape="round", word="succeeded", tone="good"),
    RunStatus.FAILED: Shape(shape="cross", word="failed", tone="bad", weight=9),
    RunStatus.TIMED_OUT: Shape(shape="hourglass", word="timed out", tone="bad", weight=9),
    RunStatus.LOST: Shape(shape="diamond", word="lost", tone="bad", weight=9),
    RunStatus.MISSED: Shape(shape="open-diamond", word="missed", tone="bad", weight=8),
    RunStatus.RETRYING: Shape(shape="triangle", word="waiting for a retry", tone="warn", weight=7),
    RunStatus.RUNNING: Shape(shape="play", word="running", tone="busy", weight=5),
    RunStatus.QUEUED: Shape(shape="target", word="queued", tone="quiet", weight=4),
    RunStatus.CANCELLED: Shape(shape="square", word="cancelled", tone="quiet", weight=2),
    RunStatus.SKIPPED: Shape(shape="dash", word="skipped", tone="quiet", weight=1),
}
DONE = Shape(shape="point", word="neither failed nor waiting", tone="good")
"""Of a run that was not read."""
TROUBLED = Shape(shape="cross", word="needs attention", tone="bad", weight=6)
"""The same, where it is listed among those that need attention."""
DUE = Shape(shape="ring", word="due", tone="busy")
TAKEN_OUT = Shape(shape="dash", word="skipped by hand", tone="quiet", weight=1)


def mark_of(status: RunStatus | None, *, troubled: bool) -> Shape:
    """The mark of a run; without its status, that of one which was not read."""
    if status is None:
        return TROUBLED if troubled else DONE
    return RUN_MARKS[status]
