"""What moto holds of Parameter Store, as keys and JSON values, and back: the secrets of the local stack.

They stand in the journal as they are. Its folder is for its owner only, and holds everything else as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID

from infra.local.emulator.memory import REGION, Changes

KIND = "parameter"


def changes(name: str) -> Changes:
    """A parameter as it is now, ready for the journal."""
    found = _parameters().get(name)
    return {json.dumps([KIND, name]): None if not found else _journal_value(found[-1])}


def restore(state: Mapping[str, Any]) -> None:
    """Puts remembered parameters back."""
    for key, value in state.items():
        kind, name, *_ = json.loads(key)
        if kind == KIND:
            put = _ssm().put_parameter(
                name, "", value["value"], value["type"], "", "", False, [], "text", tier=value["tier"], policies=None
            )
            put.last_modified_date = datetime.fromtimestamp(value["modified"], UTC).replace(tzinfo=None)


def _journal_value(parameter: Any) -> dict[str, Any]:
    return {
        "value": parameter.decrypt(parameter.value),
        "type": parameter.parameter_type,
        "tier": parameter.tier,
        "modified": parameter.last_modified_date.replace(tzinfo=UTC).timestamp(),
    }


def _parameters() -> Any:
    return _ssm()._parameters


def _ssm() -> Any:
    """moto's backend; with it comes half of moto, which a stack without secrets need not load."""
    return import_module("moto.ssm.models").ssm_backends[DEFAULT_ACCOUNT_ID][REGION]
