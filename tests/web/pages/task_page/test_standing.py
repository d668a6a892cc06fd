"""The page of a task: how it stands and why, and what can be done to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app import app
from chalicelib.core.alerting.policy import Happening
from chalicelib.core.alerting.state import Alert, AlertState
from chalicelib.core.people.account import Role
from chalicelib.core.schedule import Cron
from tests.web.building import NOW, Caller, World, ended_run, json_of
from tests.web.pages.browser import Browser
from tests.web.pages.task_page.reading import CRON, MINUTE, path_of, runs_shown, section


def test_who_pauses_may_say_why_and_is_named_to_whoever_looks(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    world.clock.advance(timedelta(hours=1))
    page = anns.submit(anns.get(path), f"{path}/pause", reason="the <printer> is on fire")
    assert page.url == f"{path}?done=paused"
    assert "Paused 13:00:00 now by ann : the <printer> is on fire" in page.text
    assert f"{path}/skip" not in {form.action for form in page.reader.forms}
    page = anns.submit(page, f"{path}/resume")
    assert "printer" not in page.text
    assert f"{path}/pause" in {form.action for form in page.reader.forms}


def test_an_admin_who_pauses_anothers_task_is_named_to_its_owner(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    boss = Browser(app, session=world.session_of(world.caller("boss", role=Role.ADMIN)))
    boss.submit(boss.get(path), f"{path}/pause")
    assert "Paused 12:00:00 now by boss , without a reason." in anns.get(path).text
    assert "Owner ann" in boss.get(path).text


def test_a_pause_whose_schedule_was_changed_since_says_no_more_than_is_known(anns: Browser, ann: Caller) -> None:
    path = path_of(ann)
    task_id = path.rpartition("/")[2]
    ann.post(f"/api/tasks/{task_id}/pause", {"reason": "slow"})
    assert ann.patch(f"/api/tasks/{task_id}", {"schedule": {"every": 2}}).status_code == 200
    assert "Paused: slow" in anns.get(path).text


def test_a_reason_that_is_too_long_is_told_beside_its_field_and_nothing_is_paused(anns: Browser, ann: Caller) -> None:
    path = path_of(ann)
    page = anns.submit(anns.get(path), f"{path}/pause", reason="x" * 501)
    assert page.status == 422
    assert "up to 500 characters" in page.said("reason")
    assert page.form(f"{path}/pause").fields["reason"] == "x" * 501
    assert json_of(ann.get(f"/api/tasks/{path.rpartition('/')[2]}"))["state"] == "active"


def test_a_task_can_be_duplicated_edited_and_deleted_from_its_page(anns: Browser, ann: Caller) -> None:
    path = path_of(ann)
    assert {f"{path}/duplicate", f"{path}/update", f"{path}/delete", f"{path}/backfill"} <= set(
        anns.get(path).reader.links
    )


def test_what_alerts_told_is_shown(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann, notify={"on": ["failed", "recovered"], "webhook": "https://hooks.example.com/x"})
    fine = section(anns.get(path), "alerts")
    assert "no trouble told" in fine
    assert "Told of failed, recovered Webhook https://hooks.example.com/x" in fine
    held = Alert(id="a", kind=Happening.FAILED, first_due=NOW, last_due=NOW, count=3, made_at=NOW)
    state = AlertState(
        version=1, failing_since=NOW - MINUTE, told_at=NOW, held=held, refused_at=NOW, refusal="answered with <503>"
    )
    world.store.put_alert_state(ann.id, path.rpartition("/")[2], state)
    said = section(anns.get(path), "alerts")
    assert "in trouble since 11:59:00 1 min ago" in said
    assert "3 more, told when 15 min are over" in said
    assert "answered with <503>" in said


def test_a_task_without_alerts_says_so(anns: Browser, ann: Caller) -> None:
    assert "Nobody is told" in section(anns.get(path_of(ann)), "alerts")


def test_a_schedule_that_makes_no_sense_any_more_is_told_and_hides_nothing_else(
    anns: Browser, ann: Caller, world: World
) -> None:
    path = path_of(ann, schedule=CRON)
    task = world.store.task(path.rpartition("/")[2])
    assert task is not None
    schedule = task.definition.schedule
    assert isinstance(schedule, Cron)
    broken = replace(schedule, rule=replace(schedule.rule, time_zone="Atlantis/Poseidonis"))
    changed = replace(task, definition=replace(task.definition, schedule=broken), version=task.version + 1)
    assert world.store.replace_task(changed, None)
    run = ended_run(task.id, ann.id, NOW - MINUTE)
    world.store.insert_run(run)
    page = anns.get(path)
    assert page.status == 200
    assert "cannot be worked out, so nothing of it can start" in page.text
    assert "Edit its schedule" in page.text
    assert runs_shown(page) == [run.id]
    assert anns.get(f"/run/{run.id}").status == 200
    asked = anns.get(f"{path}/backfill?from=2026-11-20T00:00&to=2026-11-21T00:00")
    assert (asked.status, "cannot be worked out" in asked.text) == (422, True)
    skipped = anns.post(f"{path}/skip", {"due_at": "2026-11-22T09:00:00Z"})
    assert (skipped.status, "edit its schedule first" in skipped.text) == (422, True)
