"""Named calendars: spans of time that an owner keeps under a name, for tasks to leave out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from chalicelib.core.calendars.recurrence import Effort, Recurrence, TooMuchWork, days_of
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import floor_ms

Span = tuple[datetime, datetime]
"""From an instant up to, but not including, a later one."""

NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,64}", re.ASCII)
"""What a calendar may be called; a path cannot hold a single or a double dot."""
MOST_SPANS = 1000
MOST_OCCURRENCES = 10_000
"""Of all events of a calendar together, before those that touch each other are joined."""
MOST_CANDIDATES = 200_000
"""Days that may be looked at for them: about a third of a second's work."""
BEHIND, AHEAD = timedelta(days=366), timedelta(days=3653)
"""What lies further back matters to no preview or backfill; an event without an end is known ten years ahead."""
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A named calendar of an owner. Its spans stand in order and apart."""

    owner: str
    name: str
    spans: tuple[Span, ...]
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """A recurrence and the last local time it may come to."""

    rule: Recurrence
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event of a calendar file, in the local time of its zone.

    `whole_days`: its length counts local days, however long these are. `also` and `without` are further local times,
    and those that are taken away; `days_without` takes away whatever begins on these days.
    """

    start: datetime
    length: timedelta
    zone: ZoneInfo
    whole_days: bool = False
    repeats: tuple[Repeat, ...] = ()
    also: tuple[tuple[datetime, timedelta], ...] = ()
    without: frozenset[datetime] = field(default_factory=frozenset)
    days_without: frozenset[date] = field(default_factory=frozenset)


def spans_of(events: Iterable[Event], now: datetime) -> tuple[Span, ...]:
    """The spans of events from a year back to ten years ahead, in order, joined where they touch.

    `Invalid` where they are more than 1,000, or where it would take long to find out.
    """
    low, high, effort = now - BEHIND, now + AHEAD, Effort(MOST_CANDIDATES)
    occurrences = (span for event in events for span in _spans_of_event(event, low, high, effort))
    try:
        found = list(islice(occurrences, MOST_OCCURRENCES + 1))
    except TooMuchWork as error:
        raise _too_large(str(error)) from error
    if len(found) > MOST_OCCURRENCES:
        raise _too_large(f"its events take place more than {MOST_OCCURRENCES:,} times in ten years")
    spans = joined(found)
    if len(spans) > MOST_SPANS:
        raise _too_large(f"it has {len(spans):,} separate spans in ten years: {MOST_SPANS:,} at most are kept")
    return spans


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in order and apart: what overlaps or touches is one span.

    >>> at = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 6)]
    >>> [(low.day, high.day) for low, high in joined([(at[3], at[4]), (at[0], at[1]), (at[1], at[2])])]
    [(1, 3), (4, 5)]
    """
    result: list[Span] = []
    for begin, end in sorted(spans):
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return tuple(result)


def _spans_of_event(event: Event, low: datetime, high: datetime, effort: Effort) -> Iterator[Span]:
    for local, length in _local_times(event, low, high, effort):
        begin = local.replace(tzinfo=event.zone).astimezone(UTC)
        end = (local + length).replace(tzinfo=event.zone).astimezone(UTC) if event.whole_days else begin + length
        if begin < end and begin < high and end > low:
            yield floor_ms(begin), floor_ms(min(end, high))


def _local_times(event: Event, low: datetime, high: datetime, effort: Effort) -> Iterator[tuple[datetime, timedelta]]:
    """When it begins, by the clock of its zone, and for how long."""
    begin = [] if event.repeats else [(event.start, event.length)]
    for local, length in (*begin, *event.also):
        if not _taken_away(event, local):
            yield local, length
    first_day, last_day = (low - event.length).date() - DAY, high.date() + DAY
    for repeat in event.repeats:
        last = last_day if repeat.until is None else min(last_day, repeat.until.date())
        for day in days_of(repeat.rule, event.start.date(), first_day, last, effort):
            local = datetime.combine(day, event.start.time())
            if (repeat.until is None or local <= repeat.until) and not _taken_away(event, local):
                yield local, event.length


def _taken_away(event: Event, local: datetime) -> bool:
    return local in event.without or local.date() in event.days_without


def _too_large(detail: str) -> Invalid:
    return Invalid(FieldError(pointer="", code="calendar_too_large", detail=detail))
