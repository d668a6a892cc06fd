"""Groups as the API writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.core.groups.group import Group, Member
from chalicelib.core.groups.progress import Place, Progress
from chalicelib.core.instant import to_text
from chalicelib.core.run import run_id


def group_json(group: Group, progress: Progress | None = None) -> dict[str, Any]:
    """A group; with its progress where that was read."""
    shown = {
        "id": group.id,
        "name": group.name,
        "owner": group.owner,
        "order": str(group.order),
        "state": str(group.state),
        "total": group.total,
        "rounds": group.rounds,
        "then": _member_json(group.then),
        "on_failure": _member_json(group.on_failure),
        "then_run": _run(group.then, group.then_at),
        "on_failure_run": _run(group.on_failure, group.on_failure_at),
        "retention_days": group.retention.days,
        "created_at": to_text(group.created_at),
        "began_at": to_text(group.began_at),
        "finished_at": None if group.finished_at is None else to_text(group.finished_at),
    }
    return shown if progress is None else shown | {"counts": dict(progress.counts), "done": progress.done}


def place_json(place: Place) -> dict[str, Any]:
    """How one member stands."""
    return {
        "index": place.index,
        "task_id": place.task_id,
        "name": place.name,
        "status": place.status,
        "run_id": place.run_id,
    }


def _member_json(member: Member | None) -> dict[str, Any] | None:
    if member is None:
        return None
    return {"task_id": member.task_id, "name": member.name, "pass_results": str(member.handing)}


def _run(member: Member | None, due: datetime | None) -> str | None:
    return None if member is None or due is None else run_id(member.task_id, due)
