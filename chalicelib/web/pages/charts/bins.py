"""Histograms of durations: bins of growing width side by side, with lines where half and most of the values end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core.overview.statistics import Bin
from chalicelib.web.pages.looks.words import duration

HEIGHT, TOP = 84, 30
"""Of the highest bar, in pixels; `TOP` is for the names of the lines. Across, all is in hundredths of the width."""
GAP = 0.06
"""Between two bars, of the width of one."""
MOST_EDGES = 4
"""Beyond so many bins, every other edge is named, and so on: on a phone names must not run into each other."""
LEAST = 2


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bin, drawn."""

    x: float
    y: float
    width: float
    height: float
    count: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A value that is marked: where it lies, and what it is called."""

    x: float
    name: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Bars, the values at their edges, and marked values."""

    bars: tuple[Bar, ...]
    edges: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]


def drawn(bins: Sequence[Bin], marked: Mapping[str, timedelta]) -> Histogram:
    """A histogram with lines at the values that have names."""
    most = max((one.count for one in bins), default=1)
    lows = [duration(one.low) if one.low else "0" for one in bins]
    highs = [duration(one.high) if one.high else "" for one in bins]
    step = 100 / max(1, len(bins))
    bars = []
    for at, one in enumerate(bins):
        height = max(LEAST, round(HEIGHT * one.count / most, 1)) if one.count else 0
        bars.append(
            Bar(
                x=round((at + GAP / 2) * step, 2),
                y=TOP + HEIGHT - height,
                width=round((1 - GAP) * step, 2),
                height=height,
                count=one.count,
                words=f"{lows[at]} to {highs[at]}" if highs[at] else f"{lows[at]} or more",
            )
        )
    named = 1 + (len(bins) - 1) // MOST_EDGES
    edges = tuple((round(at * step, 2), text) for at, text in enumerate([*lows, *highs[-1:]]) if at % named == 0)
    lines = tuple(_line(place(value, bins), name) for name, value in marked.items())
    return Histogram(bars=tuple(bars), edges=edges, lines=lines)


def place(value: timedelta, bins: Sequence[Bin]) -> float:
    """Where a value lies, in hundredths of the width: in its bin, as far as it is into it."""
    for at, one in enumerate(bins):
        if one.high is None or value < one.high:
            into = 0.0 if one.high is None else max(timedelta(0), value - one.low) / (one.high - one.low)
            return round(100 * (at + into) / len(bins), 2)
    return 100.0


def _line(x: float, name: str) -> Line:
    return Line(x=x, name=name, anchor="end" if x > 50 else "start")
