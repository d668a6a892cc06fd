"""Schedules in code through the API: who is told how they stand, and who brings what has changed."""

from __future__ import annotations

from typing import Any

import pytest

from app import app
from chalicelib.core.in_code import task_id_of
from chalicelib.core.people.account import Role, Scope
from chalicelib.functions import registry
from chalicelib.functions.declaring import every
from chalicelib.functions.registry import function
from tests.web.building import Caller, World, faults, json_of
from tests.web.pages.browser import Browser

SCHEDULES, SYNC = "/api/functions/schedules", "/api/functions/schedules/sync"
HOURLY = {"type": "interval", "every": 1, "unit": "hours"}
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def nightly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})

    def nightly() -> None:
        """Send it."""

    function(schedule=every(hours=1))(nightly)


@pytest.fixture
def root(world: World) -> Caller:
    return world.caller("root", role=Role.ADMIN)


def one(caller: Caller) -> dict[str, Any]:
    [found] = json_of(caller.get(SCHEDULES))["items"]
    return dict(found)


def test_an_admin_is_told_how_they_stand_and_brings_them(root: Caller) -> None:
    assert one(root) == {
        "name": "nightly",
        "function": "nightly",
        "schedule": HOURLY,
        "standing": "new",
        "detail": "",
        "task_id": None,
        "paused": False,
        "done": False,
        "differs": [],
    }
    response = root.post(SYNC)
    shown = json_of(response)
    assert (response.status_code, shown["owner"]) == (200, root.id)
    assert [(each["standing"], each["done"], each["task_id"]) for each in shown["items"]] == [
        ("new", True, task_id_of("nightly"))
    ]
    assert one(root)["standing"] == "as_said"
    assert json_of(root.get(f"/api/tasks/{task_id_of('nightly')}"))["name"] == "nightly"


def test_drift_is_shown_and_can_be_restored(root: Caller) -> None:
    root.post(SYNC)
    path = f"/api/tasks/{task_id_of('nightly')}"
    assert root.patch(path, {"schedule": {"every": 2}}).status_code == 200
    shown = one(root)
    assert (shown["standing"], shown["differs"]) == (
        "edited",
        [{"field": "schedule", "task": HOURLY | {"every": 2}, "code": HOURLY}],
    )
    assert json_of(root.post(SYNC))["items"][0]["standing"] == "edited"
    assert json_of(root.post(SYNC, {"restore": ["nightly"]}))["items"][0]["done"] is True
    assert one(root)["standing"] == "as_said"


def test_others_are_told_what_the_code_says_and_no_more(root: Caller, bob: Caller, world: World) -> None:
    root.post(SYNC)
    shown = one(bob)
    assert (shown["name"], shown["schedule"]) == ("nightly", HOURLY)
    hidden = ("standing", "task_id", "paused", "done")
    assert [shown[name] for name in hidden] == [None] * 4
    assert json_of(bob.get(SCHEDULES))["owner"] is None
    assert one(world.scoped(root, Scope.READ))["standing"] == "as_said"  # its own task, admin or not


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"restore": ["no_such"]}, {"/restore": "unknown_value"}),
        ({"restore": "nightly"}, {"/restore": "wrong_type"}),
        ({"restore": [5]}, {"/restore/0": "wrong_type"}),
        ({"dry_run": True}, {"/dry_run": "unknown_field"}),
    ],
)
def test_what_cannot_be_restored_is_told_and_nothing_is_brought(
    root: Caller, body: dict[str, Any], expected: dict[str, str]
) -> None:
    response = root.post(SYNC, body)
    assert (response.status_code, faults(response)) == (422, expected)
    assert one(root)["standing"] == "new"


def test_only_admins_bring_them(root: Caller, bob: Caller, world: World) -> None:
    assert bob.post(SYNC).status_code == 403
    assert world.scoped(root, Scope.WRITE).post(SYNC).status_code == 403
    assert one(root)["standing"] == "new"


def test_before_anybody_has_registered_they_wait_and_come_with_the_first_account(nobody: Caller) -> None:
    made = nobody.post("/api/register", {"username": "eve", "password": PASSWORD, "email": "eve@example.com"})
    eve = Caller(client=nobody.client, token=json_of(made)["token"])
    assert one(eve)["standing"] == "as_said"
    assert [each["id"] for each in json_of(eve.get("/api/tasks"))["items"]] == [task_id_of("nightly")]
    second = nobody.post("/api/register", {"username": "dan", "password": PASSWORD, "email": "dan@example.com"})
    assert json_of(Caller(client=nobody.client, token=json_of(second)["token"]).get("/api/tasks"))["items"] == []


@pytest.mark.parametrize(
    "wrong", [{"exclude": 5}, {"exclude": [5]}, {"jitter_seconds": "x"}, {"start_at": {1}}, {"exclude": [{1}]}]
)
def test_a_schedule_that_makes_no_sense_is_told_and_breaks_no_answer(
    root: Caller, world: World, wrong: dict[str, Any]
) -> None:
    def broken() -> None: ...

    function(schedule=every(hours=1, **wrong))(broken)
    shown = json_of(root.get(SCHEDULES))["items"]
    assert [(each["name"], each["standing"]) for each in shown] == [("broken", "refused"), ("nightly", "new")]
    assert json_of(root.post(SYNC))["items"][0]["standing"] == "refused"
    assert root.get("/api/functions").status_code == 200
    assert "Refused" in Browser(app, session=world.session_of(root)).get("/functions").text


def test_the_page_of_functions_shows_them_to_whose_business_they_are(root: Caller, bob: Caller, world: World) -> None:
    root.post(SYNC)
    root.patch(f"/api/tasks/{task_id_of('nightly')}", {"schedule": {"every": 2}})
    roots = Browser(app, session=world.session_of(root)).get("/functions")
    assert "nightly every hour" in roots.text.lower()
    assert "Changed by hand" in roots.text
    assert f"/task/{task_id_of('nightly')}" in roots.reader.links
    bobs = Browser(app, session=world.session_of(bob)).get("/functions")
    assert "Changed by hand" not in bobs.text
    assert f"/task/{task_id_of('nightly')}" not in bobs.reader.links
