"""Retries from end to end: real actions, a worker, the agenda, and what becomes of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.actions import function
from chalicelib.actions.aws import Aws
from chalicelib.actions.http import Http
from chalicelib.core.run import AttemptStatus, Outcome, Run, RunError, RunStatus
from chalicelib.core.task import Task
from infra.simulation.world import World
from tests.actions.serving import Internet, Script, Server, answer, saying
from tests.core.building import START, at, definition_json, every, once
from tests.engine.conftest import ANN, BROKE, Stage

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
HTTP = {"type": "http", "method": "GET", "url": "http://public.test/"}
AWS = {
    "type": "aws",
    "service": "sqs",
    "operation": "send_message",
    "parameters": {"QueueUrl": QUEUE, "MessageBody": "hi"},
}
TIMED_OUT = Outcome(status=AttemptStatus.TIMED_OUT, error=RunError(code="timeout", detail="stopped after 60 s"))
PASS = 31
"""Seconds: what is due sooner than a pass can come for it is rounded up by as much."""


def world_of(**actions: Any) -> World:
    """A world in which these actions are performed."""
    world = World(start=START, actions=actions)
    world.store.create_user(ANN)
    return world


def tried(world: World, action: Mapping[str, Any], until: float = 400, **policy: Any) -> Run:
    """What a task's only run comes to within a while."""
    retry = {"max_attempts": 3, "backoff": "fixed", "delay_seconds": 1} | policy
    data = definition_json(once(5), action=dict(action), retry=retry)
    task = world.system.catalog.create(ANN, data)
    world.play(at(until))
    [run] = world.store.runs_of(task.id, limit=10, after=None, first=None, last=None).items
    return run


def called(script: Script, *, now: datetime = START, until: float = 400, **policy: Any) -> Run:
    """What a run comes to that asks a server which follows a script."""
    with Server(script) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]]})
        http = Http(resolve=internet.resolve, dial=internet.dial, now=lambda: now)
        return tried(world_of(http=http.perform), HTTP, until, **policy)


def assert_failed(run: Run, code: str, attempts: int) -> None:
    assert (run.status, run.error and run.error.code, len(run.attempts)) == (RunStatus.FAILED, code, attempts)


def starts(run: Run) -> list[float]:
    """When the attempts of a run began, in seconds after `START`."""
    return [(attempt.started_at - START).total_seconds() for attempt in run.attempts]


# Which failures are tried again


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 422, 451])
def test_a_4xx_is_not_tried_again(status: int) -> None:
    assert_failed(called(saying(answer(f"{status} No", Retry_After="1"))), "unexpected_status", 1)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 302])
def test_what_another_try_may_change_is_tried_again(status: int) -> None:
    assert_failed(called(saying(answer(f"{status} Later"))), "unexpected_status", 3)


def test_a_server_that_recovers_ends_the_retries() -> None:
    run = called(saying(answer("503 Down"), answer("200 OK")))
    assert (run.status, run.error, len(run.attempts)) == (RunStatus.SUCCEEDED, None, 2)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "address_refused"),
        ("http://169.254.169.254/latest/meta-data/", "address_refused"),
        ("http://[::1]:8000/", "address_refused"),
        ("http://10.1.2.3/", "address_refused"),
        ("http://user:secret@public.test/", "invalid_request"),
        ("ftp://public.test/", "invalid_request"),
    ],
)
def test_an_address_that_is_refused_is_not_tried_again(url: str, code: str) -> None:
    http = Http(resolve=lambda host, port: [host.strip("[]")])
    assert_failed(tried(world_of(http=http.perform), HTTP | {"url": url}), code, 1)


def test_a_redirect_into_the_own_network_is_not_tried_again() -> None:
    with Server(saying(answer("302 Found", Location="http://inside.test/"))) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]], "inside.test": [["10.0.0.7"]]})
        http = Http(resolve=internet.resolve, dial=internet.dial)
        assert_failed(tried(world_of(http=http.perform), HTTP), "address_refused", 1)


def test_an_endless_redirect_is_not_tried_again() -> None:
    assert_failed(called(saying(answer("302 Found", Location="/again"))), "too_many_redirects", 1)


def test_a_server_that_is_not_there_is_asked_again() -> None:
    with Server(saying(answer())) as server:
        internet = Internet(server, {"public.test": [["93.184.216.34"]]}, dead={"93.184.216.34"})
        http = Http(resolve=internet.resolve, dial=internet.dial)
        assert_failed(tried(world_of(http=http.perform), HTTP), "connection_failed", 3)


