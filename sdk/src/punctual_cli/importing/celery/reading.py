"""Reading: periodic tasks from whatever they were kept in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from punctual_cli.applying.places import Unreadable
from punctual_cli.applying.reading import STDIN, text_of
from punctual_cli.importing.celery.database import database_tasks, is_database
from punctual_cli.importing.celery.periodic import Clocked, Crontab, Every, Periodic, Solar, Unknown, When
from punctual_cli.importing.celery.rows import KINDS, id_of, periodic
from punctual_cli.importing.celery.written import written_schedule
from punctual_cli.importing.found import one_line

APP = "django_celery_beat"
OPTIONS = ("queue", "exchange", "routing_key", "headers", "priority", "expires")
IN_JSON = ("beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE")
KEPT = frozenset({"task", "schedule", "args", "kwargs", "options", "enabled"})
"""What of an entry a task can have."""
SHOWN_CRONTAB = re.compile(r"<crontab: (?P<fields>.+?) \((?P<order>[a-zA-Z/]+)\)>")
"""How Celery shows a crontab; which field is where depends on its release, and stands behind them."""
SHOWN_ORDER = {
    "m": "minute",
    "h": "hour",
    "d": "day_of_week",
    "dM": "day_of_month",
    "MY": "month_of_year",
}
SHOWN_EVERY = re.compile(r"<freq: (?P<seconds>[0-9.]+) (?P<unit>second|minute|hour|day)s?>")
SHOWN_STEP = re.compile(r"(?:(?P<days>\d+) days?, )?(?P<h>\d+):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?)", re.ASCII)
"""How Python writes a timedelta."""
SHOWN_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
SHOWN_SOLAR = re.compile(r"<solar: (?P<event>\w+) at latitude (?P<lat>[-0-9.]+), longitude:? (?P<lon>[-0-9.]+)>")


def periodic_tasks(name: str) -> list[Periodic]:
    """What a file holds: an SQLite database, `dumpdata` of one, or a beat schedule in JSON or Python."""
    if name != STDIN and is_database(Path(name)):
        return database_tasks(Path(name))
    shown = "standard input" if name == STDIN else name
    text = text_of(name)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return list(_scheduled(written_schedule(text, shown), shown))
    if isinstance(value, list):
        return _dumped(value, shown)
    if not isinstance(value, Mapping):
        raise Unreadable(f"{shown}: is neither a beat schedule nor what `dumpdata {APP}` writes")
    return list(_scheduled(_schedule_in(value), shown))


def _schedule_in(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The beat schedule of a configuration, also below a worker's name, as `celery inspect conf --json` prints it."""
    for configuration in (value, *(inner for inner in value.values() if isinstance(inner, Mapping))):
        named = next((configuration[name] for name in IN_JSON if name in configuration), None)
        if named is not None:
            return named if isinstance(named, Mapping) else {}
    return value


def _dumped(rows: list[Any], file: str) -> list[Periodic]:
    """What Django's `dumpdata` wrote."""
    models: dict[str, dict[Any, Mapping[str, Any]]] = {}
    for row in rows:
        if isinstance(row, Mapping) and isinstance(row.get("fields"), Mapping):
            models.setdefault(str(row.get("model")).lower(), {})[id_of(row.get("pk"))] = row["fields"]
    tasks = models.get(f"{APP}.periodictask")
    if tasks is None:
        raise Unreadable(f"{file}: holds no {APP}.periodictask: write it with `manage.py dumpdata {APP}`")
    schedules = {kind: models.get(f"{APP}.{kind}schedule", {}) for kind in KINDS}
    return [periodic(fields, key, schedules) for key, fields in tasks.items()]


