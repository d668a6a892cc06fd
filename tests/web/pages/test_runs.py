"""Runs on the pages: started by hand, listed on their task's page, and each on a page of its own."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.run import Attempt, AttemptStatus, Coalesced, RunError, RunStatus
from tests.web.building import NOW, Caller, World, ended_run, json_of
from tests.web.pages.browser import Browser


def test_run_now_leads_to_the_run_which_renews_itself_until_it_has_ended(anns: Browser, ann: Caller) -> None:
    made = ann.created(state="paused")
    page = anns.submit(anns.get(f"/task/{made['id']}"), f"/task/{made['id']}/run")
    (run,) = json_of(ann.get(f"/api/tasks/{made['id']}/runs"))["items"]
    assert page.url == f"/run/{run['id']}"
    assert "queued" in page.text
    assert ("meta", {"http-equiv": "refresh", "content": f"5; url=/run/{run['id']}"}) in page.reader.tags


def test_a_run_shows_each_attempt_its_output_and_why_it_failed(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    error = RunError(code="exit_code", detail="the command ended with 3")
    attempts = tuple(
        Attempt(
            number=number,
            started_at=NOW + timedelta(seconds=30 * number),
            finished_at=NOW + timedelta(seconds=30 * number + 2),
            status=AttemptStatus.FAILED,
            exit_code=3,
            error=error,
            output=f"line of {number}\n\x1b[31mred\x1b[0m\x07",
            output_truncated=number == 2,
        )
        for number in (1, 2)
    )
    run = ended_run(
        made["id"],
        ann.id,
        NOW,
        status=RunStatus.FAILED,
        attempts=attempts,
        error=error,
        result={"exit_code": 3},
    )
    world.store.insert_run(run)
    page = anns.get(f"/run/{run.id}")
    assert "The command ended with 3 exit_code" in page.text
    assert page.text.index("Attempt 2") < page.text.index("line of 2 red\ufffd") < page.text.index("Attempt 1")
    assert "took 2 s, exit code 3" in page.text
    assert "64 KB are kept" in page.text
    assert '"exit_code": 3' in page.text
    assert "http-equiv" not in page.html


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