@pytest.mark.parametrize(
    ("call", "code", "attempts"),
    [
        ({"name": "no_such_function"}, "unknown_function", 1),
        ({"name": "os.system", "args": ["id"]}, "unknown_function", 1),
        ({"name": "add", "args": [1]}, "invalid_arguments", 1),
        ({"name": "add", "kwargs": {"x": 1, "y": 2, "z": 3}}, "invalid_arguments", 1),
        ({"name": "add", "args": [1, "a"]}, "function_raised", 3),
    ],
)
def test_a_function_is_tried_again_only_where_it_could_be_called(
    call: dict[str, Any], code: str, attempts: int
) -> None:
    function.discover()
    assert_failed(tried(world_of(function=function.perform), {"type": "function"} | call), code, attempts)


@cache
def real_client(service: str) -> Any:
    session = boto3.session.Session(
        aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
    )
    return session.client(service)


@contextmanager
def refusing(error: str, status: int) -> Iterator[Callable[[str], Any]]:
    """Clients whose calls AWS refuses, however often they are made."""
    client = real_client("sqs")
    with Stubber(client) as stubber:
        for _ in range(3):
            stubber.add_client_error("send_message", error, "why", status)
        yield lambda service: client


@pytest.mark.parametrize(
    ("error", "status", "attempts"),
    [
        ("AccessDenied", 403, 1),
        ("AccessDeniedException", 400, 1),
        ("AWS.SimpleQueueService.NonExistentQueue", 400, 1),
        ("ThrottlingException", 400, 3),
        ("InternalError", 500, 3),
    ],
)
def test_a_call_that_aws_denies_is_not_made_again(error: str, status: int, attempts: int) -> None:
    with refusing(error, status) as client_for:
        aws = Aws(allowed={"sqs:*"}, client_for=client_for)
        assert_failed(tried(world_of(aws=aws.perform), AWS), "aws_error", attempts)


@pytest.mark.parametrize(
    ("allowed", "changes", "code"),
    [
        ({"sns:*"}, {}, "not_allowed"),
        ({"*"}, {"operation": "no_such_operation"}, "unknown_operation"),
        ({"*"}, {"parameters": {"Nonsense": 1}}, "invalid_parameters"),
    ],
)
def test_a_call_that_cannot_be_made_is_not_tried_again(allowed: set[str], changes: dict[str, Any], code: str) -> None:
    aws = Aws(allowed=allowed, client_for=real_client)
    assert_failed(tried(world_of(aws=aws.perform), AWS | changes), code, 1)


# When a server that asks to be left alone is asked again


@pytest.mark.parametrize("asked", [100, 250, 3000])
def test_retry_after_is_waited_for_and_not_longer(asked: int) -> None:
    run = called(saying(answer("503 Down", Retry_After=str(asked)), answer()), until=asked + 100)
    assert (run.status, starts(run)) == (RunStatus.SUCCEEDED, [5, 5 + asked])


def test_a_short_retry_after_is_waited_for_and_rounded_up_to_a_pass() -> None:
    run = called(saying(answer("429 Many", Retry_After="20"), answer()))
    _, second = starts(run)
    assert 25 <= second <= 25 + PASS


def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(at(305), usegmt=True)
    run = called(saying(answer("503 Down", Retry_After=date), answer()), now=at(5), until=600)
    assert starts(run) == [5, 305]


@pytest.mark.parametrize("nonsense", ["-100", "soon", "Sun, 06 Nov 1994 08:49:37 GMT", "1e9", ""])
def test_a_retry_after_that_makes_no_sense_changes_nothing(nonsense: str) -> None:
    run = called(saying(answer("503 Down", Retry_After=nonsense), answer()), delay_seconds=120)
    assert starts(run) == [5, 125]


def test_the_own_delay_is_kept_where_it_is_longer() -> None:
    run = called(saying(answer("503 Down", Retry_After="10"), answer()), delay_seconds=200)
    assert starts(run) == [5, 205]


def test_no_server_can_ask_for_more_than_the_longest_delay() -> None:
    run = called(saying(answer("503 Down", Retry_After="9" * 20), answer()), max_delay_seconds=150)
    assert starts(run) == [5, 155]


