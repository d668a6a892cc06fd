"""Converting: Celery's periodic tasks as tasks that call functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from punctual_cli.importing.celery.crontab import converted
from punctual_cli.importing.celery.periodic import Clocked, Crontab, Every, Periodic, Solar, Unknown
from punctual_cli.importing.celery.rows import CLEANUP
from punctual_cli.importing.found import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    Impossible,
    Old,
    Source,
    key_of,
    one_line,
    told_apart,
)

KIND = "celery-beat"
SHORTEST = timedelta(seconds=1)
UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
LONGEST_GRACE = 604_800
"""Seconds."""
LONGEST_TAG = 50
BROKERS: Mapping[str, tuple[str, ...]] = {
    "rabbitmq": ("normal", *("low",) * 3, *("normal",) * 3, *("high",) * 3),
    "redis": (*("high",) * 3, *("normal",) * 4, *("low",) * 3),
}
"""What priorities 0 to 9 come to: to RabbitMQ 9 is the highest, to Redis 0."""
ROUTES = ("exchange", "routing_key", "headers")
OF_ALL = (
    "A task calls a function of the same name, or the one that --map says, in Punctual's workers and not in Celery's.",
    "beat counts an interval from the last run, Punctual from the first due time: it does not drift.",
    "One attempt each, as Celery does: its retries stand in a task's code, here they are the task's `retry`.",
    "A function is ended after 60 s unless the task or @function(timeout=…) says more; Celery has only `time_limit`.",
    "Around clock changes Punctual keeps Debian's rules: a fixed time in the gap runs at its end, in the fold once.",
)
REMEDIES: Mapping[str, str] = {
    "unknown_function": "write it below chalicelib/functions, as @function(name=…), or name another with --map OLD=NEW",
}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the file does not say: functions by the names of Celery's tasks, the time zone, the broker."""

    functions: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    broker: str | None = None


def celery_source(tasks: Iterable[Periodic], choices: Choices) -> Source:
    """What beat runs."""
    olds = told_apart(_old(task, choices) for task in tasks)
    unsaid = choices.time_zone is None and any(_in_utc(old) for old in olds)
    by_zone = ("Crontabs without a time zone of their own are taken for UTC: --tz says what CELERY_TIMEZONE is.",)
    return Source(set_name=KIND, olds=olds, notes=OF_ALL + (by_zone if unsaid else ()), remedies=REMEDIES)


def _in_utc(old: Old) -> bool:
    schedule = (old.definition or {}).get("schedule", {})
    return bool(schedule.get("type") == "cron" and schedule.get("time_zone") == "UTC")


def _old(task: Periodic, choices: Choices) -> Old:
    known: dict[str, Any] = {
        "key": key_of(task.name),
        "where": task.where,
        "when": str(task.when),
        "what": one_line(
            f"{task.name}: {task.task}" if task.task and task.name != task.task else task.name, LONGEST_NAME
        ),
        "off": not task.enabled,
    }
    try:
        definition, notes = _converted(task, choices)
    except Impossible as error:
        return Old(**known, refusal=str(error))
    return Old(**known, definition=definition, notes=tuple(notes))


def _converted(task: Periodic, choices: Choices) -> tuple[dict[str, Any], list[str]]:
    if task.problem:
        raise Impossible(task.problem)
    if task.task == CLEANUP:
        raise Impossible("needs no task: Punctual forgets runs by itself, after each task's `retention_days`")
    schedule, notes = _schedule(task, choices)
    notes += _notes(task, choices)
    definition: dict[str, Any] = {
        "name": one_line(task.name, LONGEST_NAME),
        "action": _action(task, choices),
        "schedule": schedule,
        "retry": {"max_attempts": 1},
    }
    described = one_line(task.description, LONGEST_DESCRIPTION)
    queue = task.options.get("queue")
    expires = task.options.get("expires")
    priority = _priority(task, choices)
    definition |= {"description": described} if described else {}
    definition |= {"tags": [one_line(f"queue:{queue}", LONGEST_TAG)]} if queue else {}
    definition |= {"priority": priority} if priority not in (None, "normal") else {}
    if isinstance(expires, int | float) and not isinstance(expires, bool) and expires >= 0:
        definition["misfire"] = {"grace_seconds": min(expires, LONGEST_GRACE)}
    return definition, notes


