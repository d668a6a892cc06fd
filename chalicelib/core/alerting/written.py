"""Alert states as they are stored: JSON of a format of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.core.alerting.policy import Happening, Way
from chalicelib.core.alerting.state import Alert, AlertState
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.run import RunError

INSTANTS = ("failing_since", "told_at", "again_at", "delivered_at", "refused_at")
"""Of a state."""
INSTANTS_OF_ALERT = ("first_due", "last_due", "made_at", "recovered_at", "next_try")


def to_record(state: AlertState) -> dict[str, Any]:
    """The state without its version; what is None is left out."""
    given = {name: _ms(getattr(state, name)) for name in INSTANTS} | {
        "held": None if state.held is None else _alert_record(state.held),
        "pending": [_alert_record(alert) for alert in state.pending] or None,
        "seen": list(state.seen) or None,
        "refusal": state.refusal,
    }
    return {name: value for name, value in given.items() if value is not None}


def from_record(record: Mapping[str, Any], version: int) -> AlertState:
    """The state that `to_record` wrote."""
    return AlertState(
        version=version,
        held=_alert(record["held"]) if "held" in record else None,
        pending=tuple(_alert(alert) for alert in record.get("pending", ())),
        seen=tuple(record.get("seen", ())),
        refusal=record.get("refusal"),
        **{name: from_ms(record[name]) for name in INSTANTS if name in record},
    )


def _alert_record(alert: Alert) -> dict[str, Any]:
    error = alert.error
    given = {name: _ms(getattr(alert, name)) for name in INSTANTS_OF_ALERT} | {
        "id": alert.id,
        "kind": str(alert.kind),
        "count": alert.count,
        "run_id": alert.run_id,
        "status": alert.status,
        "error": None if error is None else [error.code, error.detail, error.permanent],
        "output": alert.output or None,
        "left": sorted(alert.left),
        "tries": alert.tries,
    }
    return {name: value for name, value in given.items() if value is not None}


def _alert(record: Mapping[str, Any]) -> Alert:
    code, detail, permanent = record.get("error", (None, None, None))
    return Alert(
        id=record["id"],
        kind=Happening(record["kind"]),
        count=record["count"],
        run_id=record.get("run_id"),
        status=record.get("status"),
        error=None if code is None else RunError(code=code, detail=detail, permanent=permanent),
        output=record.get("output", ""),
        left=frozenset(Way(way) for way in record["left"]),
        tries=record["tries"],
        **{name: from_ms(record[name]) for name in INSTANTS_OF_ALERT if name in record},
    )


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else to_ms(instant)
