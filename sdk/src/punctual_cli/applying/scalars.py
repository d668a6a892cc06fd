"""Scalars: what a word of YAML stands for. What two readers of YAML would take for two things is refused."""

from __future__ import annotations

import math
import re
from typing import Any

NULLS = ("", "~", "null", "Null", "NULL")
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
YES_AND_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
MOST_DIGITS = 19
"""Those of the largest number of 64 bits."""
DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+][0-9]{1,3})?", re.ASCII)
LONGEST_DECIMAL = 40

_TWO_MEANINGS = (
    (re.compile(r"[-+]?0[0-9_]+(\.[0-9]*)?", re.ASCII), "is octal to some readers of YAML"),
    (re.compile(r"[-+]?0[xobXOB][0-9A-Fa-f_]+", re.ASCII), "is a number in another base to some readers of YAML"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", re.ASCII), "is a number in base 60 to some readers"),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?", re.ASCII), "is a number to some readers of YAML only"),
    (re.compile(r"[-+]?\.?[0-9][0-9_.]*[eE][-+]?[0-9]+", re.ASCII), "is a number to some readers of YAML only"),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.)", re.ASCII), "is a number to some readers of YAML only"),
    (re.compile(r"[-+]?\.(inf|nan)", re.ASCII | re.IGNORECASE), "is no number that JSON has"),
    (re.compile(r"\d{4}-\d\d?-\d\d?([Tt ].*)?", re.ASCII), "is a date to some readers of YAML and a text to others"),
)


class TwoMeanings(ValueError):
    """A word that would be read differently elsewhere. Its text says why, and how to write it."""


def value_of(word: str) -> Any:
    """The value of a plain word; `TwoMeanings` where it has several.

    >>> [value_of(word) for word in ("null", "true", "60", "1.5", "nightly report", "-")]
    [None, True, 60, 1.5, 'nightly report', '-']
    >>> value_of("010")
    Traceback (most recent call last):
    punctual_cli.applying.scalars.TwoMeanings: 010 is octal to some readers of YAML: write "010" if it is a text
    """
    if word in NULLS:
        return None
    if word in TRUTHS:
        return TRUTHS[word]
    if word.lower() in YES_AND_NO:
        meant = YES_AND_NO[word.lower()]
        raise TwoMeanings(f'{word} is a truth value to some readers of YAML: write {meant}, or "{word}" for the text')
    if WHOLE.fullmatch(word):
        return _whole(word)
    if DECIMAL.fullmatch(word) and len(word) <= LONGEST_DECIMAL and math.isfinite(float(word)):
        return float(word)
    for pattern, why in _TWO_MEANINGS:
        if pattern.fullmatch(word):
            raise TwoMeanings(f'{_short(word)} {why}: write "{_short(word)}" if it is a text')
    return word


def is_text(word: str) -> bool:
    """Whether a plain word is that very text, to every reader.

    >>> is_text("daily"), is_text("yes"), is_text("15")
    (True, False, False)
    """
    try:
        return bool(value_of(word) == word)
    except TwoMeanings:
        return False


def _whole(word: str) -> int:
    if len(word.lstrip("-+")) > MOST_DIGITS:
        raise TwoMeanings(
            f'{_short(word)} has more digits than a number of 64 bits: put it in "quotes" if it is a text'
        )
    return int(word)


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
