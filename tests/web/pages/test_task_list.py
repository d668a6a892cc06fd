"""The list of tasks: what a row says, what filters leave out, and what is done to several tasks at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib.core.people.account import Role
from chalicelib.core.run import RunError, RunStatus
from chalicelib.core.schedule import Cron
from chalicelib.web.pages.work.task_list import ROWS
from tests.web.building import HELLO, NOW, Caller, World, ended_run, in_, json_of
from tests.web.pages.browser import OWN_FORM, Browser, Page

HOURLY_CRON = {"type": "cron", "expression": "30 * * * *"}
PARIS = {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"}
ATTACK = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def names(page: Page) -> list[str]:
    """The names of the tasks that a page lists, in its order."""
    boxes = [tag["aria-label"] for _, tag in page.reader.tags if tag.get("name") == "task" and "aria-label" in tag]
    return [label.removeprefix("Tick ") for label in boxes]


def row(page: Page, name: str) -> str:
    """What stands in the row of a task, from its name on."""
    return page.text.partition(" Last 20 runs State ")[2].partition(f"{name} ")[2]


def marks(page: Page) -> list[str]:
    """The titles of all marks of runs, which a reader without a mouse finds as a table."""
    return [part.partition("<")[0] for part in page.html.split("<title>")[2:]]


def act(browser: Browser, deed: str, *ids: str, address: str = "/tasks", **more: str) -> Page:
    """Tick some tasks, and press a button."""
    sent = [*browser.proof().items(), ("do", deed), *(("task", one) for one in ids), *more.items()]
    answer = browser.ask("POST", address, urlencode(sent), OWN_FORM)
    return browser.get(answer.headers["Location"]) if answer.status == 303 else answer


def states(world: World, *ids: str) -> list[str | None]:
    """How the tasks are kept; None for one that is gone."""
    found = [world.store.task(task_id) for task_id in ids]
    return [None if task is None else str(task.definition.state) for task in found]


# Rows


def test_a_row_says_what_when_next_and_how_it_went(anns: Browser, ann: Caller, world: World) -> None:
    made = ann.created(name="report", schedule=HOURLY_CRON, tags=["billing"])
    for minutes in range(1, 30):
        failed = {"status": RunStatus.FAILED, "error": RunError(code="exit_code", detail="x")} if minutes == 2 else {}
        world.store.insert_run(ended_run(made["id"], ann.id, NOW - timedelta(minutes=minutes), **failed))
    page = anns.get("/tasks")
    assert row(page, "report").startswith("billing At 30 minutes past the hour (UTC) 12:30:00 in 29 min")
    assert len(marks(page)) == 20
    assert [mark.partition(",")[0] for mark in marks(page)[-3:]] == ["succeeded", "failed", "succeeded"]
    assert "The last 20 runs: 19 succeeded, 1 failed; the newest succeeded" in page.html
    assert "18 succeeded in 220 ms, 1 failed in 220 ms, 1 succeeded in 220 ms" in page.text
    assert f"/task/{made['id']}" in page.reader.links


def test_states_are_told_apart_in_words(anns: Browser, ann: Caller, world: World) -> None:
    ann.created(name="goes on")
    held = ann.created(name="is held")
    ann.created(name="is over", schedule={"type": "once", "at": in_(1)})
    ann.post(f"/api/tasks/{held['id']}/pause", {"reason": "the bank is closed"})
    world.clock.advance(timedelta(seconds=2))
    page = anns.get("/tasks")
    assert row(page, "goes on").startswith("Every hour 13:00:00 in 59 min no runs yet active")
    assert row(page, "is held").startswith("Every hour none no runs yet paused the bank is closed")
    assert row(page, "is over").partition("(UTC) ")[2].startswith("none no runs yet completed")


def test_a_due_time_that_was_skipped_is_not_the_next(anns: Browser, ann: Caller) -> None:
    made = ann.created(name="report")
    ann.post(f"/api/tasks/{made['id']}/skip", {"due_at": made["next_run_at"]})
    page = anns.get("/tasks")
    assert row(page, "report").startswith("Every hour 14:00:00")
    assert marks(page) == []


def unreadable(world: World, task_id: str) -> None:
    """The time zone database does not have the task's zone any more."""
    stored = world.store.task(task_id)
    assert stored is not None
    schedule = stored.definition.schedule
    assert isinstance(schedule, Cron)
    elsewhere = replace(schedule, rule=replace(schedule.rule, time_zone="Mars/Olympus_Mons"))
    changed = replace(stored, definition=replace(stored.definition, schedule=elsewhere), version=stored.version + 1)
    assert world.store.replace_task(changed, None)


