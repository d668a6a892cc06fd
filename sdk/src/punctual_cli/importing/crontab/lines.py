"""Lines: what stands in a crontab, each entry with the environment above it.

Source: crontab(5) of Debian's cron and of cronie. An environment line holds for the entries below it; a comment is only
one where it has a line of its own; the first `%` of a command that is not escaped begins what it reads, and the others
are line ends there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

ENVIRONMENT = re.compile(r"""("[^"]*"|'[^']*'|[^\s="']+)\s*=\s*(.*)""")
DRAWN = re.compile(r"[-|.`* \t]*([|.`*]|-{3,})")
"""How lines of the picture begin that Debian's crontab has above its entries."""
PICTURE = re.compile(r"\.-|m\s+h\s+dom\s+mon\s+dow")
"""How the picture begins, or what `crontab -e` has in its place; what stands above belongs to it."""
FIELDS = 5
ODD = re.compile(r"(-[nq]\s+)+")
"""Options of FreeBSD's cron before a command: no mail, no log."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line that says when a command runs. `user` is there in a system's crontab only."""

    number: int
    when: str
    command: str
    stdin: str | None = None
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    quiet: bool = False
    """cron was told to keep it out of its log, or not to mail."""


@dataclass(frozen=True, kw_only=True)
class NoEntry:
    """A line that is neither an entry, nor an environment line, nor a comment."""

    number: int
    text: str
    why: str


def lines_of(text: str, *, system: bool) -> Iterator[Entry | NoEntry]:
    """The entries of a crontab, in their order, and the lines that are none. `system`: a user before each command."""
    environment: dict[str, str] = {}
    comment: list[str] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip(" \t\r")
        setting = ENVIRONMENT.fullmatch(line)
        if line.startswith("#"):
            said = line.lstrip("#").strip()
            comment = [] if PICTURE.match(said) else comment
            comment += [said] if said and not (DRAWN.match(said) or PICTURE.match(said)) else []
        elif setting is not None:
            environment = environment | {_unquoted(setting[1]): _unquoted(setting[2].rstrip())}
            comment = []
        elif line:
            yield _entry(line, number, environment, " ".join(comment), system=system)
            comment = []
        else:
            comment = []


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def _entry(line: str, number: int, environment: Mapping[str, str], comment: str, *, system: bool) -> Entry | NoEntry:
    quiet = line.startswith("-")
    rest = line.removeprefix("-")
    own = 1 if rest.startswith("@") else FIELDS
    parts = rest.split(None, own + int(system))
    if len(parts) <= own + int(system):
        missing = "a user and a command" if system else "a command"
        why = f"no entry: {own} field{'s' if own > 1 else ''} and then {missing} belong on it"
        return NoEntry(number=number, text=line, why=why)
    options = ODD.match(parts[-1])
    command, stdin = split_input(parts[-1] if options is None else parts[-1][options.end() :])
    return Entry(
        number=number,
        when=" ".join(parts[:own]),
        user=parts[own] if system else None,
        command=command,
        stdin=stdin,
        environment=environment,
        comment=comment,
        quiet=quiet or options is not None,
    )


def split_input(text: str) -> tuple[str, str | None]:
    r"""A command, and what it reads: behind the first `%` that is not escaped.

    >>> split_input(r"mail -s 'It is 10pm' joe%Joe,%%Where are you?")
    ("mail -s 'It is 10pm' joe", 'Joe,\n\nWhere are you?\n')
    >>> split_input(r"date +\%Y-\%m")
    ('date +%Y-%m', None)
    """
    found = re.search(r"(?<!\\)%", text)
    if found is None:
        return text.replace("\\%", "%"), None
    read = re.sub(r"(?<!\\)%", "\n", text[found.end() :]).replace("\\%", "%")
    return text[: found.start()].replace("\\%", "%"), read if not read or read.endswith("\n") else read + "\n"
