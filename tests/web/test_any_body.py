"""Whatever is sent where a task belongs, the answer is a task or a problem, and never a failure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.building import HELLO, HOURLY, Caller, in_, json_of, task

ACTIONS = [
    HELLO,
    {"type": "command", "command": ["ls", "-l"], "env": {"A": "b"}, "stdin": ""},
    {"type": "http", "method": "GET", "url": "https://example.com", "headers": {"a": "b"}, "expect_status": [200]},
    {"type": "aws", "service": "sqs", "operation": "send_message", "parameters": {}},
]
SCHEDULES = [
    HOURLY | {"start_at": in_(0), "end_at": in_(99_999), "max_runs": 3},
    {"type": "once", "at": in_(5)},
    {"type": "cron", "expression": "*/5 * * * *", "time_zone": "UTC", "dst_gap": "run"},
]
POLICIES = {"retry": {"max_attempts": 2}, "misfire": {"grace_seconds": 5}, "tags": ["a"], "metadata": {"x": [1]}}
GOOD = [task(action=action, schedule=schedule, **POLICIES) for action in ACTIONS for schedule in SCHEDULES]

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value inside a value."""
    yield way
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from places(member, (*way, key))


def with_other(value: Any, way: tuple[str | int, ...], other: Any) -> Any:
    """The value with something else at one place."""
    if not way:
        return other
    copied = json.loads(json.dumps(value))
    inner = copied
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = other
    return copied


@st.composite
def bodies(draw: st.DrawFn) -> Any:
    """A good task in which something was put in the place of something."""
    good = draw(st.sampled_from(GOOD))
    return with_other(good, draw(st.sampled_from(list(places(good)))), draw(values))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies())
def test_any_body_is_stored_or_refused_with_a_reason(ann: Caller, body: Any) -> None:
    response = ann.post("/api/tasks", json.dumps(body).encode())
    answer = json_of(response)
    assert response.status_code in (201, 400, 422), (response.body, body)
    if response.status_code == 201:
        again = ann.put(f"/api/tasks/{answer['id']}", answer)
        changing = {"version": 0, "updated_at": ""}
        assert json_of(again) | changing == answer | changing
    else:
        assert answer["detail"]
        assert answer["errors"] or response.status_code == 400


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_refused_with_a_reason(ann: Caller, raw: bytes) -> None:
    response = ann.post("/api/tasks", raw)
    assert response.status_code in (400, 422)
    assert json_of(response)["detail"]
