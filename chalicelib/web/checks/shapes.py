"""Shapes: what the contract's request bodies look like. Validation and the OpenAPI document are both made from these.

Each field's description completes the sentence "must be …", so that a refusal says what would be right.
"""

from __future__ import annotations

import enum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from chalicelib.core.attempts.retry import Backoff
from chalicelib.core.schedule import Unit
from chalicelib.core.schedule.cron import Fold, Gap
from chalicelib.core.schedule.months import ShortMonths
from chalicelib.core.secrets.naming import NAME
from chalicelib.core.task import CatchUp, Delivery, Overlap, Priority
from chalicelib.web.checks.alert_shapes import Notify

PLAIN = r"^[^\x00-\x1f\x7f-\x9f]*\Z"
"""No control characters."""
PLAIN_AND_VISIBLE = r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]*\Z"
WEEK = 604_800
"""Seconds."""

LONGEST_SECRET = 4096
"""Bytes."""

Instant = Annotated[
    str, Meta(max_length=64, description="an RFC 3339 instant with an offset, like 2026-01-01T09:00:00Z")
]
JsonObject = Annotated[dict[str, Any], Meta(description="an object")]


SECRET_NAME = rf"^{NAME.pattern}\Z"


class SecretReference(Struct, forbid_unknown_fields=True):
    """Stands for the value of a secret of the task's owner."""

    secret: Annotated[str, Meta(description="the name of a secret", extra_json_schema={"pattern": SECRET_NAME})]


TextOrSecret = Annotated[str | SecretReference, Meta(description='a text, or {"secret": "its name"}')]
Texts = dict[str, TextOrSecret]


class Method(enum.StrEnum):
    """What an http action may ask for."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"
    OPTIONS = "OPTIONS"


class GivenState(enum.StrEnum):
    """The states that an owner may give; `completed`, which only answers say, counts as active."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"


class CommandAction(Struct, tag="command", forbid_unknown_fields=True):
    """Runs a shell line, or a program with its arguments."""

    command: Annotated[str | list[str], Meta(description="a shell line, or a list of a program and its arguments")]
    env: Annotated[Texts, Meta(max_length=50, description="an object of up to 50 texts")] | UnsetType = UNSET
    stdin: Annotated[str, Meta(description="a text")] | UnsetType = UNSET


Status = Annotated[int, Meta(ge=100, le=599)]


class HttpAction(Struct, tag="http", forbid_unknown_fields=True):
    """Sends one HTTP request."""

    method: Annotated[Method, Meta(description=f"one of {', '.join(Method)}")]
    url: Annotated[
        str, Meta(min_length=1, max_length=2048, description="an http or https URL of up to 2,048 characters")
    ]
    headers: Annotated[Texts, Meta(max_length=50, description="an object of up to 50 texts")] | UnsetType = UNSET
    body: (
        Annotated[str | dict[str, Any] | list[Any], Meta(description="a text, or an object or a list to send as JSON")]
        | UnsetType
    ) = UNSET
    expect_status: (
        Annotated[
            Status | Annotated[list[Status], Meta(min_length=1, max_length=20)],
            Meta(description="an HTTP status from 100 to 599, or a list of up to 20 of them"),
        ]
        | UnsetType
    ) = UNSET
    signing: (
        Annotated[
            SecretReference | Annotated[list[SecretReference], Meta(min_length=1, max_length=2)],
            Meta(description='{"secret": "its name"}, or a list of one or two of them'),
        ]
        | UnsetType
    ) = UNSET


class FunctionAction(Struct, tag="function", forbid_unknown_fields=True):
    """Calls a function of `GET /api/functions`."""

    name: Annotated[str, Meta(min_length=1, max_length=100, description="the name of a function of GET /api/functions")]
    args: Annotated[list[Any], Meta(description="a list of arguments")] | UnsetType = UNSET
    kwargs: Annotated[dict[str, Any], Meta(description="an object of arguments by name")] | UnsetType = UNSET


class AwsAction(Struct, tag="aws", forbid_unknown_fields=True):
    """Makes one call of an AWS API that this installation allows."""

    service: Annotated[
        str, Meta(pattern=r"^[a-z0-9-]{1,64}\Z", description="the name of a service as boto3 has it, like sqs")
    ]
    operation: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}\Z",
            description="an operation of the service as boto3 has it, like send_message",
        ),
    ]
    parameters: JsonObject | UnsetType = UNSET


Action = Annotated[
    CommandAction | HttpAction | FunctionAction | AwsAction,
    Meta(description="an object whose `type` is command, http, function or aws"),
]

Every = Annotated[int, Meta(ge=1, description="a whole number, at least 1")]
MaxRuns = Annotated[int, Meta(ge=1, le=1000, description="a whole number from 1 to 1,000")]
Jitter = Annotated[int, Meta(ge=1, le=86_400, description="a whole number from 1 to 86,400, below the interval")]
Exclude = Annotated[
    list[JsonObject],
    Meta(
        max_length=100,
        description='a list of up to 100 objects like {"date": "2026-12-25"}, {"from": "2026-12-24", "to": '
        '"2027-01-01"}, {"weekly": ["sat", "sun"], "from": "22:00", "to": "06:00"} or {"calendar": "name"}',
    ),
]
TimeZone = Annotated[str, Meta(description="an IANA time zone like Europe/Paris")]


class OnceSchedule(Struct, tag="once", forbid_unknown_fields=True):
    """Due one time."""

    at: Instant


class IntervalSchedule(Struct, tag="interval", forbid_unknown_fields=True):
    """Due at `start_at` and every step after it; without `start_at`, first due one step after creation."""

    every: Every
    unit: Annotated[Unit, Meta(description=f"one of {', '.join(Unit)}")]
    time_zone: TimeZone = "UTC"
    short_months: Annotated[ShortMonths, Meta(description=f"one of {', '.join(ShortMonths)}")] = ShortMonths.LAST_DAY
    start_at: Instant | UnsetType = UNSET
    end_at: Instant | UnsetType = UNSET
    max_runs: MaxRuns | UnsetType = UNSET
    jitter_seconds: Jitter | UnsetType = UNSET
    exclude: Exclude | UnsetType = UNSET


class CronSchedule(Struct, tag="cron", forbid_unknown_fields=True):
    """Due when the clock of a time zone shows what an expression says."""

    expression: Annotated[
        str, Meta(description="a cron expression of five fields, or six with seconds first; or AWS's cron(…), rate(…)")
    ]
    time_zone: TimeZone = "UTC"
    dst_gap: Annotated[Gap, Meta(description=f"one of {', '.join(Gap)}")] = Gap.RUN
    dst_fold: Annotated[Fold, Meta(description=f"one of {', '.join(Fold)}")] = Fold.ONCE
    start_at: Instant | UnsetType = UNSET
    end_at: Instant | UnsetType = UNSET
    max_runs: MaxRuns | UnsetType = UNSET
    jitter_seconds: Jitter | UnsetType = UNSET
    exclude: Exclude | UnsetType = UNSET


Schedule = Annotated[
    OnceSchedule | IntervalSchedule | CronSchedule,
    Meta(description="an object whose `type` is once, interval or cron"),
]


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


Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=PLAIN_AND_VISIBLE,
        description="a text of 1 to 100 characters without control characters",
    ),
]
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
