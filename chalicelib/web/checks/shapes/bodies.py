"""The shapes of what is asked of a task, of a secret, and of the schedules in code."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from chalicelib.web.checks.shapes.schedules import Schedule
from chalicelib.web.checks.shapes.values import PLAIN, Instant, Name

LONGEST_SECRET = 4096
"""Bytes."""


class Preview(Struct, forbid_unknown_fields=True):
    """A schedule to look at."""

    schedule: Schedule
    after: Instant | UnsetType = UNSET
    count: Annotated[int, Meta(ge=1, le=100, description="a whole number from 1 to 100")] = 10


class Backfill(Struct, forbid_unknown_fields=True):
    """A range of the past, `from` included and `to` not, whose due times are to run."""

    from_: Instant = field(name="from")
    to: Instant
    dry_run: Annotated[bool, Meta(description="true or false")] = False


class Skip(Struct, forbid_unknown_fields=True):
    """A due time to come that is to be left out."""

    due_at: Instant


class Reason(Struct, forbid_unknown_fields=True):
    """Why a task is paused or resumed."""

    reason: Annotated[
        str,
        Meta(max_length=500, pattern=PLAIN, description="a text of up to 500 characters without control characters"),
    ] = ""


class Secret(Struct, forbid_unknown_fields=True):
    """The value of a secret, which is never shown again."""

    value: Annotated[
        str, Meta(min_length=1, max_length=LONGEST_SECRET, description="a text of 1 to 4,096 bytes in UTF-8")
    ]


class InCodeSync(Struct, forbid_unknown_fields=True):
    """What is to become as the code says, whatever a person did to it."""

    restore: (
        Annotated[list[Name], Meta(max_length=1000, description="a list of names of schedules in code")] | UnsetType
    ) = UNSET


class Nothing(Struct, forbid_unknown_fields=True):
    """A body that says nothing."""
