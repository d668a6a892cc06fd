"""The fields of the task form: what an empty one holds, and what it holds for a task that is edited."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

EMPTY: dict[str, str] = {
    "name": "",
    "description": "",
    "tags": "",
    "paused": "",
    "action_type": "command",
    "command": "",
    "method": "GET",
    "url": "",
    "headers": "",
    "body": "",
    "function": "",
    "args": "",
    "kwargs": "",
    "schedule_type": "interval",
    "every": "5",
    "unit": "minutes",
    "expression": "",
    "time_zone": "UTC",
    "at": "",
    "at_zone": "UTC",
    "timeout_seconds": "60",
    "max_attempts": "3",
    "backoff": "next_window",
    "max_age_seconds": "",
    "catch_up": "latest",
    "grace_seconds": "3600",
    "priority": "normal",
    "version": "",
}
"""Every field by name, with what an empty form holds. Text areas and inputs alike hold text."""

LABELS: dict[str, str] = {
    "name": "Name",
    "description": "Description",
    "tags": "Tags",
    "paused": "Paused",
    "action_type": "What",
    "command": "Command line",
    "method": "Method",
    "url": "Address",
    "headers": "Headers",
    "body": "Body",
    "function": "Function",
    "args": "Arguments",
    "kwargs": "Keyword arguments",
    "schedule_type": "When",
    "every": "Every",
    "unit": "Unit",
    "expression": "Cron expression",
    "time_zone": "Time zone",
    "at": "Date and time",
    "at_zone": "Time zone",
    "timeout_seconds": "Timeout",
    "max_attempts": "Attempts",
    "backoff": "Wait before a retry",
    "max_age_seconds": "Give up",
    "catch_up": "After an outage, run",
    "grace_seconds": "Grace",
    "priority": "Priority",
}

Document = Mapping[str, Any]
"""A task as the contract writes it."""


def fields_of(task: Document, version: int) -> dict[str, str]:
    """What the form of a stored task holds."""
    retry, misfire = task["retry"], task["misfire"]
    general = {
        "name": task["name"],
        "description": task["description"],
        "tags": ", ".join(task["tags"]),
        "paused": "yes" if task["state"] == "paused" else "",
        "timeout_seconds": str(task["timeout_seconds"]),
        "max_attempts": str(retry["max_attempts"]),
        "backoff": retry["backoff"],
        "max_age_seconds": str(retry.get("max_age_seconds", "")),
        "catch_up": misfire["catch_up"],
        "grace_seconds": str(misfire["grace_seconds"]),
        "priority": task["priority"],
        "version": str(version),
    }
    return EMPTY | general | action_fields(task["action"]) | schedule_fields(task["schedule"])


def action_fields(action: Document) -> dict[str, str]:
    """The fields of one action; those of the other types are not among them."""
    own: dict[str, str] = {"action_type": action["type"]}
    match action["type"]:
        case "command":
            command = action["command"]
            own["command"] = command if isinstance(command, str) else shlex.join(command)
        case "http":
            headers = action.get("headers") or {}
            own |= {"method": action["method"], "url": action["url"], "body": _body(action.get("body"))}
            own["headers"] = "\n".join(f"{name}: {value_text(value)}" for name, value in headers.items())
        case "function":
            own["function"] = action["name"]
            own |= {name: _json(action[name]) if action.get(name) else "" for name in ("args", "kwargs")}
    return {name: value.replace("\r\n", "\n") for name, value in own.items()}


def schedule_fields(schedule: Document) -> dict[str, str]:
    """The fields of one schedule. A time is shown in UTC, as an input for date and time takes it."""
    own: dict[str, str] = {"schedule_type": schedule["type"]}
    match schedule["type"]:
        case "once":
            own |= {"at": schedule["at"].removesuffix("Z").removesuffix(".000"), "at_zone": "UTC"}
        case "interval":
            own |= {"every": str(schedule["every"]), "unit": schedule["unit"]}
        case "cron":
            own |= {"expression": schedule["expression"], "time_zone": schedule.get("time_zone", "UTC")}
    return own


def value_text(value: Any) -> str:
    """The value of a header as a line of text: a secret's name as `{"secret": "name"}`."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _body(body: Any) -> str:
    if body is None:
        return ""
    return body if isinstance(body, str) else _json(body)
