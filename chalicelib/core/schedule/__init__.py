"""Schedules: when a task is due, as pure functions of an instant."""

from chalicelib.core.schedule.exclusions import Spans, calendar_names
from chalicelib.core.schedule.rules import (
    Cron,
    Interval,
    Once,
    Schedule,
    Shape,
    TooSparse,
    Unit,
    calendars_of,
    due_times,
    due_times_and_next,
    first_from,
    is_due,
    next_after,
    rule_after,
    upcoming,
    with_calendars,
)
from chalicelib.core.schedule.written import (
    from_record,
    parse,
    to_json,
    to_record,
)

__all__ = [
    "Cron",
    "Interval",
    "Once",
    "Schedule",
    "Shape",
    "Spans",
    "TooSparse",
    "Unit",
    "calendar_names",
    "calendars_of",
    "due_times",
    "due_times_and_next",
    "first_from",
    "from_record",
    "is_due",
    "next_after",
    "parse",
    "rule_after",
    "to_json",
    "to_record",
    "upcoming",
    "with_calendars",
]
