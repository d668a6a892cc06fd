"""Quotas at the front door: 409 with a sentence, by the API and by the pages alike, and nothing is stored."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.settings import Settings
from tests.web.building import HOURLY, Caller, json_of, task
from tests.web.pages.browser import Browser

SECONDLY = HOURLY | {"unit": "seconds"}


@pytest.fixture
def settings() -> Settings:
    return Settings(max_tasks=2, max_runs_per_minute=3)


def check_refused(response: Any) -> None:
    problem = json_of(response)
    assert (response.status_code, problem["code"]) == (409, "quota_reached")
    assert "an account may have 2 tasks" in problem["detail"]


def test_a_task_too_many(ann: Caller, bob: Caller) -> None:
    ann.created()
    ann.created()
    check_refused(ann.post("/api/tasks", task()))
    assert len(json_of(ann.get("/api/tasks"))["items"]) == 2
    bob.created()


def test_a_schedule_that_asks_for_too_many_runs(ann: Caller) -> None:
    path = f"/api/tasks/{ann.created()['id']}"
    check_refused(ann.post("/api/tasks", task(schedule=SECONDLY)))
    check_refused(ann.put(path, task(schedule=SECONDLY)))
    check_refused(ann.patch(path, {"schedule": SECONDLY}))
    assert json_of(ann.get(path))["schedule"]["unit"] == "hours"
    assert ann.patch(path, {"name": "other"}).status_code == 200


def test_the_form_says_so_and_keeps_what_was_typed(ann: Caller, anns: Browser) -> None:
    made = ann.created()
    ann.created()
    page = anns.submit(anns.get("/task/create"), "/task/create", name="third", command="echo hello")
    assert (page.status, page.form("/task/create").fields["name"]) == (409, "third")
    assert "An account may have 2 tasks" in page.text
    path = f"/task/{made['id']}/update"
    page = anns.submit(anns.get(path), path, every="1", unit="seconds")
    assert page.status == 409
    assert "3 runs a minute" in page.text
