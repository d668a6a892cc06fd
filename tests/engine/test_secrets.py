"""Secrets at work: what an action gets, what stays of it, and what it costs."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemorySecrets, MemoryStore
from chalicelib.bootstrap.whole import System, assemble
from chalicelib.core.errors import Conflict, Invalid, Unavailable
from chalicelib.core.message import decode_run
from chalicelib.core.people.account import User
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunError, RunStatus
from chalicelib.core.task import Channel, Task
from chalicelib.logs import LOGGER, JsonLines
from chalicelib.settings import Settings
from tests.core.building import START, definition_json, every
from tests.engine.conftest import ANN, BOB

VALUE = "s3cret/value?"
HEADERS = {"Authorization": {"secret": "key"}}
HTTP = {"type": "http", "method": "GET", "url": "https://example.com", "headers": HEADERS}


class CountedSecrets(MemorySecrets):
    """Secrets in memory that say how often they were read, and that may be out of reach."""

    reads = 0
    broken: Exception | None = None

    def values(self, owner: str, names: Iterable[str]) -> dict[str, str]:
        self.reads += 1
        if self.broken is not None:
            raise self.broken
        return super().values(owner, names)


@dataclass
class Place:
    """A system whose actions answer with what they were given."""

    given: list[Mapping[str, Any]] = field(default_factory=list)
    timeouts: list[timedelta] = field(default_factory=list)
    raises: Exception | None = None
    answer: Outcome | None = None

    def __post_init__(self) -> None:
        self.clock = ManualClock(START)
        self.secrets = CountedSecrets(self.clock)
        self.queue = MemoryQueue(self.clock)
        self.store = MemoryStore()
        actions = dict.fromkeys(("http", "command", "function", "aws"), self.perform)
        self.system: System = assemble(
            Settings(),
            store=self.store,
            queue=self.queue,
            clock=self.clock,
            actions=actions,
            secrets=self.secrets,
        )
        self.store.create_user(ANN)

    def perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        self.given.append(action)
        self.timeouts.append(timeout)
        if self.raises is not None:
            raise self.raises
        if self.answer is not None:
            return self.answer
        said = json.dumps(action)
        error = RunError(code="unexpected_status", detail=said)
        return Outcome(status=AttemptStatus.FAILED, output=said, result={"echo": said}, error=error)

    def create(self, action: Mapping[str, Any] = HTTP, owner: User = ANN, **more: Any) -> Task:
        data = definition_json(every(86_400), action=action, retry={"max_attempts": 1}, **more)
        return self.system.catalog.create(owner, data)

    def run(self, task: Task, owner: User = ANN) -> Run:
        """The task's run, now."""
        self.clock.advance(timedelta(milliseconds=1))
        self.system.catalog.run_now(owner, task.id)
        channel = task.definition.channel
        body = self.queue.waiting(str(channel))[-1].body
        ended = self.system.worker.handle(decode_run(body, Channel(channel)), redelivered=False).run
        assert ended is not None
        return ended


@pytest.fixture
def place() -> Place:
    made = Place()
    made.secrets.put("ann", "key", VALUE)
    return made


@pytest.mark.parametrize(
    ("action", "given"),
    [
        (HTTP, HTTP | {"headers": {"Authorization": VALUE}}),
        (
            HTTP | {"headers": {}, "body": {"a": [{"b": {"secret": "key"}}]}},
            HTTP | {"headers": {}, "body": {"a": [{"b": VALUE}]}, "body_holds_secret": True},
        ),
        (
            HTTP | {"headers": {}, "body": {"secret": "key"}},
            HTTP | {"headers": {}, "body": VALUE, "body_holds_secret": True},
        ),
        (
            {"type": "command", "command": "env", "env": {"K": {"secret": "key"}, "L": "l"}},
            {"type": "command", "command": "env", "env": {"K": VALUE, "L": "l"}},
        ),
        (
            {"type": "function", "name": "f", "args": [{"secret": "key"}], "kwargs": {"a": {"secret": "key"}}},
            {"type": "function", "name": "f", "args": [VALUE], "kwargs": {"a": VALUE}},
        ),
        (
            {"type": "aws", "service": "sqs", "operation": "x", "parameters": {"Body": {"secret": "key"}}},
            {"type": "aws", "service": "sqs", "operation": "x", "parameters": {"Body": VALUE}},
        ),
    ],
)
def test_an_action_gets_the_value_and_nothing_of_it_is_kept(
    place: Place, action: dict[str, Any], given: dict[str, Any]
) -> None:
    task = place.create(action)
    run = place.run(task)
    assert place.given == [given]
    stored = repr((run, place.store.run(task.id, run.due_at), place.store.task(task.id)))
    assert "[secret key]" in stored
    assert VALUE not in stored


