"""The pages of a task and of a run in a real browser, with scripts and without, wide and narrow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from chalicelib.core.run import Attempt, AttemptStatus, Run, RunError, RunStatus
from tests.browser.conftest import EVERYWHERE, Arriving
from tests.browser.person import DESK, PATIENCE_MS, PLAIN, Person, Screen
from tests.web.building import NOW, Caller, World, ended_run

CRON = {"type": "cron", "expression": "*/10 * * * *", "time_zone": "Europe/Paris"}
OUTPUT = "\x1b[32mok\x1b[0m one\n\x1b[1;31merror:\x1b[0m <two> " + "x" * 3000 + "\n"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.caller("ann")


def visitor(somebody: Arriving, world: World, ann: Caller, screen: Screen) -> Person:
    person = somebody(screen)
    person.keep(world.session_of(ann))
    return person


def failed(world: World, task_id: str) -> Run:
    error = RunError(code="exit_code", detail="the command ended with 3")
    attempts = tuple(
        Attempt(
            number=number,
            dispatched_at=NOW + timedelta(seconds=40 * number - 41),
            started_at=NOW + timedelta(seconds=40 * number - 39.9),
            begun_at=NOW + timedelta(seconds=40 * number - 39.8),
            finished_at=NOW + timedelta(seconds=40 * number - 38),
            status=AttemptStatus.FAILED,
            error=error,
            output=f"attempt {number}\n{OUTPUT}",
        )
        for number in (1, 2)
    )
    run = ended_run(task_id, "ann", NOW, status=RunStatus.FAILED, attempts=attempts, error=error)
    world.store.insert_run(run)
    return run


def fits(person: Person) -> bool:
    """Whether nothing sticks out of the screen."""
    return bool(person.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@EVERYWHERE
def test_a_task_is_paused_with_a_reason_resumed_and_a_due_time_of_it_skipped(
    somebody: Arriving, world: World, ann: Caller, screen: Screen
) -> None:
    made = ann.created(schedule=CRON)
    person = visitor(somebody, world, ann, screen)
    person.go(f"/task/{made['id']}")
    assert fits(person)
    person.page.locator("summary", has_text="Pause").click()
    person.fill(reason="the printer is on fire")
    assert fits(person)
    person.press("Pause the task")
    assert "by ann: the printer is on fire" in person.text
    person.press("Resume")
    person.press("Skip")
    assert "skipped by its owner" in person.text
    person.press("Put back")
    assert "The due time counts again" in person.text


@EVERYWHERE
def test_a_run_says_what_to_do_shows_its_output_and_is_tried_again(
    somebody: Arriving, world: World, ann: Caller, screen: Screen
) -> None:
    made = ann.created()
    run = failed(world, made["id"])
    person = visitor(somebody, world, ann, screen)
    person.go(f"/task/{made['id']}")
    person.page.locator("tbody [data-row]").first.click()
    person.page.wait_for_url(f"**/run/{run.id}")
    assert fits(person)
    assert "The command ended with 3" in person.text
    assert "Mend the command" in person.text
    lines = person.page.locator("#output .lines li")
    assert lines.count() == 3
    expect(lines.nth(1).locator(".ink2")).to_have_text("ok")
    person.press("Do not wrap lines")
    assert fits(person)
    inner, outer = (person.page.evaluate(f"document.querySelector('.lines').{n}Width") for n in ("scroll", "client"))
    assert inner > outer
    person.press("Attempt 1")
    expect(person.page.locator("#output .lines li").first).to_contain_text("attempt 1")
    with person.page.expect_download() as file:
        person.button("Download").click()
    assert file.value.suggested_filename == f"{run.id}-attempt-1.txt"
    assert file.value.path().read_text(encoding="utf-8") == run.attempts[0].output
    person.press("Retry")
    assert "The run is queued for another attempt." in person.text
    person.press("Cancel")
    assert "The run was cancelled." in person.text


def test_the_same_task_is_copied_by_a_button_where_there_are_scripts(
    somebody: Arriving, world: World, ann: Caller
) -> None:
    made = ann.created()
    person = visitor(somebody, world, ann, DESK)
    person.go(f"/task/{made['id']}")
    person.page.locator("summary", has_text="As curl").click()
    person.page.locator("[data-copy='#as-curl']").click()
    expect(person.page.locator("[data-copy='#as-curl']")).to_have_text("Copied", timeout=PATIENCE_MS)
    plain = visitor(somebody, world, ann, PLAIN)
    plain.go(f"/task/{made['id']}")
    plain.page.locator("summary", has_text="As curl").click()
    assert not plain.page.locator("[data-copy='#as-curl']").is_visible()
    assert 'curl -sS -X POST "$PUNCTUAL_URL/api/tasks"' in plain.text


def test_a_run_that_ends_while_somebody_looks_is_shown_as_ended(somebody: Arriving, world: World, ann: Caller) -> None:
    made = ann.created()
    attempt = Attempt(number=1, started_at=NOW)
    run = ended_run(made["id"], ann.id, NOW, status=RunStatus.RUNNING, attempts=(attempt,), finished_at=None)
    world.store.insert_run(run)
    person = visitor(somebody, world, ann, DESK)
    person.go(f"/run/{run.id}")
    assert "running" in person.text
    world.store.replace_run(ended_run(made["id"], ann.id, NOW), token=run.token)
    expect(person.page.locator("h1")).to_contain_text("succeeded", timeout=PATIENCE_MS)
