"""Letters: alerts as they are told, one or several of an owner together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib.core.alerting.policy import Happening
from chalicelib.core.alerting.state import Alert
from chalicelib.core.instant import to_text
from chalicelib.core.run import RunError

OUTPUT_SHOWN = 1024
"""Bytes of a run's output, from its end: what went wrong stands there."""
MOST_TOGETHER = 50
"""Alerts in one letter."""
MOST_BYTES = 200_000
"""Of all the alerts in one letter, unless it holds one only: SNS takes 256 KB, and would refuse more for ever."""
LONGEST_WHY = 200
"""Characters of what went wrong that a sentence has; the alert has all of it."""
LONGEST_SUBJECT = 100
"""Characters that SNS takes."""
SAID = {
    Happening.FAILED: "failed",
    Happening.MISSED: "was missed",
    Happening.DID_NOT_RUN: "did not run",
    Happening.RECOVERED: "has recovered",
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The task that an alert is about."""

    task_id: str
    name: str
    alert: Alert


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is sent to one address. `id` is the same whenever the same alerts are sent again."""

    id: str
    title: str
    body: dict[str, Any]


def letter(subjects: Sequence[Subject], at: datetime) -> Letter:
    """The letter that tells some alerts."""
    lines = [sentence(subject) for subject in subjects]
    title = lines[0] if len(lines) == 1 else f"{len(lines)} alerts: {', '.join(s.name for s in subjects)}"
    alerts = [_alert_json(subject) for subject in subjects]
    return Letter(
        id=_id([subject.alert.id for subject in subjects]),
        title=_plain(f"Punctual: {title}"),
        body={"type": "punctual.alerts", "timestamp": to_text(at), "text": "\n".join(lines), "alerts": alerts},
    )


def bundles(subjects: Sequence[Subject]) -> list[tuple[Subject, ...]]:
    """Alerts that go to one address, as they are told together: not too many, and not too long."""
    together: list[tuple[Subject, ...]] = []
    room = 0
    for subject in subjects:
        weight = _weight(subject)
        if not together or len(together[-1]) == MOST_TOGETHER or weight > room:
            together.append(())
            room = MOST_BYTES
        together[-1] += (subject,)
        room -= weight
    return together


def _weight(subject: Subject) -> int:
    """Bytes that an alert adds to a letter: itself, and its line."""
    written = json.dumps([_alert_json(subject), sentence(subject)], ensure_ascii=False)
    return len(written.encode("utf-8", "replace"))


def sentence(subject: Subject) -> str:
    """An alert in words.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> alert = Alert(id="a", kind=Happening.FAILED, first_due=at, last_due=at, count=2, made_at=at)
    >>> sentence(Subject(task_id="t", name="backup", alert=alert))
    'backup failed: 2 times since 2026-01-01T00:00:00.000Z'
    """
    alert = subject.alert
    said = f"{subject.name} {SAID[alert.kind]}"
    if alert.kind is Happening.RECOVERED:
        return f"{said}: its run due at {to_text(alert.last_due)} succeeded"
    why = "" if alert.error is None else f" ({alert.error.detail[:LONGEST_WHY]})"
    if alert.count == 1:
        return f"{said}: due at {to_text(alert.last_due)}{why}"
    return f"{said}: {alert.count} times since {to_text(alert.first_due)}{why}"


def _id(ids: Sequence[str]) -> str:
    """One alert's own id, or one that several make together."""
    if len(ids) == 1:
        return ids[0]
    return f"alerts_{sha256(chr(10).join(sorted(ids)).encode()).hexdigest()[:32]}"


def _plain(text: str) -> str:
    """A title that SNS takes: ASCII, on one line, not too long."""
    plain = "".join(c if " " <= c <= "~" else "?" for c in text)
    return plain if len(plain) <= LONGEST_SUBJECT else f"{plain[: LONGEST_SUBJECT - 3]}..."


def _alert_json(subject: Subject) -> dict[str, Any]:
    alert = subject.alert
    return {
        "id": alert.id,
        "kind": str(alert.kind),
        "task": {"id": subject.task_id, "name": subject.name},
        "run": None if alert.run_id is None else {"id": alert.run_id, "status": alert.status},
        "count": alert.count,
        "first_due_at": to_text(alert.first_due),
        "last_due_at": to_text(alert.last_due),
        "recovered_at": None if alert.recovered_at is None else to_text(alert.recovered_at),
        "error": _error_json(alert.error),
        "output": alert.output,
        "text": sentence(subject),
    }


def _error_json(error: RunError | None) -> dict[str, str] | None:
    return None if error is None else {"code": error.code, "detail": error.detail}


def excerpt_of(output: str) -> str:
    """The end of a run's output.

    >>> excerpt_of("x" * 2000) == "x" * 1024, excerpt_of("é" * 600)[:2]
    (True, 'éé')
    """
    return output.encode("utf-8", "replace")[-OUTPUT_SHOWN:].decode("utf-8", "ignore")