def test_other_forms_of_the_value_are_not_kept_either(place: Place) -> None:
    encoded = base64.b64encode(f"ann:{VALUE}".encode()).decode()
    place.answer = Outcome(status=AttemptStatus.SUCCEEDED, output=f"Basic {encoded} k=s3cret%2Fvalue%3F")
    output = place.run(place.create()).attempts[-1].output
    assert output.startswith("Basic YW5")
    assert output.endswith(" k=[secret key]")
    assert encoded[8:-4] not in output


def test_a_task_without_secrets_costs_no_call(place: Place) -> None:
    run = place.run(place.create(HTTP | {"headers": {"Accept": VALUE}}))
    assert place.secrets.reads == 0
    assert VALUE in run.attempts[-1].output


def test_a_value_is_read_once_a_minute_and_a_new_one_is_used_after_that(place: Place) -> None:
    task = place.create()
    place.run(task)
    place.secrets.put("ann", "key", "another value")
    place.clock.advance(timedelta(seconds=59))
    place.run(task)
    assert place.secrets.reads == 1
    place.clock.advance(timedelta(seconds=1))
    place.run(task)
    assert place.secrets.reads == 2
    assert [given["headers"]["Authorization"] for given in place.given] == [VALUE, VALUE, "another value"]


def test_a_secret_that_is_gone_fails_for_good_and_says_which(place: Place) -> None:
    task = place.create()
    place.secrets.delete("ann", "key")
    run = place.run(task)
    assert place.given == []
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert (run.error.code, run.error.permanent) == ("secret_missing", True)
    assert "PUT /api/secrets/key" in run.error.detail


@pytest.mark.parametrize("broken", [Unavailable("get_parameters: ThrottlingException"), ValueError("odd")])
def test_a_store_of_secrets_that_does_not_answer_is_an_attempt_that_may_be_tried_again(
    place: Place, broken: Exception
) -> None:
    task = place.create()
    place.secrets.broken = broken
    run = place.run(task)
    assert run.error is not None
    assert (run.error.code, run.error.permanent, place.given) == ("secrets_unavailable", False, [])


def test_an_owner_gets_their_own_value_under_the_same_name(place: Place) -> None:
    place.secrets.put("bob", "key", "value of bob")
    for owner in (ANN, BOB):
        place.run(place.create(owner=owner), owner)
    assert [given["headers"]["Authorization"] for given in place.given] == [VALUE, "value of bob"]


def test_a_task_cannot_name_what_its_owner_does_not_have(place: Place) -> None:
    with pytest.raises(Invalid) as refused:
        place.create(owner=BOB)
    [error] = refused.value.errors
    assert (error.pointer, error.code) == ("/action/headers/Authorization", "unknown_secret")
    assert place.store.tasks_of("bob", limit=1, after=None).items == ()


def test_a_task_whose_secret_is_gone_can_still_be_paused_and_renamed(place: Place) -> None:
    task = place.create()
    place.secrets.delete("ann", "key")
    place.system.catalog.pause(ANN, task.id)
    data = definition_json(every(86_400), action=HTTP | {"headers": HEADERS | {"X": {"secret": "other"}}})
    with pytest.raises(Invalid) as refused:
        place.system.catalog.replace(ANN, task.id, data)
    assert [error.pointer for error in refused.value.errors] == ["/action/headers/X"]


def test_a_secret_in_use_is_not_deleted(place: Place) -> None:
    task = place.create()
    with pytest.raises(Conflict, match="in use by 'hello'"):
        place.system.secrets.delete(ANN, "key")
    place.system.catalog.delete(ANN, task.id)
    place.system.secrets.delete(ANN, "key")
    assert place.system.secrets.names(ANN) == []


def test_an_action_that_breaks_does_not_write_its_secrets_to_the_log(place: Place) -> None:
    place.raises = RuntimeError(f"cannot send {VALUE}")
    task = place.create()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    LOGGER.addHandler(handler)
    try:
        run = place.run(task)
    finally:
        LOGGER.removeHandler(handler)
    [broke] = [line for line in written.getvalue().splitlines() if "action_broke" in line]
    assert "cannot send [secret key]" in broke
    assert "Traceback" in broke
    assert VALUE not in written.getvalue() + repr(run)


def test_looking_for_secrets_counts_for_the_time_that_an_action_has(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = place.create(timeout_seconds=120)
    read = place.secrets.values

    def slowly(owner: str, names: Iterable[str]) -> dict[str, str]:
        place.clock.advance(timedelta(seconds=9))
        return read(owner, names)

    monkeypatch.setattr(place.secrets, "values", slowly)
    place.run(task)
    assert place.timeouts == [timedelta(seconds=111)]
