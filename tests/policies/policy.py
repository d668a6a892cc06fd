"""A role's policy, as IAM would apply it: what it allows, and what of it is used. Only what ours use is understood.

The files have CloudFormation's placeholders (`${Stage}`); here they stand for the stage, account and region that
`calls.py` gives to every recorded name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.policies.calls import ACCOUNT, REGION, STAGE, Permission

FOLDER = Path(__file__).parents[2] / ".chalice"
PLACEHOLDERS = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "Stage": STAGE,
}
STATEMENT = {"Sid", "Effect", "Action", "Resource", "Condition"}
ATTRIBUTES = {"ForAllValues:StringEquals": {"dynamodb:Attributes"}, "StringEqualsIfExists": {"dynamodb:Select"}}
"""A condition that is understood: a read asks for some attributes, and for none but these."""
PARTITIONS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys"}}
"""The other one: a call reaches some partitions, and none but these."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. `only`: the attributes that a read may ask for, None for any; `within`: the partitions that a
    call may reach, as patterns, None for any."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    only: frozenset[str] | None = None
    within: tuple[str, ...] | None = None

    def allows(self, wanted: Permission) -> bool:
        """Whether it grants a permission."""
        return self.allows_what(wanted) and self._only(wanted) and self._within(wanted)

    def allows_what(self, wanted: Permission) -> bool:
        """The same, whatever its condition says."""
        return any(matches(each, wanted.action) for each in self.actions) and any(
            matches(each, wanted.resource) for each in self.resources
        )

    def _only(self, wanted: Permission) -> bool:
        return self.only is None or (bool(wanted.attributes) and self.only.issuperset(wanted.attributes))

    def _within(self, wanted: Permission) -> bool:
        if self.within is None:
            return True
        reached = [any(matches(pattern, each) for pattern in self.within) for each in wanted.partitions]
        return bool(reached) and all(reached)

    def grants(self) -> Iterator[Statement]:
        """Each of its actions on each of its resources, apart."""
        for action in self.actions:
            for resource in self.resources:
                yield replace(self, actions=(action,), resources=(resource,))


def policies(folder: Path = FOLDER) -> dict[str, list[Statement]]:
    """The statements of every role's policy, by role."""
    paths = sorted(folder.glob("policy-*.json"))
    return {path.stem.removeprefix("policy-"): read(json.loads(path.read_text(encoding="utf-8"))) for path in paths}


def read(document: Mapping[str, Any]) -> list[Statement]:
    """The statements of a policy; `ValueError` for what is not understood here."""
    return [_statement(each) for each in document["Statement"]]


def _statement(data: Mapping[str, Any]) -> Statement:
    sid = str(data.get("Sid", ""))
    if data.get("Effect") != "Allow" or not data.keys() <= STATEMENT:
        raise ValueError(f"{sid}: only statements that allow actions on resources are understood")
    return Statement(
        sid=sid,
        actions=tuple(_listed(data["Action"])),
        resources=tuple(_filled(each) for each in _listed(data["Resource"])),
        **_conditions(sid, data.get("Condition")),
    )


def _conditions(sid: str, condition: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a statement's condition makes of it."""
    if condition is None:
        return {}
    form = {operator: set(keys) for operator, keys in condition.items()}
    if form == ATTRIBUTES and condition["StringEqualsIfExists"]["dynamodb:Select"] == "SPECIFIC_ATTRIBUTES":
        return {"only": frozenset(condition["ForAllValues:StringEquals"]["dynamodb:Attributes"])}
    if form == PARTITIONS:
        return {"within": tuple(condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])}
    raise ValueError(f"{sid}: this condition is not understood: {condition}")


def _listed(value: str | Iterable[str]) -> Iterable[str]:
    return [value] if isinstance(value, str) else value


def _filled(resource: str) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in PLACEHOLDERS:
            raise ValueError(f"{resource}: nobody says here what {found[0]} is")
        return PLACEHOLDERS[found[1]]

    return re.sub(r"\$\{([^}]+)}", value, resource)


def matches(pattern: str, value: str) -> bool:
    """Whether IAM takes a pattern for a value: `*` is any text, `?` any character, and nothing else is special.

    >>> matches("dynamodb:Get*", "dynamodb:GetItem"), matches("a[b]", "b"), matches("*", "")
    (True, False, True)
    """
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> re.Pattern[str]:
    special = {"*": ".*", "?": "."}
    return re.compile("".join(special.get(character) or re.escape(character) for character in pattern), re.DOTALL)
