"""Trying a draft once: what it does is seen on the page, and no task comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import app
from chalicelib.core.people.account import Role
from chalicelib.core.run import Attempt, AttemptStatus, Run, RunError, RunStatus
from tests.web.building import NOW, Caller, World, json_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.test_tasks import COMMAND, FUNCTION

PART = {"hx-request": "true"}


def tried(browser: Browser, headers: dict[str, str] | None = None, /, **fields: str) -> Page:
    """What comes of `Try it once` on a form with nothing else in it."""
    return browser.post("/task/try", browser.get("/task/create").form("/task/create").fields | fields, **headers or {})


def run_of(world: World) -> Run:
    """The run of the only trial."""
    (message,) = [one for queue in ("light", "urgent", "commands") for one in world.queue.waiting(queue)]
    (found,) = (run for runs in world.store._runs.values() for run in runs.values())
    assert found.task_id in message.body
    return found


def ended(world: World, **changes: object) -> Run:
    """The run of the only trial, as a worker leaves it."""
    run = run_of(world)
    attempt = Attempt(
        number=1,
        started_at=NOW,
        finished_at=NOW.replace(second=2),
        status=AttemptStatus.FAILED,
        exit_code=3,
        output="<b>hello</b>\n",
    )
    error = RunError(code="exit_code", detail="the command ended with exit code 3")
    after = replace(run, status=RunStatus.FAILED, attempts=(attempt,), error=error, token="end", finished_at=NOW)
    world.store.replace_run(after, token=run.token)
    return after


def test_without_a_script_the_form_comes_back_with_the_trial_and_a_button_that_looks_again(
    anns: Browser, ann: Caller, world: World
) -> None:
    page = tried(anns, **COMMAND | {"name": "half a task", "every": "soon"})
    assert page.status == 200
    assert "Tried once queued" in page.text
    assert page.form("/task/create").fields["name"] == "half a task"
    run = ended(world)
    sent = page.form("/task/create").fields | {"trial": run.id}
    later = anns.post("/task/tried", sent)
    assert "Tried once failed" in later.text
    assert "The command ended with exit code 3" in later.text
    assert "<b>hello</b>" in later.text
    assert "exit code 3" in later.text
    assert later.form("/task/create").fields["every"] == "soon"
    assert json_of(ann.get("/api/tasks"))["items"] == []
    assert json_of(ann.get("/api/runs"))["items"] == []


def test_the_script_gets_parts_until_it_has_ended(anns: Browser, world: World) -> None:
    part = tried(anns, PART, **COMMAND)
    assert "<!doctype" not in part.html
    asks = [tag["hx-get"] for _, tag in part.reader.tags if "hx-get" in tag]
    assert asks == [f"/trial/{run_of(world).id}"]
    ended(world)
    after = anns.get(asks[0], **PART)
    assert "hello" in after.text
    assert not [tag for _, tag in after.reader.tags if "hx-get" in tag]


def test_what_is_wrong_with_the_action_is_said_and_of_the_rest_nothing(anns: Browser, world: World) -> None:
    page = tried(anns, **FUNCTION | {"args": "[1,", "expression": "nonsense"})
    assert page.status == 422
    assert "JSON list" in page.said("args")
    part = tried(anns, PART, **COMMAND | {"command": " ", "timeout_seconds": "x"})
    assert part.status == 200
    assert [tag["data-field"] for _, tag in part.reader.tags if "data-field" in tag] == ["command", "timeout_seconds"]
    assert world.queue.waiting("commands") == []


def test_a_trial_is_recorded_in_the_audit_log_and_counts_as_a_run(anns: Browser, ann: Caller) -> None:
    tried(anns, **FUNCTION)
    assert [act["action"] for act in json_of(ann.get("/api/audit"))["items"]] == ["POST /task/try"]


def test_too_many_trials_are_refused_for_a_while(anns: Browser) -> None:
    statuses = {tried(anns, PART, **FUNCTION).status for _ in range(121)}
    assert statuses == {200, 429}


def test_who_may_not_run_commands_may_not_try_one(world: World) -> None:
    eve = world.caller("eve", can_run_commands=False)
    page = tried(Browser(app, session=world.session_of(eve)), **COMMAND)
    assert page.status == 403
    assert "may not run commands" in page.text
    assert world.queue.waiting("commands") == []


def test_a_trial_is_not_the_business_of_others(anns: Browser, bobs: Browser, world: World) -> None:
    tried(anns, **FUNCTION)
    run = run_of(world)
    assert bobs.get(f"/trial/{run.id}", **PART).status == 404
    assert bobs.post("/task/tried", {"trial": run.id}).status == 404


@pytest.mark.parametrize("trial", ["", "x", "../x", "01m7vrmmzta7wnpt8k44ms4mzg-1763726400250"])
def test_what_is_no_trial_is_not_shown_as_one(anns: Browser, trial: str) -> None:
    assert anns.post("/task/tried", {"trial": trial}).status == 404


def test_an_admin_tries_what_somebody_elses_task_is_to_do_as_that_owner(world: World, bob: Caller) -> None:
    root = world.caller("root", role=Role.ADMIN)
    made = bob.created()
    browser = Browser(app, session=world.session_of(root))
    form = browser.get(f"/task/{made['id']}/update").form(f"/task/{made['id']}/update")
    assert browser.post("/task/try", form.fields).status == 200
    assert run_of(world).owner == bob.id


def test_the_runs_own_page_shows_a_trial_as_well(anns: Browser, world: World) -> None:
    tried(anns, **COMMAND)
    page = anns.get(f"/trial/{ended(world).id}")
    assert page.url.startswith("/run/")
    assert "hello" in page.text
