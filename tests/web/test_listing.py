"""Lists of tasks: pages, cursors, filters, and what each item shows."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.run import RunStatus
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, ended_run, faults, in_, json_of

PAUSED = {"state": "paused"}
ENDED = {"schedule": {"type": "once", "at": in_(-60)}}


def names(caller: Caller, query: str = "") -> list[str]:
    """The names of all tasks that a query lists, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        page = json_of(caller.get(f"/api/tasks?{query}{cursor}"))
        found += [item["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def create(world: World, caller: Caller, count: int) -> list[str]:
    """So many tasks, a second apart; their names, newest first."""
    for number in range(count):
        world.clock.advance(timedelta(seconds=1))
        caller.created(name=f"task {number}")
    return [f"task {number}" for number in reversed(range(count))]


def test_tasks_are_listed_newest_first_in_pages_of_fifty(world: World, ann: Caller) -> None:
    expected = create(world, ann, 55)
    page = json_of(ann.get("/api/tasks"))
    assert [item["name"] for item in page["items"]] == expected[:50]
    assert names(ann) == expected
    assert names(ann, "limit=7") == expected


def test_an_empty_list_and_somebody_elses_list_are_empty(ann: Caller, bob: Caller) -> None:
    ann.created()
    assert json_of(bob.get("/api/tasks")) == {"items": [], "next_cursor": None}


def test_each_task_shows_its_last_run_and_its_next(world: World, ann: Caller) -> None:
    ran, never = ann.created(name="ran"), ann.created(name="never")
    earlier = ended_run(ran["id"], "ann", NOW - timedelta(hours=1))
    latest = ended_run(ran["id"], "ann", NOW, status=RunStatus.FAILED)
    for run in (earlier, latest):
        world.store.insert_run(run)
    shown = {item["name"]: item for item in json_of(ann.get("/api/tasks"))["items"]}
    assert shown["ran"]["last_run"] == {"id": latest.id, "due_at": in_(0), "status": "failed", "lateness_ms": 120}
    assert shown["never"]["last_run"] is None
    assert shown["never"]["next_run_at"] == in_(3600)
    assert shown["never"] == never
    assert json_of(ann.get(f"/api/tasks/{ran['id']}")) == shown["ran"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=paused", ["asleep"]),
        ("state=completed", ["over"]),
        ("state=active", ["billing run"]),
        ("state=active&state=paused", ["asleep", "billing run"]),
        ("tag=money", ["over", "billing run"]),
        ("tag=money&tag=eu", ["billing run"]),
        ("tag=mon", []),
        ("q=BILL", ["billing run"]),
        ("q=stra%C3%9Fe", ["asleep"]),
        ("q=", ["over", "asleep", "billing run"]),
        ("q=billing&state=paused", []),
        ("unknown=1", ["over", "asleep", "billing run"]),
    ],
)
def test_filters(world: World, ann: Caller, query: str, expected: list[str]) -> None:
    for task in (
        {"name": "billing run", "tags": ["money", "eu"]},
        {"name": "asleep", "description": "in der STRASSE"} | PAUSED,
        {"name": "over", "tags": ["money"]} | ENDED,
    ):
        world.clock.advance(timedelta(seconds=1))
        ann.created(**task)
    assert names(ann, query) == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_filter_finds_everything_whatever_the_limit(world: World, ann: Caller, limit: int) -> None:
    for number in range(7):
        world.clock.advance(timedelta(seconds=1))
        ann.created(name=f"task {number}", **(PAUSED if number % 2 else {}))
    assert names(ann, f"state=paused&limit={limit}") == ["task 5", "task 3", "task 1"]
    page = json_of(ann.get(f"/api/tasks?state=paused&limit={limit}"))
    assert len(page["items"]) == min(limit, 3)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "", "+5", "٣", "9" * 5000])
def test_a_limit_beyond_1_to_100_is_refused(ann: Caller, limit: str) -> None:
    for path in ("/api/tasks", "/api/runs"):
        response = ann.get(f"{path}?limit={limit}")
        assert (response.status_code, faults(response)) == (422, {"/limit": "out_of_range"})


