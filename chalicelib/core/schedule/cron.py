"""Cron expressions in a time zone, with Debian's rules around clock changes.

What is plain is stepped through by `plain_cron`, the rest by croniter, in local wall-clock time, where every minute
exists once. The layer above turns that into instants: a wall time that the clock jumps over, or shows twice, is settled
here. Source: Debian's cron(8).
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import EPOCH, LATEST
from chalicelib.core.schedule.cron_text import HASHED, normal_form, text_problem
from chalicelib.core.schedule.plain_cron import plain_cron
from chalicelib.core.schedule.wall_clock import SECOND, Wall, wall_time

UNIX_FIELDS, FIELDS_WITH_YEAR = 5, 7
NO_ZONES = ("localtime", "posixrules", "Factory")
"""Names that some machines have for whatever zone they are in."""
ALL = (range(60), range(24), range(1, 32), range(1, 13), range(7), range(60))
"""What a star stands for, in croniter's order: minute, hour, day of month, month, day of week, second."""
YEARS = LATEST.year - EPOCH.year
FIRST_WALL_TIME = EPOCH.replace(tzinfo=None)
CLOCK_CORRECTION = timedelta(hours=3)
"""Debian's cron takes a larger change of the clock for a correction, and makes up for nothing."""


class Gap(enum.StrEnum):
    """What becomes of a fixed time that the clock jumps over in spring."""

    RUN = "run"
    """It runs once, at the end of the gap."""
    SKIP = "skip"
    """It does not run that day."""


class Fold(enum.StrEnum):
    """What becomes of a fixed time that the clock shows twice in autumn."""

    ONCE = "once"
    """It runs the first time."""
    TWICE = "twice"
    """It runs both times."""


@dataclass(frozen=True, kw_only=True)
class CronRule:
    """A checked cron expression in a time zone. Make one with `cron_rule`."""

    expression: str
    time_zone: str
    gap: Gap = Gap.RUN
    fold: Fold = Fold.ONCE
    seed: str = ""

    def next_after(self, instant: datetime) -> datetime | None:
        """The first instant of the rule that is later than the given one, or None if there is none before 2100.

        >>> from datetime import datetime, UTC
        >>> rule = cron_rule("30 2 * * *", "Europe/Paris")
        >>> rule.next_after(datetime(2026, 3, 28, 12, tzinfo=UTC)).isoformat()  # 02:30 does not exist: 03:00 local
        '2026-03-29T01:00:00+00:00'
        """
        found = self._first(instant)
        return found if found is not None and found < LATEST else None

    def caught_up(self, instant: datetime) -> bool:
        """Whether an instant of the rule makes up for a wall time that the clock jumped over."""
        wall = wall_time(instant, _zone(self.time_zone))
        return self._step(wall - SECOND) != wall

    def shown_twice(self, instant: datetime) -> bool:
        """Whether the clock shows the wall time of an instant twice."""
        zone = _zone(self.time_zone)
        return Wall.at(wall_time(instant, zone), zone).ambiguous

    def _first(self, after: datetime) -> datetime | None:
        zone, step = _zone(self.time_zone), self._step
        local = after.astimezone(zone)
        start = local.replace(tzinfo=None, microsecond=0, fold=0)
        found = self._from(start, after, zone, step)
        meeting = Wall.at(start, zone)
        if local.fold or not meeting.ambiguous or not self._runs_twice:
            return found
        again = step(wall_time(meeting.transition(), zone) - SECOND)  # the clock will show these times again
        repeated = None if again is None else again.replace(tzinfo=zone, fold=1).astimezone(UTC)
        return min((x for x in (found, repeated) if x is not None), default=None)

    def _from(self, start: datetime, after: datetime, zone: ZoneInfo, step: _Step) -> datetime | None:
        """The first instant after `after` whose wall time matches later than `start`."""
        while (match := step(start)) is not None:
            wall = Wall.at(match, zone)
            for instant in self._instants(wall):
                if instant > after:
                    return instant
            start = match if not wall.special else max(match, wall.end() - SECOND)
        return None

    def _instants(self, wall: Wall) -> tuple[datetime, ...]:
        """When the clock shows this matching wall time: never, once or twice, by Debian's rules."""
        if wall.skipped:
            catches_up = not self._starred and self.gap is Gap.RUN and wall.change < CLOCK_CORRECTION
            return (wall.transition(),) if catches_up else ()
        if wall.ambiguous and self._runs_twice:
            return (wall.first, wall.second)
        return (wall.first,)

    @property
    def day_fields_are_ored(self) -> bool:
        """Both day fields are restricted: either of them is enough."""
        day_of_month, _, day_of_week = self._unix_fields()[2:]
        return not day_of_month.startswith("*") and not day_of_week.startswith("*")

    def values(self) -> tuple[frozenset[int], ...] | None:
        """What each field stands for: minutes, hours, days of the month, months, days of the week (Sunday is 0) and
        seconds. None for an expression with a year, or with days that are no numbers, like the last Friday.

        >>> [len(field) for field in cron_rule("*/20 9-17 * * 1-5", "UTC").values()]
        [3, 9, 31, 12, 5, 1]
        """
        plain = plain_cron(self.expression, either_day=False)
        if plain is not None:
            named = (plain.minutes, plain.hours, plain.days, plain.months, plain.weekdays, plain.seconds)
            return tuple(frozenset(field) for field in named)
        compiled = _compiled(self.expression, self.seed)
        fields = [*compiled.expanded, [0]][:6]
        special = any(type(value) is not int for field in fields for value in field if value != "*")
        if special or compiled.nth_weekday_of_month or len(self.expression.split()) == FIELDS_WITH_YEAR:
            return None
        return tuple(frozenset(ALL[at] if field == ["*"] else field) for at, field in enumerate(fields))

    @property
    def _step(self) -> _Step:
        return _stepper(self.expression, self.seed, self.day_fields_are_ored)

    def _unix_fields(self) -> list[str]:
        """Minute, hour, day of month, month, day of week; without the seconds before and the year behind."""
        fields = self.expression.split()
        return fields if len(fields) == UNIX_FIELDS else fields[1 : UNIX_FIELDS + 1]

    @property
    def _runs_twice(self) -> bool:
        return self._starred or self.fold is Fold.TWICE

    @property
    def _starred(self) -> bool:
        """Whether the hour or the minute begins with a star: such a rule follows the real clock."""
        minute, hour = self._unix_fields()[:2]
        return minute.startswith("*") or hour.startswith("*")


