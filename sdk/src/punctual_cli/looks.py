"""Looks: what of a task, a run or a group is shown to people, and in what order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from punctual_client.shapes import Follower, Group, ListedGroup, Run, Task

TASK_TITLES = ("ID", "NAME", "STATE", "SCHEDULE", "NEXT RUN", "LAST RUN")
RUN_TITLES = ("ID", "TASK", "STATUS", "DUE", "LATE", "ERROR")
GROUP_TITLES = ("ID", "NAME", "ORDER", "STATE", "MEMBERS", "CREATED", "FINISHED")
POLICIES = ("timeout_seconds", "retry", "overlap", "misfire", "delivery", "priority", "retention_days", "notify")


def task_row(task: Task) -> tuple[object, ...]:
    last = task["last_run"]
    status = None if last is None else last["status"]
    return (task["id"], task["name"], task["state"], task["schedule_text"], _instant(task["next_run_at"]), status)


def task_facts(task: Task) -> dict[str, object]:
    """All of a task, one line for each thing."""
    last = task["last_run"]
    facts: dict[str, object] = {
        "id": task["id"],
        "name": task["name"],
        "description": task["description"] or None,
        "state": task["state"],
        "pause reason": task["pause_reason"],
        "tags": ", ".join(task["tags"]) or None,
        "schedule": task["schedule_text"],
        "action": action_text(task["action"]),
        "next run": task["next_run_at"],
        "last run": None if last is None else f"{last['status']}, due {last['due_at']} ({last['id']})",
        "version": task["version"],
        "created": task["created_at"],
        "updated": task["updated_at"],
    }
    every: Mapping[str, Any] = {**task}
    policies = {name.replace("_", " "): policy_text(every[name]) for name in POLICIES if name in every}
    return _known(facts) | policies


def action_text(action: Mapping[str, Any]) -> str:
    """What a task does, in a line."""
    said = {
        "command": lambda: str(action.get("command")),
        "http": lambda: f"{action.get('method')} {action.get('url')}",
        "function": lambda: f"{action.get('name')}({', '.join(_arguments(action))})",
        "aws": lambda: f"{action.get('service')} {action.get('operation')}",
    }
    kind = str(action.get("type"))
    return f"{kind}: {said[kind]()}" if kind in said else kind


def policy_text(policy: Any) -> object:
    """A policy in a line."""
    if not isinstance(policy, Mapping):
        return policy
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in policy.items())


def run_row(run: Run) -> tuple[object, ...]:
    error = run["error"]
    late = _milliseconds(run["lateness_ms"])
    said = None if error is None else error["detail"]
    return (run["id"], run["task_name"], run["status"], _instant(run["due_at"]), late, said)


def run_facts(run: Run) -> dict[str, object]:
    """A run, without what it printed."""
    error = run["error"]
    facts: dict[str, object] = {
        "id": run["id"],
        "task": f"{run['task_name']} ({run['task_id']})",
        "status": run["status"],
        "due": run["due_at"],
        "by": run["trigger"],
        "started": run["started_at"],
        "finished": run["finished_at"],
        "late": _milliseconds(run["lateness_ms"]),
        "attempts": len(run["attempts"]),
        "result": run["result"],
        "error": None if error is None else f"{error['detail']} ({error['code']})",
    }
    return _known(facts)


def group_row(group: ListedGroup) -> tuple[object, ...]:
    created, finished = _instant(group["created_at"]), _instant(group["finished_at"])
    return (group["id"], group["name"], group["order"], group["state"], group["total"], created, finished)


def group_facts(group: Group) -> dict[str, object]:
    """A group, with how its members stand."""
    counts = ", ".join(f"{count} {status}" for status, count in group["counts"].items() if count)
    facts: dict[str, object] = {
        "id": group["id"],
        "name": group["name"],
        "order": group["order"],
        "state": group["state"],
        "done": f"{group['done']} of {group['total']}",
        "members": counts or None,
        "created": group["created_at"],
        "finished": group["finished_at"],
        "then": _follower(group["then"], group["then_run"]),
        "on failure": _follower(group["on_failure"], group["on_failure_run"]),
    }
    return _known(facts)


def _follower(follower: Follower | None, run: str | None) -> str | None:
    if follower is None:
        return None
    return follower["name"] if run is None else f"{follower['name']} ({run})"


def _known(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _instant(text: str | None) -> str | None:
    """Without milliseconds where there are none."""
    return None if text is None else text.replace(".000Z", "Z")


def _arguments(action: Mapping[str, Any]) -> list[str]:
    named = [f"{name}={value!r}" for name, value in (action.get("kwargs") or {}).items()]
    return [repr(value) for value in action.get("args") or []] + named


def _milliseconds(late: int | None) -> str | None:
    return None if late is None else f"{late} ms"