def test_a_server_that_asks_for_more_than_the_age_is_not_asked_again() -> None:
    run = called(saying(answer("503 Down", Retry_After="120"), answer()), max_age_seconds=100)
    assert_failed(run, "unexpected_status", 1)
    assert run.error is not None
    assert run.error.detail.startswith("the server answered 503 Down and asks to wait 120 s; not tried again")


# Until when a run is tried again


def ages(stage: Stage, task: Task) -> list[float]:
    """How old the only run of a task was at each of its attempts, in seconds."""
    [run] = stage.runs(task)
    return [(attempt.started_at - run.due_at).total_seconds() for attempt in run.attempts]


@pytest.mark.parametrize("backoff", ["next_window", "fixed", "exponential"])
@pytest.mark.parametrize("age", [1, 45, 200, 500])
def test_no_attempt_is_planned_beyond_the_age(stage: Stage, backoff: str, age: float) -> None:
    stage.outcomes = [BROKE] * 20
    policy = {"max_attempts": 20, "backoff": backoff, "delay_seconds": 95, "max_age_seconds": age}
    task = stage.create(once(5), retry=policy)
    stage.world.play(at(3000))
    [run] = stage.runs(task)
    assert run.status is RunStatus.FAILED
    assert 1 <= len(run.attempts) < 20
    assert max(ages(stage, task)) <= age
    assert run.error is not None
    assert run.error.detail.startswith("ended with 3; not tried again")


def test_a_retry_that_comes_too_late_is_not_made(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(5), retry={"backoff": "fixed", "delay_seconds": 300, "max_age_seconds": 350})
    stage.world.play(at(50))
    stage.world.ticking = False
    stage.world.play(at(500))
    stage.world.ticking = True
    stage.world.play(at(700))
    [run] = stage.runs(task)
    assert (run.status, ages(stage, task)) == (RunStatus.FAILED, [0])
    assert run.error is not None
    assert run.error.code == "exit_code"
    assert run.error.detail.endswith("(retry.max_age_seconds)")


def test_a_run_that_times_out_until_it_is_too_old_has_timed_out(stage: Stage) -> None:
    stage.outcomes = [TIMED_OUT] * 20
    task = stage.create(
        once(5), retry={"max_attempts": 20, "backoff": "fixed", "delay_seconds": 100, "max_age_seconds": 250}
    )
    stage.world.play(at(900))
    [run] = stage.runs(task)
    assert (run.status, run.error and run.error.code) == (RunStatus.TIMED_OUT, "timeout")
    assert ages(stage, task) == [0, 100, 200]


def test_the_age_of_a_manual_run_counts_from_its_request(stage: Stage) -> None:
    stage.outcomes = [BROKE] * 5
    task = stage.create(
        once(50_000), retry={"max_attempts": 5, "backoff": "fixed", "delay_seconds": 100, "max_age_seconds": 150}
    )
    stage.world.play(at(1000))
    stage.world.system.catalog.run_now(ANN, task.id)
    stage.world.play(at(2000))
    assert ages(stage, task) == [0, 100]


def test_the_age_of_a_backfilled_run_counts_from_its_first_start(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(every(100_000), state="paused", retry={"backoff": "fixed", "max_age_seconds": 150})
    stage.world.play(at(90_000))
    stage.world.system.due_times.backfill(ANN, task.id, at(0), at(1), dry_run=False)
    stage.world.play(at(90_400))
    [run] = stage.runs(task)
    assert (run.status, len(run.attempts)) == (RunStatus.SUCCEEDED, 2)


def test_its_owner_may_ask_for_an_attempt_however_old_the_run_is(stage: Stage) -> None:
    stage.outcomes = [BROKE]
    task = stage.create(once(5), retry={"max_age_seconds": 1})
    stage.world.play(at(5000))
    [run] = stage.runs(task)
    stage.world.system.control.retry(ANN, run.id)
    stage.world.play(at(5100))
    assert [again.status for again in stage.runs(task)] == [RunStatus.SUCCEEDED]


def test_a_run_that_waits_long_for_its_retry_keeps_its_turn(stage: Stage) -> None:
    asks = Outcome(status=AttemptStatus.FAILED, error=BROKE.error, retry_after=timedelta(seconds=550))
    stage.outcomes = [asks]
    task = stage.create(every(100, max_runs=7), overlap="skip")
    stage.world.play(at(900))
    assert [str(run.status) for run in stage.runs(task)] == ["succeeded", *["skipped"] * 5, "succeeded"]
