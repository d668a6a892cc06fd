"""The dashboard: what needs attention, a day in numbers, the hours around now, what is next, and how to begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.core.run import SKIPPED_BY_OWNER, RunError, RunStatus
from chalicelib.core.schedule import Cron
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, ended_run, in_, installed, json_of
from tests.web.pages.browser import Browser, Page

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVERY_TEN = {"type": "interval", "every": 10, "unit": "minutes"}


def row(page: Page, name: str) -> str:
    """What stands in the table row of a task."""
    return page.text.partition(" Next run ")[2].partition(f"{name} ")[2]


def lines(page: Page) -> str:
    """What needs attention."""
    return page.text.partition("Needs attention ")[2].partition(" The past 24 hours")[0]


def refresh(page: Page) -> str | None:
    """In how many seconds a page asks again, and where."""
    return next((tag["content"] for name, tag in page.reader.tags if tag.get("http-equiv") == "refresh"), None)


def happened(world: World, task: Mapping[str, Any], owner: Caller, ago: timedelta, **changes: Any) -> str:
    """Record a run of a task; its id. One that failed says why."""
    status = changes.get("status", RunStatus.SUCCEEDED)
    if status is not RunStatus.SUCCEEDED:
        changes = {"error": RunError(code="exit_code", detail="ended with exit code 3")} | changes
    run = ended_run(task["id"], owner.id, NOW - ago, task_name=task["name"], **changes)
    world.store.insert_run(run)
    return run.id


def passed(world: World, ago: timedelta) -> None:
    """Let the passes have come as far as so long ago."""
    control = world.store.take_lease(0, "a pass", now=NOW - ago, until=NOW - ago)
    assert control is not None
    assert world.store.move(0, replace(control, through=NOW - ago - timedelta(seconds=30)))


def test_the_root_leads_to_the_dashboard(anns: Browser) -> None:
    assert anns.get("/").url == "/dashboard"


def test_a_task_has_its_schedule_state_last_run_and_next(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule=EVERY_TEN)
    happened(world, made, ann, MINUTE)
    page = anns.get("/dashboard")
    assert row(page, "nightly report").startswith(
        "Every 10 minutes active succeeded 11:59:00 1 min ago 120 ms late 12:10:00 in 10 min"
    )
    assert f"/task/{made['id']}" in page.reader.links


def test_states_are_told_apart_in_words_and_counted(anns: Browser, ann: Caller, world: World) -> None:
    ann.created(name="goes on")
    ann.created(name="stands still", state="paused")
    ann.created(name="is over", schedule={"type": "once", "at": in_(1)})
    world.clock.advance(timedelta(seconds=2))
    page = anns.get("/dashboard")
    assert "3 in all: 1 active, 1 paused, 1 completed" in page.text
    assert row(page, "goes on").startswith("Every hour active never yet 13:00:00")
    assert row(page, "stands still").startswith("Every hour paused never yet none")
    assert row(page, "is over").partition("(UTC) ")[2].startswith("completed never yet none")


def test_what_failed_stands_first_with_its_reason_and_what_to_do(anns: Browser, ann: Caller, world: World) -> None:
    run_id = happened(world, ann.created(), ann, 5 * MINUTE, status=RunStatus.FAILED)
    page = anns.get("/dashboard")
    told = "Needs attention failed nightly report due 11:55:00 5 min ago Ended with exit code 3 Retry"
    assert page.text.index(told) < page.text.index("Tasks 1 in all")
    assert f"/run/{run_id}" in page.reader.links
    assert page.form(f"/run/{run_id}/retry").method == "post"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (RunStatus.MISSED, "missed hello due 11:55:00 5 min ago It could not be started within its grace. Retry"),
        (RunStatus.LOST, "lost hello due 11:55:00 5 min ago Its worker died, and no attempt is left. Retry"),
        (RunStatus.TIMED_OUT, "timed out hello due 11:55:00 5 min ago It took longer than its timeout allows. Retry"),
    ],
)
def test_what_gives_no_reason_is_told_in_words(
    anns: Browser, ann: Caller, world: World, status: RunStatus, told: str
) -> None:
    happened(world, ann.created(name="hello"), ann, 5 * MINUTE, status=status, error=None)
    assert lines(anns.get("/dashboard")) == told


def test_what_failed_of_a_deleted_task_is_told_and_cannot_be_tried_again(
    anns: Browser, ann: Caller, world: World
) -> None:
    made = ann.created()
    run_id = happened(world, made, ann, 5 * MINUTE, status=RunStatus.FAILED)
    ann.delete(f"/api/tasks/{made['id']}")
    page = anns.get("/dashboard")
    assert "Ended with exit code 3 (its task is deleted) Look" in page.text
    assert f"/run/{run_id}/retry" not in page.html


def test_what_waits_for_a_retry_is_told_and_needs_nothing_done(anns: Browser, ann: Caller, world: World) -> None:
    run_id = happened(world, ann.created(), ann, MINUTE, status=RunStatus.RETRYING)
    page = anns.get("/dashboard")
    assert "retrying nightly report due 11:59:00" in page.text
    assert not any(form.action == f"/run/{run_id}/retry" for form in page.reader.forms)


def test_a_task_that_failed_often_is_one_line(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    for n in range(1, 5):
        happened(world, made, ann, n * HOUR, status=RunStatus.FAILED)
    said = lines(anns.get("/dashboard"))
    assert said.count("nightly report") == 1
    assert "due 11:00:00 1 h ago newest of 4" in said


def test_a_task_paused_after_a_failure_can_be_resumed_from_here(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    happened(world, made, ann, HOUR, status=RunStatus.FAILED)
    ann.post(f"/api/tasks/{made['id']}/pause", {"reason": "the host is gone"})
    page = anns.get("/dashboard")
    assert "paused nightly report due 11:00:00 1 h ago Paused after a run failed (the host is gone)" in page.text
    assert anns.submit(page, f"/task/{made['id']}/resume").status == 200
    assert json_of(ann.get(f"/api/tasks/{made['id']}"))["state"] == "active"


def test_what_has_succeeded_since_needs_no_attention(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    happened(world, made, ann, 2 * HOUR, status=RunStatus.FAILED)
    happened(world, made, ann, HOUR)
    page = anns.get("/dashboard")
    assert "Nothing needs attention." in page.text
    assert "1 task has failed and succeeded since" in page.text


def test_what_failed_more_than_a_week_ago_is_let_rest(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    happened(world, made, ann, 8 * DAY, status=RunStatus.FAILED)
    assert "Needs attention" not in anns.get("/dashboard").text
    happened(world, made, ann, 6 * DAY, status=RunStatus.FAILED)
    assert "failed nightly report due 15 Nov 12:00:00" in anns.get("/dashboard").text


def test_a_due_time_that_passed_without_a_run_is_late(anns: Browser, ann: Caller, world: World) -> None:
    ann.created(name="waits", schedule={"type": "once", "at": in_(60)})
    happened(world, ann.created(name="ran"), ann, HOUR)
    world.clock.advance(90 * timedelta(seconds=1))
    assert "late" not in lines(anns.get("/dashboard"))
    world.clock.advance(MINUTE)
    assert lines(anns.get("/dashboard")).startswith("late waits due 12:01:00 1 min ago It should have started by now")


def test_a_task_that_cannot_be_read_is_told_and_hides_no_other(anns: Browser, ann: Caller, world: World) -> None:
    ann.created(name="fine")
    made = ann.created(name="broken", schedule={"type": "cron", "expression": "0 3 * * *"})
    task = world.store.task(made["id"])
    assert task is not None
    schedule = task.definition.schedule
    assert isinstance(schedule, Cron)
    gone = replace(schedule, rule=replace(schedule.rule, time_zone="Mars/Olympus"))
    definition = replace(task.definition, schedule=gone)
    assert world.store.replace_task(replace(task, definition=definition, version=2), None)
    page = anns.get("/dashboard")
    assert lines(page).startswith("cannot be read broken Cannot be read: its schedule makes no sense here")
    assert f"/task/{made['id']}/update" in page.reader.links
    assert row(page, "fine").startswith("Every hour active")
    assert anns.get("/week").status == 200


def test_the_scheduler_is_on_time_or_behind_in_words(anns: Browser, ann: Caller, world: World) -> None:
    ann.created()
    assert "Waiting for the first pass" in anns.get("/dashboard").text
    passed(world, timedelta(seconds=20))
    assert "On time last pass 20 s ago" in anns.get("/dashboard").text
    world.clock.advance(5 * MINUTE)
    page = anns.get("/dashboard")
    assert "Behind by 5 min" in page.text
    assert lines(page).startswith("behind Scheduler It has come as far as 5 min")


def test_a_day_is_told_in_numbers(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule={"type": "interval", "every": 40, "unit": "minutes"})
    for n in range(1, 4):
        happened(world, made, ann, n * HOUR)
    happened(world, made, ann, 4 * HOUR, status=RunStatus.FAILED)
    happened(world, made, ann, 5 * HOUR, status=RunStatus.MISSED)
    happened(world, made, ann, 6 * HOUR, status=RunStatus.RETRYING)
    happened(world, made, ann, 25 * HOUR, status=RunStatus.FAILED)
    text = anns.get("/dashboard").text
    assert (
        "runs 24 h 6 succeeded 3 failed 1 missed 1 wait for a retry 1 started late 0 due next hour 1 Past 12 hours"
        in text
    )


def test_what_is_due_in_the_next_hour_is_counted_also_where_it_is_frequent(anns: Browser, ann: Caller) -> None:
    ann.created(schedule={"type": "interval", "every": 1, "unit": "minutes"})
    ann.created(schedule={"type": "once", "at": in_(1800)})
    assert "due next hour, about 60" in anns.get("/dashboard").text


def test_the_band_tells_each_run_by_shape_word_and_colour(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule={"type": "interval", "every": 2, "unit": "hours"})
    happened(world, made, ann, HOUR)
    happened(world, made, ann, 2 * HOUR, status=RunStatus.FAILED)
    page = anns.get("/dashboard")
    for said in (
        "11:00:00 nightly report: succeeded",
        "10:00:00 nightly report: failed",
        "14:00:00 nightly report: due",
    ):
        assert f"<title>{said}</title>" in page.html
    marks = [tag["class"] for name, tag in page.reader.tags if name == "path" and tag.get("class", "")[:5] == "mark "]
    assert {"mark good round", "mark bad cross", "mark busy ring"} <= set(marks)
    charts = [tag for name, tag in page.reader.tags if name == "svg" and tag.get("role") == "img"]
    assert len(charts) == 2
    assert all(tag["aria-label"] for tag in charts)


def test_the_band_is_a_table_as_well(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    happened(world, made, ann, HOUR)
    happened(world, made, ann, HOUR + MINUTE, status=RunStatus.FAILED)
    told = anns.get("/dashboard").text.partition("As a table ")[2]
    assert "10:00 1 0 1 0 0 0 – 11:00 1 1 0 0 0 0 – 12:00 0 0 0 0 0 0 – 13:00 – – – – – – 1" in told


def test_a_due_time_taken_out_by_hand_is_not_due(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    error = RunError(code=SKIPPED_BY_OWNER, detail="skipped")
    happened(world, made, ann, -HOUR, status=RunStatus.CANCELLED, error=error, attempts=())
    page = anns.get("/dashboard")
    assert row(page, "nightly report").startswith("Every hour active never yet 14:00:00")
    assert "nightly report: skipped by hand" in page.html


def test_hours_are_those_of_the_zone_that_was_chosen(anns: Browser, ann: Caller) -> None:
    ann.created()
    anns.cookies["zone"] = "mine:Asia/Kolkata"
    assert "As a table" in anns.get("/dashboard").text
    assert "17:00 0 0 0 0 0 0" in anns.get("/dashboard").text.partition("As a table ")[2]
    assert "18:30:00" in anns.get("/dashboard").text


def test_what_is_due_next_is_a_short_list_in_order(anns: Browser, ann: Caller) -> None:
    for n in range(12):
        ann.created(name=f"number {n:02}", schedule={"type": "once", "at": in_(600 * (12 - n))})
    told = anns.get("/dashboard").text.partition("Due next ")[2].partition(" Tasks ")[0]
    order = sorted(range(12), key=lambda n: told.find(f"number {n:02}"))
    assert order == [0, 1, *range(11, 1, -1)]
    assert "number 02" in told
    assert "number 01" not in told


def test_nothing_needs_attention_where_all_went_well(anns: Browser, ann: Caller, world: World) -> None:
    world.store.insert_run(ended_run(ann.created()["id"], ann.id, NOW))
    page = anns.get("/dashboard")
    assert "Nothing needs attention." in page.text


def test_an_empty_dashboard_teaches_and_stays_as_it_is(anns: Browser, bob: Caller) -> None:
    bob.created(name="not for ann")
    page = anns.get("/dashboard")
    assert "A task says what should run, and when" in page.text
    assert "/task/create" in page.reader.links
    assert "not for ann" not in page.html
    assert refresh(page) is None


def test_of_many_tasks_the_newest_are_shown_and_the_others_are_told_of(
    anns: Browser, ann: Caller, world: World
) -> None:
    for number in range(53):
        world.clock.advance(timedelta(milliseconds=2))
        ann.created(name=f"number {number:02}")
    page = anns.get("/dashboard")
    assert "50 of 53: 50 active" in page.text
    assert "number 52" in page.text
    assert "/tasks" in page.reader.links


def test_the_page_renews_itself_often_only_while_something_is_near(anns: Browser, ann: Caller) -> None:
    ann.created(schedule={"type": "interval", "every": 1, "unit": "hours"})
    assert refresh(anns.get("/dashboard?done=deleted")) == "30; url=/dashboard"
    ann.created(schedule={"type": "interval", "every": 30, "unit": "seconds"})
    page = anns.get("/dashboard")
    assert refresh(page) == "5; url=/dashboard"
    still = anns.get("/dashboard?refresh=off")
    assert "/dashboard?refresh=off" in page.reader.links
    assert refresh(still) is None
    assert "renew it by itself" in still.text


def test_the_page_is_the_same_until_something_happens(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule={"type": "interval", "every": 7, "unit": "minutes"})
    passed(world, timedelta(seconds=10))
    known = anns.get("/dashboard").headers["ETag"]
    world.clock.advance(timedelta(seconds=20))
    assert anns.ask("GET", "/dashboard", headers={"if-none-match": known}).status == 304
    happened(world, made, ann, MINUTE)
    assert anns.ask("GET", "/dashboard", headers={"if-none-match": known}).status == 200


def test_without_a_feed_what_needs_attention_is_told_all_the_same() -> None:
    from_now_on = installed(Settings(run_feed=False))
    ann = from_now_on.caller("ann")
    anns = Browser(app, session=from_now_on.session_of(ann))
    made = ann.created()
    happened(from_now_on, made, ann, HOUR, status=RunStatus.FAILED)
    page = anns.get("/dashboard")
    assert "failed nightly report due 11:00:00" in page.text
    assert "keeps no list of runs across tasks (RUN_FEED=off)" in page.text
    assert "succeeded" not in page.text.partition("The past 24 hours")[2].partition("Past 12 hours")[0]
    assert row(page, "nightly report").startswith("Every hour active failed 11:00:00")


def test_a_notice_is_one_of_ours(anns: Browser) -> None:
    assert "The task was deleted." in anns.get("/dashboard?done=deleted").text
    assert "hacked" not in anns.get("/dashboard?done=hacked").html
