"""Sentences: schedules said for people."""

from __future__ import annotations

import importlib
import re
from datetime import datetime
from functools import lru_cache

from chalicelib.core.schedule import Cron, Interval, Once, Schedule
from chalicelib.core.schedule.cron_text import HASHED
from chalicelib.core.schedule.months import ShortMonths


def sentence(schedule: Schedule) -> str:
    """A schedule in words, without what its owner makes of it (bounds, jitter, exclusions).

    >>> from datetime import UTC, datetime
    >>> from chalicelib.core.schedule import parse
    >>> now = datetime(2026, 1, 31, tzinfo=UTC)
    >>> sentence(parse({"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"}, now))
    'At 02:30 (Europe/Paris)'
    >>> sentence(parse({"type": "interval", "every": 90, "unit": "seconds"}, now))
    'Every 90 seconds'
    >>> sentence(parse({"type": "once", "at": "2026-12-24T18:00:00+01:00"}, now))
    'Once, on 24 December 2026 at 17:00 (UTC)'
    >>> sentence(parse({"type": "cron", "expression": "30 2 */2 * 1"}, now))
    'At 02:30, every 2 days, only on Monday (UTC)'
    >>> sentence(parse({"type": "cron", "expression": "*/90 * * * *"}, now))
    'By cron */90 * * * * (UTC)'
    """
    match schedule:
        case Once():
            return f"Once, on {_instant(schedule.at)} (UTC)"
        case Interval():
            return _interval(schedule)
        case Cron():
            said = _cron(schedule.rule.expression)
            both = said if schedule.rule.day_fields_are_ored else said.replace(", or on ", ", only on ")
            return f"{both} ({schedule.rule.time_zone})"


STEP = re.compile(r"/([0-9]+)", re.ASCII)
SIZES = (60, 60, 24, 31, 12, 7)
"""How many values the fields of an expression have, from the seconds to the days of the week."""


def _instant(at: datetime) -> str:
    """Its day and the time of day in UTC, as exact as needed."""
    exact = "auto" if at.microsecond == 0 and at.second else "minutes" if at.microsecond == 0 else "milliseconds"
    return f"{at.day} {at:%B %Y} at {at.time().isoformat(exact)}"


def _interval(schedule: Interval) -> str:
    unit = str(schedule.unit)
    said = f"Every {unit.removesuffix('s')}" if schedule.every == 1 else f"Every {schedule.every} {unit}"
    if schedule.unit != "months":
        return said
    skipped = ", not in months that are too short" if schedule.short_months is ShortMonths.SKIP else ""
    return f"{said}{skipped} ({schedule.time_zone})"


@lru_cache(maxsize=1024)
def _cron(expression: str) -> str:
    """What a checked expression means. `H`, which each task fills in for itself, has no words of its own, and neither
    has a step that leads out of its field: `*/90` minutes are not every 90 minutes, but each full hour."""
    if HASHED.search(expression):
        return f"By cron {expression}, each H a number of the task's own"
    if _steps_out(expression):
        return f"By cron {expression}"
    library = importlib.import_module("cron_descriptor")  # on first use: no worker should wait for it when it starts
    options = library.Options()
    options.use_24hour_time_format = True
    try:
        said = str(library.get_description(expression, options))
    except Exception:  # a form that only our cron knows; whatever it raises, there is a plain way to say it
        said = ""
    return said if said and "  " not in said else f"By cron {expression}"  # with a gap where it knew no word


def _steps_out(expression: str) -> bool:
    fields = expression.split()
    sizes = SIZES[len(SIZES) - len(fields) :] if len(fields) < len(SIZES) else SIZES
    return any(int(step) > size for field, size in zip(fields, sizes, strict=False) for step in STEP.findall(field))