def _scheduled(entries: Mapping[str, Any], file: str) -> Iterator[Periodic]:
    """What a beat schedule says, by the names of its entries."""
    if not entries:
        raise Unreadable(f"{file}: holds no beat schedule: a dictionary of entries, each with `task` and `schedule`")
    for name, entry in entries.items():
        where = f"entry {name!r}"
        if isinstance(entry, Unknown):
            told = f"what it adds is known to the running program only: {one_line(entry.text, 80)}"
            yield Periodic(name=name, where=where, task="", when=entry, problem=told)
            continue
        if not isinstance(entry, Mapping) or "task" not in entry:
            unknown = Unknown(text="")
            yield Periodic(name=name, where=where, task="", when=unknown, problem="has no `task` that can be read")
            continue
        yield _entry(name, where, entry)


def _entry(name: str, where: str, entry: Mapping[str, Any]) -> Periodic:
    options = entry.get("options") or {}
    problem = "" if isinstance(options, Mapping) else "its options are no dictionary"
    given = options if isinstance(options, Mapping) else {}
    expires, end = given.get("expires"), None
    if isinstance(expires, str):
        expires, end = None, expires
    kept = {key: given[key] for key in OPTIONS if given.get(key) is not None} | {"expires": _seconds(expires)}
    return Periodic(
        name=name,
        where=where,
        task=str(entry["task"]),
        when=_when(entry.get("schedule")),
        args=entry.get("args") or [],
        kwargs=entry.get("kwargs") or {},
        options={key: value for key, value in kept.items() if value is not None},
        enabled=entry.get("enabled", True) is not False,
        end=end,
        problem=problem,
        dropped=tuple(sorted({str(key) for key in given if key not in OPTIONS} | (entry.keys() - KEPT))),
    )


def _seconds(expires: Any) -> Any:
    return expires.step.total_seconds() if isinstance(expires, Every) else expires


def _when(given: Any) -> When:
    if isinstance(given, Crontab | Every | Solar | Clocked | Unknown):
        return given
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _every(float(given))
    if isinstance(given, Mapping):
        return _described(given)
    return _shown(str(given))


def _every(seconds: float) -> When:
    try:
        return Every(step=timedelta(seconds=seconds))
    except (OverflowError, ValueError):
        return Unknown(text=f"every {seconds} s")


def _described(given: Mapping[str, Any]) -> When:
    """A schedule in JSON: `{"crontab": {"minute": 0}}`, `{"minute": "0"}` or `{"every": 5, "period": "minutes"}`."""
    fields = given.get("crontab", given)
    if isinstance(fields, Mapping) and set(fields) <= {*SHOWN_ORDER.values(), "timezone"} and fields:
        zone = fields.get("timezone")
        written = {name: str(value) for name, value in fields.items() if name != "timezone"}
        return Crontab(**written, time_zone=None if zone is None else str(zone))
    if set(given) == {"every", "period"} and isinstance(given["every"], int | float):
        try:
            return Every(step=timedelta(**{str(given["period"]): given["every"]}))
        except (TypeError, OverflowError):
            return Unknown(text=json.dumps(given))
    return Unknown(text=json.dumps(given, default=str))


def _shown(text: str) -> When:
    """A schedule as Celery shows it, where a dump wrote it as a text."""
    crontab, every, solar = (form.fullmatch(text) for form in (SHOWN_CRONTAB, SHOWN_EVERY, SHOWN_SOLAR))
    if crontab is not None:
        fields, order = crontab["fields"].split(), crontab["order"].split("/")
        if len(fields) == len(order) and set(order) == set(SHOWN_ORDER):
            return Crontab(**{SHOWN_ORDER[name]: value for name, value in zip(order, fields, strict=True)})
    if every is not None:
        return _every(float(every["seconds"]) * UNIT_SECONDS[every["unit"]])
    if solar is not None:
        return Solar(event=solar["event"], latitude=solar["lat"], longitude=solar["lon"])
    step = SHOWN_STEP.fullmatch(text)
    if step is not None:
        return _every(int(step["days"] or 0) * 86_400 + int(step["h"]) * 3600 + int(step["m"]) * 60 + float(step["s"]))
    return _every(float(text)) if SHOWN_NUMBER.fullmatch(text) else Unknown(text=text)
