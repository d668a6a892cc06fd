"""The strip of days: a column for each, as high as there was much, with colours and marks for what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from chalicelib.core.overview.statistics import Day
from chalicelib.web.pages.looks.words import RUN_LOOKS

WIDTH, HEIGHT, ROOM = 12, 36, 10
"""Of a column, in the units of its drawing; `ROOM` above it is for the mark."""
LEAST = 3
"""What there was is seen, however little of the day it was."""
TONES = ("good", "quiet", "busy", "warn", "bad")
"""From the ground up: what is bad lies on top."""
MARKS = {
    "bad": "M3 1.5l6 6M9 1.5l-6 6",
    "warn": "M6 1.5L9.5 8h-7z",
    "quiet": "M3 5h6",
    "busy": "M4.5 2v6L9 5z",
}
"""By tone, so that what happened can be told without its colour; a good day has none."""
NOTHING, UNCOUNTED = "nothing was due", "not counted"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a column: its tone, and from where it reaches how far down."""

    tone: str
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Column:
    """A day: its pieces, the mark of the worst of it, and what it says in words. `empty` ones are outlined."""

    day: Day
    pieces: tuple[Piece, ...]
    tone: str
    mark: str | None
    words: str

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show of it."""
        return not self.pieces


def columns(days: Sequence[Day]) -> tuple[Column, ...]:
    """A column for each day; the day with most is the highest, and half as high is a quarter of that."""
    most = max((day.total for day in days), default=0)
    return tuple(_column(day, most) for day in days)


def _column(day: Day, most: int) -> Column:
    counts = {tone: sum(n for s, n in day.counts.items() if RUN_LOOKS[s].tone == tone) for tone in TONES}
    height = max(LEAST * sum(1 for n in counts.values() if n), (HEIGHT - ROOM) * sqrt(day.total / most)) if most else 0
    worst = RUN_LOOKS[day.worst].tone if day.worst is not None else ""
    return Column(
        day=day,
        pieces=_pieces(counts, height),
        tone=worst,
        mark=MARKS.get(worst),
        words=f"{_date(day.date)}: {said(day)}",
    )


def _pieces(counts: dict[str, int], height: float) -> tuple[Piece, ...]:
    present = [tone for tone in TONES if counts[tone]]
    spare, total, y = height - LEAST * len(present), sum(counts.values()), float(HEIGHT)
    made = []
    for tone in present:
        own = LEAST + spare * counts[tone] / total
        y -= own
        made.append(Piece(tone=tone, y=round(y, 1), height=round(own, 1)))
    return tuple(made)


def said(day: Day) -> str:
    """What happened on a day, in words.

    >>> said(Day(date=date(2026, 1, 1), counts={})), said(Day(date=date(2026, 1, 1), counted=False))
    ('nothing was due', 'not counted')
    """
    if not day.counts:
        return NOTHING if day.counted else UNCOUNTED
    parts = [f"{day.counts[status]:,} {look.word}" for status, look in RUN_LOOKS.items() if day.counts.get(status)]
    return ", ".join(parts) + ("" if day.counted else ", and more that were not counted")


def _date(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
