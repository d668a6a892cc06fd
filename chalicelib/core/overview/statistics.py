"""Statistics: what the runs of a task come to, counted from as many of them as somebody has read.

Everything here is a pure function of points, which are runs without what is not counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from chalicelib.core.run import FINAL, Attempt, Run, RunStatus, Trigger

GOOD = frozenset({RunStatus.SUCCEEDED})
BAD = frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.LOST, RunStatus.MISSED})
"""The ends that a success rate counts. What its owner skipped or cancelled says nothing about a task."""
WORST_FIRST = (
    *(RunStatus.LOST, RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.MISSED, RunStatus.RETRYING),
    *(RunStatus.CANCELLED, RunStatus.SKIPPED, RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.SUCCEEDED),
)
"""What a day with several results is shown as."""
_STEPS: Mapping[str, tuple[int, ...]] = {
    "milliseconds": (1, 3, 10, 30, 100, 300),
    "seconds": (1, 3, 10, 30),
    "minutes": (1, 3, 10, 30),
    "hours": (1, 3, 10),
    "days": (1, 3, 10, 30, 100, 300, 1000, 3000),
}
EDGES = tuple(timedelta(**{unit: step}) for unit, steps in _STEPS.items() for step in steps)
"""Where the bins of a histogram begin and end: about three times as long each, and all of them round."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A run as it is counted: `late` and `took` are None where they say nothing. `count` is how many due times it
    stands for."""

    due_at: datetime
    status: RunStatus
    late: timedelta | None = None
    took: timedelta | None = None
    count: int = 1


def point_of(run: Run) -> Point:
    """A run as it is counted. A backfill is of the past, and so never late; what goes on took nothing yet."""
    return Point(
        due_at=run.due_at,
        status=run.status,
        late=None if run.trigger is Trigger.BACKFILL else run.lateness,
        took=_took(run.attempts[-1]) if run.attempts and run.status in FINAL else None,
        count=1 if run.coalesced is None else run.coalesced.count,
    )


def _took(attempt: Attempt) -> timedelta | None:
    return None if attempt.finished_at is None else attempt.finished_at - attempt.started_at


def success_rate(points: Iterable[Point]) -> float | None:
    """The share of successes among due times that came to an end of their own; None where there are none.

    >>> from datetime import UTC
    >>> due = datetime(2026, 1, 1, tzinfo=UTC)
    >>> statuses = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.SKIPPED, RunStatus.RUNNING)
    >>> success_rate(Point(due_at=due, status=status) for status in statuses)
    0.5
    """
    counts = _counts(points)
    good, bad = (sum(counts[status] for status in some) for some in (GOOD, BAD))
    return good / (good + bad) if good + bad else None


def percentile(values: Sequence[timedelta], share: int) -> timedelta | None:
    """The value that so many in a hundred do not exceed, by nearest rank: it is always one of the values.

    >>> values = [timedelta(seconds=s) for s in (5, 1, 3, 4, 2)]
    >>> [percentile(values, share).seconds for share in (0, 50, 95, 100)]
    [1, 3, 5, 5]
    """
    if not values:
        return None
    rank = -(-share * len(values) // 100)
    return sorted(values)[max(0, rank - 1)]


@dataclass(frozen=True, kw_only=True)
class Bin:
    """How many values are at least `low` and less than `high` (None: however long)."""

    low: timedelta
    high: timedelta | None
    count: int


def histogram(values: Iterable[timedelta]) -> tuple[Bin, ...]:
    """The values in bins of growing width, from the first to the last that holds any; those between may be empty.

    >>> [(b.low / timedelta(seconds=1), b.count) for b in histogram([timedelta(milliseconds=ms) for ms in (1, 2, 12)])]
    [(0.001, 2), (0.003, 0), (0.01, 1)]
    """
    counts = Counter(bisect_right(EDGES, max(value, timedelta(0))) for value in values)
    if not counts:
        return ()
    lows, highs = (timedelta(0), *EDGES), (*EDGES, None)
    return tuple(Bin(low=lows[at], high=highs[at], count=counts[at]) for at in range(min(counts), max(counts) + 1))


@dataclass(frozen=True, kw_only=True)
class Day:
    """What became of the due times of a day, as many as were counted. `counted`: all of them were, so that nothing
    means that there was nothing."""

    date: date
    counts: Mapping[RunStatus, int] = field(default_factory=dict)
    counted: bool = True

    @property
    def total(self) -> int:
        """How many due times there were."""
        return sum(self.counts.values())

    @property
    def worst(self) -> RunStatus | None:
        """The result that whoever looks should know of first; None for a day without any."""
        return next((status for status in WORST_FIRST if self.counts.get(status)), None)


def days(
    points: Iterable[Point], zone: tzinfo, now: datetime, count: int, since: datetime | None = None
) -> tuple[Day, ...]:
    """The last `count` days of a zone, the oldest first and today last. `since` is from when on all runs were counted;
    None: there are no others.

    >>> from datetime import UTC
    >>> from zoneinfo import ZoneInfo
    >>> now = datetime(2026, 1, 2, 23, tzinfo=UTC)
    >>> found = days([Point(due_at=now, status=RunStatus.FAILED)], ZoneInfo("Europe/Paris"), now, 2)
    >>> [(day.date.day, day.total) for day in found]
    [(2, 0), (3, 1)]
    """
    by_day: dict[date, list[Point]] = {}
    for point in points:
        by_day.setdefault(point.due_at.astimezone(zone).date(), []).append(point)
    today = now.astimezone(zone).date()
    known = date.min if since is None else since.astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return tuple(Day(date=one, counts=dict(_counts(by_day.get(one, ()))), counted=one > known) for one in dates)


def _counts(points: Iterable[Point]) -> Counter[RunStatus]:
    counts: Counter[RunStatus] = Counter()
    for point in points:
        counts[point.status] += point.count
    return counts
