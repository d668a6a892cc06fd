"""Names of parameters: as whoever copied them from another of AWS's tools writes them, and as botocore has them.

EventBridge Scheduler and Step Functions write `DbInstanceIdentifier` and `TaskDefinition` where botocore has
`DBInstanceIdentifier` and `taskDefinition`: its own description of the operation says which case is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def named(value: Any, shape: Any) -> Any:
    """A value of a shape (None where the operation takes nothing), its names in the case that the operation has.

    The keys of a map are the owner's own and stay. So does a name that the operation has not, or that is there in its
    right case as well: botocore refuses both.
    """
    kind = getattr(shape, "type_name", None)
    if kind == "structure" and isinstance(value, Mapping):
        return _structure(value, shape.members)
    if kind == "list" and isinstance(value, list):
        return [named(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: named(inner, shape.value) for key, inner in value.items()}
    return value


def _structure(value: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    by_case = {name.lower(): name for name in members}
    meant = {name: name if name in members else by_case.get(name.lower(), name) for name in value}
    twice = {name for name, new in meant.items() if name != new and list(meant.values()).count(new) > 1}
    return {
        name if name in twice else meant[name]: named(inner, None if name in twice else members.get(meant[name]))
        for name, inner in value.items()
    }