@pytest.mark.parametrize("address", ["/tasks", "/tasks?state=active", "/tasks?q=odd"])
def test_a_task_whose_due_times_are_not_known_is_shown_with_the_reason(
    anns: Browser, ann: Caller, world: World, address: str
) -> None:
    unreadable(world, ann.created(name="odd", schedule=PARIS)["id"])
    page = anns.get(address)
    assert page.status == 200
    assert "When it is due cannot be worked out any more: edit its schedule" in row(page, "odd")


def test_what_cannot_be_done_to_such_a_task_is_said(anns: Browser, ann: Caller, world: World) -> None:
    made, other = ann.created(name="odd", schedule=PARIS), ann.created(name="even")
    unreadable(world, made["id"])
    assert act(anns, "pause", made["id"], other["id"]).status == 200
    page = act(anns, "resume", made["id"], other["id"])
    assert page.status == 409
    assert "'Mars/Olympus_Mons' is not a time zone" in page.text
    assert states(world, made["id"], other["id"]) == ["paused", "active"]


def test_whatever_somebody_wrote_is_shown_and_never_obeyed(anns: Browser, ann: Caller) -> None:
    made = ann.created(name=ATTACK[:100], tags=[ATTACK[:50]], schedule=PARIS)
    ann.post(f"/api/tasks/{made['id']}/pause", {"reason": ATTACK})
    query = urlencode({"q": ATTACK, "tag": ATTACK})
    for page in (anns.get("/tasks"), anns.get(f"/tasks?{query}"), act(anns, "delete", made["id"])):
        assert page.status == 200
        assert "alert(1)" in page.html
        assert "<script>" not in page.html
        assert "<img" not in page.html


def test_the_countdown_alone_makes_no_other_page(anns: Browser, ann: Caller, world: World) -> None:
    ann.created()
    known = {"if-none-match": anns.get("/tasks").headers["ETag"]}
    world.clock.advance(timedelta(seconds=5))
    assert anns.ask("GET", "/tasks", headers=known).status == 304


# Filters


QUERIES = [
    *("", "state=active", "state=paused", "state=completed", "state=active&state=paused"),
    *("tag=a", "tag=b", "tag=a&tag=b", "tag=A", "q=REPORT", "q=about+the", "q=%25", "q=nothing"),
    *("q=report&state=active&tag=a", "state=completed&tag=a"),
]


@pytest.mark.parametrize("query", QUERIES)
def test_filters_mean_what_they_mean_in_the_api(anns: Browser, ann: Caller, world: World, query: str) -> None:
    ann.created(name="daily report", tags=["a"])
    ann.created(name="weekly Report", tags=["a", "b"], state="paused")
    ann.created(name="invoices", description="About the money", tags=["b"])
    ann.created(name="once", tags=["a"], schedule={"type": "once", "at": in_(1)})
    world.clock.advance(timedelta(seconds=2))
    asked = json_of(ann.get(f"/api/tasks?{query}"))["items"]
    assert names(anns.get(f"/tasks?{query}")) == [task["name"] for task in asked]


def test_a_form_that_is_sent_half_empty_asks_only_for_what_was_typed(anns: Browser, ann: Caller) -> None:
    ann.created(name="one", tags=["a"])
    ann.created(name="two", tags=["a", "b"])
    page = anns.get("/tasks?tag=a&state=active&q=&owner=")
    assert set(names(page)) == {"two", "one"}
    form = page.form("/tasks")
    assert form.method == "get"
    assert "state" in form.fields
    page = anns.get(f"/tasks?{urlencode(form.fields | {'q': 'two', 'tag': 'b'})}")
    assert names(page) == ["two"]
    assert page.form("/tasks").fields["q"] == "two"


def test_a_filter_that_fits_nothing_says_which_to_drop(anns: Browser, ann: Caller) -> None:
    ann.created(name="one", tags=["a"])
    page = anns.get("/tasks?q=two&tag=a&tag=b&state=paused")
    assert "No task fits" in page.text
    left = [anns.get(link) for link in page.reader.links if link.startswith("/tasks?")]
    assert all("No task fits" in other.text for other in left)
    assert "/tasks?q=two&state=paused&tag=a" in page.reader.links
    assert "/tasks?q=two&state=paused&tag=b" in page.reader.links
    assert "/tasks?state=paused&tag=a&tag=b" in page.reader.links
    assert "/tasks?q=two&tag=a&tag=b" in page.reader.links


def test_what_a_page_asks_again_for_is_what_it_was_asked_for(anns: Browser, ann: Caller) -> None:
    ann.created(tags=["a", "b"])
    page = anns.get("/tasks?tag=a&tag=b&state=active")
    asked = [tag["hx-get"] for _, tag in page.reader.tags if "hx-get" in tag]
    assert asked == ["/tasks?tag=a&tag=b&state=active"]


