"""Everything that each function may need of AWS, asked for once: so that what its policy allows is seen to be used.

Other tests play the same on the fakes, and assert on more; what these assert is that it was done. The calls are judged
when the session ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import app
from chalicelib.core.message import PassMessage, encode_pass, encode_run
from chalicelib.core.people.account import Role
from chalicelib.core.planning import entry_message
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.task import Channel, Task
from chalicelib.core.window import Entry, Kind
from chalicelib.functions import registry
from chalicelib.functions.declaring import every
from chalicelib.functions.registry import function
from tests.policies.installation import TOPIC, Installation, installed
from tests.web.building import NOW, Caller, in_, json_of
from tests.web.pages.browser import Browser
from tests.web.routes import MAKERS, ROUTES, Route, people_of

AWS_CALL = {"type": "aws", "service": "sqs", "operation": "send_message", "parameters": {}}
CALL = {"type": "http", "method": "GET", "url": "https://example.com/", "headers": {"X-Key": {"secret": "key"}}}
COMMAND = {"type": "command", "command": "make", "env": {"KEY": {"secret": "key"}}}
CHANNELS: dict[Channel, dict[str, Any]] = {
    Channel.LIGHT: {"action": CALL},
    Channel.URGENT: {"action": CALL, "priority": "high"},
    Channel.COMMANDS: {"action": COMMAND},
}
"""What makes a task be sent to each channel."""
SECOND = timedelta(seconds=1)


@pytest.fixture
def installation() -> Iterator[Installation]:
    with installed() as made:
        yield made


@pytest.fixture
def ann(installation: Installation) -> Caller:
    caller = installation.world.caller("ann")
    assert caller.put("/api/secrets/key", {"value": "s3cret"}).status_code == 204
    return caller


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_route_answers(installation: Installation, route: Route) -> None:
    people = people_of(installation.world)
    thing = "" if route.parameter is None else MAKERS[route.kind](people, route)
    body = route.body if route.takes_body else None
    for caller in (people.owner, people.admin):
        answer = caller.send(route.method, route.at(thing), body, headers=route.headers)
        assert answer.status_code < 500, answer.body


def test_the_api_sends_what_is_near_to_every_queue_and_lists_what_came_of_it(
    installation: Installation, ann: Caller
) -> None:
    for made in CHANNELS.values():
        ann.created(schedule={"type": "once", "at": in_(5)}, **made)
    installation.clock.advance(6 * SECOND)
    assert installation.deliver_all() == len(CHANNELS)
    for path in ("/api/tasks", "/api/runs", "/api/runs?status=failed"):
        assert ann.get(path).status_code == 200
    [run, *_] = json_of(ann.get("/api/runs"))["items"]
    assert json_of(ann.get(f"/api/runs/{run['id']}"))["output"]


def test_the_pages_look_at_an_account_and_at_the_passes(installation: Installation, ann: Caller) -> None:
    ann.created()
    installation.play(1)
    anns = Browser(app, session=installation.world.session_of(ann))
    for path in ("/dashboard", "/week", "/runs", "/runs?status=failed"):
        assert anns.get(path).status == 200
    assert "On time" in anns.get("/dashboard").text


def test_many_due_times_are_asked_for_at_once(installation: Installation, ann: Caller) -> None:
    made = ann.created(schedule=EVERY_MINUTE)
    asked = {"from": in_(-7200), "to": in_(0)}
    assert json_of(ann.post(f"/api/tasks/{made['id']}/backfill", asked))["count"] > 100


def test_an_admin_brings_schedules_in_code(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    function(name="nightly", schedule=every(hours=1))(lambda: None)
    root = installation.world.caller("root", role=Role.ADMIN)
    [made] = json_of(root.post("/api/functions/schedules/sync"))["items"]
    assert root.delete(f"/api/tasks/{made['task_id']}").status_code == 204
    vars(registry)["_registered"].clear()
    assert json_of(root.post("/api/functions/schedules/sync"))["items"] == []
    assert installation.store.schedules_in_code() == []


def test_an_entry_that_took_long_to_write_is_written_again(installation: Installation, ann: Caller) -> None:
    installation.slow_down("TransactWriteItems", timedelta(seconds=6))
    made = ann.created(schedule={"type": "once", "at": in_(600)})
    [again] = installation.store.late(0, 5).entries
    assert again.entry.task_id == made["id"]


@pytest.mark.parametrize("channel", Channel)
def test_a_worker_tries_again_keeps_long_output_and_passes_its_slot_on(
    installation: Installation, ann: Caller, channel: Channel
) -> None:
    task = in_channel(installation, ann, channel, overlap="queue", retry={"max_attempts": 3})
    failed_once(installation, channel, task)
    installation.clock.advance(10 * SECOND)
    installation.play(4)
    [run] = runs_of(installation, task)
    assert (run.status, len(run.attempts)) == (RunStatus.SUCCEEDED, 2)


@pytest.mark.parametrize("channel", Channel)
def test_a_worker_puts_off_what_came_too_early(installation: Installation, ann: Caller, channel: Channel) -> None:
    task = in_channel(installation, ann, channel)
    installation.deliver(channel, task, due_of(task), times=2)
    assert runs_of(installation, task) == []


@pytest.mark.parametrize("channel", Channel)
def test_a_worker_asks_what_an_owner_may(installation: Installation, ann: Caller, channel: Channel) -> None:
    where: dict[Channel, dict[str, Any]] = {
        Channel.LIGHT: {},
        Channel.URGENT: {"priority": "high"},
        Channel.COMMANDS: {"timeout_seconds": 300},
    }
    task = in_channel(installation, ann, channel, action=AWS_CALL, **where[channel])
    installation.clock.advance(299 * SECOND)
    installation.deliver(channel, task, due_of(task))
    [run] = runs_of(installation, task)
    assert run.attempts


@pytest.mark.parametrize("channel", Channel)
def test_a_function_has_another_one_called(installation: Installation, ann: Caller, channel: Channel) -> None:
    where: dict[Channel, dict[str, Any]] = {
        Channel.LIGHT: {},
        Channel.URGENT: {"priority": "high"},
        Channel.COMMANDS: {"timeout_seconds": 300},
    }
    asks = {"type": "function", "name": "print_hello", "args": ["another"]}
    task = in_channel(installation, ann, channel, action=asks, **where[channel])
    installation.clock.advance(299 * SECOND)
    installation.deliver(channel, task, due_of(task))
    installation.play(2)
    assert {run["task_name"]: run["status"] for run in json_of(ann.get("/api/runs"))["items"]} == {
        "another": "succeeded",
        task.definition.name: "succeeded",
    }


def test_a_run_that_waits_for_another_attempt_is_cancelled_with_its_output(
    installation: Installation, ann: Caller
) -> None:
    task = in_channel(installation, ann, Channel.LIGHT, retry={"max_attempts": 3})
    failed_once(installation, Channel.LIGHT, task)
    [run] = runs_of(installation, task)
    assert ann.post(f"/api/runs/{run.id}/cancel").status_code == 202


def test_a_pass_sends_to_every_queue(installation: Installation, ann: Caller) -> None:
    tasks = [in_channel(installation, ann, channel) for channel in Channel]
    installation.play(7)
    runs = [run for task in tasks for run in runs_of(installation, task)]
    assert [run.status for run in runs] == [RunStatus.SUCCEEDED] * len(Channel)


def test_a_pass_meets_a_run_that_it_takes_for_missed(installation: Installation, ann: Caller) -> None:
    made = ann.created(
        action=CALL, schedule={"type": "once", "at": in_(5)}, misfire={"grace_seconds": 0, "catch_up": "none"}
    )
    task = installation.task(made["id"])
    installation.deliver(Channel.LIGHT, task, due_of(task))
    installation.clock.advance(timedelta(minutes=10))
    installation.play(1)
    assert [run.status for run in runs_of(installation, task)] == [RunStatus.SUCCEEDED]


def test_an_outage_is_jumped_over(installation: Installation, ann: Caller) -> None:
    made = ann.created(schedule={"type": "interval", "every": 1, "unit": "hours"}, misfire={"catch_up": "latest"})
    installation.play(1)
    installation.clock.advance(timedelta(hours=7))
    installation.play(5)
    assert RunStatus.SUCCEEDED in {run.status for run in runs_of(installation, installation.task(made["id"]))}


@pytest.mark.parametrize("channel", Channel)
def test_a_worker_counts_the_members_of_a_group_and_calls_what_follows(
    installation: Installation, ann: Caller, channel: Channel
) -> None:
    where = [channel, channel, Channel.LIGHT, channel, Channel.URGENT, channel, Channel.COMMANDS]
    members = [{"define": {"name": "one", "retry": {"max_attempts": 1}, **CHANNELS[one]}} for one in where]
    asked = {"name": "all", "members": members, "order": "chain", "then": members[0]}
    made = json_of(ann.post("/api/groups", asked))
    installation.play(3)
    group = json_of(ann.get(f"/api/groups/{made['id']}"))
    assert (group["state"], group["counts"]) == ("succeeded", {"succeeded": len(where)})
    assert json_of(ann.get(f"/api/runs/{group['then_run']}"))["status"] == "succeeded"


def test_a_worker_starts_the_members_of_a_large_group(installation: Installation, ann: Caller) -> None:
    hello = {"type": "function", "name": "print_hello"}
    many = {"define": {"name": "one", "action": hello}, "each": [[str(number)] for number in range(150)]}
    made = json_of(ann.post("/api/groups", {"name": "all", "members": [many]}))
    installation.play(5)
    assert json_of(ann.get(f"/api/groups/{made['id']}"))["counts"] == {"succeeded": 150}


def test_an_audit_buries_dead_letters_of_every_queue(installation: Installation, ann: Caller) -> None:
    installation.send("passes-dead", encode_pass(PassMessage(shard=0)))
    tasks = {channel: in_channel(installation, ann, channel, retry={"max_attempts": 3}) for channel in Channel}
    for channel, task in tasks.items():
        failed_once(installation, channel, task)
        again = Entry(start=due_of(task), task_id=task.id, kind=Kind.RETRY, due_at=due_of(task), number=2)
        installation.send(f"{channel}-dead", encode_run(entry_message(again, task)))
    assert installation.system.auditor.audit().dead_letters == 1 + len(Channel)
    assert {run.status for task in tasks.values() for run in runs_of(installation, task)} == {RunStatus.LOST}


def test_an_audit_calls_the_passes_that_do_not_come(installation: Installation) -> None:
    installation.play(1)
    installation.clock.advance(timedelta(minutes=10))
    assert installation.system.auditor.audit().found == 1


def test_an_audit_sends_what_vanished(installation: Installation, ann: Caller) -> None:
    tasks = [in_channel(installation, ann, channel, schedule=EVERY_MINUTE) for channel in Channel]
    installation.play(2)
    installation.system.auditor.audit()
    installation.play(10, lost=True)
    before = [len(runs_of(installation, task)) for task in tasks]
    assert installation.system.auditor.audit().found > 0
    installation.play(1)
    assert all(len(runs_of(installation, task)) > count for task, count in zip(tasks, before, strict=True))


def test_an_audit_begins_a_broken_chain_anew(installation: Installation, ann: Caller) -> None:
    task = in_channel(installation, ann, Channel.LIGHT, schedule={"type": "interval", "every": 5, "unit": "minutes"})
    installation.play(16)
    installation.forget_entries()
    assert installation.system.auditor.audit().found == 1
    installation.play(6)
    assert len(runs_of(installation, task)) == 4


EVERY_MINUTE = {"type": "cron", "expression": "* * * * *"}


def in_channel(installation: Installation, ann: Caller, channel: Channel, **more: Any) -> Task:
    """A task of a channel, due in five minutes unless told otherwise."""
    made = ann.created(**({"schedule": {"type": "once", "at": in_(300)}} | CHANNELS[channel] | more))
    return installation.task(made["id"])


def failed_once(installation: Installation, channel: Channel, task: Task) -> None:
    """Let the first attempt of a task fail, at its due time."""
    installation.clock.wait_until(due_of(task) - SECOND)
    installation.exit_codes.append(1)
    installation.deliver(channel, task, due_of(task))


def due_of(task: Task) -> datetime:
    due = task.next_due(NOW)
    assert due is not None
    return due


def runs_of(installation: Installation, task: Task) -> list[Run]:
    return list(installation.store.runs_of(task.id, limit=50, after=None, first=None, last=None).items)


NOTIFY = {"sns": TOPIC, "cooldown_seconds": 60}
EVERY_FIVE = {"type": "interval", "every": 5, "unit": "minutes"}


@pytest.mark.parametrize("channel", Channel)
def test_a_worker_tells_of_a_failure_and_of_what_follows(
    installation: Installation, ann: Caller, channel: Channel
) -> None:
    more = {"schedule": EVERY_FIVE, "retry": {"max_attempts": 1}, "notify": NOTIFY}
    task = in_channel(installation, ann, channel, **more)
    failed_once(installation, channel, task)
    installation.clock.advance(295 * SECOND)
    installation.deliver(channel, task, due_of(task) + timedelta(minutes=5))
    assert [run.status for run in runs_of(installation, task)] == [RunStatus.SUCCEEDED, RunStatus.FAILED]


@pytest.mark.parametrize("count", [1, 3])
def test_a_pass_leaves_cues_of_what_was_missed_for_the_auditor_to_tell(
    installation: Installation, ann: Caller, count: int
) -> None:
    missed = {"misfire": {"grace_seconds": 0, "catch_up": "none"}, "notify": NOTIFY}
    tasks = [in_channel(installation, ann, Channel.LIGHT, **missed) for _ in range(count)]
    installation.play(1)
    installation.clock.advance(timedelta(minutes=10))
    installation.play(1)
    assert {run.status for task in tasks for run in runs_of(installation, task)} == {RunStatus.MISSED}
    installation.system.auditor.audit()
    installation.play(6)
    installation.system.auditor.audit()


def test_an_audit_tells_what_did_not_run(installation: Installation, ann: Caller) -> None:
    for _ in range(2):
        in_channel(installation, ann, Channel.LIGHT, schedule=EVERY_FIVE, notify=NOTIFY)
    installation.play(2)
    installation.system.auditor.audit()
    installation.play(16, lost=True)
    installation.system.auditor.audit()
    installation.play(6, lost=True)
    installation.system.auditor.audit()


def test_the_console_looks_at_shards_queues_and_what_accounts_use(installation: Installation, ann: Caller) -> None:
    installation.play(1)
    installation.send("light-dead", "dead")
    ann.created()
    condition = installation.system.condition
    assert [shard.handled_until is None for shard in condition.shards(limit=10).shards] == [False]
    assert condition.audited_until() is None
    assert {depth.queue: depth.dead for depth in condition.queues()}["light"] == 1
    assert installation.system.survey.used("ann", "bob")["ann"].tasks == 1
