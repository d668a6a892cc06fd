"""Schedules: when a task is due, as pure functions of an instant."""

from chalicelib.core.schedule.rules import (
    Cron,
    Interval,
    Once,
    Schedule,
    Shape,
    Unit,
    due_times,
    first_from,
    is_due,
    next_after,
    rule_after,
)
from chalicelib.core.schedule.written import from_record, parse, to_json, to_record

__all__ = [
    "Cron",
    "Interval",
    "Once",
    "Schedule",
    "Shape",
    "Unit",
    "due_times",
    "first_from",
    "from_record",
    "is_due",
    "next_after",
    "parse",
    "rule_after",
    "to_json",
    "to_record",
]