@pytest.mark.parametrize("query", ["state=asleep", "cursor=nonsense", "cursor=", "owner=nobody", "q=" + "x" * 3000])
def test_a_query_that_makes_no_sense_is_answered_by_a_page(anns: Browser, ann: Caller, query: str) -> None:
    ann.created()
    page = anns.get(f"/tasks?{query}")
    assert page.status in (200, 404, 422)
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("query", ["", "tag=a&q=number"])
def test_many_tasks_come_in_pages_that_keep_the_filters(anns: Browser, ann: Caller, query: str) -> None:
    count = 2 * ROWS + 3
    for number in range(count):
        ann.created(name=f"number {number:02}", tags=["a"])
    seen, address = [], f"/tasks?{query}"
    for _ in range(3):
        page = anns.get(address)
        seen += names(page)
        older = [link for link in page.reader.links if "cursor=" in link and "refresh" not in link]
        address = older[0] if older else ""
    assert sorted(seen) == [f"number {number:02}" for number in range(count)]
    assert address == ""
    assert "Newest tasks" in page.text


def test_what_fits_little_is_not_looked_for_without_end(anns: Browser, ann: Caller, world: World) -> None:
    made = world.store.task(ann.created(name="the only one")["id"])
    assert made is not None
    for number in range(1050):
        newer = replace(made, id=f"z{number:025}", definition=replace(made.definition, name=f"number {number}"))
        world.store.create_task(newer, None)
    page = anns.get("/tasks?q=the+only+one")
    assert "None among the newest thousand" in page.text
    (onwards,) = {link for link in page.reader.links if "cursor=" in link and "refresh" not in link}
    assert names(anns.get(onwards)) == ["the only one"]


# Empty


def test_who_has_no_task_yet_is_shown_how_to_begin(anns: Browser, bob: Caller) -> None:
    bob.created(name="not for ann")
    page = anns.get("/tasks")
    assert "No tasks yet" in page.text
    assert {"/task/create", "/welcome"} <= set(page.reader.links)
    assert "greeting" in [form.fields.get("sample") for form in page.reader.forms]
    assert "not for ann" not in page.html


# Several at once


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


# Whose


def test_an_admin_sees_whose_list_it_is_and_acts_on_it_with_a_trace(world: World, ann: Caller) -> None:
    root = world.caller("root", role=Role.ADMIN)
    roots = Browser(app, session=world.session_of(root))
    ids = [ann.created(name=f"number {number}", tags=["a"])["id"] for number in range(2)]
    page = roots.get(f"/tasks?owner={ann.id}")
    assert "Tasks of ann" in page.text
    assert set(names(page)) == {"number 0", "number 1"}
    assert f"/tasks?tag=a&owner={ann.id}" in page.reader.links
    after = act(roots, "pause", *ids, address=f"/tasks?owner={ann.id}")
    assert "2 tasks paused" in after.text
    assert "Tasks of ann" in after.text
    told = {(one["actor"]["username"], one["target"]) for one in json_of(ann.get("/api/audit"))["items"]}
    assert {("root", f"/task/{one}") for one in ids} <= told


def test_nobody_else_sees_it(bobs: Browser, ann: Caller) -> None:
    ann.created(name="of ann")
    page = bobs.get(f"/tasks?owner={ann.id}")
    assert page.status == 404
    assert "of ann" not in page.html


def test_an_admin_is_told_that_somebody_has_nothing(world: World, ann: Caller) -> None:
    roots = Browser(app, session=world.session_of(world.caller("root", role=Role.ADMIN)))
    page = roots.get(f"/tasks?owner={ann.id}")
    assert "ann has made none yet" in page.text
    assert "sample" not in [name for form in page.reader.forms for name in form.fields]


def test_behind_a_stage_every_address_stays_in_it(world: World, ann: Caller) -> None:
    made: dict[str, Any] = ann.created(action=HELLO, tags=["a"])
    browser = Browser(app, session=world.session_of(ann), prefix="/prod")
    for page in (
        browser.get("/prod/tasks?tag=a&q=night"),
        browser.get("/prod/tasks?q=none"),
        browser.get("/prod/welcome"),
    ):
        addresses = [tag.get("href") or tag.get("action") or tag.get("hx-get") or "" for _, tag in page.reader.tags]
        assert all(address.startswith(("/prod/", "#")) for address in addresses if address)
    assert act(browser, "pause", made["id"], address="/prod/tasks?tag=a").url == "/prod/tasks?tag=a&done=pause&count=1"
