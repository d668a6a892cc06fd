"""Converting: the entries of a crontab as tasks that run commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from punctual_cli.importing.crontab.fields import when_of
from punctual_cli.importing.crontab.lines import Entry, NoEntry, lines_of
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

KIND = "crontab"
SHELL = "/bin/sh"
NOT_FOR_COMMANDS = frozenset(
    {
        *("SHELL", "MAILTO", "MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING", "CRON_TZ", "RANDOM_DELAY"),
        *("HOME", "LOGNAME", "USER", "MLS_LEVEL", "START_HOURS_RANGE"),
    }
)
"""Variables that cron reads for itself, or sets."""
USERS = frozenset({"apache", "daemon", "nobody", "postgres", "root", "www-data"})
"""Whom a system's crontab often has before a command, and no program is called like."""
POSIX_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
LONGEST_TIMEOUT = 840
"""Seconds: as long as a command may run."""
AS_CRON = {"timeout_seconds": LONGEST_TIMEOUT, "retry": {"max_attempts": 1}, "misfire": {"catch_up": "none"}}
"""cron lets a command run, tries it once, and makes up for nothing."""
OF_ALL = (
    "Commands run in Punctual's sandbox: programs and files of the old machine are not there, and what they write "
    "goes with it.",
    "cron mails what a command prints. Here every run keeps it (64 KB), and `notify` tells of failures.",
    "As in cron, each has one attempt, and what was missed is not made up for; but it is ended after 14 minutes.",
    "cron's PATH is /usr/bin:/bin unless a line sets another; the sandbox has its own.",
)


def crontab_source(text: str, *, system: bool, time_zone: str | None) -> Source:
    """What a crontab runs. `time_zone` is that of the machine it comes from."""
    olds = told_apart(_olds(text, system=system, time_zone=time_zone))
    unsaid = time_zone is None and any(old.definition is not None for old in olds if _zone(old) == "UTC")
    by_zone = ("cron goes by the clock of its machine, here it is UTC: say --tz Europe/Paris, for example.",)
    users = sorted({user for old in olds if (user := old.what.partition(" ")[0]) in USERS})
    forgotten = not system and bool(users)
    by_user = (
        f"Some commands begin with {' and '.join(users)}: if this is a system's crontab, with a user on each line, say "
        "--system.",
    )
    notes = (*OF_ALL, *(by_zone if unsaid else ()), *(by_user if forgotten else ()))
    return Source(set_name=KIND, olds=olds, notes=notes)


def _zone(old: Old) -> str:
    return str((old.definition or {}).get("schedule", {}).get("time_zone", ""))


def _olds(text: str, *, system: bool, time_zone: str | None) -> Iterator[Old]:
    for line in lines_of(text, system=system):
        where = f"line {line.number}"
        if isinstance(line, NoEntry):
            shown = one_line(line.text, LONGEST_NAME)
            yield Old(key=key_of(line.text), where=where, when="", what=shown, refusal=line.why)
            continue
        known: dict[str, Any] = {
            "key": key_of(*([line.user] if line.user else []), line.command, *([line.stdin] if line.stdin else [])),
            "where": where,
            "when": line.when,
            "what": one_line(f"{line.user} {line.command}" if line.user else line.command, LONGEST_NAME),
        }
        try:
            definition, notes = _converted(line, time_zone)
        except Impossible as error:
            yield Old(**known, refusal=str(error))
        else:
            yield Old(**known, definition=definition, notes=tuple(notes))


def _converted(entry: Entry, time_zone: str | None) -> tuple[dict[str, Any], list[str]]:
    environment = entry.environment
    when, notes = when_of(entry.when), list(_notes(entry))
    schedule: dict[str, Any] = {"type": "cron", "expression": when.expression}
    schedule["time_zone"] = environment.get("CRON_TZ") or time_zone or "UTC"
    if when.by_chance:
        notes.append(
            "`~` is drawn anew whenever cronie reads the file; here it is a number that stays, by the task's id"
        )
    delay = environment.get("RANDOM_DELAY", "")
    if delay.isdigit() and int(delay):
        schedule["jitter_seconds"] = int(delay) * 60
    action: dict[str, Any] = {"type": "command", "command": _command(entry)}
    passed = {name: value for name, value in environment.items() if _passed(name)}
    action |= {"env": passed} if passed else {}
    action |= {"stdin": entry.stdin} if entry.stdin else {}
    definition = {"name": one_line(entry.command, LONGEST_NAME), "action": action, "schedule": schedule} | AS_CRON
    described = one_line(entry.comment, LONGEST_DESCRIPTION)
    return definition | ({"description": described} if described else {}), notes


def _command(entry: Entry) -> str | list[str]:
    shell = entry.environment.get("SHELL", SHELL)
    return entry.command if shell == SHELL else [shell, "-c", entry.command]


def _passed(name: str) -> bool:
    return name not in NOT_FOR_COMMANDS and POSIX_NAME.fullmatch(name) is not None


def _notes(entry: Entry) -> Iterator[str]:
    """What the task does differently from the entry."""
    environment: Mapping[str, str] = entry.environment
    if entry.user is not None:
        yield f"ran as {entry.user}; here every command runs as the sandbox's only user"
    if environment.get("MAILTO"):
        yield f"what it printed was mailed to {environment['MAILTO']}; here it is kept with the run"
    if environment.get("HOME"):
        yield f"began in {environment['HOME']}; here it begins in an empty folder of its own"
    if entry.quiet:
        yield "was kept out of cron's log or mail; here every run is recorded"
    for name in environment:
        if name not in NOT_FOR_COMMANDS and POSIX_NAME.fullmatch(name) is None:
            yield f"the variable {name!r} is left out: its name is none that a shell has"
    if any("$" in environment[name] for name in environment if _passed(name)):
        yield "cron does not expand a `$` in an environment line, and neither does Punctual"
