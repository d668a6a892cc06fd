"""Tasks: what a person defined."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import schedule as schedules
from chalicelib.core.alerting import policy as alerting
from chalicelib.core.alerting.policy import Notify
from chalicelib.core.attempts.retry import Backoff, RetryPolicy
from chalicelib.core.schedule import Schedule

LONGEST_LIGHT_ACTION = timedelta(seconds=120)
"""What may take longer goes to the queue of the commands, so that it never stands before a short call."""


MISFIRE = timedelta(seconds=90)
"""Later than this is no ordinary lateness: the task's policy decides. A pass may be two ticks late without it."""


class State(enum.StrEnum):
    """What the owner wants of a task. That nothing is left to run is worked out, not stored."""

    ACTIVE = "active"
    PAUSED = "paused"


class Overlap(enum.StrEnum):
    """What happens at a due time while an earlier run of the task is still running."""

    ALLOW = "allow"
    SKIP = "skip"
    QUEUE = "queue"
    REPLACE = "replace"


class CatchUp(enum.StrEnum):
    """Which of the due times that are more than 90 s late still run."""

    ALL = "all"
    LATEST = "latest"
    NONE = "none"


class Delivery(enum.StrEnum):
    """Whether a run whose worker died is started again."""

    AT_LEAST_ONCE = "at_least_once"
    AT_MOST_ONCE = "at_most_once"


