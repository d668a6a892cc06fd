"""Rows: what the tables of django-celery-beat hold, as periodic tasks.

The columns are those of its releases 1.1 to 2.8; one that an older release did not have is not there. `fields` of its
`dumpdata` have the same names, but for references: `crontab` instead of `crontab_id`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from punctual_cli.importing.celery.periodic import Clocked, Crontab, Every, Periodic, Solar, Unknown, When

Row = Mapping[str, Any]
Schedules = Mapping[str, Mapping[Any, Row]]
"""Rows by their ids, for each kind of schedule."""
UNITS = ("days", "hours", "minutes", "seconds", "microseconds")
KINDS = ("interval", "crontab", "solar", "clocked")
CLEANUP = "celery.backend_cleanup"


def periodic(row: Row, row_id: Any, schedules: Schedules) -> Periodic:
    """A row of `PeriodicTask`."""
    problems: list[str] = []
    kept = {name: row.get(name) for name in ("queue", "exchange", "routing_key", "priority")}
    kept |= {"headers": _json(row.get("headers"), {}, "headers", problems), "expires": row.get("expire_seconds")}
    return Periodic(
        name=str(row.get("name") or row_id),
        where=f"periodic task {row_id}",
        task=str(row.get("task") or ""),
        when=_when(row, schedules),
        args=_json(row.get("args"), [], "args", problems),
        kwargs=_json(row.get("kwargs"), {}, "kwargs", problems),
        options={name: value for name, value in kept.items() if value not in (None, "", {})},
        enabled=bool(row.get("enabled", True)),
        one_off=bool(row.get("one_off", False)),
        start=_text(row.get("start_time")),
        end=_text(row.get("expires")),
        description=str(row.get("description") or ""),
        problem="; ".join(problems),
    )


def id_of(given: Any) -> Any:
    """The id of a row, or the text of what stands in its place."""
    return given if isinstance(given, int | str | None) else str(given)


def _when(row: Row, schedules: Schedules) -> When:
    for kind in KINDS:
        reference = row.get(f"{kind}_id", row.get(kind))
        if reference is None:
            continue
        found = schedules.get(kind, {}).get(id_of(reference))
        return Unknown(text=f"{kind} {reference}, which is not there") if found is None else _MAKERS[kind](found)
    return Unknown(text="no schedule")


def _crontab(row: Row) -> When:
    zone = row.get("timezone")
    names = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    fields = {name: str(row.get(name) or "*").replace(" ", "") for name in names}
    return Crontab(**fields, time_zone=None if zone is None else str(zone))


def _interval(row: Row) -> When:
    every, period = row.get("every"), row.get("period")
    if not isinstance(every, int) or period not in UNITS:
        return Unknown(text=f"every {every} {period}")
    try:
        return Every(step=timedelta(**{str(period): every}))
    except OverflowError:
        return Unknown(text=f"every {every} {period}")


def _solar(row: Row) -> When:
    return Solar(event=str(row.get("event")), latitude=row.get("latitude"), longitude=row.get("longitude"))


def _clocked(row: Row) -> When:
    return Clocked(at=str(row.get("clocked_time")))


_MAKERS: Mapping[str, Callable[[Row], When]] = {
    "crontab": _crontab,
    "interval": _interval,
    "solar": _solar,
    "clocked": _clocked,
}


def _json(given: Any, empty: Any, name: str, problems: list[str]) -> Any:
    """What a column of JSON as text holds."""
    if given in (None, ""):
        return empty
    try:
        value = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        value = None
    if not isinstance(value, type(empty)):
        problems.append(f"its {name} are not JSON of a {'list' if empty == [] else 'dictionary'}: {str(given)[:60]!r}")
        return empty
    return value


def _text(given: Any) -> str | None:
    return None if given in (None, "") else str(given)
