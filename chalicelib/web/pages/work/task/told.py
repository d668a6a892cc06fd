"""Told: what a task says of itself, in words and by label."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.errors import PunctualError
from chalicelib.core.overview import costs
from chalicelib.core.secrets.naming import is_reference
from chalicelib.core.task import Task
from chalicelib.web.pages.forms.task.texts import value_text
from chalicelib.web.pages.visit import Visit
from chalicelib.web.rendering import ARCHITECTURE

ACTION_LABELS = {
    "command": "Command line",
    "env": "Environment",
    "stdin": "Standard input",
    "method": "Method",
    "url": "Address",
    "headers": "Headers",
    "body": "Body",
    "expect_status": "Expected status",
    "name": "Function",
    "signing": "Signed with",
    "args": "Arguments",
    "kwargs": "Keyword arguments",
    "service": "Service",
    "operation": "Operation",
    "parameters": "Parameters",
}


def action_of(task: Task) -> dict[str, str]:
    """What its action says, as text by label."""
    action = task.definition.action
    given = {name: value for name, value in action.items() if name != "type" and value not in (None, "", {}, [])}
    return {ACTION_LABELS.get(name, name): _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and all(isinstance(one, str) or is_reference(one) for one in value.values()):
        return "\n".join(f"{name}: {value_text(one)}" for name, one in value.items())
    return json.dumps(value, ensure_ascii=False)


def cost_of(visit: Visit, task: Task) -> Mapping[str, Any] | None:
    """What the coming month is about to cost; None where its due times cannot be worked out."""
    try:
        return costs.estimate(task, visit.now, feed=visit.system.settings.run_feed, architecture=ARCHITECTURE)
    except (*UNPLANNABLE, PunctualError):
        return None


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Why nothing starts: since when, by whom, and what they said. What is not known is left out."""

    at: datetime | None
    by: str
    reason: str


def pause_of(visit: Visit, task: Task) -> Pause | None:
    """How a task came to be paused; None where it is not. Who did it, the audit log of its owner says."""
    if task.active:
        return None
    act = visit.system.audit_log.of_pause(task)
    return Pause(at=task.paused_at, by="" if act is None else act.actor_name or "", reason=task.pause_reason)
