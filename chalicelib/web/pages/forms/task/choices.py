"""Choices: what selects and radios of the form offer, each with its words."""

from __future__ import annotations

from collections.abc import Mapping

Options = tuple[tuple[str, str], ...]

CHOICES: Mapping[str, Options] = {
    "action_type": (("command", "Command"), ("http", "HTTP call"), ("function", "Function"), ("aws", "AWS call")),
    "schedule_type": (
        ("interval", "Every …"),
        ("daily", "Daily or weekly"),
        ("cron", "Cron"),
        ("once", "Once"),
    ),
    "command_as": (("shell", "a line for the shell"), ("program", "a program and its arguments, as a JSON list")),
    "method": tuple((name, name) for name in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")),
    "body_as": (("text", "as it is"), ("json", "as JSON")),
    "unit": tuple((name, name) for name in ("seconds", "minutes", "hours", "days", "weeks", "months", "microseconds")),
    "short_months": (("last_day", "run on their last day"), ("skip", "leave them out")),
    "dst_gap": (("run", "run when the gap ends"), ("skip", "leave it out")),
    "dst_fold": (("once", "run the first time"), ("twice", "run both times")),
    "backoff": (("next_window", "next half minute"), ("fixed", "a fixed time"), ("exponential", "longer each time")),
    "catch_up": (("latest", "the latest due time"), ("all", "every due time"), ("none", "none of them")),
    "overlap": (
        ("allow", "start the next all the same"),
        ("skip", "leave the next out"),
        ("queue", "let the next wait"),
        ("replace", "end the earlier one"),
    ),
    "delivery": (("at_least_once", "start it again"), ("at_most_once", "do not start it again")),
    "priority": (("high", "high"), ("normal", "normal"), ("low", "low")),
}