class Priority(enum.StrEnum):
    """What goes first where there is a backlog; see `docs/priorities.md`."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Channel(enum.StrEnum):
    """The queue, and so the function, that a run goes to."""

    LIGHT = "light"
    URGENT = "urgent"
    COMMANDS = "commands"


@dataclass(frozen=True, kw_only=True)
class MisfirePolicy:
    """How late a due time may still start, and what becomes of those that were held up."""

    grace: timedelta = timedelta(hours=1)
    catch_up: CatchUp = CatchUp.LATEST


@dataclass(frozen=True, kw_only=True)
class Definition:
    """Everything about a task that its owner says. `action` and `metadata` are JSON as the contract has it."""

    name: str
    action: Mapping[str, Any]
    schedule: Schedule
    description: str = ""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    timeout: timedelta = timedelta(seconds=60)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    overlap: Overlap = Overlap.ALLOW
    misfire: MisfirePolicy = field(default_factory=MisfirePolicy)
    delivery: Delivery = Delivery.AT_LEAST_ONCE
    priority: Priority = Priority.NORMAL
    retention: timedelta = timedelta(days=30)
    state: State = State.ACTIVE
    notify: Notify | None = None

    @property
    def channel(self) -> Channel:
        """Where runs of this task go."""
        if self.action["type"] == "command" or self.timeout > LONGEST_LIGHT_ACTION:
            return Channel.COMMANDS
        return Channel.URGENT if self.priority is Priority.HIGH else Channel.LIGHT


@dataclass(frozen=True, kw_only=True)
class Superseded:
    """The schedule that a change put an end to, and from when until when it was in force (`active`: it was not paused).

    A pass that comes late finds here which due times the change took away before it could handle them.
    """

    schedule: Schedule
    active: bool
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Task:
    """A definition with an identity. `changed_at` is the last change of schedule or state; a rename is none.

    `shard` is chosen at creation and kept for life. `version` serves the ETag only. Not written when a task runs.
    """

    id: str
    owner: str
    shard: int
    definition: Definition
    created_at: datetime
    updated_at: datetime
    changed_at: datetime
    version: int = 1
    pause_reason: str = ""
    superseded: Superseded | None = None

    @property
    def active(self) -> bool:
        return self.definition.state is State.ACTIVE

    @property
    def paused_at(self) -> datetime | None:
        """Since when it is paused; None where it is not, or its schedule was changed since then."""
        if self.active:
            return None
        if self.superseded is None:
            return self.created_at
        return self.changed_at if self.superseded.active else None

    def next_due(self, after: datetime, skipped: AbstractSet[datetime] = frozenset()) -> datetime | None:
        """The first due time later than an instant that its owner has not skipped; None when nothing is left or the
        task is paused."""
        due = schedules.next_after(self.definition.schedule, after) if self.active else None
        while due is not None and due in skipped:
            due = schedules.next_after(self.definition.schedule, due)
        return due

    def is_due(self, instant: datetime) -> bool:
        return schedules.is_due(self.definition.schedule, instant)

    def redefined(self, definition: Definition, now: datetime, reason: str = "") -> Task:
        """This task with another definition, one version on. `reason` is why its state changes."""
        old = self.definition
        kept = self.pause_reason if definition.state is old.state else reason
        task = replace(self, definition=definition, updated_at=now, version=self.version + 1, pause_reason=kept)
        if (definition.schedule, definition.state) == (old.schedule, old.state):
            return task
        ended = Superseded(schedule=old.schedule, active=self.active, since=self.changed_at, until=now)
        return replace(task, changed_at=now, superseded=ended)


def to_json(definition: Definition) -> dict[str, Any]:
    """The definition as the contract writes it."""
    return _plain_fields(definition) | {"schedule": schedules.to_json(definition.schedule)}


def to_record(definition: Definition) -> dict[str, Any]:
    """The definition as it is stored."""
    return _plain_fields(definition) | {"schedule": schedules.to_record(definition.schedule)}


def _plain_fields(definition: Definition) -> dict[str, Any]:
    misfire, notify = definition.misfire, definition.notify
    return {
        "name": definition.name,
        "description": definition.description,
        "tags": list(definition.tags),
        "metadata": dict(definition.metadata),
        "state": str(definition.state),
        "action": dict(definition.action),
        "timeout_seconds": _seconds(definition.timeout),
        "retry": _retry_json(definition.retry),
        "overlap": str(definition.overlap),
        "misfire": {"grace_seconds": _seconds(misfire.grace), "catch_up": str(misfire.catch_up)},
        "delivery": str(definition.delivery),
        "priority": str(definition.priority),
        "retention_days": definition.retention.days,
    } | ({} if notify is None else {"notify": alerting.to_json(notify)})


def _retry_json(retry: RetryPolicy) -> dict[str, Any]:
    always = {
        "max_attempts": retry.max_attempts,
        "backoff": str(retry.backoff),
        "delay_seconds": _seconds(retry.delay),
        "max_delay_seconds": _seconds(retry.max_delay),
    }
    return always if retry.max_age is None else always | {"max_age_seconds": _seconds(retry.max_age)}


def from_json(
    data: Mapping[str, Any],
    now: datetime,
    *,
    seed: str = "",
    keeping: Schedule | None = None,
    calendars: Mapping[str, schedules.Spans] | None = None,
) -> Definition:
    """The definition that checked JSON of the contract describes, defaults filled in.

    `keeping` is the schedule of the task that is being edited: an interval that goes on keeps its anchor. `seed` is the
    task's id; `calendars` are those of its owner that the schedule names.
    """
    schedule = schedules.parse(data["schedule"], now, seed=seed, keeping=keeping, calendars=calendars)
    return _definition(data, schedule)


def from_record(record: Mapping[str, Any]) -> Definition:
    """The definition that `to_record` wrote."""
    return _definition(record, schedules.from_record(record["schedule"]))


def _definition(data: Mapping[str, Any], schedule: Schedule) -> Definition:
    return Definition(
        name=data["name"],
        action=data["action"],
        schedule=schedule,
        description=data.get("description", ""),
        tags=tuple(data.get("tags", ())),
        metadata=data.get("metadata", {}),
        timeout=timedelta(seconds=data.get("timeout_seconds", 60)),
        retry=_retry(data.get("retry", {})),
        overlap=Overlap(data.get("overlap", Overlap.ALLOW)),
        misfire=_misfire(data.get("misfire", {})),
        delivery=Delivery(data.get("delivery", Delivery.AT_LEAST_ONCE)),
        priority=Priority(data.get("priority", Priority.NORMAL)),
        retention=timedelta(days=data.get("retention_days", 30)),
        state=State(data.get("state", State.ACTIVE)),
        notify=alerting.from_json(data["notify"]) if "notify" in data else None,
    )


def _retry(data: Mapping[str, Any]) -> RetryPolicy:
    return RetryPolicy(
        max_attempts=data.get("max_attempts", 3),
        backoff=Backoff(data.get("backoff", Backoff.NEXT_WINDOW)),
        delay=timedelta(seconds=data.get("delay_seconds", 30)),
        max_delay=timedelta(seconds=data.get("max_delay_seconds", 3600)),
        max_age=timedelta(seconds=data["max_age_seconds"]) if "max_age_seconds" in data else None,
    )


def _misfire(data: Mapping[str, Any]) -> MisfirePolicy:
    return MisfirePolicy(
        grace=timedelta(seconds=data.get("grace_seconds", 3600)),
        catch_up=CatchUp(data.get("catch_up", CatchUp.LATEST)),
    )


def _seconds(duration: timedelta) -> int | float:
    """A number of seconds, whole where it is whole."""
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds
