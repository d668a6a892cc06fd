"""Shapes: what the API answers, as types. They are plain dictionaries, as the JSON is; a test holds them against the
OpenAPI document."""

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


class Health(TypedDict):
    """That the API answers, and which one it is."""

    status: str
    version: str
    stage: str


class User(TypedDict):
    """An account as its owner sees it."""

    id: str
    username: str
    email: str
    role: Literal["admin", "member"]
    can_run_commands: bool
    can_call_aws: bool


class ListedUser(User):
    """An account as admins see it."""

    created_at: str


class Login(TypedDict):
    """A token for who knows the password."""

    token: str
    expires_at: str | None


class Registered(Login):
    """A new account, logged in."""

    user: User


class Token(TypedDict):
    """A named token, without its text."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    previous_valid_until: str | None


class NewTokenText(Token):
    """A token with its text, which no other answer has. The text is None where the first answer to the request was lost
    on its way: make another then."""

    token: str | None


class Invitation(TypedDict):
    """Leave to make one account, without its text."""

    id: str
    invited_by: str
    can_run_commands: bool
    can_call_aws: bool
    created_at: str
    expires_at: str
    used_by: str | None


class NewInvitationText(Invitation):
    """An invitation with its text, which no other answer has; None as with `NewTokenText`."""

    invitation: str | None


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


class BackfillAnswer(TypedDict):
    """The runs of a range, without what they printed."""

    runs: list[Run]
    count: int
    queued: int


class Redriven(TypedDict):
    """Which runs are tried again."""

    runs: list[str]
    count: int


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


class Act(TypedDict):
    """Something that was done, or tried."""

    id: str
    at: str
    owner: str
    actor: dict[str, str] | None
    action: str
    target: str | None
    status: int
    source: str
    by: str
    token_id: str | None
    request_id: str


class AlertKey(TypedDict):
    """The key with which one's alerts are signed."""

    key: str


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


class Follower(TypedDict):
    """What follows a group, and how the results before it reach it."""

    task_id: str
    name: str
    pass_results: str


class ListedGroup(TypedDict):
    """Runs that were asked for together, as lists show them."""

    id: str
    name: str
    owner: str
    order: Literal["parallel", "chain"]
    state: Literal["running", "succeeded", "failed", "cancelled"]
    total: int
    rounds: int
    then: Follower | None
    on_failure: Follower | None
    then_run: str | None
    on_failure_run: str | None
    retention_days: int
    created_at: str
    began_at: str
    finished_at: str | None


class Group(ListedGroup):
    """A group, and how far it has come."""

    counts: dict[str, int]
    done: int


class GroupMember(TypedDict):
    """One of a group's members, and the run that it became; its status is `waiting` where it has none yet."""

    index: int
    task_id: str
    name: str
    status: str
    run_id: str | None