_Step = Callable[[datetime], datetime | None]


@lru_cache(maxsize=4096)
def _stepper(expression: str, seed: str, day_or: bool) -> _Step:
    """A function from a wall time to the next one that matches. `seed` spreads what `H` stands for.

    Debian's cron takes a day field that begins with a star for no restriction of its own: both have to match then.
    """
    plain = plain_cron(expression, either_day=day_or)
    return _croniter_stepper(expression, seed, day_or) if plain is None else plain.next_after


def _croniter_stepper(expression: str, seed: str, day_or: bool) -> _Step:
    """The same for what is not plain."""
    expressions = _either_day(expression) if day_or else (expression,)
    compiled = [_compiled(each, seed) for each in expressions]
    possible = [each for each in compiled if _step(each, FIRST_WALL_TIME) is not None]

    def step(wall: datetime) -> datetime | None:
        found = (_step(each, wall) for each in possible)
        return min((wall for wall in found if wall is not None), default=None)

    return step


def _compiled(expression: str, seed: str) -> croniter:
    """An expression with a year is looked for in every year that instants may lie in."""
    years = YEARS if len(expression.split()) == FIELDS_WITH_YEAR else None
    return croniter(
        expression,
        0.0,
        second_at_beginning=True,
        hash_id=seed.encode(),
        day_or=False,
        max_years_between_matches=years,
    )


def _either_day(expression: str) -> tuple[str, str]:
    """Two expressions of which either has to match, each with one of the day fields.

    croniter knows *or* as well, but looks through fifty years at every step where one of the two can never match.
    """
    fields = expression.split()
    at = 2 if len(fields) == UNIX_FIELDS else 3
    by_month, by_week = fields.copy(), fields.copy()
    by_week[at], by_month[at + 2] = "*", "*"
    return " ".join(by_month), " ".join(by_week)


def _step(compiled: croniter, wall: datetime) -> datetime | None:
    own = copy.copy(compiled)  # croniter keeps its position in itself, and several threads ask
    try:
        found: datetime = own.get_next(datetime, start_time=wall)
    except CroniterError:
        return None
    return found.replace(tzinfo=None)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def cron_rule(expression: str, time_zone: str, gap: Gap = Gap.RUN, fold: Fold = Fold.ONCE, seed: str = "") -> CronRule:
    """The rule that an expression and a zone name; `Invalid` names the field that is wrong and what would be right.

    Five fields (minute hour day-of-month month day-of-week), six with seconds first, or a name like @daily.

    >>> cron_rule("@daily", "UTC").expression
    '0 0 * * *'
    >>> cron_rule("61 * * * *", "UTC")
    Traceback (most recent call last):
    chalicelib.core.errors.Invalid: /expression: not a cron expression: [61 * * * *] is not acceptable, out of range
    """
    problems = [*_zone_problems(time_zone), *_expression_problems(expression)]
    if problems:
        raise Invalid(*problems)
    return stored_rule(expression, time_zone, gap, fold, seed)


def stored_rule(expression: str, time_zone: str, gap: Gap, fold: Fold, seed: str) -> CronRule:
    """The rule of an expression that was checked before it was stored: a pass reads thousands."""
    text = normal_form(expression)
    own = seed if HASHED.search(text) else ""  # rules without `H` share what is compiled for them
    return CronRule(expression=text, time_zone=time_zone, gap=gap, fold=fold, seed=own)


def _zone_problems(name: str) -> list[FieldError]:
    try:
        if name in NO_ZONES:
            raise ValueError("means another zone on another machine")
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        detail = f"{name[:64]!r} is not a time zone: use an IANA name like Europe/Paris or UTC"
        return [FieldError(pointer="/time_zone", code="unknown_time_zone", detail=detail)]
    return []


def check_zone(name: str) -> None:
    """`Invalid` for a name that is no time zone."""
    problems = _zone_problems(name)
    if problems:
        raise Invalid(*problems)


def _expression_problems(expression: str) -> list[FieldError]:
    problem = _expression_problem(expression)
    return [FieldError(pointer="/expression", code="invalid_cron", detail=problem)] if problem else []


def _expression_problem(expression: str) -> str | None:
    if problem := text_problem(expression):
        return problem
    try:
        croniter.expand(normal_form(expression), second_at_beginning=True, hash_id=b"any")
    except (CroniterError, ValueError, AttributeError, KeyError, IndexError, TypeError) as error:
        return f"not a cron expression: {str(error)[:200]}"
    return None
