"""`@shared_task`: what comes from Celery, and what is different."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.functions import registry
from chalicelib.functions.compat import Signature, Unreachable, shared_task
from chalicelib.functions.compat.celery import SharedTask
from tests.functions.compat.conftest import Kept

HOUR = timedelta(hours=1)


@pytest.fixture
def send() -> SharedTask[..., int]:
    @shared_task(max_retries=5, time_limit=300)
    def send(to: str, count: int = 1) -> int:
        """Send it."""
        return count

    return send


def test_called_itself_it_is_the_plain_function(send: SharedTask[..., int]) -> None:
    assert send("ann", 3) == 3
    assert (vars(send)["__name__"], send.__doc__, send.name) == ("send", "Send it.", "send")
    found = registry.find("send")
    assert found is not None
    assert found.policies == {"retry": {"max_attempts": 6}, "timeout_seconds": 300}
    assert found.call("ann", 2) == 2


def test_bare_and_with_a_name() -> None:
    @shared_task
    def plain() -> None: ...

    @shared_task(name="mail.send", priority=9, ignore_result=True, acks_late=True)
    def other() -> None: ...

    found = registry.find("mail.send")
    assert (plain.name, other.name) == ("plain", "mail.send")
    assert found is not None
    assert found.policies == {"priority": "high"}


def test_delay_within_a_run_keeps_a_task_that_runs_once(send: SharedTask[..., int], within: Kept) -> None:
    called = send.delay("ann", count=2)
    assert within.one["action"] == {"type": "function", "name": "send", "args": ["ann"], "kwargs": {"count": 2}}
    assert (within.one["schedule"]["type"], within.one["name"]) == ("once", "send")
    assert (within.one["timeout_seconds"], within.one["retry"]) == (300, {"max_attempts": 6})
    assert within.seconds_ahead <= 0.001
    due = datetime.fromisoformat(within.one["schedule"]["at"])
    assert (called.task_id, called.id) == ("task1", f"task1-{round(due.timestamp() * 1000)}")


@pytest.mark.parametrize(
    ("options", "ahead"),
    [
        (lambda now: {"countdown": 60}, 60),
        (lambda now: {"eta": now + HOUR}, 3600),
        (lambda now: {"eta": now.replace(tzinfo=None) + HOUR}, 3600),
        (lambda now: {"eta": now - HOUR}, 0),
        (lambda now: {"countdown": 0}, 0),
    ],
)
def test_when_it_is_called(
    send: SharedTask[..., int], within: Kept, options: Callable[[datetime], dict[str, Any]], ahead: float
) -> None:
    send.apply_async(["ann"], {"count": 2}, retry=False, **options(datetime.now(UTC)))
    assert ahead - 60 < within.seconds_ahead <= ahead + 0.001
    assert within.one["action"]["kwargs"] == {"count": 2}


@pytest.mark.parametrize("expires", [lambda now: 90, lambda now: now + timedelta(seconds=90)])
def test_after_it_expires_it_does_not_begin(send: SharedTask[..., int], within: Kept, expires: Any) -> None:
    send.apply_async(["ann"], countdown=30, expires=expires(datetime.now(UTC)))
    assert 0 < within.one["misfire"]["grace_seconds"] <= 60


def test_what_expires_is_held_against_now_where_it_was_due_before(send: SharedTask[..., int], within: Kept) -> None:
    now = datetime.now(UTC)
    send.apply_async(["ann"], eta=now - HOUR, expires=60)
    assert 0 < within.one["misfire"]["grace_seconds"] <= 60
    with pytest.raises(TypeError, match="would expire before it is due"):
        send.apply_async(["ann"], eta=now - 2 * HOUR, expires=now - HOUR)


@pytest.mark.parametrize(("number", "priority"), [(9, "high"), (6, "high"), (5, "normal"), (4, "low"), (0, "low")])
def test_priorities_are_three(send: SharedTask[..., int], within: Kept, number: int, priority: str) -> None:
    send.apply_async(["ann"], priority=number)
    assert within.one["priority"] == priority


@pytest.mark.parametrize(
    ("args", "options", "words"),
    [
        ([], {}, "missing a required argument: 'to'"),
        (["ann", "3"], {}, "send: args/1 must be a whole number"),
        ([datetime.now(UTC)], {}, "argument 1 of send() is a datetime, and arguments must be JSON"),
        (["ann", float("nan")], {}, "argument 2 of send() is nan"),
        (["x" * 70_000], {}, "64 KB is the most"),
        (["ann"], {"countdown": 1, "eta": datetime.now(UTC)}, "countdown= or eta=, not both"),
        (["ann"], {"countdown": "5"}, "number of seconds, a timedelta or a datetime, not '5'"),
        (["ann"], {"countdown": 1e20}, "number of seconds, a timedelta or a datetime, not 1e+20"),
        (["ann"], {"expires": float("nan")}, "number of seconds, a timedelta or a datetime, not nan"),
        (["ann"], {"priority": "high"}, "priority= takes a number, of which 5 is the middle, not 'high'"),
        ("ann", {}, "takes its arguments as a list, as apply_async(['ann'])"),
        (["ann"], {"countdown": 60, "expires": 30}, "would expire before it is due"),
        (["ann"], {"link": "other"}, "link= has no meaning here"),
    ],
)
def test_what_cannot_be_called_is_refused_where_it_is_asked_for(
    send: SharedTask[..., int], within: Kept, args: list[Any], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError) as refused:
        send.apply_async(args, **options)
    assert words in str(refused.value)
    assert within.tasks == []


def test_from_elsewhere_the_client_makes_a_task(send: SharedTask[..., int], elsewhere: Kept) -> None:
    called = send.apply_async(["ann"], countdown=60)
    assert elsewhere.one["tags"] == ["called"]
    assert elsewhere.one["action"] == {"type": "function", "name": "send", "args": ["ann"]}
    assert called.id.startswith("task1-")
    assert 0 < elsewhere.seconds_ahead <= 60


@pytest.mark.parametrize("installed", [False, True])
def test_where_nobody_can_be_asked_it_is_said_what_to_do(
    send: SharedTask[..., int], elsewhere: Kept, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    client: Any = sys.modules["punctual_client"]

    def nowhere() -> None:
        raise client.NotConfigured("no address")

    if installed:
        monkeypatch.setattr(client.Client, "from_environment", nowhere)
    else:
        monkeypatch.setitem(sys.modules, "punctual_client", None)
    with pytest.raises(Unreachable, match="install punctual-client and set PUNCTUAL_URL and PUNCTUAL_TOKEN"):
        send.delay("ann")


@pytest.mark.parametrize("options", [{"bind": True}, {"rate_limit": "10/m"}, {"max_retries": 99}])
def test_what_has_no_meaning_here_is_refused_where_it_is_written(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):

        @shared_task(**options)
        def other() -> None: ...


# Signatures


def test_a_signature_is_an_action_and_a_member_of_a_group(send: SharedTask[..., int]) -> None:
    signature = send.s("ann", count=2)
    action = {"type": "function", "name": "send", "args": ["ann"], "kwargs": {"count": 2}}
    assert isinstance(signature, Signature)
    assert json.loads(json.dumps(signature.action)) == action
    assert signature.member == {"define": {"name": "send", "action": action}}
    assert signature.follower == signature.member | {"pass_results": "first_argument"}
    assert send.si("ann").follower == send.si("ann").member
    assert send.s().action == {"type": "function", "name": "send"}


def test_a_signature_is_called_with_what_comes_before_its_own(send: SharedTask[..., int], within: Kept) -> None:
    send.s(2).delay("ann")
    send.s("ann", count=2).apply_async(kwargs={"count": 3}, countdown=5)
    send.si("ann").delay("ignored")
    assert [task["action"].get("args") for task in within.tasks] == [["ann", 2], ["ann"], ["ann"]]
    assert within.tasks[1]["action"]["kwargs"] == {"count": 3}


def test_a_signature_that_takes_nothing_more_is_held_against_the_function(send: SharedTask[..., int]) -> None:
    with pytest.raises(TypeError, match="must be a text"):
        send.si(5)
