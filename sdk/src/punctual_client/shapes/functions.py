"""What is answered about functions, and about the schedules that they say in the code."""

from __future__ import annotations

from typing import Any, TypedDict


class Function(TypedDict):
    """A function that a task may call."""

    name: str
    description: str
    parameters: list[dict[str, Any]]
    takes_context: bool
    defaults: dict[str, Any]
    schedules: list[dict[str, Any]]


class ScheduleInCode(TypedDict):
    """A schedule that a function says in the code, and how its task stands."""

    name: str
    function: str | None
    schedule: dict[str, Any] | None
    standing: str | None
    detail: str
    task_id: str | None
    paused: bool | None
    done: bool | None
    differs: list[dict[str, Any]]


class ScheduleInCodeList(TypedDict):
    """All schedules in code; `owner` is whose tasks new ones become."""

    owner: str | None
    items: list[ScheduleInCode]
