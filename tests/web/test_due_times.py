"""Backfill and skip, as seen over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.core.schedule import Cron
from tests.web.building import NOW, Caller, World, ended_run, faults, header, in_, json_of
from tests.web.pages.browser import Browser

MINUTELY = {"type": "interval", "every": 1, "unit": "minutes", "start_at": "2026-11-21T00:00:00Z"}


def test_a_backfill_answers_with_its_runs_and_their_number(world: World, ann: Caller) -> None:
    shown = ann.created(schedule=MINUTELY, state="paused")
    path, body = f"/api/tasks/{shown['id']}/backfill", {"from": "2026-11-21T11:50:00Z", "to": "2026-11-21T11:53:00Z"}
    dry = json_of(ann.post(path, body | {"dry_run": True}))
    assert json_of(ann.get(f"/api/tasks/{shown['id']}/runs"))["items"] == []
    assert world.queue.waiting("light") == []
    response = ann.post(path, body)
    asked = json_of(response)
    assert response.status_code == 202
    assert [run["due_at"][11:16] for run in asked["runs"]] == ["11:50", "11:51", "11:52"]
    assert {(run["trigger"], run["status"]) for run in asked["runs"]} == {("backfill", "queued")}
    assert (asked["count"], asked["queued"], dry["count"], dry["queued"]) == (3, 3, 3, 3)
    again = json_of(ann.post(path, body))
    assert (again["count"], again["queued"]) == (3, 0)
    assert len(json_of(ann.get(f"/api/tasks/{shown['id']}/runs"))["items"]) == 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], {"": "wrong_type"}),
        ({}, {"/from": "required", "/to": "required"}),
        ({"from": "x", "to": None}, {"/from": "invalid_instant", "/to": "null"}),
        ({"from": in_(0), "to": in_(0)}, {"/to": "before_from"}),
        ({"from": in_(0), "to": "10000-01-01T00:00:00Z"}, {"/to": "invalid_instant"}),
        (
            {"from": in_(-60), "to": in_(0), "dry_run": "yes", "pace": 1},
            {"/dry_run": "wrong_type", "/pace": "unknown_field"},
        ),
        ({"from": "1970-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}, {"/to": "too_many"}),
    ],
)
def test_a_bad_backfill_is_refused(ann: Caller, body: Any, expected: dict[str, str]) -> None:
    shown = ann.created(schedule=MINUTELY | {"start_at": "2020-01-01T00:00:00Z"})
    response = ann.post(f"/api/tasks/{shown['id']}/backfill", body)
    assert (response.status_code, faults(response)) == (422, expected)
    assert json_of(ann.get(f"/api/tasks/{shown['id']}/runs"))["items"] == []


def test_a_skipped_due_time_is_a_cancelled_run_and_no_longer_the_next(ann: Caller) -> None:
    shown = ann.created(schedule=MINUTELY)
    response = ann.post(f"/api/tasks/{shown['id']}/skip", {"due_at": shown["next_run_at"]})
    run = json_of(response)
    assert (response.status_code, run["status"], run["error"]["code"]) == (202, "cancelled", "skipped_by_owner")
    assert header(response, "location") == f"/api/runs/{run['id']}"
    now = json_of(ann.get(f"/api/tasks/{shown['id']}"))
    assert (shown["next_run_at"][11:16], now["next_run_at"][11:16], now["last_run"]) == ("12:01", "12:02", None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"due_at": "2026-11-21T11:59:00Z"}, "past"),
        ({"due_at": "2026-11-21T12:01:30Z"}, "not_due"),
        ({"due_at": "soon"}, "invalid_instant"),
        ({"due_at": 5}, "wrong_type"),
        ({}, "required"),
    ],
)
def test_a_bad_skip_is_refused(ann: Caller, body: Any, code: str) -> None:
    shown = ann.created(schedule=MINUTELY)
    response = ann.post(f"/api/tasks/{shown['id']}/skip", body)
    assert (response.status_code, faults(response)) == (422, {"/due_at": code})


def test_a_run_that_has_begun_is_not_skipped(world: World, ann: Caller) -> None:
    shown = ann.created(schedule=MINUTELY)
    world.store.insert_run(ended_run(shown["id"], "ann", NOW.replace(minute=1, second=0, microsecond=0)))
    response = ann.post(f"/api/tasks/{shown['id']}/skip", {"due_at": "2026-11-21T12:01:00Z"})
    assert (response.status_code, json_of(response)["code"]) == (409, "conflict")


def test_the_page_strikes_out_what_is_skipped_and_what_is_excluded(world: World, ann: Caller) -> None:
    shown = ann.created(schedule=MINUTELY | {"exclude": [{"weekly": ["sat"], "from": "12:02", "to": "12:04"}]})
    ann.post(f"/api/tasks/{shown['id']}/skip", {"due_at": "2026-11-21T12:01:00Z"})
    page = Browser(app, session=world.session_of(ann)).get(f"/task/{shown['id']}")
    assert page.html.count("<s>") == 3
    assert "skipped by its owner" in page.text
    assert "excluded by weekly sat, from 12:02, to 12:04" in page.text
    assert "Every minute" in page.text


@pytest.mark.parametrize(
    ("below", "asked", "pointer"),
    [
        ("skip", {"due_at": in_(3600)}, "/due_at"),
        ("backfill", {"from": in_(-3600), "to": in_(0)}, "/from"),
        ("backfill", {"from": in_(-3600), "to": in_(0), "dry_run": True}, "/from"),
    ],
)
def test_of_a_zone_that_is_gone_it_is_said_that_no_due_time_can_be_known(
    world: World, ann: Caller, below: str, asked: dict[str, Any], pointer: str
) -> None:
    made = ann.created(schedule={"type": "cron", "expression": "0 * * * *", "time_zone": "Europe/Paris"})
    lost_its_zone(world, made)
    answer = ann.post(f"/api/tasks/{made['id']}/{below}", asked)
    assert (answer.status_code, faults(answer)) == (422, {pointer: "task_broken"})
    assert json_of(ann.get(f"/api/tasks/{made['id']}/runs"))["items"] == []


def lost_its_zone(world: World, made: dict[str, Any]) -> None:
    """A task whose zone was known when it was made, and is not any more."""
    task = world.store.task(made["id"])
    assert task is not None
    schedule = task.definition.schedule
    assert isinstance(schedule, Cron)
    gone = replace(schedule, rule=replace(schedule.rule, time_zone="Atlantis/Poseidonis"))
    changed = replace(task, definition=replace(task.definition, schedule=gone), version=task.version + 1)
    assert world.store.replace_task(changed, None)


def test_a_task_whose_zone_is_gone_can_be_paused_and_is_begun_again_with_another(world: World, ann: Caller) -> None:
    made = ann.created(schedule={"type": "cron", "expression": "0 * * * *", "time_zone": "Europe/Paris"})
    lost_its_zone(world, made)
    at = f"/api/tasks/{made['id']}"
    paused = ann.post(f"{at}/pause", {})
    assert (paused.status_code, json_of(paused)["state"]) == (200, "paused")
    refused = ann.post(f"{at}/resume", {})
    assert refused.status_code == 422
    assert "Atlantis/Poseidonis" in refused.body.decode()
    assert json_of(ann.get(at))["state"] == "paused"
    mended = ann.patch(at, {"schedule": {"time_zone": "Europe/Paris"}, "state": "active"})
    assert (mended.status_code, json_of(mended)["state"]) == (200, "active")
