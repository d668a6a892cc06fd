"""A band of time: some hours as a strip, each run a mark whose shape says its state, and bars where runs are dense.

A strip is half of what the dashboard shows: what was, or what will be. Both are drawn at one scale, beside each other
where there is room and below each other where there is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import sqrt

from chalicelib.web.pages.looks.marks import Shape

WIDTH = 600.0
"""Units of a strip; twelve hours make five minutes four of them wide."""
COLUMN = 10.0
"""How much room a mark has."""
LANES = 4
"""Marks above each other; what more there is, the bars say."""
TOP, LANE = 10.0, 12.0
FLOOR = 96.0
"""Where the bars stand."""
TALLEST = 32.0
SHORTEST = 2.0
"""Of a bar that stands for anything at all: one run among thousands is to be seen."""
HOUR = timedelta(hours=1)
LABEL = 30.0
"""How wide a label is, about: one that would reach over the edge is left out."""
LABELLED = 3
"""Every third hour of the clock has its label."""


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A run, or a due time: when, of which task, and its mark. Those that matter more are drawn first."""

    at: datetime
    mark: Shape
    name: str


@dataclass(frozen=True, kw_only=True)
class Slot:
    """How many runs lie in a stretch of time, and how many of them need attention."""

    begin: datetime
    end: datetime
    count: float
    troubled: int = 0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A dot where it is drawn."""

    x: float
    y: float
    dot: Dot


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A slot where it is drawn; the lower part of it is what needs attention."""

    x: float
    y: float
    width: float
    height: float
    troubled_y: float
    troubled_height: float
    slot: Slot


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A full hour of the clock; most have no label."""

    x: float
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A strip, ready to be drawn. `hidden` marks had no room: the bars stand for them."""

    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    hidden: int = 0
    width: float = WIDTH
    floor: float = FLOOR


def strip(
    dots: Iterable[Dot], slots: Sequence[Slot], begin: datetime, end: datetime, *, peak: float, zone: tzinfo
) -> Strip:
    """What lies in [begin, end), with bars that are as tall as can be where a slot holds `peak` runs.

    They grow with the root of what they stand for, so that one busy minute does not make all others look alike.
    """
    marks, hidden = _stacked([dot for dot in dots if begin <= dot.at < end], begin, end)
    return Strip(
        marks=marks,
        bars=tuple(_bar(slot, begin, end, peak) for slot in slots if slot.count > 0 and begin <= slot.begin < end),
        ticks=tuple(_ticks(begin, end, zone)),
        hidden=hidden,
    )


def _x(at: datetime, begin: datetime, end: datetime) -> float:
    return round(WIDTH * ((at - begin) / (end - begin)), 1)


def _stacked(dots: Sequence[Dot], begin: datetime, end: datetime) -> tuple[tuple[Mark, ...], int]:
    """Marks column by column, those that matter most at the bottom of their column; and how many had no room."""
    columns: dict[int, int] = {}
    marks = []
    for dot in sorted(dots, key=lambda dot: (-dot.mark.weight, dot.at)):
        x = min(max(_x(dot.at, begin, end), COLUMN / 2), WIDTH - COLUMN / 2)
        column = int(x // COLUMN)
        lane = columns.get(column, 0)
        columns[column] = lane + 1
        if lane < LANES:
            marks.append(Mark(x=x, y=TOP + (LANES - 1 - lane) * LANE, dot=dot))
    hidden = sum(count - LANES for count in columns.values() if count > LANES)
    return tuple(sorted(marks, key=lambda mark: (mark.dot.at, mark.y))), hidden


def _bar(slot: Slot, begin: datetime, end: datetime, peak: float) -> Bar:
    low, high = _x(slot.begin, begin, end), _x(min(slot.end, end), begin, end)
    height = round(max(SHORTEST, TALLEST * sqrt(slot.count / max(1.0, peak))), 1)
    share = min(1.0, slot.troubled / slot.count)
    troubled = round(max(SHORTEST, height * share), 1) if slot.troubled else 0.0
    return Bar(
        x=low,
        y=round(FLOOR - height, 1),
        width=round(max(1.0, high - low - 0.6), 1),
        height=height,
        troubled_y=round(FLOOR - troubled, 1),
        troubled_height=troubled,
        slot=slot,
    )


def _ticks(begin: datetime, end: datetime, zone: tzinfo) -> Iterable[Tick]:
    """The full hours that a clock in this zone shows, and a label at every third."""
    local = begin.astimezone(zone)
    at = begin - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    while at < end:
        shown = at.astimezone(zone)
        if at > begin:
            x = _x(at, begin, end)
            labelled = shown.hour % LABELLED == 0 and shown.minute == 0 and LABEL / 2 < x < WIDTH - LABEL / 2
            yield Tick(x=x, label=f"{shown:%H:%M}" if labelled else "")
        at = at.astimezone(UTC) + HOUR
