"""Figures: how a task has done, over as many runs as were counted, drawn and in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from chalicelib.core.overview.statistics import days, histogram, percentile, success_rate
from chalicelib.engine.requests.looking.figures import COUNTED_FOR, Counted
from chalicelib.web.pages.charts import bins
from chalicelib.web.pages.charts.bins import Histogram
from chalicelib.web.pages.charts.days import Column, columns

DAYS = COUNTED_FOR.days
MARKED = {"p50": 50, "p95": 95}


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Some durations: how many there are, what half and most of them do not exceed, and how they lie."""

    count: int
    percentiles: dict[str, timedelta]
    histogram: Histogram


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the counted runs come to."""

    counted: Counted
    rate: float | None
    late: Spread
    took: Spread
    columns: tuple[Column, ...]

    @property
    def runs(self) -> int:
        """How many runs were counted."""
        return len(self.counted.points)


def figures_of(counted: Counted, zone: tzinfo, now: datetime) -> Figures:
    """The figures of the runs that were counted, by days of a zone."""
    points = counted.points
    return Figures(
        counted=counted,
        rate=success_rate(points),
        late=_spread([point.late for point in points if point.late is not None]),
        took=_spread([point.took for point in points if point.took is not None]),
        columns=columns(days(points, zone, now, DAYS, counted.since)),
    )


def _spread(values: list[timedelta]) -> Spread:
    found = {name: percentile(values, share) for name, share in MARKED.items()}
    known = {name: value for name, value in found.items() if value is not None}
    return Spread(count=len(values), percentiles=known, histogram=bins.drawn(histogram(values), known))
