"""Everything that each function may need of AWS, asked for once: so that what its policy allows is seen to be used.

Other tests play the same on the fakes, and assert on more; what these assert is that it was done. The calls are judged
when the session ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.message import PassMessage, encode_pass, encode_run
from chalicelib.core.planning import entry_message
from chalicelib.core.run import RunStatus
from chalicelib.core.task import Channel, Task
from chalicelib.core.window import Entry, Kind
from tests.policies.installation import Installation, installed
from tests.web.building import HELLO, NOW, Caller, in_, json_of
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


def test_many_due_times_are_asked_for_at_once(installation: Installation, ann: Caller) -> None:
    made = ann.created(schedule={"type": "cron", "expression": "* * * * *"})
    asked = {"from": in_(-7200), "to": in_(0)}
    assert json_of(ann.post(f"/api/tasks/{made['id']}/backfill", asked))["count"] > 100


@pytest.mark.parametrize("channel", Channel)
def test_a_worker_tries_again_keeps_long_output_and_passes_its_slot_on(
    installation: Installation, ann: Caller, channel: Channel
) -> None:
    task = in_channel(installation, ann, channel, overlap="queue", retry={"max_attempts": 3})
    installation.clock.advance(299 * SECOND)
    installation.exit_codes.append(1)
    installation.deliver(channel, task, task_due(task))
    installation.clock.advance(10 * SECOND)
    installation.play(240)
    [run] = installation.store.runs_of(task.id, limit=5, after=None, first=None, last=None).items
    assert (run.status, len(run.attempts)) == (RunStatus.SUCCEEDED, 2)


@pytest.mark.parametrize("channel", Channel)
def test_a_worker_asks_what_its_owner_may_and_does_not_redo_what_another_is_at(
    installation: Installation, ann: Caller, channel: Channel
) -> None:
    task = in_channel(installation, ann, channel)
    later = task_due(task) + timedelta(hours=1)
    installation.deliver(channel, task, later, times=2)
    assert installation.store.run(task.id, later) is None
    calls = ann.created(action=AWS_CALL, schedule={"type": "once", "at": in_(600)})
    installation.clock.advance(599 * SECOND)
    installation.deliver(channel, installation.task(calls["id"]), NOW + timedelta(seconds=600))


def in_channel(installation: Installation, ann: Caller, channel: Channel, **more: Any) -> Task:
    made = ann.created(schedule={"type": "once", "at": in_(300)}, **(CHANNELS[channel] | more))
    return installation.task(made["id"])


def task_due(task: Task) -> Any:
    due = task.next_due(NOW)
    assert due is not None
    return due


def test_a_pass_sends_to_every_queue_and_ends_what_it_finds_begun(installation: Installation, ann: Caller) -> None:
    tasks = [
        installation.task(ann.created(schedule={"type": "once", "at": in_(400)}, **made)["id"])
        for made in CHANNELS.values()
    ]
    installation.play(480)
    runs = [
        run
        for task in tasks
        for run in installation.store.runs_of(task.id, limit=5, after=None, first=None, last=None).items
    ]
    assert [run.status for run in runs] == [RunStatus.SUCCEEDED] * 3


def test_an_outage_is_jumped_over(installation: Installation, ann: Caller) -> None:
    ann.created(schedule={"type": "interval", "every": 1, "unit": "hours"}, misfire={"catch_up": "latest"})
    installation.play(60)
    installation.clock.advance(timedelta(days=2))
    installation.play(300)


def test_an_audit_buries_dead_letters_of_every_queue(installation: Installation, ann: Caller) -> None:
    installation.send("passes-dead", encode_pass(PassMessage(shard=0)))
    for channel in Channel:
        task = in_channel(installation, ann, channel)
        due = task_due(task)
        entry = Entry(start=due, task_id=task.id, kind=Kind.SCHEDULE, due_at=due, number=1)
        installation.send(f"{channel}-dead", encode_run(entry_message(entry, task)))
    assert installation.system.auditor.audit() >= 1 + len(Channel)


def test_an_audit_sends_what_is_missing_and_begins_a_broken_chain_anew(
    installation: Installation, ann: Caller
) -> None:
    tasks = [
        installation.task(ann.created(schedule={"type": "cron", "expression": "* * * * *"}, **made)["id"])
        for made in CHANNELS.values()
    ]
    installation.play(1200, audit=True)
