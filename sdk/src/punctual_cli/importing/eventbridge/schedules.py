"""Schedules: AWS's expressions, bounds and windows as a schedule of the API. Source: its guides, "Schedule types"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from punctual_cli.importing.found import Impossible

CALL = re.compile(r"(?P<name>at|rate|cron)\((?P<inside>[^()]*)\)")
RATE = re.compile(r"(?P<every>[1-9][0-9]{0,9}) (?P<unit>minute|hour|day)s?", re.ASCII)
MOST_JITTER = 86_400
"""Seconds."""
LENGTHS = {"minutes": 60, "hours": 3_600, "days": 86_400}


def schedule_of(said: Mapping[str, Any], *, rule: bool) -> tuple[dict[str, Any], list[str]]:
    """The schedule, and what it does not have of the old one."""
    expression = said.get("ScheduleExpression")
    if not expression:
        raise Impossible(_without_expression(said, rule=rule))
    call = CALL.fullmatch(str(expression).strip())
    if call is None:
        raise Impossible(f"{str(expression)[:80]!r} is none of at(…), rate(…) and cron(…)")
    zone = str(said.get("ScheduleExpressionTimezone") or "UTC")
    if call["name"] == "at":
        return {"type": "once", "at": _at(call["inside"], zone)}, _without_window(said)
    schedule = _rate(call["inside"]) if call["name"] == "rate" else _cron(str(expression).strip(), zone)
    bounds = {"start_at": said.get("StartDate"), "end_at": said.get("EndDate")}
    schedule |= {name: instant(value) for name, value in bounds.items() if value not in (None, "")}
    return _with_window(schedule, said)


def _without_expression(said: Mapping[str, Any], *, rule: bool) -> str:
    if said.get("EventPattern"):
        return "waits for events that fit a pattern, and has no schedule"
    if rule:
        return "has no ScheduleExpression"
    name, group = said.get("Name"), said.get("GroupName") or "default"
    return f"`list-schedules` does not say when: `aws scheduler get-schedule --name {name} --group-name {group}` does"


def _at(inside: str, zone: str) -> str:
    try:
        wall = datetime.fromisoformat(inside.strip())
        known = ZoneInfo(zone)
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise Impossible(f"at({inside}) in {zone} is no time that can be read") from error
    return _text(wall.replace(tzinfo=known).astimezone(UTC))


def _rate(inside: str) -> dict[str, Any]:
    rate = RATE.fullmatch(" ".join(inside.split()))
    if rate is None:
        raise Impossible(f"rate({inside}) is none of AWS's: a number, and minutes, hours or days")
    return {"type": "interval", "every": int(rate["every"]), "unit": f"{rate['unit']}s"}


def _cron(expression: str, zone: str) -> dict[str, Any]:
    """AWS's own form is taken by the API as it is. What falls into the gap of a clock change, AWS leaves out."""
    schedule = {"type": "cron", "expression": expression, "time_zone": zone}
    return schedule if zone == "UTC" else schedule | {"dst_gap": "skip"}


def _without_window(said: Mapping[str, Any]) -> list[str]:
    return ["its flexible time window is left out: it is due once, at its time"] if _window(said) else []


def _with_window(schedule: dict[str, Any], said: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A flexible time window is jitter; it must be shorter than the time between two due times."""
    window = _window(said)
    if not window:
        return schedule, []
    jitter = min(window, MOST_JITTER)
    if schedule["type"] == "interval":
        length = schedule["every"] * LENGTHS[schedule["unit"]]
        jitter = min(jitter, length - 1)
    notes = [] if jitter == window else [f"its flexible time window is {jitter} s instead of {window} s"]
    return schedule | {"jitter_seconds": jitter}, notes


def _window(said: Mapping[str, Any]) -> int:
    """Seconds of the flexible time window; 0 where it is off."""
    window = said.get("FlexibleTimeWindow")
    if not isinstance(window, Mapping) or window.get("Mode") != "FLEXIBLE":
        return 0
    minutes = window.get("MaximumWindowInMinutes")
    return int(timedelta(minutes=minutes).total_seconds()) if isinstance(minutes, int) and minutes > 0 else 0


def instant(value: Any) -> str:
    """An instant as the AWS command line prints it: RFC 3339, or seconds since 1970 by its first version.

    >>> instant("2026-01-01T09:00:00+01:00"), instant(1767254400.0)
    ('2026-01-01T08:00:00.000Z', '2026-01-01T08:00:00.000Z')
    """
    try:
        at = (
            datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else datetime.fromisoformat(str(value))
        )
    except (ValueError, OverflowError, OSError) as error:
        raise Impossible(f"{str(value)[:40]!r} is no time that can be read") from error
    return _text(at if at.tzinfo is not None else at.replace(tzinfo=UTC))


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