def _action(task: Periodic, choices: Choices) -> dict[str, Any]:
    for given in (task.args, task.kwargs):
        unknown = next(_unknown_in(given), None)
        if unknown is not None:
            raise Impossible(f"its arguments are known to the running program only: {one_line(unknown.text, 80)}")
    if not isinstance(task.args, list) or not isinstance(task.kwargs, Mapping):
        raise Impossible("its arguments are no list, or no dictionary")
    action: dict[str, Any] = {"type": "function", "name": choices.functions.get(task.task, task.task)}
    action |= {"args": task.args} if task.args else {}
    return action | ({"kwargs": dict(task.kwargs)} if task.kwargs else {})


def _unknown_in(value: Any) -> Iterator[Unknown]:
    """What is no JSON in an argument."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _unknown_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _unknown_in(item)
    elif value is not None and not isinstance(value, str | int | float):
        yield value if isinstance(value, Unknown) else Unknown(text=str(value))


def _schedule(task: Periodic, choices: Choices) -> tuple[dict[str, Any], list[str]]:
    when = task.when
    match when:
        case Clocked():
            return {"type": "once", "at": _instant(when.at)}, []
        case Every():
            return _bounded(_interval(when.step), task), []
        case Crontab():
            made = converted(when)
            zone = when.time_zone or choices.time_zone or "UTC"
            return _bounded({"type": "cron", **made.schedule, "time_zone": zone}, task), list(made.notes)
        case Solar():
            raise Impossible(
                f"{when}: Punctual does not follow the sun. Take a fixed time, or let a task that runs every day work "
                "out the time and make another one, of type `once`"
            )
        case Unknown():
            raise Impossible(f"its schedule cannot be read: {one_line(when.text, 80) or 'there is none'}")


def _interval(step: timedelta) -> dict[str, Any]:
    if step < SHORTEST:
        raise Impossible(f"every {step.total_seconds():g} s: Punctual's shortest interval is one second")
    if step % SHORTEST:
        return {"type": "interval", "every": step // timedelta(microseconds=1), "unit": "microseconds"}
    seconds = step // SHORTEST
    unit, size = next((unit, size) for unit, size in UNITS if seconds % size == 0)
    return {"type": "interval", "every": seconds // size, "unit": unit}


def _bounded(schedule: dict[str, Any], task: Periodic) -> dict[str, Any]:
    schedule |= {"start_at": _instant(task.start)} if task.start else {}
    schedule |= {"end_at": _instant(task.end)} if task.end else {}
    return schedule | ({"max_runs": 1} if task.one_off else {})


def _instant(text: str) -> str:
    """An instant as the API has it. Django keeps its own in UTC."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Impossible(f"{text!r} is no time that can be read") from error
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _priority(task: Periodic, choices: Choices) -> str | None:
    given = task.options.get("priority")
    if choices.broker is None or not isinstance(given, int) or isinstance(given, bool):
        return None
    known = BROKERS[choices.broker]
    return known[max(0, min(given, len(known) - 1))]


def _notes(task: Periodic, choices: Choices) -> list[str]:
    """What of it the task does not have."""
    options, notes = task.options, []
    if options.get("queue"):
        notes.append(f"its queue {options['queue']} becomes a tag: Punctual has no queues to choose from")
    dropped = [name for name in ROUTES if options.get(name)]
    if dropped:
        notes.append(f"{', '.join(dropped)}: are not carried over, there is no broker here")
    if task.one_off:
        notes.append(
            "its one run is the next due time from when it is brought over, and passes while it is paused: resume it "
            "before that, or say --active"
        )
    if task.dropped:
        notes.append(f"{', '.join(task.dropped)}: not carried over, a task has nothing like it here")
    if options.get("priority") is not None and choices.broker is None:
        notes.append(
            f"its priority {options['priority']} is not carried over: RabbitMQ and Redis count in opposite directions, "
            "and --broker says which it was"
        )
    expires = options.get("expires")
    if isinstance(expires, int | float) and expires > LONGEST_GRACE:
        notes.append("expires after more than seven days, which is the longest grace")
    if isinstance(expires, Unknown):
        notes.append(f"its `expires` cannot be read: {one_line(expires.text, 80)}")
    return notes
