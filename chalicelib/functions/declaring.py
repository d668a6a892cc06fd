"""What a function says of itself beyond its code: what it is told when it runs, when it is due, how it is retried.

Workers load this file at every start: it holds values and takes nothing apart. Whether a schedule ever fires, and
whether arguments fit, is asked where schedules in code are synced.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import Logger
from typing import Any

from chalicelib.core.instant import to_text
from chalicelib.core.task import Overlap, Priority

UNITS = ("seconds", "minutes", "hours", "days", "weeks", "months")
BOUNDS = ("start_at", "end_at", "jitter_seconds", "exclude")
"""What a schedule in code may say besides, as the API names it."""
ZONED = {"interval": ("short_months",), "cron": ("dst_gap", "dst_fold")}
MOST_RETRIES = 19
"""A run has twenty attempts at most."""
TIMEOUTS = (1, 840)
"""Seconds."""
LONGEST_NAME = 100
"""Characters of a function's name, and of a schedule's: that is the name of a task."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a function is told that takes a parameter `ctx`, or one annotated with this class.

    `attempt` counts from 1. `deadline` is when the attempt is stopped. What `logger` is told stands in the
    run's output. `results` are those of the members before it, in order, where it follows a group or stands in a chain;
    `left_out` is how many at the end were too much to hand on.
    """

    task_id: str
    run_id: str
    due_at: datetime
    attempt: int
    deadline: datetime
    logger: Logger
    results: tuple[Any, ...] = ()
    left_out: int = 0
    ends: float = field(default=0.0, repr=False)
    """The deadline on the monotonic clock, which nobody sets back."""

    def remaining(self) -> timedelta:
        """How much time is left until the deadline; none is left rather than less than that."""
        return timedelta(seconds=max(0.0, self.ends - time.monotonic()))


@dataclass(frozen=True, kw_only=True)
class Due:
    """A schedule of a function, in code: `schedule` is JSON as the API has it. `name` tells it from the others."""

    schedule: Mapping[str, Any]
    name: str = ""
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def every(
    *, tz: str = "UTC", name: str = "", args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None, **said: Any
) -> Due:
    """Due again and again: `every(minutes=60)`, `every(months=1, start_at="2026-01-31T09:00:00Z")`.

    >>> every(minutes=60).schedule
    {'type': 'interval', 'every': 60, 'unit': 'minutes'}
    """
    given = [unit for unit in UNITS if unit in said]
    if len(given) != 1:
        raise TypeError(f"every() takes one of {', '.join(UNITS)}, like every(minutes=60)")
    step = said.pop(given[0])
    if isinstance(step, bool) or not isinstance(step, int) or step < 1:
        raise TypeError(f"every({given[0]}=...) takes a whole number, at least 1, not {step!r}")
    zone = {} if tz == "UTC" else {"time_zone": tz}
    schedule = {"type": "interval", "every": step, "unit": given[0]} | zone
    return _due(schedule, name, args, kwargs, said)


def cron(
    expression: str,
    *,
    tz: str = "UTC",
    name: str = "",
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    **said: Any,
) -> Due:
    """Due when the clock of a time zone shows what an expression says: `cron("30 2 * * *", tz="Europe/Paris")`.

    >>> cron("30 2 * * *", tz="Europe/Paris").schedule
    {'type': 'cron', 'expression': '30 2 * * *', 'time_zone': 'Europe/Paris'}
    """
    return _due({"type": "cron", "expression": expression, "time_zone": tz}, name, args, kwargs, said)


def once(
    at: datetime | str, *, name: str = "", args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> Due:
    """Due one time: `once("2026-12-24T18:00:00+01:00")`.

    >>> once("2026-12-24T18:00:00+01:00").schedule
    {'type': 'once', 'at': '2026-12-24T18:00:00+01:00'}
    """
    if isinstance(at, datetime) and at.tzinfo is None:
        raise TypeError("once() takes an instant with an offset: give the datetime a tzinfo")
    return _due({"type": "once", "at": to_text(at) if isinstance(at, datetime) else at}, name, args, kwargs, {})


def policies_of(
    retries: int | None, timeout: float | timedelta | None, overlap: str | None, priority: str | None
) -> dict[str, Any]:
    """What tasks that call a function have where they say nothing themselves, as the API names it.

    >>> policies_of(2, timedelta(minutes=5), "skip", None)
    {'retry': {'max_attempts': 3}, 'timeout_seconds': 300, 'overlap': 'skip'}
    """
    found: dict[str, Any] = {}
    if retries is not None:
        if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= MOST_RETRIES:
            raise TypeError(f"retries= takes a whole number from 0 to {MOST_RETRIES}, not {retries!r}")
        found["retry"] = {"max_attempts": retries + 1}
    if timeout is not None:
        found["timeout_seconds"] = _seconds(timeout)
    for name, value, known in (("overlap", overlap, list(Overlap)), ("priority", priority, list(Priority))):
        if value is not None:
            if value not in known:
                raise TypeError(f"{name}= takes one of {', '.join(known)}, not {value!r}")
            found[name] = str(value)
    return found


def schedules_of(name: str, given: Due | Sequence[Due] | None) -> dict[str, Due]:
    """A function's schedules by their stable names: the function's own, or with the schedule's behind it.

    >>> list(schedules_of("report", [every(hours=1), cron("0 9 * * 1", name="weekly")]))
    ['report', 'report.weekly']
    """
    found: dict[str, Due] = {}
    several = [given] if isinstance(given, Due) else given or ()
    for due in several if isinstance(several, list | tuple) else [several]:
        if not isinstance(due, Due):
            raise TypeError(f"schedule= takes every(...), cron(...), once(...) or a list of them, not {due!r}")
        stable = f"{name}.{due.name}" if due.name else name
        if stable in found:
            raise TypeError(f"{name} has two schedules called {due.name or 'nothing'}: give each a name= of its own")
        if len(stable) > LONGEST_NAME or not stable.isprintable():
            raise TypeError(f"the schedule {stable!r} needs a name of {LONGEST_NAME} printable characters at most")
        found[stable] = due
    return found


def _due(
    schedule: dict[str, Any],
    name: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None,
    said: Mapping[str, Any],
) -> Due:
    known = (*BOUNDS, *ZONED.get(schedule["type"], ()))
    wrong = [one for one in said if one not in known]
    if wrong:
        raise TypeError(f"a schedule in code has no {wrong[0]!r}: known are {', '.join(known)}")
    for given, value in said.items():
        schedule[given] = to_text(value) if isinstance(value, datetime) and value.tzinfo is not None else value
    return Due(schedule=schedule, name=name, args=tuple(args), kwargs=dict(kwargs or {}))


def _seconds(timeout: float | timedelta) -> float:
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    low, high = TIMEOUTS
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not low <= seconds <= high:
        raise TypeError(f"timeout= takes {low} to {high} seconds or such a timedelta, not {timeout!r}")
    return int(seconds) if seconds == int(seconds) else seconds
