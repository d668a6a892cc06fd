"""The shape of a task, as its owner gives it."""

from __future__ import annotations

import enum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.core.attempts.retry import Backoff
from chalicelib.core.task import CatchUp, Delivery, Overlap, Priority
from chalicelib.web.checks.shapes.actions import Action
from chalicelib.web.checks.shapes.alerts import Notify
from chalicelib.web.checks.shapes.schedules import Schedule
from chalicelib.web.checks.shapes.values import PLAIN, PLAIN_AND_VISIBLE, WEEK, Name

Description = Annotated[
    str,
    Meta(max_length=2000, pattern=PLAIN, description="a text of up to 2,000 characters without control characters"),
]
Tag = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=50,
        pattern=PLAIN_AND_VISIBLE,
        description="a text of 1 to 50 characters without control characters",
    ),
]


class GivenState(enum.StrEnum):
    """The states that an owner may give; `completed`, which only answers say, counts as active."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"


class Retry(Struct, forbid_unknown_fields=True):
    """How many attempts a run has, how far apart they are, and until how long after its due time one may start."""

    max_attempts: Annotated[int, Meta(ge=1, le=20, description="a whole number from 1 to 20")] = 3
    backoff: Annotated[Backoff, Meta(description=f"one of {', '.join(Backoff)}")] = Backoff.NEXT_WINDOW
    delay_seconds: Annotated[float, Meta(ge=0, le=WEEK, description="a number from 0 to 604,800")] = 30
    max_delay_seconds: Annotated[float, Meta(ge=0, le=WEEK, description="a number from 0 to 604,800")] = 3600
    max_age_seconds: Annotated[float, Meta(ge=1, le=WEEK, description="a number from 1 to 604,800")] | UnsetType = UNSET


class Misfire(Struct, forbid_unknown_fields=True):
    """How late a due time may still start, and what becomes of those that were held up."""

    grace_seconds: Annotated[float, Meta(ge=0, le=WEEK, description="a number from 0 to 604,800")] = 3600
    catch_up: Annotated[CatchUp, Meta(description=f"one of {', '.join(CatchUp)}")] = CatchUp.LATEST


class Task(Struct, forbid_unknown_fields=True):
    """A task as its owner gives it."""

    name: Name
    action: Action
    schedule: Schedule
    description: Description = ""
    tags: Annotated[list[Tag], Meta(max_length=20, description="a list of up to 20 tags")] | UnsetType = UNSET
    metadata: Annotated[dict[str, Any], Meta(description="an object of up to 4 KB")] | UnsetType = UNSET
    state: Annotated[GivenState, Meta(description="active or paused")] = GivenState.ACTIVE
    timeout_seconds: Annotated[float, Meta(ge=1, le=840, description="a number from 1 to 840")] = 60
    retry: Annotated[Retry, Meta(description="an object")] | UnsetType = UNSET
    overlap: Annotated[Overlap, Meta(description=f"one of {', '.join(Overlap)}")] = Overlap.ALLOW
    misfire: Annotated[Misfire, Meta(description="an object")] | UnsetType = UNSET
    delivery: Annotated[Delivery, Meta(description=f"one of {', '.join(Delivery)}")] = Delivery.AT_LEAST_ONCE
    priority: Annotated[Priority, Meta(description=f"one of {', '.join(Priority)}")] = Priority.NORMAL
    retention_days: Annotated[int, Meta(ge=1, le=365, description="a whole number from 1 to 365")] = 30
    notify: Annotated[Notify, Meta(description="an object")] | UnsetType = UNSET
