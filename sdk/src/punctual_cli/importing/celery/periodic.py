"""Periodic tasks of Celery: what a database and a beat schedule say alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Crontab:
    """A crontab of Celery's: its fields as they were written, and its own time zone where it has one."""

    minute: str = "*"
    hour: str = "*"
    day_of_month: str = "*"
    month_of_year: str = "*"
    day_of_week: str = "*"
    time_zone: str | None = None

    def __str__(self) -> str:
        return f"{self.minute} {self.hour} {self.day_of_month} {self.month_of_year} {self.day_of_week}"


@dataclass(frozen=True, kw_only=True)
class Every:
    """An interval."""

    step: timedelta

    def __str__(self) -> str:
        return f"every {self.step.total_seconds():g} s"


@dataclass(frozen=True, kw_only=True)
class Clocked:
    """One time. Without an offset, `at` is in UTC, as Django keeps it."""

    at: str

    def __str__(self) -> str:
        return f"at {self.at}"


@dataclass(frozen=True, kw_only=True)
class Solar:
    """A position of the sun."""

    event: str
    latitude: Any = None
    longitude: Any = None

    def __str__(self) -> str:
        return f"{self.event} at {self.latitude}, {self.longitude}"


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """Something else, as it was written."""

    text: str

    def __str__(self) -> str:
        return self.text


When = Crontab | Every | Clocked | Solar | Unknown


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """A periodic task. `problem` is what cannot be read of it."""

    name: str
    where: str
    task: str
    when: When
    args: Any = field(default_factory=list)
    kwargs: Any = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    """`queue`, `exchange`, `routing_key`, `headers`, `priority`, and `expires` (seconds)."""
    enabled: bool = True
    one_off: bool = False
    start: str | None = None
    end: str | None = None
    description: str = ""
    problem: str = ""
    dropped: tuple[str, ...] = ()
    """Names of what else was said of it, which a task cannot have."""
