"""What is answered about runs."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

RunStatus = Literal[
    "queued",
    "running",
    "succeeded",
    "retrying",
    "failed",
    "timed_out",
    "cancelled",
    "skipped",
    "missed",
    "lost",
]
ENDED: frozenset[str] = frozenset({"succeeded", "failed", "timed_out", "cancelled", "skipped", "missed", "lost"})
"""The statuses in which a run stays, unless its owner has it tried again."""


class Error(TypedDict):
    """Why a run or an attempt did not succeed."""

    code: str
    detail: str


class Attempt(TypedDict):
    """One try of a run, numbered from 1."""

    number: int
    started_at: str
    finished_at: str | None
    status: str
    exit_code: NotRequired[int]
    http_status: NotRequired[int]
    error: NotRequired[Error | None]
    output: NotRequired[str]


class Coalesced(TypedDict):
    """The due times that one record stands for."""

    first: str
    last: str
    count: int


class Run(TypedDict):
    """One due time of one task, recorded."""

    id: str
    task_id: str
    task_name: str
    due_at: str
    trigger: str
    status: RunStatus
    started_at: str | None
    finished_at: str | None
    lateness_ms: int | None
    attempts: list[Attempt]
    result: Any
    error: Error | None
    output: str
    output_truncated: bool
    group_id: NotRequired[str]
    coalesced: NotRequired[Coalesced]


class LastRun(TypedDict):
    """A task's last run, in short."""

    id: str
    due_at: str
    status: RunStatus
    lateness_ms: int | None


class BackfillAnswer(TypedDict):
    """The runs of a range, without what they printed."""

    runs: list[Run]
    count: int
    queued: int


class Redriven(TypedDict):
    """Which runs are tried again."""

    runs: list[str]
    count: int
