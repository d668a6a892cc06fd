"""The page of a task: what can be made up for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app import app
from tests.web.building import Caller, World, ended_run, in_, json_of
from tests.web.pages.browser import Browser
from tests.web.pages.task_page.reading import CRON, path_of


def test_a_backfill_is_counted_first_and_queued_when_it_is_confirmed(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann, schedule=CRON)
    task_id = path.rpartition("/")[2]
    world.store.insert_run(ended_run(task_id, ann.id, datetime(2026, 11, 21, 10, 10, tzinfo=UTC)))
    page = anns.get(f"{path}/backfill")
    assert [form.fields for form in page.reader.forms if form.method == "get"] == [{"from": "", "to": ""}]
    asked = anns.get(f"{path}/backfill?from=2026-11-21T10:00&to=2026-11-21T11:00")
    assert "5 runs would be queued" in asked.text
    assert "Of 6 due times, 1 have a run already." in asked.text
    assert len(json_of(ann.get(f"/api/tasks/{task_id}/runs"))["items"]) == 1
    page = anns.submit(asked, f"{path}/backfill")
    assert page.url == f"{path}?done=backfilled"
    statuses = [run["status"] for run in json_of(ann.get(f"/api/tasks/{task_id}/runs"))["items"]]
    assert sorted(statuses) == ["queued"] * 5 + ["succeeded"]
    again = anns.get(f"{path}/backfill?from=2026-11-21T10:00&to=2026-11-21T11:00")
    assert "Nothing would be queued" in again.text
    assert f"{path}/backfill" not in {form.action for form in again.reader.forms if form.method == "post"}


@pytest.mark.parametrize(
    ("first", "end", "field", "said"),
    [
        ("", "2026-11-21T10:00", "from", "Must be a date and a time"),
        ("2026-11-21T10:00", "now", "to", "Must be a date and a time"),
        ("2026-11-21T10:00", "2026-11-21T10:00", "to", "Must lie after the beginning"),
        ("2020-01-01T00:00", "2026-11-21T10:00", "to", "1,000 at most are queued at once"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_range_that_makes_no_sense_queues_nothing(
    anns: Browser, ann: Caller, method: str, first: str, end: str, field: str, said: str
) -> None:
    path = path_of(ann, schedule=CRON)
    if method == "get":
        page = anns.get(f"{path}/backfill?from={first}&to={end}")
    else:
        page = anns.post(f"{path}/backfill", {"from": first, "to": end})
    assert page.status == 422
    assert said in page.said(field)
    assert json_of(ann.get(f"/api/tasks/{path.rpartition('/')[2]}/runs"))["items"] == []


def test_who_may_not_run_commands_any_more_backfills_none(world: World) -> None:
    eve = world.caller("eve")
    path = path_of(eve, action={"type": "command", "command": "echo"}, schedule=CRON)
    assert eve.user is not None
    world.store.replace_user(replace(eve.user, can_run_commands=False, version=eve.user.version + 1))
    browser = Browser(app, session=world.session_of(eve))
    page = browser.post(f"{path}/backfill", {"from": "2026-11-21T10:00", "to": "2026-11-21T11:00"})
    assert page.status == 403
    assert "may not run commands" in page.text


@pytest.mark.parametrize("path", ["/skip", "/backfill", "/pause"])
def test_nobody_does_anything_to_what_belongs_to_another(bobs: Browser, ann: Caller, path: str) -> None:
    task = path_of(ann, schedule=CRON)
    sent = {"due_at": in_(599.75), "from": "2026-11-21T10:00", "to": "2026-11-21T11:00", "reason": "mine"}
    assert bobs.post(f"{task}{path}", sent).status == 404
    assert bobs.get(f"{task}/backfill").status == 404
    assert json_of(ann.get(f"/api/tasks/{task.rpartition('/')[2]}/runs"))["items"] == []
