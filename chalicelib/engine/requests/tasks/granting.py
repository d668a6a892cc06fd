"""Granting: what the tasks of an account may do, and who may make them do so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.alerting.policy import Way
from chalicelib.core.errors import NotAllowed
from chalicelib.core.people.account import User
from chalicelib.core.people.rights import GRANTS, lacking
from chalicelib.core.task import Definition
from chalicelib.ports.whole import WholeStore


def require_granted(store: WholeStore, caller: User, owner: str, action: Mapping[str, Any]) -> None:
    """`NotAllowed` where a task of an owner may not do such a thing, or the caller may not make it do so.

    The worker asks again when a run starts. It counts what the owner is allowed, whoever wrote the task.
    """
    missing = lacking(caller, action)
    if missing is not None:
        raise NotAllowed(f"this account may not {missing}: ask an admin")
    if action["type"] in GRANTS and owner != caller.id:
        account = store.user(owner)
        if account is None or lacking(account, action) is not None:
            raise NotAllowed(f"the owner of this task may not {GRANTS[action['type']]}: allow it to them first")


def require_notify_granted(store: WholeStore, caller: User, owner: str, definition: Definition) -> None:
    """`NotAllowed` where a task's owner would be told by SNS and may not call AWS. Asked again at each letter."""
    if definition.notify is not None and Way.SNS in definition.notify.addresses:
        require_granted(store, caller, owner, {"type": "aws"})
