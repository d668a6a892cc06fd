"""Fields: when an entry of a crontab runs, as a cron expression of the API."""

from __future__ import annotations

import re
from dataclasses import dataclass

from punctual_cli.importing.found import Impossible

NAMES = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
OTHER_NAMES = {"@every_minute": "* * * * *"}
"""Of FreeBSD's cron."""
LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
KINDS = ("minute", "hour", "day of the month", "month", "day of the week")
REBOOT = (
    "@reboot: Punctual has no machine that boots. Let what starts the machine do it (a systemd unit, say), or let it "
    "ask for a run when it is up: `punctual task run <task>`"
)
SECONDS = re.compile(r"@[0-9]+", re.ASCII)
STEP_OF_ONE = re.compile(r"([0-9]+)/([0-9]+)", re.ASCII)
BY_CHANCE = re.compile(r"([0-9]*)~([0-9]*)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class When:
    """A cron expression, and whether a part of it was left to chance."""

    expression: str
    by_chance: bool = False


def when_of(text: str) -> When:
    """What the fields of an entry mean; `Impossible` where the API has no such schedule.

    >>> when_of("@daily"), when_of("6~15 2 * * mon").expression
    (When(expression='@daily', by_chance=False), 'H(6-15) 2 * * mon')
    """
    if text.startswith("@"):
        return _named(text.lower())
    fields = [_field(field, number) for number, field in enumerate(text.split())]
    return When(expression=" ".join(fields), by_chance="~" in text)


def _named(name: str) -> When:
    if name == "@reboot":
        raise Impossible(REBOOT)
    if SECONDS.fullmatch(name):
        raise Impossible(f"{name}: counts from the end of the last run, and Punctual from due time to due time")
    if name in OTHER_NAMES:
        return When(expression=OTHER_NAMES[name])
    if name not in NAMES:
        raise Impossible(f"{name}: is none of {', '.join(NAMES)}")
    return When(expression=name)


def _field(field: str, number: int) -> str:
    return ",".join(_part(part, number) for part in field.split(","))


def _part(part: str, number: int) -> str:
    """A part of a list; what cronie draws by lot becomes a number that follows from the task's id."""
    one = STEP_OF_ONE.fullmatch(part)
    if one is not None:
        meant = f"{one[1]}-{LIMITS[number][1]}/{one[2]}"
        raise Impossible(f"{part}: cron has steps of a range or of * only: write {meant} if that is meant, or {one[1]}")
    if "~" not in part:
        return part
    found = BY_CHANCE.fullmatch(part)
    if found is None:
        raise Impossible(f"{part}: a number by chance is written like 6~15 in the field of the {KINDS[number]}")
    lowest, highest = LIMITS[number]
    low, high = int(found[1] or lowest), int(found[2] or highest)
    if not lowest <= low <= high <= highest:
        raise Impossible(f"{part}: does not lie within {lowest} to {highest}, the {KINDS[number]}")
    return str(low) if low == high else f"H({low}-{high})"
