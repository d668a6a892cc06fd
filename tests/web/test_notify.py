"""What owners say about being told, and what they are shown of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.alerting.policy import Happening, Way
from chalicelib.core.alerting.state import UNTOLD, Event, after, delivered
from chalicelib.core.people.account import Role, Scope
from tests.web.building import NOW, World, check_refused, faults, json_of, task

HOOK = "https://example.com/hook"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:punctual-local-alerts-ops"
WHOLE = {
    "on": ["failed", "missed", "did_not_run", "recovered"],
    "webhook": HOOK,
    "cooldown_seconds": 900,
    "grace_seconds": 300,
}

BAD: list[tuple[Any, dict[str, str]]] = [
    (None, {"/notify": "wrong_type"}),
    ([], {"/notify": "wrong_type"}),
    ({}, {"/notify": "no_address"}),
    ({"webhook": HOOK, "email": "a@b"}, {"/notify/email": "unknown_field"}),
    ({"webhook": HOOK, "on": []}, {"/notify/on": "wrong_length"}),
    ({"webhook": HOOK, "on": "failed"}, {"/notify/on": "wrong_type"}),
    ({"webhook": HOOK, "on": ["failed", "failed"]}, {"/notify/on": "repeated"}),
    ({"webhook": HOOK, "on": ["recovered"]}, {"/notify/on": "nothing_before"}),
    ({"webhook": HOOK, "on": ["failed", "late"]}, {"/notify/on/1": "unknown_value"}),
    ({"webhook": ""}, {"/notify/webhook": "wrong_length"}),
    ({"webhook": "https://example.com/" + "x" * 2048}, {"/notify/webhook": "wrong_length"}),
    ({"webhook": "ftp://example.com/"}, {"/notify/webhook": "invalid_url"}),
    ({"webhook": "https://user:pw@example.com/"}, {"/notify/webhook": "invalid_url"}),
    ({"webhook": {"secret": "hook"}}, {"/notify/webhook": "wrong_type"}),
    ({"sns": "ops"}, {"/notify/sns": "topic_not_allowed"}),
    ({"sns": TOPIC.replace("local", "prod")}, {"/notify/sns": "topic_not_allowed"}),
    ({"sns": TOPIC.replace("sns", "sqs")}, {"/notify/sns": "topic_not_allowed"}),
    ({"sns": f"{TOPIC}\n"}, {"/notify/sns": "topic_not_allowed"}),
    ({"webhook": HOOK, "cooldown_seconds": 59}, {"/notify/cooldown_seconds": "out_of_range"}),
    ({"webhook": HOOK, "cooldown_seconds": 86_401}, {"/notify/cooldown_seconds": "out_of_range"}),
    ({"webhook": HOOK, "cooldown_seconds": 90.5}, {"/notify/cooldown_seconds": "wrong_type"}),
    ({"webhook": HOOK, "grace_seconds": 299}, {"/notify/grace_seconds": "out_of_range"}),
    ({"webhook": HOOK, "grace_seconds": 86_401}, {"/notify/grace_seconds": "out_of_range"}),
    (
        {"webhook": "x y", "sns": "x", "cooldown_seconds": 900},
        {"/notify/webhook": "invalid_url", "/notify/sns": "topic_not_allowed"},
    ),
]


@pytest.mark.parametrize(("notify", "wrong"), BAD)
def test_what_cannot_be_told_is_refused_and_nothing_is_stored(world: World, notify: Any, wrong: dict[str, str]) -> None:
    check_refused(world, world.caller("ann"), task(notify=notify), wrong)


def test_a_task_says_nothing_of_being_told_unless_asked_to(world: World) -> None:
    made = world.caller("ann").created()
    assert "notify" not in made
    assert "notify_state" not in made


def test_defaults_are_filled_in_and_an_answer_can_be_sent_back(world: World) -> None:
    ann = world.caller("ann")
    made = ann.created(notify={"webhook": HOOK})
    assert made["notify"] == WHOLE
    assert made["notify_state"] == {
        "failing_since": None,
        "told_at": None,
        "counted": 0,
        "waiting": 0,
        "delivered_at": None,
        "refused_at": None,
        "refusal": None,
    }
    again = ann.put(f"/api/tasks/{made['id']}", made)
    assert (again.status_code, json_of(again)["notify"]) == (200, WHOLE)
    [listed] = json_of(ann.get("/api/tasks"))["items"]
    assert listed["notify_state"] == made["notify_state"]


def test_a_patch_changes_it_and_null_ends_it(world: World) -> None:
    ann = world.caller("ann")
    path = f"/api/tasks/{ann.created(notify={'webhook': HOOK})['id']}"
    changed = ann.patch(path, {"notify": {"on": ["failed"], "cooldown_seconds": 60}})
    assert json_of(changed)["notify"] == WHOLE | {"on": ["failed"], "cooldown_seconds": 60}
    assert faults(ann.patch(path, {"notify_state": {}})) == {"/notify_state": "read_only"}
    assert "notify" not in json_of(ann.patch(path, {"notify": None}))


def test_only_who_may_call_aws_is_told_by_sns(world: World) -> None:
    ann, bob = world.caller("ann", can_call_aws=False), world.caller("bob")
    assert ann.post("/api/tasks", task(notify={"sns": TOPIC})).status_code == 403
    assert world.holds_nothing(ann)
    path = f"/api/tasks/{ann.created(notify={'webhook': HOOK})['id']}"
    assert ann.patch(path, {"notify": {"sns": TOPIC}}).status_code == 403
    root = world.caller("root", role=Role.ADMIN)
    assert root.patch(path, {"notify": {"sns": TOPIC}}).status_code == 403
    assert bob.created(notify={"sns": TOPIC})["notify"]["sns"] == TOPIC


def test_how_it_stands_is_shown(world: World) -> None:
    ann = world.caller("ann")
    made = ann.created(notify={"webhook": HOOK})
    stored = world.store.task(made["id"])
    assert stored is not None
    assert stored.definition.notify is not None
    event = Event(task_id=made["id"], name="1", kind=Happening.FAILED, due_at=NOW)
    told = after(UNTOLD, [event], stored.definition.notify, NOW)
    refused = delivered(told, {told.pending[0].id: {Way.WEBHOOK: "no answer"}}, NOW)
    world.store.put_alert_state(ann.id, made["id"], replace(refused, version=1))
    shown = json_of(ann.get(f"/api/tasks/{made['id']}"))["notify_state"]
    assert (shown["waiting"], shown["refusal"]) == (1, "no answer")
    assert shown["failing_since"] == shown["refused_at"] == "2026-11-21T12:00:00.250Z"


def test_everybody_has_a_key_of_their_own_that_stays(world: World) -> None:
    ann, bob = world.caller("ann"), world.caller("bob")
    keys = [json_of(caller.get("/api/alerts/key"))["key"] for caller in (ann, bob, ann)]
    assert keys[0] == keys[2] != keys[1]
    assert all(key.startswith("whsec_") for key in keys)
    assert world.scoped(ann, Scope.READ).get("/api/alerts/key").status_code == 403
