"""What a form means: its schedule in words, its next due times, what is odd about it, and what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.errors import Invalid
from chalicelib.core.instant import floor_ms
from chalicelib.core.overview import costs
from chalicelib.core.schedule import Schedule
from chalicelib.core.schedule.preview import Preview, preview
from chalicelib.core.task import Definition, Task
from chalicelib.functions import registry
from chalicelib.functions.registry import Registered
from chalicelib.web import schemas
from chalicelib.web.pages.forms.field_errors import Errors
from chalicelib.web.pages.forms.task.whole import ACTIONS, LABELS, SCHEDULES
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.editing.draft import Draft
from chalicelib.web.pages.zones import zone_named
from chalicelib.web.rendering import ARCHITECTURE
from chalicelib.web.sentences import sentence

DUE_TIMES = 10
EXCLUDED_SHOWN = 5
ELSEWHERE = "UTC"
CENT = 0.01


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that is not right yet, with the field that it is about (empty for the form as a whole)."""

    field: str
    label: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What is told beside the form. Without `ahead` the schedule cannot be worked out yet; `problems` say why."""

    words: str = ""
    ahead: Preview | None = None
    theirs: str = ""
    zones: tuple[ZoneInfo, ...] = ()
    """In which the due times are shown: the schedule's, and the one of who looks where that is another."""
    cost: Mapping[str, Any] | None = None
    problems: list[Problem] = field(default_factory=list)
    function: Registered | None = None
    excluded_shown: int = EXCLUDED_SHOWN

    @property
    def runs(self) -> str:
        """How often it would run, in words."""
        number = 0.0 if self.cost is None else self.cost["runs_per_month"]
        return (
            f"About {number:,.0f} run{'' if round(number) == 1 else 's'} a month"
            if number >= 1
            else "Less than a run a month"
        )

    @property
    def dollars(self) -> str:
        """What that would cost, in words."""
        dollars = 0.0 if self.cost is None else self.cost["usd_per_month"]
        return f"${dollars:,.2f}" if dollars >= CENT else "less than a cent"


def meaning_of(visit: Visit, draft: Draft) -> Meaning:
    """What the form means as far as it can be read."""
    errors = draft.errors()
    try:
        document = schemas.preview({"schedule": draft.reading.document["schedule"]})
        schedule = draft.parsed(visit, document, visit.now)
    except Invalid as error:
        unclear = draft.errors_of(error) | errors
        return Meaning(problems=_problems(unclear, draft), function=_function(draft))
    mine = draft.typed["mine"] or visit.zones.mine
    ahead = preview(schedule, floor_ms(visit.now), DUE_TIMES)
    return Meaning(
        words=sentence(schedule),
        ahead=ahead,
        theirs=mine,
        zones=_zones(ahead.zone, mine),
        cost=_cost(visit, draft, schedule),
        problems=_problems(errors, draft),
        function=_function(draft),
    )


def due_times_of(schedule: Schedule, now: datetime, count: int) -> tuple[datetime, ...]:
    """The next due times; none of a schedule that cannot be worked out any more."""
    try:
        return preview(schedule, floor_ms(now), count).due_times
    except UNPLANNABLE:
        return ()


def _zones(own: ZoneInfo, mine: str) -> tuple[ZoneInfo, ...]:
    theirs = zone_named(mine or ELSEWHERE)
    return (own,) if theirs is None or theirs.key == own.key else (own, theirs)


def _problems(errors: Errors, draft: Draft) -> list[Problem]:
    """What is wrong, in the order of the form. While somebody types, a field that is still empty is not wrong yet,
    unless the due times wait for it."""
    order = ["", *LABELS]
    chosen = SCHEDULES.get(draft.typed["schedule_type"])
    awaited = {"", "schedule_type", *(() if chosen is None else chosen.labels)}
    return [
        Problem(field=name, label=LABELS.get(name, ""), sentence=said)
        for name in sorted(errors, key=order.index)
        for said in errors[name]
        if name in awaited or draft.typed[name].strip()
    ]


def _cost(visit: Visit, draft: Draft, schedule: Schedule) -> Mapping[str, Any] | None:
    """What the coming 30 days would cost, were the task active; None while nobody knows what it does or how long."""
    chosen, timeout = draft.typed["action_type"], draft.reading.document["timeout_seconds"]
    if chosen not in ACTIONS or not isinstance(timeout, int | float):
        return None
    definition = Definition(name="", action={"type": chosen}, schedule=schedule)
    now = visit.now
    task = Task(id="", owner="", shard=0, definition=definition, created_at=now, updated_at=now, changed_at=now)
    return costs.estimate(task, now, feed=visit.system.settings.run_feed, architecture=ARCHITECTURE)


def _function(draft: Draft) -> Registered | None:
    return registry.find(draft.typed["function"])
