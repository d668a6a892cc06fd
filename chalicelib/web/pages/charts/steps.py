"""The steps of a run, to scale: from its due time over dispatch, claim and start to the end of each attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.run import Attempt, Run
from chalicelib.web.pages.looks.words import ATTEMPT_LOOKS, duration

WIDTH = 100
"""Of a lane: everything across is in hundredths of it, so that its words stay as large as they are on any screen."""
SHORTEST = timedelta(milliseconds=10)
"""A lane is at least so long: what took no time at all has a place on it."""
LEAST = 0.3
STEPS = (1, 2, 5)
MOST_LANES = 4
"""Of attempts; of more than these, one is shown at a time."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """From one instant to another: `kind` names its pattern and colour."""

    x: float
    width: float
    kind: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An instant that has a name; `shape` is how it is drawn."""

    x: float
    shape: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A stretch of time, to scale, with what happened in it and where its scale has ticks."""

    name: str
    length: timedelta
    segments: tuple[Segment, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A line of the table: what happened, when, and how long after the due time and after the line before."""

    attempt: int
    name: str
    at: datetime
    from_due: timedelta
    from_before: timedelta | None


def lanes(run: Run, chosen: Attempt | None, now: datetime) -> tuple[Lane, ...]:
    """The run as a whole, and each attempt by itself, which the scale of all would hide: where there are many, the
    chosen one. What has not ended reaches until now."""
    if not run.attempts:
        return ()
    shown = [one for one in run.attempts if len(run.attempts) <= MOST_LANES or one == chosen]
    return (_whole(run, now), *(_own(run, attempt, now) for attempt in shown))


def _whole(run: Run, now: datetime) -> Lane:
    ends = [attempt.finished_at or now for attempt in run.attempts]
    sent = [attempt.dispatched_at for attempt in run.attempts if attempt.dispatched_at is not None]
    scale = _Scale.over([run.due_at, *sent, *(attempt.started_at for attempt in run.attempts), *ends])
    segments = [scale.segment(run.due_at, run.attempts[0].started_at, "late", "late by")]
    segments += [
        scale.segment(one.started_at, end, ATTEMPT_LOOKS[one.status].tone, f"attempt {one.number},")
        for one, end in zip(run.attempts, ends, strict=True)
    ]
    marks = [scale.mark(at, "sent", "dispatched") for at in sent]
    return scale.lane("The whole run", segments, [*marks, scale.mark(run.due_at, "due", "due")])


def _own(run: Run, attempt: Attempt, now: datetime) -> Lane:
    """One attempt: the wait before it where it is the first, what the worker did before the action, and the action."""
    end = attempt.finished_at or now
    begin = (
        min(run.due_at, attempt.started_at) if attempt.number == 1 and _near(run, attempt, end) else attempt.started_at
    )
    scale = _Scale.over([begin, attempt.started_at, end])
    tone, action = ATTEMPT_LOOKS[attempt.status].tone, attempt.begun_at
    segments = [scale.segment(begin, attempt.started_at, "late", "waited")] if begin < attempt.started_at else []
    if action is not None:
        segments.append(scale.segment(attempt.started_at, action, "ready", "made ready in"))
    segments.append(scale.segment(action or attempt.started_at, end, tone, "at work for"))
    marks = [scale.mark(run.due_at, "due", "due")] if begin <= run.due_at <= end else []
    return scale.lane(f"Attempt {attempt.number}", segments, marks)


def _near(run: Run, attempt: Attempt, end: datetime) -> bool:
    """Whether the due time is near enough to the attempt to be shown with it: neither would hide the other."""
    return timedelta(0) <= attempt.started_at - run.due_at <= 20 * max(end - attempt.started_at, SHORTEST)


@dataclass(frozen=True, kw_only=True)
class _Scale:
    begin: datetime
    length: timedelta

    @classmethod
    def over(cls, instants: Sequence[datetime]) -> _Scale:
        return cls(begin=min(instants), length=max(max(instants) - min(instants), SHORTEST))

    def x(self, at: datetime) -> float:
        return round(WIDTH * ((at - self.begin) / self.length), 2)

    def segment(self, begin: datetime, end: datetime, kind: str, words: str) -> Segment:
        begin, end = min(begin, end), max(begin, end)
        width = max(LEAST, round(self.x(end) - self.x(begin), 2))
        return Segment(
            x=min(self.x(begin), WIDTH - width), width=width, kind=kind, words=f"{words} {duration(end - begin)}"
        )

    def mark(self, at: datetime, shape: str, words: str) -> Mark:
        return Mark(x=self.x(at), shape=shape, words=words)

    def lane(self, name: str, segments: Sequence[Segment], marks: Sequence[Mark]) -> Lane:
        step = tick_of(self.length)
        count = self.length // step
        ticks = [
            (round(WIDTH * (n * step / self.length), 2), duration(n * step) if n else "0") for n in range(count + 1)
        ]
        return Lane(name=name, length=self.length, segments=tuple(segments), marks=tuple(marks), ticks=tuple(ticks))


def tick_of(length: timedelta) -> timedelta:
    """The distance of ticks on a scale: a round one, so that there are two to five of them.

    >>> [duration(tick_of(timedelta(seconds=s))) for s in (0.01, 1.3, 42, 300, 7300, 100_000)]
    ['5 ms', '500 ms', '10 s', '2 min', '30 min', '6 h']
    """
    return next((step for step in _ROUND if length < 5 * step), _ROUND[-1])


_ROUND = (
    *(timedelta(milliseconds=step * 10**power) for power in range(4) for step in STEPS),
    *(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)),
    *(timedelta(days=days) for days in (2, 7, 30, 100, 365)),
)


def steps(run: Run) -> tuple[Step, ...]:
    """Everything that is recorded of the run's course, in order."""
    found = [(0, "due", run.due_at)]
    for one in run.attempts:
        own = (
            ("dispatched", one.dispatched_at),
            ("claimed", one.started_at),
            ("started", one.begun_at),
            ("finished", one.finished_at),
        )
        found += [(one.number, name, at) for name, at in own if at is not None]
    found.sort(key=lambda step: step[2])
    befores = [None, *(at for _, _, at in found[:-1])]
    return tuple(
        Step(
            attempt=number,
            name=name,
            at=at,
            from_due=at - run.due_at,
            from_before=None if before is None else at - before,
        )
        for (number, name, at), before in zip(found, befores, strict=True)
    )
