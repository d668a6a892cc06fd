"""Reading fields: one by one, collecting what is wrong. A field that cannot be read counts as its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.core.errors import PunctualError
from chalicelib.web.frame import json_text
from chalicelib.web.pages.looks.words import capitalised

Document = Mapping[str, Any]
"""A task, or a part of one, as the contract writes it."""

_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?", re.ASCII)


class Unreadable(ValueError):
    """A field does not hold what it should; the message says what would be right."""


class Reader:
    """The fields that were typed, and what is wrong with those that were read."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.errors: dict[str, list[str]] = {}

    def text(self, field: str) -> str:
        """What was typed, without blanks around it."""
        return self.typed[field].strip()

    def read(self, field: str, parse: Callable[[str], Any]) -> Any:
        """What a field holds."""
        try:
            return parse(self.text(field))
        except Unreadable as error:
            self.errors.setdefault(field, []).append(capitalised(str(error)))
            return self.text(field)

    def given(self, name: str, field: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        """A member that is left out where its field is empty."""
        return {name: self.read(field, parse)} if self.text(field) else {}


def whole(text: str) -> int:
    """A whole number."""
    if not _WHOLE.fullmatch(text):
        raise Unreadable("write a whole number")
    return int(text)


def number(text: str) -> int | float:
    """A number of seconds, perhaps with decimals."""
    if not _DECIMAL.fullmatch(text):
        raise Unreadable("write a number of seconds")
    return float(text) if "." in text else int(text)


def number_text(value: float) -> str:
    """A number as `number` reads it.

    >>> number_text(60), number_text(2.5), number_text(0.000001)
    ('60', '2.5', '0.000001')
    """
    return str(value) if isinstance(value, int) else f"{value:.6f}".rstrip("0").rstrip(".")


def json_of(kind: type, hint: str) -> Callable[[str], Any]:
    """A parser of JSON of one kind; an empty text is an empty one of it."""

    def parse(text: str) -> Any:
        if not text:
            return kind()
        try:
            value = json_text.read(text.encode("utf-8", "replace"))
        except PunctualError as error:
            raise Unreadable(f"this is not JSON as it should be: {hint}") from error
        if not isinstance(value, kind):
            raise Unreadable(hint)
        return value

    return parse
