"""Requests that are sent again: done once whatever gets lost, and never too often."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta

import pytest

from punctual_client import Client, PreconditionFailed, ServerFault, TooMany, Unreachable
from tests.actions.serving import Server, answer, saying
from tests.sdk.place import Place, hello
from tests.sdk.relay import key_of, relay

NO_ANSWER = b""
TASK = answer("201 Created", '{"id": "1"}', Content_Type="application/json", Connection="close")
BUSY = answer("503 Service Unavailable", '{"code": "unavailable", "detail": "busy"}', Connection="close")


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.slept: list[timedelta] = []

    def now(self) -> timedelta:
        return sum(self.slept, timedelta(0))

    def sleep(self, duration: timedelta) -> None:
        self.slept.append(duration)


def at(server: Server, clock: Clock | None = None, token: str | None = "pct_a_b_c", retries: int = 4) -> Client:
    return Client(f"http://127.0.0.1:{server.port}", token, clock=clock or Clock(), retries=retries)


def test_what_is_asked_for_again_because_the_answer_was_lost_is_done_once(here: Place) -> None:
    token = here.token("ann")
    with relay(here.url, lost=2) as between:
        ann = at(between, token=token)
        task = ann.tasks.create(hello())
        keys = {key_of(request) for request in between.requests}
    assert len(keys) == 1
    assert keys != {None}
    assert [one["id"] for one in ann_tasks(here, token)] == [task["id"]]


def test_a_task_is_run_once_though_the_answer_was_lost_and_twice_when_asked_twice(here: Place) -> None:
    token = here.token("ann")
    own = here.client(token)
    task = own.tasks.create(hello())
    with relay(here.url, lost=1) as between:
        ann = at(between, token=token)
        first = ann.tasks.run(task["id"])
        assert [run["id"] for run in own.tasks.runs(task["id"])] == [first["id"]]
        assert ann.tasks.run(task["id"])["id"] != first["id"]
    assert len([*own.tasks.runs(task["id"])]) == 2


def test_somebody_s_own_key_holds_across_calls(here: Place, ann: Client) -> None:
    first = ann.tasks.create(hello(), key="import-1")
    assert ann.tasks.create(hello(), key="import-1")["id"] == first["id"]


def ann_tasks(here: Place, token: str) -> list[dict[str, object]]:
    return [{**task} for task in here.client(token).tasks.list()]


@pytest.mark.parametrize(
    "act",
    [lambda ann, task: ann.tasks.delete(task), lambda ann, task: ann.tasks.change(task, {"name": "other"})],
    ids=["delete", "patch"],
)
def test_what_says_how_something_is_to_be_is_done_whether_or_not_its_answer_was_lost(
    here: Place, act: Callable[[Client, str], object]
) -> None:
    token = here.token("ann")
    task = here.client(token).tasks.create(hello())
    with relay(here.url, lost=1) as between:
        act(at(between, token=token), task["id"])
        assert len(between.requests) == 2
    assert [one["name"] for one in ann_tasks(here, token)] in ([], ["other"])


def test_a_conditional_change_whose_answer_was_lost_says_that_it_may_have_been_done(here: Place) -> None:
    token = here.token("ann")
    task = here.client(token).tasks.create(hello())
    with relay(here.url, lost=1) as between, pytest.raises(PreconditionFailed) as told:
        at(between, token=token).tasks.change(task["id"], {"name": "other"}, if_match=task["version"])
    assert told.value.repeated


def test_logging_out_twice_because_the_answer_was_lost_is_logging_out(here: Place) -> None:
    with relay(here.url, lost=1) as between:
        at(between, token=here.token("ann")).account.logout()


def test_a_password_is_not_sent_twice_where_it_may_have_arrived() -> None:
    with Server(saying(NO_ANSWER)) as server:
        with pytest.raises(Unreachable, match="did not answer"):
            at(server, token=None).account.login("ann", "correct horse battery")
        assert len(server.requests) == 1


def test_pauses_grow_and_the_tries_end() -> None:
    clock = Clock()
    with Server(saying(BUSY)) as server, pytest.raises(ServerFault, match="busy") as told:
        at(server, clock, retries=3).me()
    assert len(server.requests) == 4
    assert told.value.status == 503
    bounds = [(0.125, 0.25), (0.25, 0.5), (0.5, 1)]
    assert all(low <= pause.total_seconds() <= high for pause, (low, high) in zip(clock.slept, bounds, strict=True))


def test_a_server_that_asks_to_be_left_alone_is_left_alone() -> None:
    clock = Clock()
    slow_down = answer("429 Too Many Requests", '{"code": "too_many_requests"}', Retry_After="7", Connection="close")
    with Server(saying(slow_down, BUSY, TASK)) as server:
        assert at(server, clock).tasks.create(hello())["id"] == "1"
        assert len({key_of(request) for request in server.requests}) == 1
    assert clock.slept[0] == timedelta(seconds=7)
    assert len(clock.slept) == 2


def test_a_wait_that_is_too_long_is_told_instead() -> None:
    clock = Clock()
    much_later = answer("429 Too Many Requests", '{"detail": "tired"}', Retry_After="3600", Connection="close")
    with Server(saying(much_later)) as server, pytest.raises(TooMany, match="tired") as told:
        at(server, clock).me()
    assert told.value.retry_after == timedelta(hours=1)
    assert (clock.slept, len(server.requests)) == ([], 1)


def test_a_connection_that_cannot_be_made_is_tried_again_also_for_a_password() -> None:
    clock = Clock()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match=f"^http://127.0.0.1:{port} cannot be reached: Connection refused$"):
        Client(f"http://127.0.0.1:{port}", clock=clock, retries=2).account.login("ann", "correct horse battery")
    assert len(clock.slept) == 2


def test_a_refusal_is_not_asked_for_twice() -> None:
    with Server(saying(answer("500 Internal Server Error", "{}", Connection="close"))) as server:
        with pytest.raises(ServerFault, match="the server answered 500 Internal Server Error"):
            at(server).tasks.create(hello())
        assert len(server.requests) == 1


def test_a_key_whose_first_request_is_still_being_answered_is_asked_again() -> None:
    being_answered = answer("409 Conflict", '{"code": "conflict", "detail": "still"}', Connection="close")
    with Server(saying(NO_ANSWER, being_answered, TASK)) as server:
        assert at(server).tasks.create(hello())["id"] == "1"
