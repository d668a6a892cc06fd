"""The page of dead letters: one's runs that nobody could handle, trying them again, and for admins the queues."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app import app
from chalicelib.core.errors import Unavailable
from chalicelib.core.owed.auditing import UNDELIVERABLE
from chalicelib.core.people.account import Role
from chalicelib.core.run import RunError, RunStatus
from chalicelib.ports import Depth
from chalicelib.web.pages.about import dead_letters
from tests.web.building import NOW, Caller, World, ended_run, json_of
from tests.web.pages.browser import OWN_FORM, Browser


def died(world: World, task_id: str, owner: str, minutes: int = 5, error: RunError | None = UNDELIVERABLE) -> str:
    """A run of a task whose message nobody could handle; or that failed for another reason."""
    run = ended_run(task_id, owner, NOW - timedelta(minutes=minutes), status=RunStatus.LOST, error=error)
    world.store.insert_run(run)
    return run.id


def status_of(caller: Caller, run_id: str) -> str:
    return str(json_of(caller.get(f"/api/runs/{run_id}"))["status"])


def test_ones_runs_that_nobody_could_handle_are_listed_and_no_others(
    anns: Browser, ann: Caller, bob: Caller, world: World
) -> None:
    task_id = ann.created()["id"]
    own = died(world, task_id, "ann")
    other = died(world, task_id, "ann", 6, RunError(code="lost", detail="the worker died"))
    bobs_own = died(world, bob.created()["id"], "bob")
    links = anns.get("/dead-letters").reader.links
    assert [f"/run/{run}" in links for run in (own, other, bobs_own)] == [True, False, False]


def test_nothing_is_said_where_there_is_none(anns: Browser) -> None:
    page = anns.get("/dead-letters")
    assert "None of your runs ended like that" in page.text
    assert "/dead-letters" not in [form.action for form in page.reader.forms]


def test_all_are_tried_again_at_once(anns: Browser, bobs: Browser, ann: Caller, bob: Caller, world: World) -> None:
    task_id, bobs_task = ann.created()["id"], bob.created()["id"]
    runs = [died(world, task_id, "ann", minutes) for minutes in (5, 6)]
    bobs_run = died(world, bobs_task, "bob")
    page = anns.submit(anns.get("/dead-letters"), "/dead-letters")
    assert page.url == "/dead-letters?done=redriven&count=2"
    assert "2 runs are queued for another attempt." in page.text
    assert [status_of(ann, run) for run in runs] == ["queued", "queued"]
    assert status_of(bob, bobs_run) == "lost"


def test_those_of_deleted_tasks_stay_as_they_are_and_that_is_said(anns: Browser, ann: Caller, world: World) -> None:
    task_id = ann.created()["id"]
    died(world, task_id, "ann")
    ann.delete(f"/api/tasks/{task_id}")
    page = anns.submit(anns.get("/dead-letters"), "/dead-letters")
    assert "None could be tried again" in page.text


@pytest.mark.parametrize("count", ["", "-1", "x", "9" * 40, "²", "<b>"])
def test_no_address_makes_it_say_what_did_not_happen(anns: Browser, count: str) -> None:
    page = anns.get(f"/dead-letters?done=redriven&count={count}")
    assert (page.status, "None could be tried again" in page.text) == (200, True)


def test_they_come_page_by_page(anns: Browser, ann: Caller, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "RUNS_SHOWN", 2)
    task_id = ann.created()["id"]
    runs = [died(world, task_id, "ann", minutes) for minutes in (1, 2, 3)]
    first = anns.get("/dead-letters")
    second = anns.get(next(link for link in first.reader.links if "cursor=" in link))
    seen = [re.findall(r'href="/run/([^"]+)"', page.html) for page in (first, second)]
    assert seen == [runs[:2], runs[2:]]


def test_trying_again_counts_as_asking_for_runs(anns: Browser) -> None:
    statuses = [anns.post("/dead-letters").status for _ in range(121)]
    assert (set(statuses[:120]), statuses[120]) == ({200}, 429)


def test_a_form_of_an_earlier_visit_tries_nothing(anns: Browser, ann: Caller, world: World) -> None:
    run = died(world, ann.created()["id"], "ann")
    assert anns.ask("POST", "/dead-letters", "csrf_token=old", OWN_FORM).status == 403
    assert status_of(ann, run) == "lost"


class TestQueues:
    @pytest.fixture
    def roots(self, world: World) -> Browser:
        return Browser(app, session=world.session_of(world.caller("root", role=Role.ADMIN)))

    def test_an_admin_sees_what_the_queues_hold_and_others_do_not(
        self, roots: Browser, anns: Browser, world: World
    ) -> None:
        for _ in range(3):
            world.queue.send("light-dead", "dead")
        page = roots.get("/dead-letters")
        assert "light 0 0 0 3" in page.text
        assert "light 0 0 0 3" not in anns.get("/dead-letters").text

    def test_queues_that_cannot_be_asked_take_nothing_else_away(
        self, roots: Browser, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse() -> list[Depth]:
            raise Unavailable("get_queue_attributes: secret detail")

        monkeypatch.setattr(world.queue, "depths", refuse)
        for path in ("/dead-letters", "/system"):
            page = roots.get(path)
            assert (page.status, "could not be asked" in page.text, "secret detail" in page.html) == (200, True, False)
