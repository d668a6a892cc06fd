"""The page of a task: how it stands and why, how it has done, what comes and can be left out, what was and can be made
up for, and what makes it again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import app
from chalicelib.core.alerting.policy import Happening
from chalicelib.core.alerting.state import Alert, AlertState
from chalicelib.core.instant import to_text
from chalicelib.core.people.account import Role
from chalicelib.core.run import RunError, RunStatus
from chalicelib.core.schedule import Cron
from tests.browser.serving import served
from tests.web.building import HOURLY, NOW, Caller, World, ended_run, in_, json_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.reader import Reader

CRON = {"type": "cron", "expression": "*/10 * * * *", "time_zone": "Europe/Paris"}
MINUTE = timedelta(minutes=1)


def path_of(ann: Caller, **changes: Any) -> str:
    return f"/task/{ann.created(**changes)['id']}"


def runs_shown(page: Page) -> list[str]:
    """The ids of the runs in the history, in its order."""
    start = page.html.index('id="history"')
    return [link.removeprefix("/run/") for link in Reader(page.html[start:]).links if link.startswith("/run/")]


def section(page: Page, name: str) -> str:
    """The words of one part of the page."""
    start = page.html.index(f'aria-labelledby="{name}"')
    return Reader("<section " + page.html[start : page.html.index("</section>", start)]).text


# How it stands


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


# How it has done


def put_runs(world: World, task_id: str, *statuses: RunStatus, each: timedelta = timedelta(days=1)) -> None:
    """Runs of the days before today, the latest first."""
    for back, status in enumerate(statuses, 1):
        world.store.insert_run(ended_run(task_id, "ann", NOW - back * each, status=status))


def test_figures_say_over_how_many_runs_they_are(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    assert "No run has been recorded yet." in section(anns.get(path), "figures")
    put_runs(world, path.rpartition("/")[2], *[RunStatus.SUCCEEDED] * 3, RunStatus.FAILED, RunStatus.SKIPPED)
    said = section(anns.get(path), "figures")
    assert "Counted over all 5 runs that are kept. Days of UTC." in said
    assert "Success rate 75.0 %" in said
    assert "Duration p50 220 ms p95 220 ms" in said
    assert "Lateness p50 120 ms p95 120 ms" in said
    assert "100 ms to 300 ms 5" in said


def test_a_rate_is_all_of_a_hundred_only_where_nothing_failed(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    statuses = [RunStatus.SUCCEEDED] * 999
    put_runs(world, path.rpartition("/")[2], *statuses, each=MINUTE)
    assert "Success rate 100 %" in anns.get(path).text
    put_runs(world, path.rpartition("/")[2], RunStatus.FAILED, each=timedelta(seconds=1))
    world.clock.advance(2 * MINUTE)
    assert "Success rate 99.9 %" in anns.get(path).text


def test_only_the_newest_thousand_runs_are_counted_and_the_page_says_so(
    anns: Browser, ann: Caller, world: World
) -> None:
    path = path_of(ann, retention_days=90)
    put_runs(world, path.rpartition("/")[2], *[RunStatus.SUCCEEDED] * 1200, each=10 * MINUTE)
    page = anns.get(path)
    assert "Counted over the newest 1,000 runs, since 14 Nov 13:20:00." in page.text
    days = strip(page)
    assert days[-8:-6] == ["Sat 14 Nov: 64 succeeded, and more that were not counted", "Sun 15 Nov: 144 succeeded"]


def strip(page: Page) -> list[str]:
    """What each day of the strip says."""
    start = page.html.index('<ol class="days"')
    return re.findall(r'<li title="([^"]*)"', page.html[start : page.html.index("</ol>", start)])


def test_the_strip_has_ninety_days_that_tell_their_worst_by_a_mark_and_are_a_table_as_well(
    anns: Browser, ann: Caller, world: World
) -> None:
    path = path_of(ann)
    put_runs(world, path.rpartition("/")[2], RunStatus.FAILED, RunStatus.SUCCEEDED)
    page = anns.get(path)
    days = strip(page)
    assert len(days) == 90
    assert days[-3:] == ["Thu 19 Nov: 1 succeeded", "Fri 20 Nov: 1 failed", "Sat 21 Nov: nothing was due"]
    assert days[0] == "Mon 24 Aug: nothing was due"  # the task is of today
    assert "2026-11-20 1 1 failed 2026-11-19 1 1 succeeded" in page.text
    drawn = page.html[page.html.index('<ol class="days"') :]
    failed, succeeded = (drawn[drawn.index(day) :][:400] for day in ("Fri 20 Nov", "Thu 19 Nov"))
    assert 'class="bad"' in failed.partition("</li>")[0]
    assert "<path" in failed.partition("</li>")[0]
    assert "<path" not in succeeded.partition("</li>")[0]


def test_days_are_those_of_the_zone_that_is_shown(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule=CRON)
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # half an hour into the 21st in Paris
    world.store.insert_run(ended_run(made["id"], ann.id, late))
    path = f"/task/{made['id']}"
    assert strip(anns.get(path))[-2].endswith("1 succeeded")
    anns.post("/zone", {"choice": "task", "next": path})
    page = anns.get(path)
    assert strip(page)[-1].endswith("1 succeeded")
    assert "Days of Europe/Paris." in page.text


def test_figures_are_counted_anew_when_there_is_a_newer_run_and_after_a_minute(
    anns: Browser, ann: Caller, world: World
) -> None:
    path = path_of(ann)
    task_id = path.rpartition("/")[2]
    put_runs(world, task_id, RunStatus.SUCCEEDED)
    assert "all 1 runs" in anns.get(path).text
    world.store.insert_run(ended_run(task_id, ann.id, NOW - 3 * timedelta(days=1)))  # an older one, by a backfill
    assert "all 1 runs" in anns.get(path).text
    world.clock.advance(MINUTE)
    assert "all 2 runs" in anns.get(path).text
    world.store.insert_run(ended_run(task_id, ann.id, NOW))
    assert "all 3 runs" in anns.get(path).text


def test_a_page_that_is_asked_for_again_says_that_nothing_has_changed(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann, schedule=CRON)
    task_id = path.rpartition("/")[2]
    put_runs(world, task_id, *[RunStatus.SUCCEEDED] * 30)
    etag = anns.get(path).headers["ETag"]
    world.clock.advance(timedelta(seconds=5))
    assert anns.get(path, **{"if-none-match": etag}).status == 304
    world.store.insert_run(ended_run(task_id, ann.id, NOW))
    assert anns.get(path, **{"if-none-match": etag}).status == 200


def test_what_a_task_costs_is_estimated(anns: Browser, ann: Caller) -> None:
    made = ann.created(schedule=HOURLY)
    cost = made["cost_estimate"]
    assert f"${cost['usd_per_month']:.4f} in 30 days for 720 runs of 0.1 s" in anns.get(f"/task/{made['id']}").text


# What comes


def test_one_due_time_is_skipped_and_put_back(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann, schedule=CRON)
    page = anns.get(path)
    skips = [form for form in page.reader.forms if form.action == f"{path}/skip"]
    assert [form.fields["due_at"] for form in skips[:2]] == [in_(599.75), in_(1199.75)]
    page = anns.post(f"{path}/skip", skips[1].fields)
    assert page.url == f"{path}?done=skipped"
    assert "12:20:00 in 19 min Sat 13:20:00 in Europe/Paris skipped by its owner Put back" in section(page, "next")
    run_id = f"{path.rpartition('/')[2]}-{int(NOW.timestamp() + 1199.75) * 1000}"
    page = anns.submit(page, f"/run/{run_id}/retry")
    assert page.url == f"/run/{run_id}?done=put_back"
    assert "The due time counts again" in page.text
    assert "skipped" not in section(anns.get(path), "next")
    sent = world.store.run(path.rpartition("/")[2], NOW + timedelta(seconds=1199.75))
    assert sent is not None
    assert sent.status is RunStatus.QUEUED


@pytest.mark.parametrize(
    ("due_at", "said"),
    [
        (in_(-0.25), "lies in the past"),
        (in_(600), "is no due time of this task"),
        ("soon", "must be an RFC 3339 instant"),
        ("", "must be an RFC 3339 instant"),
    ],
)
def test_what_cannot_be_skipped_is_told_beside_the_list(anns: Browser, ann: Caller, due_at: str, said: str) -> None:
    path = path_of(ann, schedule=CRON)
    page = anns.post(f"{path}/skip", {"due_at": due_at})
    assert page.status == 422
    assert said.casefold() in page.said("due_at").casefold()


def test_what_is_excluded_stands_between_what_comes(anns: Browser, ann: Caller) -> None:
    hours = {"weekly": ["sat"], "from": "13:15", "to": "13:25"}
    said = section(anns.get(path_of(ann, schedule=CRON | {"exclude": [hours]})), "next")
    assert said.index("12:10:00") < said.index("12:20:00") < said.index("excluded by") < said.index("12:30:00")


# What was


def test_the_history_is_filtered_by_what_the_address_says(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    task_id = path.rpartition("/")[2]
    runs = [
        ended_run(task_id, ann.id, NOW - n * MINUTE, status=RunStatus.FAILED if n % 2 else RunStatus.SUCCEEDED)
        for n in range(6)
    ]
    for run in runs:
        world.store.insert_run(run)
    page = anns.get(path)
    form = next(form for form in page.reader.forms if form.method == "get")
    assert form.offers["status"] == ["", *map(str, RunStatus)]
    failed = [run.id for run in runs if run.status is RunStatus.FAILED]
    assert runs_shown(anns.get(f"{path}?status=failed&from=&to=")) == failed
    assert runs_shown(anns.get(f"{path}?status=failed&status=succeeded")) == [run.id for run in runs]
    assert runs_shown(anns.get(f"{path}?from=2026-11-21T11:57&to=2026-11-21T11:59")) == [run.id for run in runs[2:4]]
    assert runs_shown(anns.get(f"{path}?from={in_(-120)}")) == [run.id for run in runs[:3]]
    page = anns.get(f"{path}?status=lost")
    assert "No such runs." in page.text
    assert path in page.reader.links
    assert next(f for f in page.reader.forms if f.method == "get").fields["status"] == "lost"


def test_filters_stay_when_older_runs_are_asked_for(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    put_runs(world, path.rpartition("/")[2], *[RunStatus.FAILED, RunStatus.SUCCEEDED] * 30, each=MINUTE)
    seen: list[str] = []
    page = anns.get(f"{path}?status=failed&from=2026-11-21T11:10")
    while True:
        seen += runs_shown(page)
        older = [link for link in page.reader.links if "cursor=" in link and link.endswith("#history")]
        if not any("Older" in page.html[page.html.index(link.replace("&", "&amp;")) :][:400] for link in older):
            break
        page = anns.get(older[-1].removesuffix("#history"))
        assert page.status == 200
    assert len(seen) == len(set(seen)) == 25


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("from=yesterday", "from", "Must be a date and a time"),
        ("to=0001-01-01T00:00", "to", "Must be a date and a time"),
        ("to=9999-12-31T23:59", "to", "Must be a date and a time"),
        ("from=2026-11-21T11:00&to=2026-11-21T10:00", "to", "Must not lie before the beginning"),
        ("status=great", "status", "Must be one of"),
    ],
)
def test_a_filter_that_makes_no_sense_is_told_beside_its_field(
    anns: Browser, ann: Caller, query: str, field: str, said: str
) -> None:
    page = anns.get(f"{path_of(ann)}?{query}")
    assert page.status == 422
    assert said in page.said(field)


def test_a_local_time_of_a_filter_is_of_the_zone_that_is_shown(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(schedule=CRON)
    runs = [ended_run(made["id"], ann.id, NOW - n * timedelta(hours=1)) for n in range(3)]
    for run in runs:
        world.store.insert_run(run)
    path = f"/task/{made['id']}"
    anns.post("/zone", {"choice": "task", "next": path})
    page = anns.get(f"{path}?from=2026-11-21T12:30")  # 11:30 in UTC
    assert runs_shown(page) == [runs[0].id]
    assert "Due from (Europe/Paris)" in page.text


# What is made up for


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


# What makes it again

SDK = Path(__file__).parents[3] / "sdk" / "src"

HOSTILE = "it's $HOME `id` $(id) \"x\" \\ \n'; rm -rf / #"


def test_the_command_line_sends_the_task_as_it_is_whatever_it_holds(anns: Browser, ann: Caller, tmp_path: Path) -> None:
    action = {"type": "command", "command": HOSTILE, "env": {"A": "'"}}
    made = ann.created(name='back "at" it\'s', action=action, schedule=CRON)
    fake = tmp_path / "curl"
    fake.write_text('#!/bin/sh\nfor one in "$@"; do printf "%s\\0" "$one"; done\n')
    fake.chmod(0o755)
    line = text_of(anns.get(f"/task/{made['id']}"), "as-curl")
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "PUNCTUAL_URL": "https://p.example/dev",
        "PUNCTUAL_TOKEN": "t k",
    }
    done = subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, check=True, timeout=10)
    *options, body, _ = done.stdout.decode().split("\0")
    assert "https://p.example/dev/api/tasks" in options
    assert "Authorization: Token t k" in options
    again = json_of(ann.post("/api/tasks", json.loads(body)))
    assert {name: again[name] for name in ("name", "action", "schedule")} == {
        name: made[name] for name in ("name", "action", "schedule")
    }


def test_the_command_makes_the_task_as_it_is(anns: Browser, ann: Caller, tmp_path: Path) -> None:
    action = {"type": "command", "command": HOSTILE, "env": {"A": "'"}}
    made = ann.created(name='back "at" it\'s 100%', action=action, schedule=CRON)
    line = text_of(anns.get(f"/task/{made['id']}"), "as-punctual")
    program = tmp_path / "punctual"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m punctual_cli "$@" -o json\n')
    program.chmod(0o755)
    with served() as url:
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": str(SDK), "HOME": str(tmp_path)}
        environment |= {"PUNCTUAL_URL": url, "PUNCTUAL_TOKEN": ann.token or ""}
        done = subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, check=True, timeout=30)
    again = json.loads(done.stdout)
    assert again["id"] != made["id"]
    assert {name: again[name] for name in ("name", "action", "schedule")} == {
        name: made[name] for name in ("name", "action", "schedule")
    }


def test_the_program_sends_the_task_as_it_is(anns: Browser, ann: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ann.created(action={"type": "command", "command": HOSTILE}, metadata={"a": None, "b": True}, schedule=CRON)
    program = text_of(anns.get(f"/task/{made['id']}"), "as-python")
    sent: list[urllib.request.Request] = []

    def urlopen(request: urllib.request.Request) -> Any:
        sent.append(request)
        raise ConnectionError

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setenv("PUNCTUAL_URL", "https://p.example")
    monkeypatch.setenv("PUNCTUAL_TOKEN", "token")
    with pytest.raises(ConnectionError):
        exec(compile(program, "program", "exec"), {})
    [request] = sent
    assert (request.get_method(), request.full_url) == ("POST", "https://p.example/api/tasks")
    assert request.get_header("Authorization") == "Token token"
    assert isinstance(request.data, bytes)
    data = json.loads(request.data)
    assert {name: data[name] for name in ("action", "metadata", "schedule")} == {
        name: made[name] for name in ("action", "metadata", "schedule")
    }


def text_of(page: Page, element: str) -> str:
    """The text of an element, as a browser copies it."""
    start = page.html.index(f'id="{element}"')
    return "".join(Reader(page.html[page.html.index(">", start) + 1 : page.html.index("</pre>", start)]).words)


def test_the_copies_name_no_values_of_secrets(anns: Browser, ann: Caller) -> None:
    assert ann.put("/api/secrets/key", {"value": "s3cret-value"}).status_code == 204
    action = {"type": "http", "method": "GET", "url": "https://example.com/", "headers": {"A": {"secret": "key"}}}
    page = anns.get(path_of(ann, action=action))
    assert '"secret": "key"' in text_of(page, "as-curl")
    assert '"secret": "key"' in text_of(page, "as-punctual")
    assert "s3cret-value" not in page.html


def test_a_page_of_many_runs_with_errors_still_shows_their_ends(anns: Browser, ann: Caller, world: World) -> None:
    path = path_of(ann)
    error = RunError(code="exit_code", detail="ended with <3>")
    world.store.insert_run(ended_run(path.rpartition("/")[2], ann.id, NOW, status=RunStatus.FAILED, error=error))
    assert "Ended with <3> hello" in anns.get(path).text
    assert to_text(NOW) not in anns.get(path).text
