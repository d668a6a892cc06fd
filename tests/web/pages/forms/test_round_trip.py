"""Opening a task's form and saving it as it stands loses nothing, whatever the task."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.functions import registry
from chalicelib.web.pages.forms.task.schedules.daily import daily_of
from chalicelib.web.pages.forms.task.whole import EMPTY, LABELS, OWN, fields_of, read, relevant, tab_of
from tests.web.pages.forms.documents import documents

registry.load()
SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], max_examples=150)


@SLOW
@given(task=documents)
def test_the_fields_alone_say_everything(task: dict[str, Any]) -> None:
    reading = read(fields_of(task))
    assert (reading.errors, reading.document) == ({}, task)


@SLOW
@given(task=documents, name=st.sampled_from(["a", "b"]))
def test_what_is_left_alone_stays_when_something_else_changes(task: dict[str, Any], name: str) -> None:
    reading = read(fields_of(task) | {"name": name, "timeout_seconds": "7"}, task)
    assert (reading.errors, reading.document) == ({}, task | {"name": name, "timeout_seconds": 7})


ODD = {
    "name": " blanks ",
    "description": " ",
    "tags": [" a ", "b,c", "b,c"],
    "metadata": {},
    "state": "active",
    "timeout_seconds": 60,
    "retry": {"max_attempts": 3, "backoff": "fixed", "delay_seconds": 1e-06, "max_delay_seconds": 3600},
    "overlap": "allow",
    "misfire": {"grace_seconds": 3600, "catch_up": "latest"},
    "delivery": "at_least_once",
    "priority": "normal",
    "retention_days": 30,
    "action": {"type": "command", "command": "\nfirst\r\nsecond\r", "env": {}, "stdin": ""},
    "schedule": {"type": "cron", "expression": "@daily", "time_zone": "Mars/Olympus"},
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {
            "action": {
                "type": "http",
                "method": "GET",
                "url": "http://a",
                "headers": {"A": '{"secret": "a"}'},
                "body": "",
            }
        },
        {"action": {"type": "http", "method": "GET", "url": "http://a", "body": {}, "headers": {}, "signing": []}},
        {"action": {"type": "function", "name": "gone", "args": [], "kwargs": {}}},
        {"action": {"type": "aws", "service": "sqs", "operation": "x", "parameters": {}}},
        {"schedule": {"type": "cron", "expression": " 30  2 * * MON-FRI", "time_zone": "UTC"}},
        {"schedule": {"type": "interval", "every": 1, "unit": "microseconds", "exclude": [{"calendar": "gone"}]}},
        {"schedule": {"type": "interval", "every": 1, "unit": "days", "exclude": [{"unknown": "form"}]}},
    ],
)
def test_what_no_field_can_hold_stays_as_long_as_it_is_left_alone(change: dict[str, Any]) -> None:
    task = ODD | change
    reading = read(fields_of(task), task)
    assert (reading.errors, reading.document) == ({}, task)


def test_every_field_has_a_label_and_something_to_show_on_an_empty_form() -> None:
    assert EMPTY.keys() == LABELS.keys() | OWN.keys()


@pytest.mark.parametrize(
    ("expression", "tab"),
    [
        ("30 2 * * *", "daily"),
        ("30 2 * * MON-FRI", "daily"),
        ("15 30 2 * * 1,3-5", "daily"),
        ("@daily", "daily"),
        ("0 8 * * 7", "daily"),
        ("*/5 * * * *", "cron"),
        ("0 8,9 * * *", "cron"),
        ("0 8 1 * *", "cron"),
        ("0 8 * 1 *", "cron"),
        ("0 8 * * 5#2", "cron"),
        ("0 8 * * L5", "cron"),
        ("H 8 * * *", "cron"),
        ("cron(0 18 ? * MON-FRI *)", "cron"),
        ("0 25 * * *", "cron"),
        ("nonsense", "cron"),
        ("", "cron"),
    ],
)
def test_a_time_of_the_day_on_days_of_the_week_has_a_tab_of_its_own(expression: str, tab: str) -> None:
    assert tab_of({"type": "cron", "expression": expression}) == tab


@given(st.sets(st.integers(1, 7), min_size=1), st.times())
def test_what_the_builder_writes_is_recognised_again(days: set[int], at: Any) -> None:
    fields = EMPTY | {"schedule_type": "daily", "daily_at": f"{at:%H:%M:%S}", "daily_zone": "Asia/Tokyo"}
    names = ["day_mon", "day_tue", "day_wed", "day_thu", "day_fri", "day_sat", "day_sun"]
    fields |= {name: "yes" if number in days else "" for number, name in enumerate(names, start=1)}
    schedule = read(fields).document["schedule"]
    known = daily_of(schedule["expression"])
    assert known is not None
    assert (set(known.days), known.at) == (days, at.replace(microsecond=0))
    assert (schedule["type"], schedule["time_zone"]) == ("cron", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"schedule_type": "daily", "daily_at": "25:00"}, "daily_at", "time of the day"),
        ({"schedule_type": "daily", "daily_zone": "Mars"}, "daily_zone", "no such time zone"),
        ({"schedule_type": "daily"} | {name: "" for name in EMPTY if name.startswith("day_")}, "day_mon", "a day"),
        ({"exclude": "2027-01-01\ncristmas"}, "exclude", "Line 2"),
        ({"start_at": "soon"}, "start_at", "date and a time"),
        ({"max_runs": "many"}, "max_runs", "whole number"),
        ({"jitter_seconds": "1.5"}, "jitter_seconds", "whole number"),
        ({"metadata": "[1]"}, "metadata", "JSON object"),
        ({"env": "A"}, "env", "Line 1 is no variable"),
        ({"command_as": "program", "command": "ls -l"}, "command", "JSON list"),
        ({"action_type": "http", "expect_status": "200, ok"}, "expect_status", "whole number"),
        ({"action_type": "http", "body_as": "json", "body": "{"}, "body", "this is none"),
        ({"action_type": "aws", "parameters": "[]"}, "parameters", "JSON object"),
        ({"notify_webhook": "https://a", "notify_cooldown_seconds": "x"}, "notify_cooldown_seconds", "whole number"),
    ],
)
def test_what_cannot_be_read_is_said_of_its_field(typed: dict[str, str], field: str, words: str) -> None:
    errors = read(EMPTY | typed).errors
    assert list(errors) == [field]
    assert words in errors[field][0]


def test_only_the_fields_of_what_was_chosen_count() -> None:
    counting = relevant(EMPTY | {"action_type": "http", "schedule_type": "once"})
    assert {"url", "at", "at_zone", "name", "notify_sns"} <= set(counting)
    assert not {"command", "env", "every", "exclude", "function"} & set(counting)
