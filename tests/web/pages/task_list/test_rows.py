"""The list of tasks: what a row says, and what stands where there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from chalicelib.core.run import RunError, RunStatus
from chalicelib.core.schedule import Cron
from tests.web.building import NOW, Caller, World, ended_run, in_
from tests.web.pages.browser import Browser, Page
from tests.web.pages.task_list.reading import act, states

HOURLY_CRON = {"type": "cron", "expression": "30 * * * *"}
PARIS = {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"}
ATTACK = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def row(page: Page, name: str) -> str:
    """What stands in the row of a task, from its name on."""
    return page.text.partition(" Last 20 runs State ")[2].partition(f"{name} ")[2]


def marks(page: Page) -> list[str]:
    """The titles of all marks of runs, which a reader without a mouse finds as a table."""
    return [part.partition("<")[0] for part in page.html.split("<title>")[2:]]


def test_a_row_says_what_when_next_and_how_it_went(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(name="report", schedule=HOURLY_CRON, tags=["billing"])
    for minutes in range(1, 30):
        failed = {"status": RunStatus.FAILED, "error": RunError(code="exit_code", detail="x")} if minutes == 2 else {}
        world.store.insert_run(ended_run(made["id"], ann.id, NOW - timedelta(minutes=minutes), **failed))
    page = anns.get("/tasks")
    assert row(page, "report").startswith("billing At 30 minutes past the hour (UTC) 12:30:00 in 29 min")
    assert len(marks(page)) == 20
    assert [mark.partition(",")[0] for mark in marks(page)[-3:]] == ["succeeded", "failed", "succeeded"]
    assert "The last 20 runs: 19 succeeded, 1 failed; the newest succeeded" in page.html
    assert "18 succeeded in 220 ms, 1 failed in 220 ms, 1 succeeded in 220 ms" in page.text
    assert f"/task/{made['id']}" in page.reader.links


def test_states_are_told_apart_in_words(anns: Browser, ann: Caller, world: World) -> None:
    ann.created(name="goes on")
    held = ann.created(name="is held")
    ann.created(name="is over", schedule={"type": "once", "at": in_(1)})
    ann.post(f"/api/tasks/{held['id']}/pause", {"reason": "the bank is closed"})
    world.clock.advance(timedelta(seconds=2))
    page = anns.get("/tasks")
    assert row(page, "goes on").startswith("Every hour 13:00:00 in 59 min no runs yet active")
    assert row(page, "is held").startswith("Every hour none no runs yet paused the bank is closed")
    assert row(page, "is over").partition("(UTC) ")[2].startswith("none no runs yet completed")


def test_a_due_time_that_was_skipped_is_not_the_next(anns: Browser, ann: Caller) -> None:
    made = ann.created(name="report")
    ann.post(f"/api/tasks/{made['id']}/skip", {"due_at": made["next_run_at"]})
    page = anns.get("/tasks")
    assert row(page, "report").startswith("Every hour 14:00:00")
    assert marks(page) == []


def unreadable(world: World, task_id: str) -> None:
    """The time zone database does not have the task's zone any more."""
    stored = world.store.task(task_id)
    assert stored is not None
    schedule = stored.definition.schedule
    assert isinstance(schedule, Cron)
    elsewhere = replace(schedule, rule=replace(schedule.rule, time_zone="Mars/Olympus_Mons"))
    changed = replace(stored, definition=replace(stored.definition, schedule=elsewhere), version=stored.version + 1)
    assert world.store.replace_task(changed, None)


@pytest.mark.parametrize("address", ["/tasks", "/tasks?state=active", "/tasks?q=odd"])
def test_a_task_whose_due_times_are_not_known_is_shown_with_the_reason(
    anns: Browser, ann: Caller, world: World, address: str
) -> None:
    unreadable(world, ann.created(name="odd", schedule=PARIS)["id"])
    page = anns.get(address)
    assert page.status == 200
    assert "When it is due cannot be worked out any more: edit its schedule" in row(page, "odd")


def test_what_cannot_be_done_to_such_a_task_is_said(anns: Browser, ann: Caller, world: World) -> None:
    made, other = ann.created(name="odd", schedule=PARIS), ann.created(name="even")
    unreadable(world, made["id"])
    assert act(anns, "pause", made["id"], other["id"]).status == 200
    page = act(anns, "resume", made["id"], other["id"])
    assert page.status == 409
    assert "'Mars/Olympus_Mons' is not a time zone" in page.text
    assert states(world, made["id"], other["id"]) == ["paused", "active"]


def test_whatever_somebody_wrote_is_shown_and_never_obeyed(anns: Browser, ann: Caller) -> None:
    made = ann.created(name=ATTACK[:100], tags=[ATTACK[:50]], schedule=PARIS)
    ann.post(f"/api/tasks/{made['id']}/pause", {"reason": ATTACK})
    query = urlencode({"q": ATTACK, "tag": ATTACK})
    for page in (anns.get("/tasks"), anns.get(f"/tasks?{query}"), act(anns, "delete", made["id"])):
        assert page.status == 200
        assert "alert(1)" in page.html
        assert "<script>" not in page.html
        assert "<img" not in page.html


def test_the_countdown_alone_makes_no_other_page(anns: Browser, ann: Caller, world: World) -> None:
    ann.created()
    known = {"if-none-match": anns.get("/tasks").headers["ETag"]}
    world.clock.advance(timedelta(seconds=5))
    assert anns.ask("GET", "/tasks", headers=known).status == 304


def test_who_has_no_task_yet_is_shown_how_to_begin(anns: Browser, bob: Caller) -> None:
    bob.created(name="not for ann")
    page = anns.get("/tasks")
    assert "No tasks yet" in page.text
    assert {"/task/create", "/welcome"} <= set(page.reader.links)
    assert "greeting" in [form.fields.get("sample") for form in page.reader.forms]
    assert "not for ann" not in page.html
