"""Wrong input on the task form: said beside its field, in words, with nothing typed lost and nothing stored."""

from __future__ import annotations

import pytest

from tests.web.building import Caller, World
from tests.web.pages.browser import Browser

TYPED = {
    "name": "nightly report",
    "description": "what it is for",
    "tags": "a, b",
    "paused": "yes",
    "action_type": "command",
    "command": "echo 'hello'\necho \"world\"",
    "method": "DELETE",
    "url": "https://example.com/?a=1&b=2",
    "headers": "A: 1\nB: 2",
    "body": "\n<body>",
    "function": "print_hello",
    "args": "[1, ]",
    "kwargs": "{",
    "schedule_type": "interval",
    "every": "5",
    "unit": "hours",
    "expression": "0 0 * * *",
    "time_zone": "Europe/Paris",
    "at": "2026-12-01T10:00",
    "at_zone": "Asia/Tokyo",
    "timeout_seconds": "60",
    "max_attempts": "3",
    "backoff": "fixed",
    "catch_up": "none",
    "grace_seconds": "10",
    "priority": "low",
}
HTTP = {"action_type": "http"}
FUNCTION = {"action_type": "function", "args": "", "kwargs": ""}
ONCE = {"schedule_type": "once"}
CRON = {"schedule_type": "cron"}


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"name": ""}, "name", "1 to 100"),
        ({"name": "x" * 101}, "name", "1 to 100"),
        ({"description": "x" * 2001}, "description", "2,000"),
        ({"tags": "x" * 51}, "tags", "50"),
        ({"command": "  "}, "command", "empty"),
        (HTTP | {"url": "ftp://example.com"}, "url", "http"),
        (HTTP | {"url": ""}, "url", ""),
        (HTTP | {"headers": "A: 1\nno header"}, "headers", "Line 2 is no header"),
        (HTTP | {"headers": "A: 1\nA: 2"}, "headers", "Line 2 repeats"),
        (HTTP | {"headers": "a b: 1"}, "headers", "no name of a header"),
        (FUNCTION | {"function": ""}, "function", "Choose a function"),
        (FUNCTION | {"function": "os.system"}, "function", "no function of this installation"),
        (FUNCTION | {"args": "[1,"}, "args", "JSON list"),
        (FUNCTION | {"function": "add", "args": '["1", 2]'}, "args", "Must be a number, as `x` of add()"),
        (FUNCTION | {"args": '{"a": 1}'}, "args", "JSON list"),
        (FUNCTION | {"args": "[" * 20_000}, "args", "JSON list"),
        (FUNCTION | {"args": "[NaN]"}, "args", "JSON list"),
        (FUNCTION | {"kwargs": "[1]"}, "kwargs", "JSON object"),
        (FUNCTION | {"kwargs": '{"nobody": 1}'}, "kwargs", "cannot be called"),
        ({"every": "soon"}, "every", "whole number"),
        ({"every": "0"}, "every", ""),
        ({"every": "9" * 400}, "every", "whole number"),
        ({"every": "1000", "unit": "weeks"}, "every", "10 years"),
        (CRON | {"expression": "0 0 30 2 *"}, "expression", "Never fires"),
        (CRON | {"expression": "not cron"}, "expression", ""),
        (CRON | {"time_zone": "Mars/Olympus"}, "time_zone", ""),
        (ONCE | {"at": ""}, "at", "date and a time"),
        (ONCE | {"at": "tomorrow"}, "at", "date and a time"),
        (ONCE | {"at": "0001-01-01T00:00", "at_zone": "Asia/Tokyo"}, "at", ""),
        (ONCE | {"at": "2027-03-28T02:30", "at_zone": "Europe/Paris"}, "at", "put forward over this time"),
        (ONCE | {"at": "2020-01-01T00:00"}, "at", "past"),
        (ONCE | {"at_zone": "../etc/passwd"}, "at_zone", "no such time zone"),
        (ONCE | {"at_zone": "America"}, "at_zone", "no such time zone"),
        ({"timeout_seconds": "long"}, "timeout_seconds", "number of seconds"),
        ({"timeout_seconds": "841"}, "timeout_seconds", "840"),
        ({"max_attempts": "21"}, "max_attempts", "20"),
        ({"grace_seconds": "-1"}, "grace_seconds", ""),
        ({"priority": "urgent"}, "priority", "high, normal"),
        ({"backoff": "never"}, "backoff", ""),
        ({"action_type": "shell"}, "action_type", ""),
        ({"schedule_type": "sometimes"}, "schedule_type", ""),
    ],
)
def test_a_wrong_field_is_named_and_all_that_was_typed_stays(
    anns: Browser, ann: Caller, world: World, changed: dict[str, str], field: str, words: str
) -> None:
    typed = TYPED | changed
    page = anns.submit(anns.get("/task/create"), "/task/create", **typed)
    assert page.status == 422
    assert words in page.said(field)
    assert "Nothing is stored yet" in page.text
    assert world.holds_nothing(ann)
    known = page.form("/task/create")
    kept = {name: known.fields.get(name) for name in typed if name not in ("action_type", "schedule_type")}
    assert kept == {name: typed[name] for name in kept}


def test_all_wrong_fields_are_said_at_once(anns: Browser) -> None:
    wrong = {"name": "", "every": "x", "max_attempts": "99", "timeout_seconds": "y"}
    page = anns.submit(anns.get("/task/create"), "/task/create", **TYPED | wrong)
    assert all(page.said(field) for field in wrong)
    assert "4 things below are not right" in page.text


def test_a_time_that_the_clock_shows_twice_is_the_first(anns: Browser) -> None:
    fields = {"at": "2027-10-31T02:30", "at_zone": "Europe/Paris"}
    assert "31 Oct 2027 00:30:00" in anns.submit(anns.get("/task/create"), "/task/create", **TYPED | ONCE | fields).text


def test_wrong_input_while_editing_changes_nothing(anns: Browser, ann: Caller) -> None:
    made = ann.created()
    path = f"/task/{made['id']}/update"
    page = anns.submit(anns.get(path), path, name="renamed", timeout_seconds="never")
    assert page.status == 422
    assert page.form(path).fields["name"] == "renamed"
    assert ann.get(f"/api/tasks/{made['id']}").json_body == made
