"""Definitions: a task written as options of a command, as a file, or in an editor."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import yaml

from punctual_client.shapes import Task

C = TypeVar("C", bound=Callable[..., Any])
Definition = dict[str, Any]
READ_ONLY = (
    *("id", "version", "owner", "created_at", "updated_at", "pause_reason", "schedule_text", "next_run_at"),
    *("last_run", "cost_estimate", "notify_state"),
)
"""What only answers say of a task."""
EVERY = re.compile(r"\s*(\d+)\s*([a-z]+)\s*", re.IGNORECASE)
UNITS = {
    **dict.fromkeys(("s", "sec", "secs"), "seconds"),
    **dict.fromkeys(("m", "min", "mins"), "minutes"),
    **dict.fromkeys(("h", "hr", "hrs"), "hours"),
    "d": "days",
    "w": "weeks",
}
UNSEEN = re.compile("[\\x80-\\x9f\\u2028\\u2029\\ufeff]")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OPTIONS = (
    click.option("--cron", metavar="EXPRESSION", help='When, like "30 2 * * *".'),
    click.option("--every", metavar="STEP", help="When, like 5m or '3 seconds'."),
    click.option("--at", metavar="INSTANT", help="Once, like 2026-12-01T09:00+01:00; without an offset by --tz."),
    click.option("--tz", metavar="ZONE", help="The time zone of --cron, --every or --at, like Europe/Paris."),
    click.option("--command", metavar="LINE", help="Run a shell line."),
    click.option("--http", metavar="[METHOD] URL", help="Send a request, like 'POST https://example.com/hook'."),
    click.option("--header", multiple=True, metavar="NAME:VALUE", help="Of --http; several times for several."),
    click.option("--body", metavar="TEXT", help="Of --http; JSON is sent as such."),
    click.option("--function", metavar="NAME", help="Call a function of `punctual function list`."),
    click.option("--arg", multiple=True, metavar="[NAME=]VALUE", help="Of --function; JSON, or else a text."),
    click.option("--aws", metavar="SERVICE:OPERATION", help="Call AWS, like sqs:send_message."),
    click.option("--parameters", metavar="JSON", help="Of --aws."),
    click.option("--env", multiple=True, metavar="NAME=VALUE", help="Of --command; several times for several."),
    click.option("--description", metavar="TEXT"),
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="Several times for several."),
    click.option("--timeout", "timeout_seconds", type=float, metavar="SECONDS", help="How long an attempt may take."),
    click.option("--attempts", type=int, metavar="N", help="How many a run has."),
    click.option("--overlap", type=click.Choice(("allow", "skip", "queue", "replace")), help="With its earlier run."),
    click.option("--priority", type=click.Choice(("high", "normal", "low"))),
    click.option("--max-runs", type=int, metavar="N", help="After so many runs it is completed."),
    click.option("--keep", "retention_days", type=int, metavar="DAYS", help="For how long its runs are kept."),
)


def definition_options(command: C) -> C:
    """Give a command an option for each thing that can be said of a task."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def written(given: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> Definition:
    """The definition that options say, over what there is already. A new schedule or action replaces the old one."""
    definition: Definition = dict(base or {})
    plain = {name: given[name] for name in ("name", "description", "timeout_seconds", "overlap", "priority")}
    plain |= {"retention_days": given["retention_days"], "tags": [*given["tags"]] or None}
    definition |= {name: value for name, value in plain.items() if value is not None}
    if given["attempts"] is not None:
        definition["retry"] = {**definition.get("retry", {}), "max_attempts": given["attempts"]}
    action = _action(given)
    if action is not None:
        definition["action"] = action
    schedule = _schedule(given, definition.get("schedule"))
    if schedule is not None:
        definition["schedule"] = schedule
    return definition


def own(task: Task | Mapping[str, Any]) -> Definition:
    """A task without what only answers say of it."""
    kept = {name: value for name, value in task.items() if name not in READ_ONLY}
    return kept | ({"state": "active"} if kept.get("state") == "completed" else {})


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON merge patch that makes the one of the other.

    >>> difference({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 4}})
    {'b': {'d': None, 'c': 4}}
    """
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            inner = difference(old, value)
            patch |= {name: inner} if inner else {}
        elif name not in before or old != value:
            patch[name] = value
    return patch


def as_yaml(definition: Mapping[str, Any]) -> str:
    """A definition as YAML for an editor, in the order that it has."""
    return yaml.dump(dict(definition), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """YAML of plain values, from which every text is read again as it was."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """What YAML takes for line breaks, and an editor may not show, is escaped."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if UNSEEN.search(text) else None)


_Dumper.add_representer(str, _text)


