"""Rights: what an admin has to allow an account before its tasks may do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

GRANTS: Mapping[str, str] = {"command": "run commands", "aws": "call AWS"}
"""Types of action that an admin has to allow an account, and what each is called."""


class Granted(Protocol):
    """An account, or what is known of it."""

    @property
    def can_run_commands(self) -> bool: ...

    @property
    def can_call_aws(self) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What an admin has allowed an account: all that who runs its tasks has to know of it."""

    can_run_commands: bool
    can_call_aws: bool


def lacking(account: Granted, action: Mapping[str, Any]) -> str | None:
    """What an account would have to be allowed for tasks that do such a thing; None where nothing is missing.

    Everybody may call functions and send requests; what reaches further is granted.
    """
    granted = {"command": account.can_run_commands, "aws": account.can_call_aws}
    return None if granted.get(action["type"], True) else GRANTS[action["type"]]
