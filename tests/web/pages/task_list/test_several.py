"""The list of tasks: what is done to several at once."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib.web.pages.work.task_list import ROWS
from tests.web.building import Caller, World, json_of
from tests.web.pages.browser import OWN_FORM, Browser
from tests.web.pages.task_list.reading import act, names, states


def test_each_deed_is_done_to_all_that_were_ticked(anns: Browser, ann: Caller, world: World) -> None:
    ids = [ann.created(name=f"number {number}")["id"] for number in range(3)]
    assert "2 tasks paused" in act(anns, "pause", *ids[:2]).text
    assert states(world, *ids) == ["paused", "paused", "active"]
    assert "1 task resumed" in act(anns, "resume", ids[0]).text
    assert states(world, *ids) == ["active", "paused", "active"]
    assert "3 tasks started now" in act(anns, "run", *ids).text
    assert [len(world.store.last_runs([one], 5)[one]) for one in ids] == [1, 1, 1]
    assert "2 tasks deleted" in act(anns, "delete", *ids[1:], sure="yes").text
    assert states(world, *ids) == ["active", None, None]


def test_after_it_one_is_where_one_was(anns: Browser, ann: Caller) -> None:
    ids = [ann.created(name=f"number {number:02}", tags=["a", "b"])["id"] for number in range(ROWS + 2)]
    first = anns.get("/tasks?tag=a&tag=b&q=number")
    (older,) = [link for link in first.reader.links if "cursor=" in link and "refresh" not in link]
    page = anns.get(older)
    address = next(form.action for form in page.reader.forms if form.method == "post" and form.action.startswith("/ta"))
    after = act(anns, "pause", ids[0], address=address)
    assert names(after) == names(page)
    assert len(names(after)) == 2
    assert "1 task paused" in after.text


def test_deleting_asks_first_and_names_each(anns: Browser, ann: Caller, world: World) -> None:
    ids = [ann.created(name=f"number {number}")["id"] for number in range(3)]
    page = act(anns, "delete", *ids[:2], address="/tasks?q=number")
    assert page.status == 200
    assert "Delete these 2 tasks?" in page.text
    assert ("number 0" in page.text, "number 1" in page.text, "number 2" in page.text) == (True, True, False)
    assert states(world, *ids) == ["active"] * 3
    assert "/tasks?q=number" in page.reader.links
    sent = [tag["value"] for _, tag in page.reader.tags if tag.get("name") == "task"]
    fields = page.form("/tasks?q=number").fields
    after = act(anns, fields["do"], *sent, address="/tasks?q=number", sure=fields["sure"])
    assert names(after) == ["number 2"]
    assert states(world, *ids) == [None, None, "active"]


def test_it_says_how_many_worked_and_which_did_not_and_why(
    anns: Browser, ann: Caller, bob: Caller, world: World
) -> None:
    good, gone = ann.created(name="good one"), ann.created(name="gone one")
    bobs = bob.created(name="of bob")
    ann.delete(f"/api/tasks/{gone['id']}")
    page = act(anns, "pause", good["id"], gone["id"], bobs["id"], "../etc/passwd")
    assert page.status == 409
    assert "It worked for 1: good one ." in page.text
    assert "It did not work for 3:" in page.text
    assert page.text.count("There is no such task any more.") == 3
    assert "of bob" not in page.html
    assert states(world, good["id"], bobs["id"]) == ["paused", "active"]
    assert "hx-get" not in page.html  # what it says stays until somebody goes on


def test_nobody_runs_what_they_may_not(world: World, bob: Caller) -> None:
    carl = world.caller("carl", can_run_commands=False)
    assert carl.user is not None
    allowed = world.caller("dora")
    command = allowed.created(action={"type": "command", "command": "echo"})
    stored = world.store.task(command["id"])
    assert stored is not None
    world.store.delete_task(stored.id, None)
    world.store.create_task(replace(stored, owner=carl.id), None)
    page = act(Browser(app, session=world.session_of(carl)), "run", command["id"])
    assert page.status == 409
    assert "This account may not run commands: ask an admin." in page.text
    assert world.store.last_runs([command["id"]], 1)[command["id"]] == []


def test_limits_count_each_task_and_not_each_click(anns: Browser, ann: Caller, world: World) -> None:
    ids = [ann.created()["id"] for _ in range(25)]
    for _ in range(4):
        assert "25 tasks started now" in act(anns, "run", *ids).text
    page = act(anns, "run", *ids)
    assert page.status == 409
    assert "It did not work for 5:" in page.text
    assert page.text.count("120 in 60 s are taken") == 5
    runs = sum(len(some) for some in world.store.last_runs(ids, 10).values())
    assert runs == 120


def test_each_is_recorded_as_though_it_had_been_done_alone(anns: Browser, ann: Caller, bob: Caller) -> None:
    ids = [ann.created()["id"] for _ in range(2)]
    act(anns, "pause", *ids, bob.created()["id"])
    acts = json_of(ann.get("/api/audit"))["items"]
    told = {(one["action"], one["target"]) for one in acts if one["action"] != "POST /api/tasks"}
    assert told == {("POST /task/{task_id}/pause", f"/task/{one}") for one in ids}
    assert len(acts) == 4


@pytest.mark.parametrize(("deed", "count"), [("pause", 0), ("explode", 1), ("", 1)])
def test_a_form_without_a_deed_or_a_task_changes_nothing(
    anns: Browser, ann: Caller, world: World, deed: str, count: int
) -> None:
    made = ann.created()
    page = act(anns, deed, *[made["id"]] * count)
    assert page.status == 422
    assert "Tick the tasks first" in page.text
    assert states(world, made["id"]) == ["active"]


def test_a_form_of_an_earlier_visit_does_nothing(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created()
    sent = urlencode({"do": "pause", "task": made["id"], "csrf_token": "0" * 64})
    assert anns.ask("POST", "/tasks", sent, OWN_FORM).status == 403
    assert states(world, made["id"]) == ["active"]
