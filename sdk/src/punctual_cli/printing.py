"""Printing: JSON for programs; for people a table, with rich on a terminal and as plain text in a pipe.

What comes from a server is text and never a command to the terminal: control characters are not printed, nor those that
turn the direction of what follows. A character that the terminal's encoding has not is written as its number.
"""

from __future__ import annotations

import enum
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

C = TypeVar("C", bound=Callable[..., Any])
STEERING = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What JSON does not escape and a terminal may obey: controls of eight bits, line ends, turns of the direction."""
CONTROL = re.compile(rf"[\x00-\x08\x0b-\x1f]|{STEERING.pattern}")
"""The same, and ASCII's controls but for tab and line feed."""
GAP = "  "
WIDE = 120
"""Columns of a terminal on which a table has room; in a narrower one, lines are longer than it."""
WHOLE = frozenset({"ID", "NEXT RUN", "LAST RUN", "DUE", "LATE", "STATE", "STATUS", "UTC", "LOCAL"})
"""Columns that are for copying, or too short to be broken."""
TONES: Mapping[str, str] = {
    "succeeded": "green",
    "active": "green",
    "running": "cyan",
    "queued": "cyan",
    "retrying": "yellow",
    "paused": "yellow",
    "failed": "red",
    "timed_out": "red",
    "missed": "red",
    "lost": "red",
}
"""The colour of a state, where there are colours; the word says it as well."""


class Form(enum.StrEnum):
    """How something is printed."""

    TABLE = "table"
    """For people."""
    JSON = "json"
    """For programs: what the API answered, whole."""


def output_option(command: C) -> C:
    """Give a command `-o json|table`, as its argument `form`."""
    forms = click.Choice([str(form) for form in Form])
    help_text = "For people, or for programs."
    return click.option(
        "-o", "--output", "form", type=forms, default=str(Form.TABLE), callback=_form, help=help_text, show_default=True
    )(command)


def on_terminal(*, err: bool = False) -> bool:
    """Whether a person is looking. A stream that is closed has nobody."""
    stream = sys.stderr if err else sys.stdout
    return stream is not None and stream.isatty()


def take_any_text() -> None:
    """Let output take characters that its encoding has not: what was done must be able to be said."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show_json(value: Any) -> None:
    """Print a value as JSON, which means the same wherever it is printed."""
    text = json.dumps(value, indent=2, ensure_ascii=not _takes_unicode(), default=str)
    click.echo(STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def show_rows(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; in a pipe without frame and colours, and nothing is cut."""
    texts = [[plain(cell) for cell in row] for row in rows]
    if not texts:
        say("There is none.")
    elif on_terminal() and Console().width >= WIDE:
        _show_table(titles, texts)
    else:
        _show_columns([list(titles), *texts])


def show_facts(facts: Mapping[str, object]) -> None:
    """Print what there is to know of one thing, a line each; lines of a longer text below each other."""
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        text = plain(value).replace("\n", "\n" + " " * (width + len(GAP)))
        style = TONES.get(text) if on_terminal() else None
        said = text if style is None else click.style(text, fg=style)
        click.echo(f"{name.ljust(width)}{GAP}{said}".rstrip())


def say(sentence: str) -> None:
    """Tell a person something that is no result: on standard error."""
    click.echo(plain(sentence), err=True)


def plain(value: object) -> str:
    """A value as text that a terminal shows and does not obey.

    >>> plain("a\\x1b[31mb"), plain(None), plain(True)
    ('a[31mb', '-', 'yes')
    """
    if value is None:
        return "-"
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return CONTROL.sub("", str(value))


def _takes_unicode() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8")


def _form(context: click.Context, parameter: click.Parameter, value: str) -> Form:
    return Form(value)


def _show_columns(rows: list[list[str]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo(GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _show_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold", no_wrap=title in WHOLE)
    for row in rows:
        table.add_row(*(Text(cell, style=TONES.get(cell, "")) for cell in row))
    Console().print(table)
