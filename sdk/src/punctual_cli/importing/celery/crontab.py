"""Celery's crontabs as cron expressions.

They differ in three ways. All five fields have to match, where cron takes either of two restricted day fields: the days
of the week become exclusions of the others. Ranges may run over the end (`22-2`), which is written as two. Names of
days and months may be written out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from punctual_cli.importing.celery.periodic import Crontab
from punctual_cli.importing.found import Impossible

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIELDS: Mapping[str, tuple[int, int, Mapping[str, int]]] = {
    "minute": (0, 59, {}),
    "hour": (0, 23, {}),
    "day_of_month": (1, 31, {}),
    "month_of_year": (1, 12, {name: number for number, name in enumerate(MONTHS, start=1)}),
    "day_of_week": (0, 6, {name: number for number, name in enumerate(DAYS)}),
}
"""Lowest, highest, names."""
PART = re.compile(r"(?:\*|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>[0-9]{1,3}))?", re.ASCII)
LETTERS = 3
"""Of a name, that tell it from the others."""


@dataclass(frozen=True, kw_only=True)
class Converted:
    """Members of a schedule, and what is to be said of them."""

    schedule: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def converted(crontab: Crontab) -> Converted:
    """What the API calls the same; `Impossible` for what Celery would not take either.

    >>> converted(Crontab(minute="0", hour="22-2", day_of_week="mon-fri")).schedule
    {'expression': '0 22-23,0-2 * * 1-5'}
    >>> converted(Crontab(minute="0", hour="9", day_of_month="1-7", day_of_week="monday")).schedule["expression"]
    '0 9 1-7 * *'
    """
    fields = {name: _field(getattr(crontab, name), name) for name in FIELDS}
    both = not fields["day_of_month"].startswith("*") and not fields["day_of_week"].startswith("*")
    if not both:
        return Converted(schedule={"expression": " ".join(fields.values())})
    chosen = days_of(fields["day_of_week"])
    others = [name for number, name in enumerate(DAYS) if number not in chosen]
    schedule: dict[str, Any] = {"expression": " ".join((fields | {"day_of_week": "*"}).values())}
    if others:
        schedule["exclude"] = [{"weekly": others, "from": "00:00", "to": "24:00"}]
    said = (
        "day of the month and day of the week both have to match in Celery, where cron takes either: the other days of "
        "the week are excluded",
    )
    return Converted(schedule=schedule, notes=said)


def days_of(field: str) -> frozenset[int]:
    """The days of the week that a field of numbers names.

    >>> sorted(days_of("5-6,0,1-4/2")), sorted(days_of("1,*/3"))
    ([0, 1, 3, 5, 6], [0, 1, 3, 6])
    """
    days: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = ("0-6" if span == "*" else span).partition("-")
        days |= set(range(int(low), int(high or low) + 1, int(step or 1)))
    return frozenset(days)


def _field(text: str, name: str) -> str:
    written = text.strip().strip("[](){}").replace(" ", "") or "*"
    return ",".join(_part(part.strip("'\""), name) for part in written.split(","))


def _part(part: str, name: str) -> str:
    found = PART.fullmatch(part)
    if found is None:
        raise Impossible(f"{part!r} is nothing that a crontab of Celery's has as its {name}")
    if found["step"] and int(found["step"]) == 0:
        raise Impossible(f"{part!r}: a step is 1 at least")
    if found["low"] is None:
        return part
    low = _number(found["low"], name)
    if found["high"] is None and found["step"]:
        raise Impossible(f"{part!r}: Celery has steps of a range or of * only: write {part.replace('/', '-…/')}")
    if found["high"] is None:
        return str(low)
    return _range(low, _number(found["high"], name), found["step"], name)


def _range(low: int, high: int, step: str | None, name: str) -> str:
    if low <= high:
        return f"{low}-{high}" + (f"/{step}" if step else "")
    lowest, highest, _ = FIELDS[name]
    around = [*range(low, highest + 1), *range(lowest, high + 1)]
    if step:
        return ",".join(str(number) for number in around[:: int(step)])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in ((low, highest), (lowest, high)))


def _number(text: str, name: str) -> int:
    lowest, highest, names = FIELDS[name]
    number = int(text) if text.isdecimal() else names.get(text.lower()[:LETTERS])
    if number is None or not lowest <= number <= highest:
        raise Impossible(f"{text!r} is no {name}: {lowest} to {highest}")
    return number
