"""Shapes: what the API answers, as types. They are plain dictionaries, as the JSON is; a test holds them against the
OpenAPI document."""

from __future__ import annotations

from typing import TypedDict

from punctual_client.shapes.functions import Function, ScheduleInCode, ScheduleInCodeList
from punctual_client.shapes.groups import Follower, Group, GroupMember, ListedGroup
from punctual_client.shapes.people import (
    Act,
    AlertKey,
    Invitation,
    ListedUser,
    Login,
    NewInvitationText,
    NewTokenText,
    Registered,
    Token,
    User,
)
from punctual_client.shapes.runs import (
    ENDED,
    Attempt,
    BackfillAnswer,
    Coalesced,
    Error,
    LastRun,
    Redriven,
    Run,
    RunStatus,
)
from punctual_client.shapes.tasks import (
    Calendar,
    CheckedTask,
    DueTime,
    Excluded,
    PreviewAnswer,
    SecretName,
    Task,
    Warned,
)

__all__ = [
    "ENDED",
    "Act",
    "AlertKey",
    "Attempt",
    "BackfillAnswer",
    "Calendar",
    "CheckedTask",
    "Coalesced",
    "DueTime",
    "Error",
    "Excluded",
    "Follower",
    "Function",
    "Group",
    "GroupMember",
    "Health",
    "Invitation",
    "LastRun",
    "ListedGroup",
    "ListedUser",
    "Login",
    "NewInvitationText",
    "NewTokenText",
    "PreviewAnswer",
    "Redriven",
    "Registered",
    "Run",
    "RunStatus",
    "ScheduleInCode",
    "ScheduleInCodeList",
    "SecretName",
    "Task",
    "Token",
    "User",
    "Warned",
]


class Health(TypedDict):
    """That the API answers, and which one it is."""

    status: str
    version: str
    stage: str
