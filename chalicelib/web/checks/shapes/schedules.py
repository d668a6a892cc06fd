"""The shapes of schedules: when a task is due."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.core.schedule import Unit
from chalicelib.core.schedule.cron import Fold, Gap
from chalicelib.core.schedule.months import ShortMonths
from chalicelib.web.checks.shapes.values import Instant, JsonObject

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
