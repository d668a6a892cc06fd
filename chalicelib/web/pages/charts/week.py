"""A week: seven days of hours as a clock in some zone shows them, and what falls into each.

Where the clock is changed a day has an hour that does not exist, or one that comes twice: both are said in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from chalicelib.web.pages.looks.marks import Shape

DAYS = 7
DAY = timedelta(days=1)
HOURS = 24
HALF_HOURS = (0, 30)
"""Minutes at which it is looked whether the clock shows an hour never or twice: one zone's clock goes by half hours."""
QUARTER = timedelta(minutes=15)
"""Clocks are changed at full quarters of an hour."""
MOST_LINES = 2
"""What an hour says line by line; more is counted."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One run, or one due time, as an hour of the week names it. Those to come are outlined."""

    at: datetime
    name: str
    mark: Shape
    path: str
    ahead: bool = False


@dataclass(kw_only=True)
class Hour:
    """What falls into an hour of a day: `runs` that were, of which some are `troubled`, and what is `due`, about."""

    day: date
    hour: int
    missing: bool = False
    twice: bool = False
    current: bool = False
    runs: int = 0
    troubled: int = 0
    due: float = 0.0
    lines: list[Line] = field(default_factory=list)

    @property
    def ahead(self) -> int:
        """How many due times are to come, at least one where there are any."""
        return max(1, round(self.due)) if self.due > 0 else 0

    @property
    def empty(self) -> bool:
        return not (self.runs or self.ahead)

    @property
    def dense(self) -> bool:
        """Whether its runs are counted instead of named."""
        return self.runs + self.ahead > min(MOST_LINES, len(self.lines))


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day with its hours; `change` says what the clock does in it."""

    date: date
    hours: tuple[Hour, ...]
    today: bool = False
    change: str = ""

    @property
    def runs(self) -> int:
        return sum(hour.runs for hour in self.hours)

    @property
    def troubled(self) -> int:
        return sum(hour.troubled for hour in self.hours)

    @property
    def ahead(self) -> int:
        return sum(hour.ahead for hour in self.hours)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A day on which the clock of some zone is changed, and how."""

    date: date
    zone: tzinfo
    told: str


@dataclass(frozen=True, kw_only=True)
class Week:
    """Seven days from `begin` to `end`, as a clock in `zone` shows them."""

    zone: tzinfo
    days: tuple[Day, ...]
    begin: datetime
    end: datetime

    def hour(self, instant: datetime) -> Hour | None:
        """The hour that an instant lies in; None for one of another week."""
        local = instant.astimezone(self.zone)
        day = (local.date() - self.days[0].date).days
        return self.days[day].hours[local.hour] if 0 <= day < DAYS else None

    def edges(self, since: datetime) -> tuple[datetime, ...]:
        """The instants at which the clock shows a full hour, from the hour of `since` on, and the week's end."""
        found = {self.begin}
        for day in self.days:
            for hour in day.hours:
                found |= set(_instants(day.date, hour.hour, 0, self.zone))
        within = sorted(one for one in found if self.begin <= one < self.end)
        first = max((one for one in within if one <= since), default=self.begin)
        return (*(one for one in within if one >= first), self.end)


def monday(day: date) -> date:
    """The Monday of a day's week.

    >>> monday(date(2026, 11, 21)).isoformat()
    '2026-11-16'
    """
    return day - day.weekday() * DAY


def empty_week(first: date, zone: tzinfo, now: datetime) -> Week:
    """The week that begins with a day, nothing in it yet."""
    local = now.astimezone(zone)
    days = tuple(_day(first + n * DAY, zone, local) for n in range(DAYS))
    return Week(zone=zone, days=days, begin=_midnight(first, zone), end=_midnight(first + DAYS * DAY, zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    """The instant at which a day begins; where the clock jumps over midnight, the end of the gap."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(day: date, zone: tzinfo, now: datetime) -> Day:
    hours = []
    for hour in range(HOURS):
        shown = [len(_instants(day, hour, minute, zone)) for minute in HALF_HOURS]
        current = day == now.date() and hour == now.hour
        hours.append(Hour(day=day, hour=hour, missing=not any(shown), twice=max(shown) > 1, current=current))
    return Day(date=day, hours=tuple(hours), today=day == now.date(), change=_change(day, zone))


def _instants(day: date, hour: int, minute: int, zone: tzinfo) -> tuple[datetime, ...]:
    """When a clock in this zone shows a time of a day: never, once or twice."""
    found = []
    for fold in (0, 1):
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
        instant = local.astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
            found.append(instant)
    return tuple(dict.fromkeys(found))


def _change(day: date, zone: tzinfo) -> str:
    """What the clock does on a day, in words; nothing on most."""
    at, end = _midnight(day, zone), _midnight(day + DAY, zone)
    while at < end:
        before, after = ((at - gone).astimezone(zone).utcoffset() for gone in (QUARTER, timedelta(0)))
        step = (after or timedelta(0)) - (before or timedelta(0))
        if step:
            return _told(at, step, zone)
        at += QUARTER
    return ""


def changes(week: Week, zones: Iterable[tzinfo]) -> tuple[Change, ...]:
    """When the clocks of other zones are changed in a week."""
    found = ((day.date, zone, _change(day.date, zone)) for day in week.days for zone in zones)
    return tuple(Change(date=day, zone=zone, told=told) for day, zone, told in found if told)


def _told(instant: datetime, step: timedelta, zone: tzinfo) -> str:
    """The change of the clock that happens at an instant, as everybody says it: what it jumps from, and to.

    >>> from zoneinfo import ZoneInfo
    >>> _told(datetime(2026, 3, 29, 1, tzinfo=UTC), timedelta(hours=1), ZoneInfo("Europe/Paris"))
    'The clock goes forward from 02:00 to 03:00: the time between does not exist.'
    """
    to = instant.astimezone(zone)
    old = to.replace(tzinfo=None) - step
    if step > timedelta(0):
        return f"The clock goes forward from {old:%H:%M} to {to:%H:%M}: the time between does not exist."
    return f"The clock goes back from {old:%H:%M} to {to:%H:%M}: the time between comes twice."


def fill(week: Week, runs: Iterable[tuple[Line, bool]], due: Iterable[Line]) -> None:
    """Put runs, each with whether it needs attention, and due times into the hours of a week."""
    for line, troubled in runs:
        hour = week.hour(line.at)
        if hour is not None:
            hour.runs += 1
            hour.troubled += troubled
            _name(hour, line, first=troubled)
    for line in due:
        hour = week.hour(line.at)
        if hour is not None:
            hour.due += 1
            _name(hour, line)


def add(week: Week, edges: Sequence[datetime], slots: Sequence[float]) -> None:
    """Put due times that are known by their number into the hours that begin at the edges."""
    for at, count in zip(edges, slots, strict=False):
        hour = week.hour(at)
        if hour is not None:
            hour.due += count


def _name(hour: Hour, line: Line, *, first: bool = False) -> None:
    """Name a run in its hour, if there is room; what needs attention goes before the rest."""
    hour.lines.insert(0 if first else len(hour.lines), line)
    del hour.lines[MOST_LINES:]
