"""The library against the real application: defining, running, waiting, listing, changing, and being refused."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import islice

import pytest

from chalicelib.core.people.account import Role, Scope
from punctual_client import (
    Client,
    Conflict,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PreconditionFailed,
    StillRunning,
)
from tests.sdk.place import FAILS, Place, hello, place
from tests.sdk.relay import relay
from tests.web.building import in_


def test_a_task_is_defined_run_waited_for_and_deleted(ann: Client) -> None:
    task = ann.tasks.create(hello())
    seen: list[str] = []
    run = ann.runs.wait(ann.tasks.run(task["id"])["id"], on_change=lambda run: seen.append(run["status"]))
    assert (run["status"], run["output"]) == ("succeeded", "hello, world\n")
    assert seen == ["queued", "succeeded"]
    ann.tasks.delete(task["id"])
    assert ann.runs.get(run["id"])["status"] == "succeeded"
    with pytest.raises(NotFound, match="there is no such task"):
        ann.tasks.get(task["id"])


def test_waiting_looks_less_and_less_often_and_ends_at_its_timeout(here: Place, ann: Client) -> None:
    run = ann.tasks.run(ann.tasks.create(hello())["id"])
    here.working = False
    with pytest.raises(StillRunning, match="it goes on") as told:
        ann.runs.wait(run["id"], timeout=timedelta(seconds=30))
    assert told.value.latest["status"] == "queued"
    assert sum(here.slept, timedelta(0)) == timedelta(seconds=30)
    assert here.slept[0] == timedelta(seconds=0.5)
    assert max(here.slept) == timedelta(seconds=5)


def test_a_failed_run_is_an_answer_and_no_exception(ann: Client) -> None:
    task = ann.tasks.create(hello(action=FAILS, retry={"max_attempts": 1}))
    run = ann.runs.wait(ann.tasks.run(task["id"])["id"])
    assert (run["status"], run["attempts"][0]["exit_code"]) == ("failed", 3)
    again = ann.runs.wait(ann.runs.retry(run["id"])["id"])
    assert (again["status"], len(again["attempts"])) == ("failed", 2)


def test_lists_are_asked_for_page_by_page_as_far_as_they_are_read(here: Place) -> None:
    token = here.token("ann")
    with relay(here.url) as between:
        ann = Client(f"http://127.0.0.1:{between.port}", token)
        for number in range(5):
            ann.tasks.create(hello(f"task {number}"))
            here.sleep(timedelta(seconds=1))
        between.requests.clear()
        found = ann.tasks.list(page=2)
        assert between.requests == []
        assert [task["name"] for task in islice(found, 3)] == ["task 4", "task 3", "task 2"]
        assert len(between.requests) == 2
        assert [task["name"] for task in found] == ["task 1", "task 0"]
        assert [task["name"] for task in ann.tasks.list(q="task 3", state="active", page=1)] == ["task 3"]


def test_a_change_meant_for_another_version_is_refused(ann: Client) -> None:
    task = ann.tasks.create(hello())
    changed = ann.tasks.change(task["id"], {"name": "other"}, if_match=task["version"])
    assert (changed["name"], changed["version"]) == ("other", task["version"] + 1)
    with pytest.raises(PreconditionFailed, match="read it again"):
        ann.tasks.change(task["id"], {"name": "third"}, if_match=task["version"])
    with pytest.raises(PreconditionFailed):
        ann.tasks.replace(task["id"], hello("third"), if_match=task["version"])
    with pytest.raises(PreconditionFailed):
        ann.tasks.delete(task["id"], if_match=f'"{task["version"]}"')
    assert ann.tasks.replace(task["id"], hello("third"), if_match=changed["version"])["name"] == "third"


def test_a_task_is_paused_with_a_reason_and_goes_on(ann: Client) -> None:
    task = ann.tasks.create(hello())
    paused = ann.tasks.pause(task["id"], "holiday")
    assert (paused["state"], paused["pause_reason"]) == ("paused", "holiday")
    assert [one["name"] for one in ann.tasks.list(state=["paused"])] == ["hello"]
    assert ann.tasks.resume(task["id"])["state"] == "active"


def test_due_times_past_and_to_come(ann: Client) -> None:
    task = ann.tasks.create(hello(schedule={"type": "cron", "expression": "0 * * * *"}))
    dry = ann.tasks.backfill(task["id"], in_(-7200), in_(0), dry_run=True)
    assert (dry["count"], dry["queued"]) == (2, 2)
    assert [*ann.tasks.runs(task["id"])] == []
    assert ann.tasks.backfill(task["id"], in_(-7200), in_(0))["queued"] == 2
    assert len([*ann.tasks.runs(task["id"], status="queued", start=in_(-7200), end=in_(0), page=1)]) == 2
    next_run = task["next_run_at"]
    assert next_run is not None
    assert ann.tasks.skip(task["id"], next_run)["status"] == "cancelled"
    shown = ann.preview({"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"}, count=2)
    assert [due["local"] for due in shown["next"]] == ["2026-11-22T02:30:00.000+01:00", "2026-11-23T02:30:00.000+01:00"]


def test_a_refusal_names_every_field_and_the_request(ann: Client) -> None:
    with pytest.raises(Invalid) as told:
        ann.tasks.create(hello(name="", schedule={"type": "interval", "every": 0, "unit": "hours"}))
    error = told.value
    assert (error.status, error.code, error.title) == (422, "invalid", "Unprocessable Entity")
    assert {one.pointer for one in error.errors} == {"/name", "/schedule/every"}
    assert len(error.request_id) == 36
    assert "/name must be a text of 1 to 100 characters" in str(error)
    assert [*ann.tasks.list()] == []


def test_each_refusal_is_an_exception_of_its_own(here: Place, ann: Client) -> None:
    task = ann.tasks.create(hello())
    run = ann.runs.wait(ann.tasks.run(task["id"])["id"])
    with pytest.raises(NotAuthenticated, match="log in again"):
        here.client("pct_nobody_x_y").me()
    with pytest.raises(NotFound):
        here.client(here.token("bob")).tasks.get(task["id"])
    with pytest.raises(Conflict):
        ann.runs.cancel(run["id"])
    reader = here.world.scoped(here.caller("cyd"), Scope.READ).token
    with pytest.raises(NotAllowed, match="lacks the scope `write`"):
        here.client(reader).tasks.create(hello())


def test_an_id_that_would_name_another_path_is_not_asked_for(ann: Client) -> None:
    ann.tasks.create(hello())
    for name in ("", ".", ".."):
        with pytest.raises(NotFound, match="is no id or name"):
            ann.tasks.delete(name)
    for name in ("../tasks", "a/b", "?q=", "tasks#1", "ä", "\udcff"):
        with pytest.raises(NotFound, match="there is no such task"):
            ann.tasks.get(name)


@pytest.mark.parametrize("value", [float("nan"), object(), "\udcff"], ids=["nan", "object", "surrogate"])
def test_what_cannot_be_written_as_json_is_refused_as_any_wrong_value(ann: Client, value: object) -> None:
    with pytest.raises(Invalid):
        ann.tasks.create(hello(description=value))
    assert [*ann.tasks.list()] == []


def test_an_address_with_a_stage_in_it_is_an_address() -> None:
    with place("prod") as there:
        assert there.url.endswith("/prod")
        ann = there.client(there.token("ann"))
        assert ann.tasks.get(ann.tasks.create(hello())["id"])["name"] == "hello"


def test_an_account_from_its_beginning(here: Place) -> None:
    nobody = here.client(None)
    assert nobody.health()["status"] == "ok"
    made = nobody.account.register("dan", "correct horse battery", "dan@example.com")
    assert nobody.with_token(made["token"]).me()["username"] == "dan"
    dan = here.client(nobody.account.login("dan", "correct horse battery")["token"])
    fresh = dan.account.change_password("correct horse battery", "battery horse correct")["token"]
    with pytest.raises(NotAuthenticated):
        dan.me()
    dan = here.client(fresh)
    dan.account.logout()
    with pytest.raises(NotAuthenticated):
        dan.account.logout()


def test_tokens_secrets_and_calendars(ann: Client) -> None:
    made = ann.tokens.create("script", ["read"])
    assert made["token"] is not None
    again = ann.tokens.rotate(made["id"], overlap_seconds=0)
    with pytest.raises(NotAuthenticated):
        ann.with_token(made["token"]).me()
    assert ann.with_token(again["token"]).me()["username"] == "ann"
    ann.tokens.revoke(made["id"])
    assert [*ann.tokens.list()] == []
    ann.secrets.put("api-key", "s3cret")
    assert [one["name"] for one in ann.secrets.list()] == ["api-key"]
    ann.secrets.delete("api-key")
    day = "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261225\r\nEND:VEVENT\r\n"
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{day}END:VCALENDAR\r\n"
    assert ann.calendars.put("holidays", calendar)["spans"] == 1
    assert ann.calendars.get("holidays") == next(ann.calendars.list())
    ann.calendars.delete("holidays")
    assert ann.account.alert_key()["key"].startswith("whsec_")


def test_an_admin_invites_somebody_and_sees_who_did_what(here: Place) -> None:
    admin = here.client(here.token("root", role=Role.ADMIN))
    member = here.caller("eve", can_run_commands=False)
    invited = admin.invitations.create(can_run_commands=True)
    assert invited["invitation"] is not None
    admin.invitations.take_back(invited["id"])
    assert [*admin.invitations.list()] == []
    assert admin.users.change(member.id, {"can_run_commands": True})["can_run_commands"]
    assert admin.users.get(member.id)["username"] == "eve"
    assert [user["username"] for user in admin.users.list(page=1)] == ["eve", "root"]
    assert sorted(act["status"] for act in admin.audit(page=1)) == [200, 201, 204]


def test_neither_a_repr_nor_an_error_nor_a_log_has_the_token(here: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = here.token("ann")
    ann = here.client(token)
    with pytest.raises(NotFound) as told:
        ann.tasks.get("nothing")
    shown = repr(ann) + repr(ann.tasks) + repr(told.value) + str(told.value)
    assert token not in shown + caplog.text
    assert here.url in shown
    assert "/api/tasks/nothing" in caplog.text
