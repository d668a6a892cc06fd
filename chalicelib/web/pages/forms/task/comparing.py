"""Comparing two states of the form: what an edit changes, and who changed what where two people were at it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.web.pages.forms.task.choices import CHOICES
from chalicelib.web.pages.forms.task.whole import EMPTY, LABELS, relevant

NOTHING = "–"
BOXES = frozenset(name for name in EMPTY if name.startswith(("day_", "notify_")) and EMPTY[name] == "yes") | {"paused"}
"""Fields that are ticked or not."""
THEIRS, MINE = "theirs", "mine"
_DIGITS = 8
"""Of a hash, by which a field is known to have been left alone."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that two forms do not hold the same in, in words."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Clash:
    """One field that differs from what somebody else has stored meanwhile, and whose of both is proposed."""

    field: str
    label: str
    theirs: str
    mine: str
    keep: str


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Every field that counts in either and differs, in the order of the form."""
    return [
        Difference(field=name, label=LABELS[name], before=_told(name, before), after=_told(name, after))
        for name in _differing(before, after)
    ]


def clashes(theirs: Mapping[str, str], mine: Mapping[str, str]) -> list[Clash]:
    """Fields that differ from what is stored now. What was left alone on the form is proposed as theirs."""
    seen = _seen_by_field(mine.get("seen", ""))
    return [
        Clash(
            field=name,
            label=LABELS[name],
            theirs=_told(name, theirs),
            mine=_told(name, mine),
            keep=THEIRS if seen.get(name) == _digest(mine[name]) else MINE,
        )
        for name in _differing(theirs, mine)
    ]


def settled(theirs: Mapping[str, str], mine: Mapping[str, str], sent: Mapping[str, str]) -> dict[str, str]:
    """The form with theirs in each field of which that was chosen."""
    return {name: theirs[name] if sent.get(f"keep_{name}") == THEIRS else text for name, text in mine.items()}


def seen_of(shown: Mapping[str, str]) -> str:
    """What a form showed, short enough to be sent along with it: a few digits of a hash of each field."""
    return "".join(_digest(shown[name]) for name in LABELS)


def _seen_by_field(seen: str) -> dict[str, str]:
    """Digits by field; none where the form was made by another version, with other fields."""
    if len(seen) != _DIGITS * len(LABELS):
        return {}
    return {name: seen[at * _DIGITS : (at + 1) * _DIGITS] for at, name in enumerate(LABELS)}


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[str]:
    counting = {*relevant(one), *relevant(other)}
    return (name for name in LABELS if name in counting and _counted(name, one) != _counted(name, other))


def _counted(name: str, fields: Mapping[str, str]) -> str | None:
    """What a field holds, if it counts for what was chosen."""
    return fields[name] if name in relevant(fields) else None


def _told(name: str, fields: Mapping[str, str]) -> str:
    text = _counted(name, fields)
    if text is not None and name in BOXES:
        return "yes" if text else "no"
    return dict(CHOICES.get(name, ())).get(text or "", text or "") or NOTHING


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_DIGITS]
