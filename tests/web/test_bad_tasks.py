"""Tasks that are refused, but for their actions and schedules: all that is wrong is told, and nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.schedule.rules import Cron
from tests.web.building import HELLO, Caller, World, check_refused, json_of, task

CRON = {"type": "cron", "expression": "* * * * *"}


def without(name: str) -> dict[str, Any]:
    return {known: value for known, value in task().items() if known != name}


BAD: list[tuple[Any, dict[str, str]]] = [
    # the whole
    ([], {"": "wrong_type"}),
    ("task", {"": "wrong_type"}),
    (None, {"": "wrong_type"}),
    ({}, {"/name": "required", "/action": "required", "/schedule": "required"}),
    (without("name"), {"/name": "required"}),
    (task(nmae="x", Name="y"), {"/nmae": "unknown_field", "/Name": "unknown_field"}),
    (task(__proto__={}), {"/__proto__": "unknown_field"}),
    (task(**{"a/b~c": 1}), {"/a~1b~0c": "unknown_field"}),
    (
        task(name="", retry={"max_attempts": 0}, tags=[""]),
        {"/name": "wrong_length", "/retry/max_attempts": "out_of_range", "/tags/0": "wrong_length"},
    ),
    # null is not "absent"
    *[
        (task(**{name: None}), {f"/{name}": "null"})
        for name in ("name", "tags", "metadata", "state", "timeout_seconds")
    ],
    *[(task(**{name: None}), {f"/{name}": "wrong_type"}) for name in ("action", "schedule", "retry", "misfire")],
    # texts
    (task(name="x" * 101), {"/name": "wrong_length"}),
    (task(name=" "), {"/name": "wrong_form"}),
    (task(name=5), {"/name": "wrong_type"}),
    (task(name="a\x00b"), {"/name": "wrong_form"}),
    (task(name="a\nb"), {"/name": "wrong_form"}),
    (task(name="a\x85b"), {"/name": "wrong_form"}),
    (task(name="half \ud800"), {"/name": "unpaired_surrogate"}),
    (task(description="x" * 2001), {"/description": "wrong_length"}),
    (task(description="\x1b[31m"), {"/description": "wrong_form"}),
    (task(tags="billing"), {"/tags": "wrong_type"}),
    (task(tags=["x"] * 21), {"/tags": "wrong_length"}),
    (
        task(tags=["x" * 51, 5, "ok", "\t"]),
        {"/tags/0": "wrong_length", "/tags/1": "wrong_type", "/tags/3": "wrong_form"},
    ),
    (task(metadata=[]), {"/metadata": "wrong_type"}),
    (task(metadata={"a": "x" * 4096}), {"/metadata": "too_large"}),
    (
        task(metadata={"a": ["\udfff"], "\ud800": 1}),
        {"/metadata/a/0": "unpaired_surrogate", "/metadata/?": "unpaired_surrogate"},
    ),
    # policies
    (task(state="done"), {"/state": "unknown_value"}),
    (task(timeout_seconds=0.5), {"/timeout_seconds": "out_of_range"}),
    (task(timeout_seconds=841), {"/timeout_seconds": "out_of_range"}),
    (task(timeout_seconds="60"), {"/timeout_seconds": "wrong_type"}),
    (task(timeout_seconds=True), {"/timeout_seconds": "wrong_type"}),
    (
        task(action={"type": "http", "method": "GET", "url": "https://example.com/"}, timeout_seconds=121),
        {"/timeout_seconds": "out_of_range"},
    ),
    (task(retry=[]), {"/retry": "wrong_type"}),
    (
        task(retry={"max_attempts": 21, "backoff": "soon"}),
        {"/retry/max_attempts": "out_of_range", "/retry/backoff": "unknown_value"},
    ),
    (task(retry={"max_attempts": 1.5}), {"/retry/max_attempts": "wrong_type"}),
    (
        task(retry={"delay_seconds": -1, "max_delay_seconds": 1e300}),
        {"/retry/delay_seconds": "out_of_range", "/retry/max_delay_seconds": "out_of_range"},
    ),
    (task(retry={"attempts": 3}), {"/retry/attempts": "unknown_field"}),
    *[
        (task(retry={"max_age_seconds": wrong}), {"/retry/max_age_seconds": code})
        for wrong, code in (
            (0, "out_of_range"),
            (0.999, "out_of_range"),
            (-60, "out_of_range"),
            (604_800.001, "out_of_range"),
            (1e300, "out_of_range"),
            (None, "null"),
            (True, "wrong_type"),
            ("60", "wrong_type"),
            ([60], "wrong_type"),
        )
    ],
    (task(overlap="never"), {"/overlap": "unknown_value"}),
    (
        task(misfire={"grace_seconds": -1, "catch_up": "some"}),
        {"/misfire/grace_seconds": "out_of_range", "/misfire/catch_up": "unknown_value"},
    ),
    (task(misfire={"grace_seconds": 604_801}), {"/misfire/grace_seconds": "out_of_range"}),
    (task(delivery="maybe", priority="urgent"), {"/delivery": "unknown_value", "/priority": "unknown_value"}),
    (task(retention_days=0), {"/retention_days": "out_of_range"}),
    (task(retention_days=366), {"/retention_days": "out_of_range"}),
    (task(retention_days=1.5), {"/retention_days": "wrong_type"}),
    (task(retention_days=10**30), {"/retention_days": "out_of_range"}),
    # wrong in several parts at once
    (
        task(
            name=5,
            action=HELLO | {"args": [1, 2]},
            schedule=CRON | {"expression": "x"},
            metadata={"a": "x" * 5000},
            overlap="sometimes",
        ),
        {
            "/name": "wrong_type",
            "/action/args": "invalid_arguments",
            "/schedule/expression": "invalid_cron",
            "/metadata": "too_large",
            "/overlap": "unknown_value",
        },
    ),
]


@pytest.mark.parametrize(("body", "expected"), BAD)
def test_a_bad_task_is_refused(world: World, ann: Caller, body: Any, expected: dict[str, str]) -> None:
    check_refused(world, ann, body, expected)


def test_a_refusal_says_what_would_be_right(ann: Caller) -> None:
    bad = task(
        descripton="x", retry={"max_attempts": 0}, action=HELLO | {"name": "ad"}, schedule=CRON | {"time_zone": "Mars"}
    )
    said = {error["pointer"]: error["detail"] for error in json_of(ann.post("/api/tasks", bad))["errors"]}
    assert said["/descripton"] == "is no field here: did you mean description?"
    assert said["/retry/max_attempts"] == "must be a whole number from 1 to 20"
    assert "print_hello" in said["/action/name"]
    assert "Europe/Paris" in said["/schedule/time_zone"]


def test_a_refusal_stays_short_however_much_is_wrong(ann: Caller) -> None:
    many = ann.post("/api/tasks", {"y" * 150_000: 1} | {f"x{n}": n for n in range(5000)})
    assert many.status_code == 422
    assert len(json_of(many)["errors"]) == 100
    assert len(many.body) < 100_000


def test_a_put_that_is_refused_changes_nothing(ann: Caller) -> None:
    shown = ann.created()
    assert ann.put(f"/api/tasks/{shown['id']}", task(name="")).status_code == 422
    assert ann.put(f"/api/tasks/{shown['id']}", task(schedule=CRON | {"expression": "0 0 30 2 *"})).status_code == 422
    assert json_of(ann.get(f"/api/tasks/{shown['id']}")) == shown


def test_the_limits_themselves_are_within_them(ann: Caller) -> None:
    ann.created(
        name="x" * 100,
        description="é" * 2000,
        tags=["x" * 50] * 20,
        metadata={"a": "x" * (4096 - 8)},
        timeout_seconds=840,
        misfire={"grace_seconds": 604_800},
        retry={"max_attempts": 20, "delay_seconds": 604_800, "max_delay_seconds": 0, "max_age_seconds": 604_800},
        retention_days=1,
    )


def test_a_task_whose_zone_is_not_known_any_more_is_shown_with_the_others(world: World, ann: Caller) -> None:
    """A newer version of the time zone database may have had it when the task was stored."""
    other = ann.created()
    made = ann.created(schedule=CRON | {"time_zone": "Europe/Paris"})
    stored = world.store.task(made["id"])
    assert stored is not None
    schedule = stored.definition.schedule
    assert isinstance(schedule, Cron)
    elsewhere = replace(schedule, rule=replace(schedule.rule, time_zone="Mars/Olympus_Mons"))
    definition = replace(stored.definition, schedule=elsewhere)
    assert world.store.replace_task(replace(stored, definition=definition, version=2), None)
    listed = {shown["id"]: shown for shown in json_of(ann.get("/api/tasks"))["items"]}
    assert listed[other["id"]] == other
    assert (listed[made["id"]]["state"], listed[made["id"]]["next_run_at"]) == ("active", None)
    assert json_of(ann.get("/api/tasks?state=active"))["items"]
    mended = ann.send("PATCH", f"/api/tasks/{made['id']}", {"schedule": {"time_zone": "Europe/Rome"}})
    assert json_of(mended)["next_run_at"] == "2026-11-21T12:01:00.000Z"
