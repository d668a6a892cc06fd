"""What is answered about tasks, and about what they name: schedules, calendars and secrets."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from punctual_client.shapes.runs import LastRun


class CheckedTask(TypedDict):
    """A task as it would be stored, every default filled in."""

    name: str
    description: str
    tags: list[str]
    metadata: dict[str, Any]
    state: Literal["active", "paused", "completed"]
    action: dict[str, Any]
    schedule: dict[str, Any]
    timeout_seconds: float
    retry: dict[str, Any]
    overlap: str
    misfire: dict[str, Any]
    delivery: str
    priority: str
    retention_days: int
    notify: NotRequired[dict[str, Any]]


class Task(CheckedTask):
    """What a person defined, and what only answers say of it."""

    id: str
    version: int
    owner: str
    created_at: str
    updated_at: str
    pause_reason: str | None
    schedule_text: str
    next_run_at: str | None
    last_run: LastRun | None
    cost_estimate: dict[str, Any]
    notify_state: NotRequired[dict[str, Any]]


class Calendar(TypedDict):
    """A named calendar."""

    name: str
    updated_at: str
    spans: int
    next: list[dict[str, str]]


class SecretName(TypedDict):
    """What may be told of a secret."""

    name: str
    updated_at: str


class DueTime(TypedDict):
    """A due time by two clocks: in UTC, and as the schedule's own zone shows it."""

    utc: str
    local: str


class Excluded(DueTime):
    """A due time that is left out, and by what."""

    by: Any


class Warned(TypedDict):
    """What is odd about a schedule."""

    code: str
    detail: str
    at: NotRequired[str]


class PreviewAnswer(TypedDict):
    """What a schedule means."""

    description: str
    next: list[DueTime]
    excluded: list[Excluded]
    warnings: list[Warned]
