"""The hours around now: what the dashboard draws as a band, and says again as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from chalicelib.core.overview.past import Past, Tally
from chalicelib.web.pages.charts.band import Dot, Slot, Strip, strip
from chalicelib.web.pages.looks.marks import DUE, TAKEN_OUT, Shape, mark_of
from chalicelib.web.pages.work.account_view import AccountView

SPAN = timedelta(hours=12)
HOUR = timedelta(hours=1)
SLOT = timedelta(minutes=5)
"""Bars stand for so much, and the band moves on in such steps: it is the same page until then."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """An hour in words: how its runs ended, and what is due in it."""

    begin: datetime
    tally: Tally
    due: int
    past: bool


@dataclass(frozen=True, kw_only=True)
class Busiest:
    """The five minutes in which most is due, or was."""

    begin: datetime
    end: datetime
    count: int


@dataclass(frozen=True, kw_only=True)
class Band:
    """Twelve hours behind and twelve ahead; which shapes are drawn; and the same as rows."""

    past: Strip
    ahead: Strip
    shapes: tuple[Shape, ...]
    rows: tuple[Row, ...]
    busiest: Busiest | None
    begin: datetime
    end: datetime


def band(seen: AccountView, zone: tzinfo) -> Band:
    """The band of an account, at an instant that moves on every five minutes."""
    turn = seen.now - (seen.now - seen.now.replace(minute=0, second=0, microsecond=0)) % SLOT
    begin, end = turn + SLOT - SPAN, turn + SPAN
    behind, ahead = list(_slots_behind(seen.past, begin, turn + SLOT)), list(_slots_ahead(seen, turn, end))
    peak = max((slot.count for slot in (*behind, *ahead)), default=0.0)
    were, to_come = list(_dots_behind(seen, begin)), [dot for dot in _dots_ahead(seen) if dot.at < end]
    shapes = {dot.mark for dot in (*were, *to_come)}
    return Band(
        past=strip(were, behind, begin, turn + SLOT, peak=peak, zone=zone),
        ahead=strip(to_come, ahead, turn, end, peak=peak, zone=zone),
        shapes=tuple(sorted(shapes, key=lambda shape: (-shape.weight, shape.word))),
        rows=tuple(_rows(seen, turn, zone)),
        busiest=_busiest([*behind, *ahead]),
        begin=begin,
        end=end,
    )


def _dots_behind(seen: AccountView, begin: datetime) -> Iterator[Dot]:
    """A mark for each run that was read or needs attention; the bars stand for the others."""
    names = {task.id: task.definition.name for task in seen.tasks}
    for key in seen.past.within(begin, seen.now):
        run, troubled = seen.past.read.get(key), seen.past.is_trouble(key)
        if run is not None or troubled:
            mark = mark_of(None if run is None else run.status, troubled=troubled)
            name = names.get(key[0], "a task") if run is None else run.task_name
            yield Dot(at=key[1], mark=mark, name=name)


def _dots_ahead(seen: AccountView) -> Iterator[Dot]:
    names = {task.id: task.definition.name for task in seen.tasks}
    yield from (Dot(at=one.at, mark=DUE, name=one.task.definition.name) for one in seen.ahead.due if one.at > seen.now)
    yield from (
        Dot(at=due, mark=TAKEN_OUT, name=names[task_id])
        for task_id, due in seen.past.skipped
        if due > seen.now and task_id in names
    )


def _edges(begin: datetime, end: datetime) -> list[datetime]:
    return [begin + n * SLOT for n in range((end - begin) // SLOT + 1)]


def _slots_behind(past: Past, begin: datetime, end: datetime) -> Iterator[Slot]:
    for low, high in pairwise(_edges(begin, end)):
        keys = past.within(low, high)
        if keys:
            yield Slot(begin=low, end=high, count=len(keys), troubled=sum(past.is_trouble(key) for key in keys))


def _slots_ahead(seen: AccountView, begin: datetime, end: datetime) -> Iterator[Slot]:
    found = dict.fromkeys(_edges(begin, end)[:-1], 0.0)
    for one in seen.ahead.due:
        slot = begin + (one.at - begin) // SLOT * SLOT
        if one.at > seen.now and slot in found:
            found[slot] += 1
    for low, count in zip(seen.ahead.edges, seen.ahead.slots, strict=False):
        if low in found:
            found[low] += count
    yield from (Slot(begin=low, end=low + SLOT, count=count) for low, count in found.items() if count > 0)


def _busiest(slots: list[Slot]) -> Busiest | None:
    """Where runs come together; nothing where hardly two do."""
    most = max(slots, key=lambda slot: slot.count, default=None)
    if most is None or most.count <= 2:
        return None
    return Busiest(begin=most.begin, end=most.end, count=round(most.count))


def _rows(seen: AccountView, turn: datetime, zone: tzinfo) -> Iterator[Row]:
    """Full hours as a clock in the zone shows them: those behind with how runs ended, those ahead with what is due."""
    local = turn.astimezone(zone)
    hour = turn - timedelta(minutes=local.minute)
    for n in range(-11, 13):
        low, high = hour + n * HOUR, hour + (n + 1) * HOUR
        due = seen.ahead.count(max(low, seen.now), high) if high > seen.now else 0
        yield Row(begin=low, tally=seen.past.tally(low, high), due=due, past=low <= seen.now)