def every(text: str) -> dict[str, Any]:
    """A step as people write it.

    >>> every("5m"), every("3 seconds"), every("2 hrs")
    ({'every': 5, 'unit': 'minutes'}, {'every': 3, 'unit': 'seconds'}, {'every': 2, 'unit': 'hours'})
    """
    found = EVERY.fullmatch(text)
    if found is None:
        raise click.UsageError(f"--every {text!r}: write a number and a unit, like 30s, 5m, 2h, '3 days'")
    unit = found[2].lower()
    known = UNITS.get(unit) or (unit if unit.endswith("s") else unit + "s")
    return {"every": int(found[1]), "unit": known}


def instant(text: str, zone: str | None) -> str:
    """An instant as the API takes it: one without an offset is by the clock of a zone.

    >>> instant("2026-12-01T09:00", "Europe/Paris")
    '2026-12-01T09:00:00+01:00'
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text  # the API says what is wrong with it
    if at.tzinfo is not None or zone is None:
        return text
    try:
        return at.replace(tzinfo=ZoneInfo(zone)).isoformat()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.UsageError(f"--tz {zone!r} is no time zone: write one like Europe/Paris") from error


def _schedule(given: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What `--cron`, `--every` or `--at` says, or what they were with another `--tz` or `--max-runs`."""
    name = _only_one(given, "cron", "every", "at")
    zone, most = given["tz"], given["max_runs"]
    bounds = {} if most is None else {"max_runs": most}
    if name == "at":
        return {"type": "once", "at": instant(given["at"], zone)}
    zoned = bounds if zone is None else bounds | {"time_zone": zone}
    if name == "cron":
        return {"type": "cron", "expression": given["cron"], **zoned}
    if name == "every":
        return {"type": "interval", **every(given["every"]), **zoned}
    if not zoned:
        return None
    if before is None:
        raise click.UsageError("say when: --cron, --every or --at")
    return {**before, **zoned}


def _action(given: Mapping[str, Any]) -> dict[str, Any] | None:
    name = _only_one(given, "command", "http", "function", "aws")
    _no_stray(given, name)
    makers = {"command": _command, "http": _http, "function": _function, "aws": _aws}
    return None if name is None else makers[name](given)


def _command(given: Mapping[str, Any]) -> dict[str, Any]:
    env = dict(_pair(one, "=", "--env") for one in given["env"])
    return {"type": "command", "command": given["command"]} | ({"env": env} if env else {})


def _http(given: Mapping[str, Any]) -> dict[str, Any]:
    method, _, url = given["http"].strip().partition(" ")
    if method.upper() not in METHODS:
        method, url = ("GET" if given["body"] is None else "POST"), given["http"].strip()
    headers = {name.strip(): value.strip() for name, value in (_pair(one, ":", "--header") for one in given["header"])}
    action = {"type": "http", "method": method.upper(), "url": url.strip()}
    body = {} if given["body"] is None else {"body": _body(given["body"])}
    return action | ({"headers": headers} if headers else {}) | body


def _function(given: Mapping[str, Any]) -> dict[str, Any]:
    named, plain = {}, []
    for one in given["arg"]:
        name, equals, value = one.partition("=")
        if equals and name.isidentifier():
            named[name] = _json_or_text(value)
        else:
            plain.append(_json_or_text(one))
    action = {"type": "function", "name": given["function"]}
    return action | ({"args": plain} if plain else {}) | ({"kwargs": named} if named else {})


def _aws(given: Mapping[str, Any]) -> dict[str, Any]:
    service, operation = _pair(given["aws"], ":", "--aws")
    parameters = _json_or_text(given["parameters"] or "{}")
    if not isinstance(parameters, dict):
        raise click.UsageError("--parameters has to be an object of JSON")
    return {"type": "aws", "service": service, "operation": operation, "parameters": parameters}


def _no_stray(given: Mapping[str, Any], action: str | None) -> None:
    """An option that belongs to another action is a slip."""
    belongs = {"header": "http", "body": "http", "arg": "function", "parameters": "aws", "env": "command"}
    for name, owner in belongs.items():
        if given[name] and action != owner:
            raise click.UsageError(f"--{name} belongs to --{owner}")


def _only_one(given: Mapping[str, Any], *names: str) -> str | None:
    said = [name for name in names if given[name] is not None]
    if len(said) > 1:
        raise click.UsageError(f"--{said[0]} and --{said[1]} cannot both be meant")
    return said[0] if said else None


def _pair(text: str, sign: str, option: str) -> tuple[str, str]:
    name, found, value = text.partition(sign)
    if not found or not name:
        raise click.UsageError(f"{option} {text!r}: write NAME{sign}VALUE")
    return name, value


def _body(text: str) -> Any:
    """An object or a list is sent as JSON; anything else is a text."""
    value = _json_or_text(text)
    return value if isinstance(value, dict | list) else text


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
