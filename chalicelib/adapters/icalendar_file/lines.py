"""Lines of an iCalendar file: each with the parts of the file that it stands in, and what a property consists of."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import FieldError, Invalid

DEEPEST = 8


@dataclass(frozen=True, kw_only=True)
class Line:
    """One property of an event: name, parameters and value."""

    name: str
    params: Mapping[str, Any]
    value: str


def text_of(raw: bytes) -> str:
    """The text of such a file."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong(f"is no iCalendar file: byte {error.start} is not UTF-8") from error
    if "\0" in text or not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise wrong("is no iCalendar file: it has to begin with BEGIN:VCALENDAR")
    return text


def placed(text: str) -> Iterator[tuple[list[str], str, str]]:
    """Each line with the parts of the file that it stands in, and its property's name."""
    parts: list[str] = []
    for line in _unfolded(text):
        name = line.partition(":")[0].partition(";")[0].strip().upper()
        if name == "BEGIN":
            parts = [*parts, value_of(line).upper()]
            if len(parts) > DEEPEST:
                raise wrong(f"is nested deeper than {DEEPEST} levels")
        yield parts, name, line
        if name == "END":
            if parts[-1:] != [value_of(line).upper()]:
                raise wrong(f"is no iCalendar file: {line[:40]!r} closes nothing")
            parts = parts[:-1]
    if parts:
        raise wrong(f"is cut off: {parts[-1][:40]} has no end")


def value_of(line: str) -> str:
    """What follows the colon."""
    return line.partition(":")[2].strip()


def _unfolded(text: str) -> Iterator[str]:
    return (str(line) for line in library().parser.Contentlines.from_ical(text) if line)


def line_of(name: str, line: str) -> Line:
    """A property, taken apart."""
    try:
        _, params, value = library().parser.Contentline(line).parts()
    except ValueError as error:
        raise wrong(f"cannot be read at {line[:60]!r}") from error
    return Line(name=name, params=params, value=str(value))


def library() -> Any:
    """What takes lines and values apart. Loaded when it is first needed: no worker should wait for it at its start."""
    return importlib.import_module("icalendar")


def wrong(detail: str) -> Invalid:
    """Why a file is not taken, as a sentence without its subject."""
    return Invalid(FieldError(pointer="", code="invalid_calendar", detail=detail))
