"""Histograms of durations: bins of growing width side by side, with lines where half and most of the values end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core.statistics import Bin
from chalicelib.web.pages.looks.words import duration

STEP, GAP, HEIGHT, TOP = 44, 4, 84, 16
"""Of a bar, in the units of the drawing; `TOP` is for the names of the lines."""
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

    width: int
    bars: tuple[Bar, ...]
    edges: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]


def drawn(bins: Sequence[Bin], marked: Mapping[str, timedelta]) -> Histogram:
    """A histogram with lines at the values that have names."""
    most = max((one.count for one in bins), default=1)
    lows = [duration(one.low) if one.low else "0" for one in bins]
    highs = [duration(one.high) if one.high else "" for one in bins]
    bars = []
    for at, one in enumerate(bins):
        height = max(LEAST, round(HEIGHT * one.count / most, 1)) if one.count else 0
        bars.append(
            Bar(
                x=at * STEP + GAP / 2,
                y=TOP + HEIGHT - height,
                width=STEP - GAP,
                height=height,
                count=one.count,
                words=f"{lows[at]} to {highs[at]}" if highs[at] else f"{lows[at]} or more",
            )
        )
    edges = tuple((at * STEP, text) for at, text in enumerate([*lows, *highs[-1:]]))
    width = max(1, len(bins)) * STEP
    lines = tuple(_line(place(value, bins), name, width) for name, value in marked.items())
    return Histogram(width=width, bars=tuple(bars), edges=edges, lines=lines)


def place(value: timedelta, bins: Sequence[Bin]) -> float:
    """Where a value lies: in its bin, as far as it is into it."""
    for at, one in enumerate(bins):
        if one.high is None or value < one.high:
            into = 0.0 if one.high is None else max(timedelta(0), value - one.low) / (one.high - one.low)
            return round((at + into) * STEP, 1)
    return float(len(bins) * STEP)


def _line(x: float, name: str, width: int) -> Line:
    return Line(x=x, name=name, anchor="end" if x > width / 2 else "start")
