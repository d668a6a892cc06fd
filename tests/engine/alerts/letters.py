"""What came to a mailbox, in a form that can be compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.adapters.memory import Mailbox
from chalicelib.core.task import Task
from tests.engine.conftest import Stage

HOOK = "https://example.com/hook"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:punctual-local-alerts-ops"
MINUTES = timedelta(minutes=1)
NOTIFY: dict[str, Any] = {"webhook": HOOK}
ONE_TRY: dict[str, Any] = {"max_attempts": 1}


def alerts(box: Mailbox) -> list[dict[str, Any]]:
    """Every alert that was delivered, in order."""
    return [alert for _, letter in box.taken for alert in letter.body["alerts"]]


def kinds(box: Mailbox) -> list[str]:
    return [alert["kind"] for alert in alerts(box)]


def created(stage: Stage, schedule: dict[str, Any], **more: Any) -> Task:
    """A task of ann's that is tried once and whose owner wants to be told everything."""
    return stage.create(schedule, **{"retry": ONE_TRY, "notify": NOTIFY} | more)


def played(stage: Stage, minutes: float, *, audits: bool = True) -> None:
    """Let so many minutes pass, with an audit every five."""
    end = stage.world.now + minutes * MINUTES
    while stage.world.now < end:
        stage.world.play(min(end, stage.world.now + 5 * MINUTES))
        if audits:
            stage.world.system.auditor.audit()
