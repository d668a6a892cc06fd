"""What an admin sees and does of what belongs to others, and that nobody else does."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.people.account import Role, Scope
from chalicelib.core.run import RunStatus
from tests.web.building import HOURLY, NOW, Caller, World, ended_run, in_, json_of, task
from tests.web.pages.browser import Browser

AWS = {"type": "aws", "service": "sqs", "operation": "send_message", "parameters": {}}
COMMAND = {"type": "command", "command": "id"}


@pytest.fixture
def root(world: World) -> Caller:
    return world.caller("root", role=Role.ADMIN)


def acts(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str, str]]:
    """What was told about admins: who did what to which thing of whom."""
    told = [record.__dict__["fields"] for record in caplog.records if record.getMessage() == "admin_acted"]
    return [(fields["admin"], fields["verb"], fields["owner"], fields["id"]) for fields in told]


def ids(caller: Caller, path: str) -> list[str]:
    response = caller.get(path)
    assert response.status_code == 200, response.body
    return [item["id"] for item in json_of(response)["items"]]


@pytest.mark.parametrize(
    ("asked", "data", "verb"),
    [
        ("PUT", task(name="renamed"), "change_task"),
        ("PATCH", {"name": "renamed"}, "change_task"),
        ("POST /pause", None, "pause_task"),
        ("POST /run", None, "run_task"),
        ("POST /backfill", {"from": in_(-7200), "to": in_(0)}, "backfill_task"),
        ("POST /skip", {"due_at": in_(3600)}, "skip_run"),
        ("DELETE", None, "delete_task"),
    ],
)
def test_an_admin_acts_on_somebody_elses_task_and_it_is_told(
    root: Caller, ann: Caller, caplog: pytest.LogCaptureFixture, asked: str, data: Any, verb: str
) -> None:
    method, _, below = asked.partition(" ")
    caplog.set_level(logging.INFO)
    shown = ann.created()
    assert root.send(method, f"/api/tasks/{shown['id']}{below}", data).status_code in (200, 202, 204)
    (told,) = acts(caplog)
    assert told[:3] == ("root", verb, "ann")
    assert told[3].startswith(shown["id"])
    if method != "DELETE":
        assert json_of(ann.get(f"/api/tasks/{shown['id']}"))["owner"] == "ann"


def test_what_one_does_to_ones_own_is_not_told(root: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shown = root.created()
    assert root.post(f"/api/tasks/{shown['id']}/pause").status_code == 200
    assert root.post(f"/api/tasks/{shown['id']}/run").status_code == 202
    assert acts(caplog) == []


def test_an_admin_reads_cancels_and_retries_somebody_elses_runs(
    world: World, root: Caller, ann: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    shown = ann.created()
    run = json_of(ann.post(f"/api/tasks/{shown['id']}/run"))
    assert json_of(root.get(f"/api/runs/{run['id']}")) == run
    assert ids(root, f"/api/tasks/{shown['id']}/runs") == [run["id"]]
    assert root.post(f"/api/runs/{run['id']}/cancel").status_code == 202
    assert root.post(f"/api/runs/{run['id']}/retry").status_code == 202
    assert [told[1:] for told in acts(caplog)] == [
        ("cancel_run", "ann", run["id"]),
        ("retry_run", "ann", run["id"]),
    ]
    found = world.store.feed("ann", limit=10, after=None).items
    assert [one.id for one in found] == [run["id"]]


def test_lists_show_ones_own_unless_an_admin_asks_for_anothers(
    root: Caller, ann: Caller, bob: Caller, world: World
) -> None:
    anns, roots = ann.created(), root.created()
    world.store.insert_run(ended_run(anns["id"], "ann", NOW))
    for owner, expected in (("", [roots["id"]]), ("?owner=root", [roots["id"]]), ("?owner=ann", [anns["id"]])):
        assert ids(root, f"/api/tasks{owner}") == expected
    assert ids(root, "/api/tasks?owner=bob") == []
    assert ids(root, "/api/runs") == []
    assert len(ids(root, "/api/runs?owner=ann")) == 1
    assert json_of(root.get("/api/tasks?owner=ann"))["items"][0]["last_run"]["status"] == "succeeded"
    assert ids(ann, "/api/tasks?owner=ann") == [anns["id"]]


@pytest.mark.parametrize("path", ["/api/tasks", "/api/runs"])
def test_whose_list_one_may_not_see_answers_like_nobodys(root: Caller, ann: Caller, bob: Caller, path: str) -> None:
    ann.created()
    asked = [(bob, "ann"), (bob, "nobody"), (bob, "root"), (bob, "%00"), (bob, "x" * 5000), (bob, "")]
    asked += [(root, "nobody"), (root, "installation"), (root, "name%23ann"), (root, "../ann")]
    answers = [caller.get(f"{path}?owner={owner}") for caller, owner in asked]
    assert [answer.status_code for answer in answers] == [404] * len(asked)
    assert {json_of(answer)["detail"] for answer in answers} == {"there is no such user"}


def test_a_cursor_of_one_owners_list_is_none_of_anothers(root: Caller, ann: Caller) -> None:
    for _ in range(2):
        ann.created()
        root.created()
    cursor = json_of(root.get("/api/tasks?owner=ann&limit=1"))["next_cursor"]
    assert len(ids(root, f"/api/tasks?owner=ann&limit=1&cursor={cursor}")) == 1
    assert root.get(f"/api/tasks?limit=1&cursor={cursor}").status_code == 422


def test_without_its_scope_an_admins_token_reaches_no_further_than_a_members(
    world: World, root: Caller, ann: Caller
) -> None:
    shown = ann.created()
    script = world.scoped(root, Scope.READ, Scope.RUN, Scope.WRITE)
    assert script.get(f"/api/tasks/{shown['id']}").status_code == 404
    assert script.delete(f"/api/tasks/{shown['id']}").status_code == 404
    assert script.get("/api/tasks?owner=ann").status_code == 404
    assert json_of(script.get("/api/me"))["role"] == "admin"
    assert json_of(ann.get(f"/api/tasks/{shown['id']}")) == shown


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(world: World, root: Caller, ann: Caller) -> None:
    shown = ann.created()
    everything = world.scoped(root, *Scope)
    user = world.store.user("root")
    assert user is not None
    assert world.store.replace_user(user.changed(role=Role.MEMBER))
    for caller in (root, everything):
        assert caller.get(f"/api/tasks/{shown['id']}").status_code == 404
        assert caller.get("/api/users").status_code == 403


def test_a_calendar_in_a_task_is_looked_up_with_its_owner(world: World, root: Caller, ann: Caller) -> None:
    shown = ann.created()
    span = (NOW + timedelta(days=1), NOW + timedelta(days=2))
    calendar = Calendar(owner="root", name="holidays", spans=(span,), updated_at=NOW)
    change = {"schedule": HOURLY | {"exclude": [{"calendar": "holidays"}]}}
    world.store.put_calendar(calendar)
    assert root.patch(f"/api/tasks/{shown['id']}", change).status_code == 422
    world.store.put_calendar(replace(calendar, owner="ann"))
    assert root.patch(f"/api/tasks/{shown['id']}", change).status_code == 200


def test_an_admin_cannot_give_a_task_what_its_owner_may_not_do(world: World, root: Caller) -> None:
    carl = world.caller("carl", can_run_commands=False)
    shown = carl.created()
    response = root.put(f"/api/tasks/{shown['id']}", task(action=COMMAND))
    assert response.status_code == 403
    assert "the owner of this task may not run commands" in json_of(response)["detail"]
    assert json_of(carl.get(f"/api/tasks/{shown['id']}")) == shown


def test_an_admin_opens_the_pages_of_somebody_elses_task(world: World, root: Caller, ann: Caller, bob: Caller) -> None:
    shown = ann.created()
    pages = {caller.id: Browser(app, session=world.session_of(caller)) for caller in (root, bob)}
    assert pages["root"].get(f"/task/{shown['id']}").status == 200
    assert pages["bob"].get(f"/task/{shown['id']}").status == 404


OWN = {"owner": "bob", "id": "x" * 26, "version": 99, "next_run_at": in_(1), "last_run": None, "created_at": in_(-9)}


def test_nobody_gives_a_task_to_another_or_sets_what_only_the_system_sets(root: Caller, ann: Caller) -> None:
    shown = ann.created(state="paused")
    for caller in (ann, root):
        put = json_of(caller.put(f"/api/tasks/{shown['id']}", task(state="paused") | OWN))
        assert {name: put[name] for name in OWN} == {name: shown[name] for name in OWN} | {"version": put["version"]}
        refused = caller.patch(f"/api/tasks/{shown['id']}", OWN)
        assert refused.status_code == 422
        assert {error["code"] for error in json_of(refused)["errors"]} == {"read_only"}
    created = json_of(ann.post("/api/tasks", task() | OWN))
    assert (created["owner"], created["version"]) == ("ann", 1)
    for name in ("shard", "changed_at", "superseded", "attempts", "status"):
        assert ann.put(f"/api/tasks/{shown['id']}", task() | {name: 1}).status_code == 422
        assert ann.patch(f"/api/tasks/{shown['id']}", {name: 1}).status_code == 422


@pytest.mark.parametrize(
    ("action", "right", "sentence"),
    [(COMMAND, "can_run_commands", "may not run commands"), (AWS, "can_call_aws", "may not call AWS")],
)
def test_a_right_that_is_missing_is_said_and_one_that_is_there_enough(
    world: World, action: dict[str, Any], right: str, sentence: str
) -> None:
    only: dict[str, Any] = {"can_run_commands": False, "can_call_aws": False}
    without, having = world.caller("without", **only), world.caller("having", **only | {right: True})
    response = without.post("/api/tasks", task(action=action))
    assert (response.status_code, json_of(response)["code"]) == (403, "not_allowed")
    assert sentence in json_of(response)["detail"]
    assert world.holds_nothing(without)
    assert having.post("/api/tasks", task(action=action)).status_code == 201


def test_what_is_not_allowed_any_more_is_not_begun_anew_but_can_be_put_aside(
    world: World, root: Caller, ann: Caller
) -> None:
    shown = ann.created(action=COMMAND)
    run = ended_run(shown["id"], "ann", NOW)
    failed = replace(run, status=RunStatus.FAILED)
    world.store.insert_run(failed)
    assert root.patch("/api/users/ann", {"can_run_commands": False}).status_code == 200
    path = f"/api/tasks/{shown['id']}"
    for caller in (ann, root):
        assert caller.post(f"{path}/run").status_code == 403
        assert caller.post(f"{path}/backfill", {"from": in_(-7200), "to": in_(0)}).status_code == 403
        assert caller.post(f"/api/runs/{run.id}/retry").status_code == 403
    assert ann.patch(path, {"name": "old"}).status_code == 200
    assert ann.post(f"{path}/pause").status_code == 200
    assert ann.post(f"{path}/resume").status_code == 403
    assert ann.patch(path, {"action": {"type": "command", "command": "other"}}).status_code == 403
    assert ann.delete(path).status_code == 204


def test_what_an_admin_does_to_others_stands_in_both_audit_logs(world: World, ann: Caller) -> None:
    root = world.caller("root", role=Role.ADMIN)
    made = json_of(ann.post("/api/tasks", task()))["id"]
    world.clock.advance(timedelta(seconds=1))
    assert root.post(f"/api/tasks/{made}/pause").status_code == 200
    world.clock.advance(timedelta(seconds=1))
    assert root.post("/api/tasks", task()).status_code == 201
    hers, own = (json_of(caller.get("/api/audit"))["items"] for caller in (ann, root))
    pause = ("POST /api/tasks/{task_id}/pause", f"/api/tasks/{made}")
    assert [(act["action"], act["target"]) for act in hers] == [pause, ("POST /api/tasks", f"/api/tasks/{made}")]
    assert hers[0]["actor"]["username"] == "root"
    assert [act["action"] for act in own] == ["POST /api/tasks", pause[0]]
