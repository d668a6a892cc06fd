"""The first steps: what somebody sees who has just come, and three samples that succeed within a minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from app import app
from chalicelib.actions import function
from chalicelib.core.run import RunStatus
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, ended_run, json_of
from tests.web.pages.browser import Browser, Page


def offered(page: Page) -> list[str]:
    """The samples that can be made with one click, in their order."""
    forms = [form.fields.get("sample", "") for form in page.reader.forms if form.action == "/welcome"]
    return [sample for sample in forms if sample not in ("", "delete")]


def click(browser: Browser, sample: str) -> Page:
    return browser.post("/welcome", {"sample": sample})


def tasks(caller: Caller) -> dict[str, Any]:
    """A person's tasks by name, of which no two are alike."""
    found = json_of(caller.get("/api/tasks"))["items"]
    assert len({task["name"] for task in found}) == len(found)
    return {task["name"]: task for task in found}


def test_the_page_says_what_punctual_does_and_offers_three_samples(anns: Browser) -> None:
    page = anns.get("/welcome")
    assert "You say what should run" in page.text
    assert "You say when" in page.text
    assert "Punctual starts it on the second" in page.text
    assert offered(page) == ["greeting", "clock", "command"]
    assert "Delete the samples" not in page.text


def test_who_may_not_run_commands_is_offered_none(world: World) -> None:
    carl = Browser(app, session=world.session_of(world.caller("carl", can_run_commands=False)))
    assert offered(carl.get("/welcome")) == ["greeting", "clock", "sum"]
    assert click(carl, "command").status == 404


@pytest.mark.parametrize("sample", ["greeting", "clock", "command"])
def test_one_click_makes_a_task_that_is_due_within_twenty_seconds(anns: Browser, ann: Caller, sample: str) -> None:
    page = click(anns, sample)
    assert page.url == "/welcome?done=made"
    assert sample not in offered(page)
    assert "waiting" in page.text
    (made,) = tasks(ann).values()
    assert made["tags"] == ["sample"]
    assert NOW < datetime.fromisoformat(made["next_run_at"]) <= NOW + timedelta(seconds=20)


@pytest.mark.parametrize("sample", ["greeting", "clock", "command", "sum"])
def test_a_sample_that_is_forgotten_ends_by_itself_within_the_hour(world: World, sample: str) -> None:
    caller = world.caller("carl", can_run_commands=sample != "sum")
    click(Browser(app, session=world.session_of(caller)), sample)
    world.clock.advance(timedelta(hours=1, seconds=5))
    assert [task["state"] for task in tasks(caller).values()] == ["completed"]


@pytest.mark.parametrize("sample", ["greeting", "clock", "sum"])
def test_the_function_of_a_sample_succeeds_anywhere(world: World, sample: str) -> None:
    """Here it is really called: no network, no right that an account may lack."""
    caller = world.caller("carl", can_run_commands=False)
    click(Browser(app, session=world.session_of(caller)), sample)
    (made,) = tasks(caller).values()
    outcome = function.perform(made["action"], timedelta(seconds=60), {})
    assert outcome.status == "succeeded"
    assert outcome.output or outcome.result is not None


def test_its_first_run_is_seen_turning_green(anns: Browser, ann: Caller, world: World) -> None:
    click(anns, "greeting")
    (made,) = tasks(ann).values()
    due = datetime.fromisoformat(made["next_run_at"])
    known = {"if-none-match": anns.get("/welcome").headers["ETag"]}
    world.clock.advance(timedelta(seconds=4))
    assert anns.ask("GET", "/welcome", headers=known).status == 304
    world.clock.advance(timedelta(seconds=2))
    run = ended_run(made["id"], ann.id, due)
    world.store.insert_run(run)
    page = anns.ask("GET", "/welcome", headers=known)
    assert page.status == 200
    assert "waiting" not in page.text
    assert "succeeded due 12:00:05" in page.text
    assert "hello" in page.html.partition('class="said"')[2]
    assert f"/run/{run.id}" in page.reader.links
    assert 'hx-get="/welcome"' in page.html


def test_what_is_at_work_or_failed_is_shown_as_that(anns: Browser, ann: Caller, world: World) -> None:
    click(anns, "greeting")
    (made,) = tasks(ann).values()
    for seconds, status, word in ((5, RunStatus.RUNNING, "running"), (35, RunStatus.FAILED, "failed")):
        run = ended_run(made["id"], ann.id, NOW + timedelta(seconds=seconds), status=status)
        assert world.store.insert_run(run) is None
        assert f"{word} due 12:00:{seconds:02}" in anns.get("/welcome").text


