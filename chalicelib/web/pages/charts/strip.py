"""The strip: a task's last runs side by side, the newest at the right. Height says how long, shape and colour what came
of it.

Shape alone tells the results apart, so that nobody needs to see colours: what went well is a plain bar, what did not
looks different from it in its outline. Heights are measured by the longest run of the strip, or by a second where all
were shorter: what varies by milliseconds shall not look like mountains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from chalicelib.core.run import FINAL, Run, RunStatus
from chalicelib.web.pages.looks.words import RUN_LOOKS, duration

RUNS = 20
"""As many as a strip has places for."""
STEP, WIDE = 7, 5
"""Pixels from one mark to the next, and of a mark."""
HEIGHT = 24
TALLEST, SHORTEST = 22, 9
"""Pixels of the marks that have a length: lower ones could not be told apart by their shape."""
LOW = 5
"""Pixels of those that never started."""
SCALE_AT_LEAST = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One run: the outline of its shape, and what is said of it."""

    shape: str
    tone: str
    path: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Runs that ended alike, one after the other: how many, how, and how long the shortest and the longest took."""

    count: int
    word: str
    shortest: timedelta | None
    longest: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Strip:
    """The marks from the oldest to the newest. `label` says in a sentence what they show; `stretches` are the same as
    words."""

    width: int
    height: int
    marks: tuple[Mark, ...]
    label: str
    stretches: tuple[Stretch, ...]


def strip(runs: Sequence[Run], said: Callable[[datetime], str], places: int = RUNS) -> Strip:
    """The strip of some runs, given newest first as they are read. `said` writes an instant."""
    shown = list(reversed(runs[:places]))
    scale = max((took(run) or SCALE_AT_LEAST for run in shown), default=SCALE_AT_LEAST)
    scale = max(scale, SCALE_AT_LEAST)
    free = places - len(shown)
    return Strip(
        width=places * STEP,
        height=HEIGHT,
        marks=tuple(_mark(run, (free + place) * STEP + 1, scale, said) for place, run in enumerate(shown)),
        label=_label(shown),
        stretches=tuple(_stretches(shown)),
    )


def took(run: Run) -> timedelta | None:
    """From the first start of a run to its end; to the end of its last attempt while it waits for another. None where
    it has not started, or is still at work: what is not known yet is not drawn as though it were."""
    last = run.attempts[-1].finished_at if run.attempts else None
    end = run.finished_at if run.status in FINAL else last
    return None if run.started_at is None or end is None else max(timedelta(0), end - run.started_at)


def _mark(run: Run, x: int, scale: timedelta, said: Callable[[datetime], str]) -> Mark:
    look, (shape, outline) = RUN_LOOKS[run.status], SHAPES[run.status]
    return Mark(shape=shape, tone=look.tone, path=outline(x, _height(took(run), scale)), title=_title(run, said))


def _height(length: timedelta | None, scale: timedelta) -> int:
    """
    >>> minute = timedelta(minutes=1)
    >>> [_height(length, minute) for length in (timedelta(0), minute / 2, minute, None)]
    [9, 15, 22, 22]
    """
    return TALLEST if length is None else SHORTEST + int((TALLEST - SHORTEST) * (length / scale))


def _title(run: Run, said: Callable[[datetime], str]) -> str:
    length = took(run)
    told = [RUN_LOOKS[run.status].word, f"due {said(run.due_at)}"]
    told += [] if length is None else [f"took {duration(length)}"]
    told += [] if len(run.attempts) < 2 else [f"{len(run.attempts)} attempts"]
    told += [] if run.coalesced is None else [f"stands for {run.coalesced.count} due times"]
    return ", ".join(told)


def _label(shown: Sequence[Run]) -> str:
    """
    >>> _label([])
    'No runs yet'
    """
    if not shown:
        return "No runs yet"
    counted = Counter(RUN_LOOKS[run.status].word for run in shown)
    parts = ", ".join(f"{count} {word}" for word, count in counted.most_common())
    runs = "The last run" if len(shown) == 1 else f"The last {len(shown)} runs"
    newest = "" if len(counted) == 1 else f"; the newest {RUN_LOOKS[shown[-1].status].word}"
    return f"{runs}: {parts}{newest}"


def _stretches(shown: Sequence[Run]) -> list[Stretch]:
    found = []
    for status, some in groupby(shown, key=lambda run: run.status):
        alike = list(some)
        lengths = [length for length in map(took, alike) if length is not None]
        found.append(
            Stretch(
                count=len(alike),
                word=RUN_LOOKS[status].word,
                shortest=min(lengths, default=None),
                longest=max(lengths, default=None),
            )
        )
    return found


def _bar(x: int, height: int) -> str:
    """
    >>> _bar(1, 10)
    'M1 24v-10h5v10z'
    """
    return f"M{x} {HEIGHT}v-{height}h{WIDE}v{height}z"


def _exclamation(x: int, height: int) -> str:
    """A bar that stands off its foot."""
    return f"M{x} {HEIGHT}v-3h{WIDE}v3zM{x + 1} {HEIGHT - 5}l-1 -{height - 5}h{WIDE}l-1 {height - 5}z"


def _tee(x: int, height: int) -> str:
    """A thin bar that has hit a ceiling."""
    return f"M{x} {HEIGHT - height}h{WIDE}v3h-1.5v{height - 3}h-2v-{height - 3}h-1.5z"


def _broken(x: int, height: int) -> str:
    """A bar in pieces, which ends nowhere."""
    tops = range(HEIGHT, HEIGHT - height + 2, -5)
    return "".join(f"M{x} {top}v-3h{WIDE}v3z" for top in tops)


def _frame(x: int, height: int) -> str:
    """The outline of a bar: still being filled."""
    return f"M{x + 0.5:g} {HEIGHT - 0.5:g}v-{height - 1}h{WIDE - 1}v{height - 1}z"


def _peak(x: int, height: int) -> str:
    """It climbs once more."""
    return f"M{x} {HEIGHT}l{WIDE / 2:g} -{height}l{WIDE / 2:g} {height}z"


def _diamond(x: int, height: int) -> str:
    """An empty place, with edges."""
    return f"M{x + WIDE / 2:g} {HEIGHT - 7}l2.5 3.5l-2.5 3.5l-2.5 -3.5z"


def _ring(x: int, height: int) -> str:
    """A place that is kept."""
    return f"M{x + 0.5:g} {HEIGHT - 2.5:g}a2 2 0 1 1 4 0a2 2 0 1 1 -4 0z"


def _square(x: int, height: int) -> str:
    return f"M{x} {HEIGHT}v-{LOW}h{WIDE}v{LOW}z"


def _dash(x: int, height: int) -> str:
    return f"M{x} {HEIGHT - 1}v-2h{WIDE}v2z"


SHAPES: dict[RunStatus, tuple[str, Callable[[int, int], str]]] = {
    RunStatus.SUCCEEDED: ("bar", _bar),
    RunStatus.FAILED: ("exclamation", _exclamation),
    RunStatus.TIMED_OUT: ("tee", _tee),
    RunStatus.LOST: ("broken", _broken),
    RunStatus.MISSED: ("diamond", _diamond),
    RunStatus.RUNNING: ("frame", _frame),
    RunStatus.RETRYING: ("peak", _peak),
    RunStatus.QUEUED: ("ring", _ring),
    RunStatus.CANCELLED: ("square", _square),
    RunStatus.SKIPPED: ("dash", _dash),
}
"""The name of each status's shape, and how it is drawn. `frame` and `ring` are lines, the others are filled."""


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A shape with the word for it, for a legend."""

    word: str
    mark: Mark


def legend() -> tuple[Sign, ...]:
    """Every shape once, in the order in which a strip is mostly made of them."""
    return tuple(
        Sign(
            word=RUN_LOOKS[status].word,
            mark=Mark(shape=shape, tone=RUN_LOOKS[status].tone, path=outline(1, 16), title=""),
        )
        for status, (shape, outline) in SHAPES.items()
    )
