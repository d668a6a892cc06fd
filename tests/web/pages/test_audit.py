"""The audit log: every change and every log-in is in it, by the API and by the pages; and who may read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.memory import MemoryStore
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.errors import Unavailable
from chalicelib.core.people.account import Role
from chalicelib.core.people.acts import Act
from chalicelib.settings import Settings
from tests.engine.place import listening
from tests.web.building import NOW, Caller, World, faults, header, in_, json_of, task
from tests.web.pages.browser import Browser

ZOE = {"username": "zoe", "password": "correct horse battery", "email": "zoe@example.com"}
WRONG = {"username": "ann", "password": "not the password"}


def acts(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    response = caller.get(f"/api/audit?limit=100&{query}")
    assert response.status_code == 200, response.body
    return list(json_of(response)["items"])


def told(caller: Caller, query: str = "") -> list[tuple[str, str | None, int]]:
    """What is in a log, the oldest first."""
    return [(act["action"], act["target"], act["status"]) for act in reversed(acts(caller, query))]


@pytest.fixture
def admin(world: World) -> Caller:
    adam = world.caller("adam")
    assert adam.user is not None
    world.store._users["adam"] = replace(adam.user, role=Role.ADMIN)
    return adam


def test_every_change_by_the_api_is_recorded(world: World, ann: Caller) -> None:
    path = f"/api/tasks/{ann.created()['id']}"
    requests = [
        ("PATCH", path, {"name": "other"}),
        ("PUT", path, task()),
        ("POST", f"{path}/pause", None),
        ("POST", f"{path}/resume", None),
        ("POST", f"{path}/run", None),
        ("POST", "/api/runs/redrive", None),
        ("DELETE", path, None),
        ("POST", "/api/logout", None),
    ]
    for method, asked, body in requests:
        world.clock.advance(timedelta(seconds=1))
        assert ann.send(method, asked, body).status_code < 300
    assert told(world.caller("bob")) == []
    found = world.store.acts_of("ann", limit=100, after=None, since=NOW, until=NOW + timedelta(hours=1)).items
    assert [(act.action, act.target, act.status) for act in reversed(found)] == [
        ("POST /api/tasks", path, 201),
        ("PATCH /api/tasks/{task_id}", path, 200),
        ("PUT /api/tasks/{task_id}", path, 200),
        ("POST /api/tasks/{task_id}/pause", path, 200),
        ("POST /api/tasks/{task_id}/resume", path, 200),
        ("POST /api/tasks/{task_id}/run", path, 202),
        ("POST /api/runs/redrive", "", 202),
        ("DELETE /api/tasks/{task_id}", path, 204),
        ("POST /api/logout", "", 204),
    ]


def test_an_act_says_who_when_from_where_and_by_what(world: World, ann: Caller) -> None:
    made = ann.post("/api/tasks", task())
    [act] = acts(ann)
    [token] = world.store._tokens.values()
    assert act == {
        "id": act["id"],
        "at": in_(0),
        "owner": "ann",
        "actor": {"id": "ann", "username": "ann"},
        "action": "POST /api/tasks",
        "target": header(made, "location"),
        "status": 201,
        "source": "127.0.0.1",
        "by": "token",
        "token_id": token.id,
        "request_id": act["request_id"],
    }
    assert act["request_id"]
    assert ann.token is not None
    assert ann.token not in str(act)


def test_what_reads_and_what_is_refused_is_not_recorded(ann: Caller, bob: Caller) -> None:
    path = f"/api/tasks/{bob.created()['id']}"
    ann.get("/api/tasks")
    ann.post("/api/preview", {"schedule": {"type": "cron", "expression": "* * * * *"}})
    ann.post("/api/tasks", {"name": ""})
    ann.delete(path)
    ann.get("/api/audit")
    assert told(ann) == []
    assert len(told(bob)) == 1


def test_a_form_that_was_refused_is_not_recorded(anns: Browser, ann: Caller) -> None:
    assert anns.submit(anns.get("/task/create"), "/task/create", name="").status == 422
    assert told(ann) == []


def test_a_request_that_is_repeated_with_its_key_is_recorded_once(ann: Caller) -> None:
    for _ in range(3):
        assert ann.post("/api/tasks", task(), headers={"Idempotency-Key": "k"}).status_code == 201
    assert len(told(ann)) == 1


def test_buttons_and_forms_of_the_pages_are_recorded(world: World, anns: Browser, ann: Caller) -> None:
    made = ann.created()
    target = f"/task/{made['id']}"
    world.clock.advance(timedelta(seconds=1))
    created = anns.submit(anns.get("/task/create"), "/task/create", name="by hand", command="echo hello")
    for button in ("pause", "resume", "run", "delete"):
        world.clock.advance(timedelta(seconds=1))
        shown = anns.get(f"{target}/delete" if button == "delete" else target)
        assert anns.submit(shown, f"{target}/{button}").status == 200
    assert told(ann)[1:] == [
        ("POST /task/create", created.url.partition("?")[0], 303),
        ("POST /task/{task_id}/pause", target, 303),
        ("POST /task/{task_id}/resume", target, 303),
        ("POST /task/{task_id}/run", target, 303),
        ("POST /task/{task_id}/delete", target, 303),
    ]
    assert {act["by"] for act in acts(ann)[:-1]} == {"session"}


def test_registering_logging_in_and_failing_to_are_recorded(world: World, nobody: Caller, stranger: Browser) -> None:
    registered = json_of(nobody.post("/api/register", ZOE))
    right = {"username": "ZOE", "password": ZOE["password"]}
    for ask in (
        lambda: nobody.post("/api/login", right | {"password": "not the password"}),
        lambda: nobody.post("/api/login", right),
        lambda: stranger.submit(stranger.get("/login"), "/login", **right),
        lambda: stranger.submit(stranger.get("/logout"), "/logout"),
    ):
        world.clock.advance(timedelta(seconds=1))
        ask()
    zoe = Caller(client=nobody.client, token=registered["token"])
    assert [(act["action"], act["status"], act["actor"] and act["actor"]["username"]) for act in acts(zoe)] == [
        ("POST /logout", 303, "zoe"),
        ("POST /login", 200, "zoe"),
        ("POST /api/login", 200, "zoe"),
        ("POST /api/login", 401, None),
        ("POST /api/register", 201, "zoe"),
    ]


def test_of_a_name_that_nobody_has_the_log_keeps_nothing(admin: Caller, nobody: Caller) -> None:
    assert nobody.post("/api/login", {"username": "hunter2", "password": "not the password"}).status_code == 401
    [act] = acts(admin, "owner=nobody")
    assert (act["action"], act["status"], act["source"]) == ("POST /api/login", 401, "127.0.0.1")
    assert "hunter2" not in str(act)


def test_attempts_that_had_to_wait_do_not_fill_the_log(ann: Caller, nobody: Caller) -> None:
    for _ in range(13):
        nobody.post("/api/login", WRONG)
    assert told(ann) == [("POST /api/login", None, 401)] * 10


def test_an_admin_reads_everybodys_log_and_a_member_their_own(ann: Caller, bob: Caller, admin: Caller) -> None:
    ann.created()
    assert told(admin) == []
    assert told(admin, "owner=ann") == told(ann) == told(ann, "owner=ann") != []
    for owner in ("ann", "adam", "nobody", "unknown"):
        response = bob.get(f"/api/audit?owner={owner}")
        assert (response.status_code, json_of(response)["code"]) == (403, "not_allowed")
    assert told(admin, "owner=unknown") == []


@pytest.mark.parametrize("owner", ["", "a%23b", "../x", "x" * 81, "%00"])
def test_an_owner_that_is_no_id_is_refused(admin: Caller, owner: str) -> None:
    response = admin.get(f"/api/audit?owner={owner}")
    assert (response.status_code, faults(response)) == (422, {"/owner": "wrong_form"})


def test_the_log_comes_in_pages_newest_first(world: World, ann: Caller, admin: Caller) -> None:
    for number in range(5):
        world.clock.advance(timedelta(seconds=1))
        ann.created(name=f"task {number}")
    expected = acts(ann)
    assert [act["at"] for act in expected] == sorted((act["at"] for act in expected), reverse=True)
    found, cursor = list[Any](), ""
    while True:
        page = json_of(ann.get(f"/api/audit?limit=2{cursor}"))
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == expected
    foreign = admin.get(f"/api/audit?owner=ann{cursor}")
    assert (foreign.status_code, faults(foreign)) == (422, {"/cursor": "invalid_cursor"})


def test_an_admin_stands_in_the_log_of_whom_they_acted_on(world: World, ann: Caller, admin: Caller) -> None:
    adam, log = world.store.user("adam"), bootstrap.system().audit_log
    ann.created()
    [kept] = world.store.acts_of("ann", limit=1, after=None, since=NOW, until=NOW).items
    assert adam is not None
    world.clock.advance(timedelta(seconds=1))
    log.record(kept.origin, adam, "DELETE /api/tasks/{task_id}", kept.target, 204, owner="ann")
    for reader, owner in ((ann, "ann"), (admin, "adam")):
        newest = acts(reader)[0]
        assert (newest["owner"], newest["actor"]["id"], newest["target"]) == (owner, "adam", kept.target)


class Full(MemoryStore):
    """A store that takes no act."""

    def put_act(self, act: Act, expires_at: Any) -> None:
        raise Unavailable("no answer")


def test_a_change_succeeds_although_it_cannot_be_recorded(world: World, settings: Settings, nobody: Caller) -> None:
    full = World(client=world.client, store=Full(), queue=world.queue, clock=world.clock)
    bootstrap.use(bootstrap.assemble(settings, store=full.store, queue=full.queue, clock=full.clock, actions={}))
    with listening() as lines:
        ann = full.caller("ann")
        ann.created()
        assert nobody.post("/api/login", WRONG).status_code == 401
    assert [line["route"] for line in lines.of("audit_log_failed")] == ["POST /api/tasks", "POST /api/login"]