def test_a_second_click_makes_no_second_task(anns: Browser, ann: Caller, world: World) -> None:
    for _ in range(2):
        page = click(anns, "greeting")
        assert page.url == "/welcome?done=made"
        world.clock.advance(timedelta(seconds=1))
    assert len(tasks(ann)) == 1


def test_two_people_have_samples_of_their_own(anns: Browser, bobs: Browser, ann: Caller, bob: Caller) -> None:
    click(anns, "greeting")
    click(bobs, "greeting")
    (of_ann,), (of_bob,) = tasks(ann).values(), tasks(bob).values()
    assert of_ann["id"] != of_bob["id"]
    assert (of_ann["action"]["kwargs"], of_bob["action"]["kwargs"]) == ({"name": "ann"}, {"name": "bob"})


def test_one_button_deletes_all_samples_and_nothing_else(anns: Browser, ann: Caller) -> None:
    ann.created(name="my own", tags=["sample"])
    for sample in ("greeting", "clock", "command"):
        click(anns, sample)
    assert len(tasks(ann)) == 4
    page = anns.get("/welcome")
    assert "Delete the samples" in page.text
    page = click(anns, "delete")
    assert page.url == "/welcome?done=deleted"
    assert offered(page) == ["greeting", "clock", "command"]
    assert list(tasks(ann)) == ["my own"]


def test_a_sample_can_be_made_again_and_begins_anew(anns: Browser, ann: Caller, world: World) -> None:
    click(anns, "greeting")
    (made,) = tasks(ann).values()
    world.store.insert_run(ended_run(made["id"], ann.id, NOW + timedelta(seconds=5)))
    world.clock.advance(timedelta(minutes=2))
    click(anns, "delete")
    page = click(anns, "greeting")
    assert "succeeded" not in page.text
    assert "waiting" in page.text
    assert len(tasks(ann)) == 1


def test_what_was_clicked_is_recorded_as_what_it_did(anns: Browser, ann: Caller) -> None:
    click(anns, "greeting")
    (made,) = tasks(ann).values()
    click(anns, "delete")
    acts = [(one["action"], one["target"]) for one in json_of(ann.get("/api/audit"))["items"]]
    assert sorted(acts) == [
        ("POST /task/create", f"/task/{made['id']}"),
        ("POST /task/{task_id}/delete", f"/task/{made['id']}"),
    ]


@pytest.mark.parametrize("sample", ["", "nonsense", "sum", "../greeting"])
def test_there_is_no_other_sample(anns: Browser, ann: Caller, sample: str) -> None:
    page = click(anns, sample)
    assert page.status == 404
    assert "There is no such sample: choose one of those on this page." in page.text
    assert offered(page) == ["greeting", "clock", "command"]
    assert tasks(ann) == {}


def test_whose_zone_is_not_known_may_still_look(anns: Browser, ann: Caller) -> None:
    """A sample is a task like any other: whatever its owner made of it, the page shows it."""
    click(anns, "clock")
    (made,) = tasks(ann).values()
    ann.patch(f"/api/tasks/{made['id']}", {"name": "mine now", "state": "paused"})
    assert anns.get("/welcome").status == 200


class TestWithAQuota:
    """An installation in which an account may have one task."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(max_tasks=1)

    def test_a_sample_counts_like_any_task(self, anns: Browser, ann: Caller) -> None:
        assert click(anns, "greeting").status == 200
        page = click(anns, "clock")
        assert page.status == 409
        assert "An account may have 1 tasks" in page.text
        assert len(tasks(ann)) == 1


@pytest.fixture
def newcomers(stranger: Browser) -> Browser:
    """Somebody who has registered a moment ago."""
    stranger.post("/register", {"username": "zoe", "password": "correct horse battery", "email": "zoe@example.com"})
    return stranger


def test_who_has_just_registered_meets_the_samples(newcomers: Browser) -> None:
    for address in ("/dashboard", "/tasks"):
        page = newcomers.get(address)
        assert offered(page) == ["greeting", "clock", "command"]
        assert "/task/create" in page.reader.links
    assert newcomers.submit(page, "/welcome", sample="greeting").url == "/welcome?done=made"
    for address in ("/dashboard", "/tasks"):
        assert offered(newcomers.get(address)) == []
