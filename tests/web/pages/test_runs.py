"""Runs on the pages: started by hand, listed on their task's page, and each on a page of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib.core.errors import NewerSchema
from chalicelib.core.people.account import Role
from chalicelib.core.run import Attempt, AttemptStatus, Coalesced, Run, RunError, RunStatus
from chalicelib.web.pages.looks.remedies import remedy
from tests.web.building import NOW, Caller, World, ended_run, json_of
from tests.web.pages.browser import Browser, Page


def test_run_now_leads_to_the_run_which_renews_itself_until_it_has_ended(anns: Browser, ann: Caller) -> None:
    made = ann.created(state="paused")
    page = anns.submit(anns.get(f"/task/{made['id']}"), f"/task/{made['id']}/run")
    (run,) = json_of(ann.get(f"/api/tasks/{made['id']}/runs"))["items"]
    assert page.url == f"/run/{run['id']}"
    assert "queued" in page.text
    assert ("meta", {"http-equiv": "refresh", "content": f"5; url=/run/{run['id']}"}) in page.reader.tags


def test_a_run_shows_why_it_failed_what_to_do_and_each_attempt(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    run = failed_twice(made["id"])
    world.store.insert_run(run)
    page = anns.get(f"/run/{run.id}")
    assert "The command ended with 3 exit_code The command itself ended with an error" in page.text
    assert "Attempt 2 failed 12:01:00.250 2 s exit code 3" in page.text
    assert page.text.index("Attempt 2 failed") < page.text.index("Attempt 1 failed") < page.text.index("line of 2")
    assert "line of 1" not in page.text
    assert "took 2 s, exit code 3" in page.text
    assert "64 KB are kept" in page.text
    assert '"exit_code": 3' in page.text
    assert "http-equiv" not in page.html
    first = anns.get(link_to(page, "attempt=1"))
    assert "line of 1" in first.text
    assert "line of 2" not in first.text


def link_to(page: Page, part: str) -> str:
    return next(link for link in page.reader.links if part in link).partition("#")[0]


def failed_twice(task_id: str) -> Run:
    """A run whose two attempts failed, and printed colours and something for the terminal."""
    error = RunError(code="exit_code", detail="the command ended with 3")
    attempts = tuple(
        Attempt(
            number=number,
            dispatched_at=NOW + timedelta(seconds=30 * number - 2),
            started_at=NOW + timedelta(seconds=30 * number),
            begun_at=NOW + timedelta(seconds=30 * number, milliseconds=12),
            finished_at=NOW + timedelta(seconds=30 * number + 2),
            status=AttemptStatus.FAILED,
            exit_code=3,
            error=error,
            output=f"line of {number}\n\x1b[31mred<b>\x1b[0m\x07",
            output_truncated=number == 2,
        )
        for number in (1, 2)
    )
    return ended_run(
        task_id,
        "ann",
        NOW,
        status=RunStatus.FAILED,
        attempts=attempts,
        error=error,
        result={"exit_code": 3},
        finished_at=attempts[-1].finished_at,
    )


def test_output_has_its_lines_numbered_its_colours_as_classes_and_nothing_else(
    anns: Browser, ann: Caller, world: World
) -> None:
    run = failed_twice(ann.created()["id"])
    world.store.insert_run(run)
    html = anns.get(f"/run/{run.id}").html
    assert '<li>line of 2\n<li><span class="ink1">red&lt;b&gt;</span>\ufffd\n</ol>' in html
    assert "\x1b" not in html
    assert "<li>{\n<li>  &#34;exit_code&#34;: 3\n<li>}\n</ol>" in html


def test_lines_wrap_unless_somebody_wants_them_long(anns: Browser, ann: Caller, world: World) -> None:
    run = failed_twice(ann.created()["id"])
    world.store.insert_run(run)
    page = anns.get(f"/run/{run.id}")
    assert '<ol class="lines"' in page.html
    long = anns.get(link_to(page, "wrap=off"))
    assert '<ol class="lines long"' in long.html
    assert "Wrap lines" in long.text
    assert '<ol class="lines"' in anns.get(f"/run/{run.id}").html


def test_an_output_is_downloaded_as_it_was_printed_and_no_browser_shows_it(
    anns: Browser, bobs: Browser, ann: Caller, world: World
) -> None:
    run = failed_twice(ann.created()["id"])
    world.store.insert_run(run)
    page = anns.get(f"/run/{run.id}")
    path = link_to(page, "/output")
    assert path == f"/run/{run.id}/output?attempt=2"
    file = anns.get(path)
    assert file.html == run.attempts[1].output
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{run.id}-attempt-2.txt"'
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in file.headers["Content-Security-Policy"]
    assert anns.get(f"/run/{run.id}/output?attempt=1").html == run.attempts[0].output
    assert bobs.get(path).status == 404
    for wrong in ("3", "0", "-1", "x", "1e1", "\u0661", "9" * 50, ""):
        assert anns.get(f"/run/{run.id}/output?{urlencode({'attempt': wrong})}").status == 404
        assert anns.get(f"/run/{run.id}?{urlencode({'attempt': wrong})}").status == 404


def test_what_cannot_be_written_down_is_downloaded_all_the_same(anns: Browser, ann: Caller, world: World) -> None:
    attempt = Attempt(number=1, started_at=NOW, status=AttemptStatus.SUCCEEDED, output="half \ud800")
    run = ended_run(ann.created()["id"], ann.id, NOW, attempts=(attempt,))
    world.store.insert_run(run)
    assert anns.get(f"/run/{run.id}/output").html == "half ?"
    assert "half ?" in anns.get(f"/run/{run.id}").text


@pytest.mark.parametrize("text", ["\n" * 65_536, "x" * 65_536, "\x1b[31ma" * 10_000, "<" * 65_536])
def test_as_much_as_is_kept_makes_a_page_that_fits_into_an_answer(
    anns: Browser, ann: Caller, world: World, text: str
) -> None:
    attempts = tuple(Attempt(number=n, started_at=NOW, finished_at=NOW, output=text) for n in range(1, 21))
    run = ended_run(ann.created()["id"], ann.id, NOW, attempts=attempts, result={"text": "y" * 16_000})
    world.store.insert_run(run)
    page = anns.get(f"/run/{run.id}")
    assert page.status == 200
    assert len(page.html.encode()) < 1024 * 1024


def test_the_course_of_a_run_is_drawn_to_scale_and_a_table_as_well(anns: Browser, ann: Caller, world: World) -> None:
    run = failed_twice(ann.created()["id"])
    world.store.insert_run(run)
    page = anns.get(f"/run/{run.id}")
    titles = [words for words in page.reader.words if "to scale" in words]
    assert titles[0] == "The whole run, 1 min 2 s to scale: late by 30 s, attempt 1, 2 s, attempt 2, 2 s"
    assert titles[2] == "Attempt 2, 2 s to scale: made ready in 12 ms, at work for 1.9 s"
    assert "due 12:00:00.250 +0 ms" in page.text
    assert "dispatched 1 12:00:28.250 +28 s 28 s claimed 1 12:00:30.250 +30 s 2 s" in page.text
    assert "started 1 12:00:30.262 +30 s 12 ms finished 1 12:00:32.250 +32 s 1.9 s" in page.text


@pytest.mark.parametrize("tries", [2, 4, 5, 20])
def test_the_whole_course_is_drawn_however_many_attempts_there_were(
    anns: Browser, ann: Caller, world: World, tries: int
) -> None:
    first, minute = Attempt(number=1, started_at=NOW, status=AttemptStatus.FAILED), timedelta(minutes=1)
    attempts = tuple(
        replace(first, number=n, started_at=NOW + n * minute, finished_at=NOW + n * minute) for n in range(1, tries + 1)
    )
    run = ended_run(ann.created()["id"], ann.id, NOW, attempts=attempts, status=RunStatus.FAILED)
    world.store.insert_run(run)
    drawn = [words for words in anns.get(f"/run/{run.id}").reader.words if "to scale" in words]
    assert "The whole run" in drawn[0]
    assert f"attempt {tries}," in drawn[0]


def test_of_an_attempt_that_is_yet_to_come_it_is_said_only_while_it_is() -> None:
    unreachable = RunError(code="connection_failed", detail="db.example.com answered nothing")
    assert "Another attempt is made" in remedy(RunStatus.RETRYING, unreachable)
    assert "attempt" not in remedy(RunStatus.FAILED, unreachable)


def test_a_run_leads_to_the_runs_beside_it(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    runs = [ended_run(made["id"], ann.id, NOW + n * timedelta(minutes=1)) for n in range(3)]
    for run in runs:
        world.store.insert_run(run)
    first, second, third = (anns.get(f"/run/{run.id}") for run in runs)
    assert f"/run/{runs[1].id}" in first.reader.links
    assert "First run" in first.text
    assert {f"/run/{runs[0].id}", f"/run/{runs[2].id}"} <= set(second.reader.links)
    assert "Newest run" in third.text


@pytest.mark.parametrize("status", RunStatus)
def test_there_are_buttons_for_what_may_be_done_and_for_nothing_else(
    anns: Browser, ann: Caller, world: World, status: RunStatus
) -> None:
    run = ended_run(ann.created()["id"], ann.id, NOW, status=status)
    world.store.insert_run(run)
    page = anns.get(f"/run/{run.id}")
    actions = {form.action for form in page.reader.forms}
    may_cancel = status in (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.RETRYING)
    may_retry = status in (
        *(RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.CANCELLED, RunStatus.MISSED, RunStatus.LOST),
    )
    assert (f"/run/{run.id}/cancel" in actions) is may_cancel
    assert (f"/run/{run.id}/retry" in actions) is may_retry
    for verb, may, done in (("cancel", may_cancel, "cancelled"), ("retry", may_retry, "queued")):
        world.store.replace_run(run, token=json_token(world, run))
        page = anns.post(f"/run/{run.id}/{verb}")
        assert page.status == (200 if may else 409)
        assert not may or page.url.startswith(f"/run/{run.id}?done=")
        assert not may or done in page.text


def json_token(world: World, run: Run) -> str:
    """What whoever writes over a run has to know."""
    found = world.store.run(run.task_id, run.due_at)
    assert found is not None
    return found.token


def test_a_run_whose_task_is_gone_stays_readable_and_is_not_tried_again(
    anns: Browser, ann: Caller, world: World
) -> None:
    made = ann.created()
    run = failed_twice(made["id"])
    world.store.insert_run(run)
    anns.post(f"/task/{made['id']}/delete")
    page = anns.get(f"/run/{run.id}")
    assert "(deleted)" in page.text
    assert "line of 2" in page.text
    assert not any("/retry" in form.action or "/task/" in form.action for form in page.reader.forms)
    assert anns.post(f"/run/{run.id}/retry").status == 404


def test_a_run_whose_task_cannot_be_read_is_shown_all_the_same(
    anns: Browser, ann: Caller, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = failed_twice(ann.created()["id"])
    world.store.insert_run(run)

    def unreadable(task_id: str) -> None:
        raise NewerSchema("an item of the table tasks (task)", number=9, known=2)

    monkeypatch.setattr(world.store, "task", unreadable)
    page = anns.get(f"/run/{run.id}")
    assert (page.status, "(cannot be read just now)" in page.text) == (200, True)


def test_an_admin_sees_and_ends_anothers_run(anns: Browser, ann: Caller, world: World) -> None:
    run = ended_run(ann.created()["id"], ann.id, NOW, status=RunStatus.QUEUED, attempts=(), finished_at=None)
    world.store.insert_run(run)
    boss = Browser(app, session=world.session_of(world.caller("boss", role=Role.ADMIN)))
    page = boss.get(f"/run/{run.id}")
    assert "Owner ann" in page.text
    page = boss.submit(page, f"/run/{run.id}/cancel")
    assert "The run was cancelled." in page.text
    assert "Retry it if it is to run after all." in anns.get(f"/run/{run.id}").text


def test_a_signed_request_is_named_as_its_receiver_knows_it(anns: Browser, ann: Caller, world: World) -> None:
    assert ann.put("/api/secrets/key", {"value": f"whsec_{'QUFB' * 8}"}).status_code == 204
    action = {"type": "http", "method": "POST", "url": "https://example.com/", "signing": {"secret": "key"}}
    run = ended_run(ann.created(action=action)["id"], ann.id, NOW)
    world.store.insert_run(run)
    assert f"Signed as webhook-id: {run.id}" in anns.get(f"/run/{run.id}").text


def test_what_stands_for_many_due_times_says_so(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    many = Coalesced(first=NOW - timedelta(hours=2), last=NOW, count=7200)
    run = ended_run(made["id"], ann.id, NOW, status=RunStatus.MISSED, attempts=(), coalesced=many)
    world.store.insert_run(run)
    assert "7200 due times from 10:00:00 to 12:00:00" in anns.get(f"/task/{made['id']}").text
    assert "It was never started." in anns.get(f"/run/{run.id}").text


def test_history_goes_on_behind_a_link(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    for minutes in range(25):
        world.store.insert_run(ended_run(made["id"], ann.id, NOW - timedelta(minutes=minutes)))
    first = anns.get(f"/task/{made['id']}")
    (older,) = [link for link in first.reader.links if "cursor=" in link and "refresh" not in link]
    second = anns.get(older)
    shown = [sum("/run/" in link for link in page.reader.links) for page in (first, second)]
    assert shown == [20, 5]
    assert "Older runs" not in second.text
    assert "Newest runs" in second.text


def test_somebody_elses_run_looks_like_a_missing_one(bobs: Browser, ann: Caller, world: World) -> None:
    run = ended_run(ann.created()["id"], ann.id, NOW)
    world.store.insert_run(run)
    page = bobs.get(f"/run/{run.id}")
    assert (page.status, "There is no such run." in page.text) == (404, True)