def test_a_state_that_is_none_is_refused(ann: Caller) -> None:
    response = ann.get("/api/tasks?state=active&state=done")
    assert (response.status_code, faults(response)) == (422, {"/state": "unknown_value"})


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "????",
        "%00",
        "e30",
        "bnVsbA",
        "a" * 5000,
        "ü",
        encoded(["tasks"]),
        encoded(["tasks", 5]),
        encoded("tasks"),
        encoded(["runs", "0"]),
        encoded({"tasks": "x"}),
        encoded([["tasks"], "x"]),
        encoded(["tasks", "x" * 1500]),
    ],
)
def test_a_cursor_that_is_none_of_this_list_is_refused(ann: Caller, cursor: str) -> None:
    response = ann.get(f"/api/tasks?cursor={cursor}")
    assert (response.status_code, faults(response)) == (422, {"/cursor": "invalid_cursor"})


def test_a_cursor_belongs_to_the_list_it_came_from(world: World, ann: Caller) -> None:
    create(world, ann, 2)
    first, second = (item["id"] for item in json_of(ann.get("/api/tasks"))["items"])
    for task_id in (first, second):
        for hours in range(2):
            world.store.insert_run(ended_run(task_id, "ann", NOW + timedelta(hours=hours)))
    paths = ["/api/tasks", "/api/runs", f"/api/tasks/{first}/runs", f"/api/tasks/{second}/runs"]
    cursors = {path: json_of(ann.get(f"{path}?limit=1"))["next_cursor"] for path in paths}
    for path in paths:
        for origin, cursor in cursors.items():
            response = ann.get(f"{path}?limit=1&cursor={cursor}")
            assert response.status_code == (200 if path == origin else 422)


@pytest.fixture
def paged(world: World, ann: Caller, bob: Caller) -> str:
    """The cursor of ann's first page of one task, of which there are five; bob has as many."""
    create(world, bob, 5)
    create(world, ann, 5)
    return str(json_of(ann.get("/api/tasks?limit=1&state=active&q=task"))["next_cursor"])


def test_a_cursor_goes_on_with_any_limit(ann: Caller, paged: str) -> None:
    page = json_of(ann.get(f"/api/tasks?limit=2&q=task&state=active&cursor={paged}"))
    assert [item["name"] for item in page["items"]] == ["task 3", "task 2"]


def test_a_cursor_is_nobody_elses(bob: Caller, paged: str) -> None:
    response = bob.get(f"/api/tasks?limit=1&state=active&q=task&cursor={paged}")
    assert (response.status_code, faults(response)) == (422, {"/cursor": "invalid_cursor"})


@pytest.mark.parametrize("query", ["", "state=active", "state=paused&q=task", "state=active&q=task&tag=x", "q=task"])
def test_a_cursor_goes_on_with_the_same_filters_only(ann: Caller, paged: str, query: str) -> None:
    response = ann.get(f"/api/tasks?{query}&cursor={paged}")
    assert (response.status_code, faults(response)) == (422, {"/cursor": "invalid_cursor"})


def test_a_cursor_of_which_any_bit_was_changed_is_refused(ann: Caller, paged: str) -> None:
    raw = base64.urlsafe_b64decode(paged + "=" * (-len(paged) % 4))
    for place in range(len(raw)):
        forged = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        text = base64.urlsafe_b64encode(forged).decode().rstrip("=")
        response = ann.get(f"/api/tasks?limit=1&state=active&q=task&cursor={text}")
        assert (response.status_code, faults(response)) == (422, {"/cursor": "invalid_cursor"})


def test_a_cursor_says_no_more_than_where_to_go_on(ann: Caller, paged: str) -> None:
    raw = base64.urlsafe_b64decode(paged + "=" * (-len(paged) % 4))
    newest = json_of(ann.get("/api/tasks?limit=1"))["items"][0]["id"]
    assert raw[16:].decode() == newest


def test_a_cursor_is_good_in_every_process_of_the_installation_and_in_no_other(
    world: World, ann: Caller, paged: str, settings: Settings
) -> None:
    path, store = f"/api/tasks?limit=1&state=active&q=task&cursor={paged}", world.store
    for status in (200, 422):
        bootstrap.use(bootstrap.assemble(settings, store=store, queue=world.queue, clock=world.clock, actions={}))
        assert ann.get(path).status_code == status
        store._installation_key = b""  # the other one would have made another key
