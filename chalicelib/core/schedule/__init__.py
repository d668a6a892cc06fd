"""Schedules: when a task is due, as pure functions of an instant."""

from chalicelib.core.schedule.exclusions import calendar_names
from chalicelib.core.schedule.rules import (
    Cron,
    Interval,
    Once,
    Schedule,
    Shape,
    TooSparse,
    Unit,
    due_times,
    due_times_and_next,
    first_from,
    is_due,
    next_after,
    rule_after,
    upcoming,
)
from chalicelib.core.schedule.written import (
    Spans,
    calendars_of,
    from_record,
    parse,
    to_json,
    to_record,
    with_calendars,
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
