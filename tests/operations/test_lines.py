"""The lines of the log: JSON with a stable word, and whose invocation and request they are of."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

import app
from chalicelib.core.overview import costs
from chalicelib.logs import LOGGER, JsonLines, log
from tests.core.building import definition_json, once
from tests.engine.conftest import ANN
from tests.operations.front_door import FrontDoor, context


class Written:
    """What a process writes to its log."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    def clear(self) -> None:
        self.text.seek(0)
        self.text.truncate()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.getvalue().splitlines()]

    def of(self, action: str) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["action"] == action]


@pytest.fixture
def written() -> Iterator[Written]:
    kept, handlers, level = Written(), LOGGER.handlers, LOGGER.level
    handler = logging.StreamHandler(kept.text)
    handler.setFormatter(JsonLines())
    LOGGER.handlers = [handler]
    LOGGER.setLevel(logging.INFO)
    yield kept
    LOGGER.handlers = handlers
    LOGGER.setLevel(level)


def test_a_line_is_its_word_and_its_fields_and_nothing_else(written: Written) -> None:
    log("tick", passes=5)
    [line] = written.lines()
    assert set(line) == {"at", "level", "action", "passes"}
    assert (line["level"], line["action"], line["passes"]) == ("INFO", "tick", 5)
    assert line["at"].endswith("+00:00")


def test_only_a_failure_brings_a_traceback(written: Written) -> None:
    try:
        raise RuntimeError("broken on purpose")
    except RuntimeError as error:
        log("without", logging.ERROR, reason=str(error))
        log("with_it", logging.ERROR, failure=error)
    without, with_it = written.lines()
    assert "exception" not in without
    assert "Traceback" in with_it["exception"]
    assert with_it["exception_name"] == "RuntimeError"


def test_a_message_that_looks_like_json_stays_text(written: Written) -> None:
    LOGGER.info('{"a": 1}')
    assert written.lines()[0]["action"] == '{"a": 1}'


def test_a_pass_with_nothing_to_do_writes_no_line_and_one_with_something_does(
    door: FrontDoor, written: Written
) -> None:
    """A stage that idles pays for what it writes; that passes come, a metric says."""
    door.fire("coordinator")
    [body, *_] = door.waiting("passes")
    door.deliver("dispatcher", [body])
    assert written.of("pass") == []
    door.system.catalog.create(ANN, definition_json(once(40)))
    door.later(30)
    door.deliver("dispatcher", [body])
    assert [line["dispatched"] for line in written.of("pass")] == [1]


def test_an_idle_invocation_writes_no_more_than_its_cost_says(
    door: FrontDoor, written: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes of lines and metrics, what CloudWatch counts for each line, and the three lines of Lambda's own."""
    door.fire("coordinator")
    [body, *_] = door.waiting("passes")
    door.deliver("dispatcher", [body])
    for name, most in costs.IDLE_LOGGED.items():
        capsys.readouterr()
        written.clear()
        if name == "dispatcher":
            door.deliver(name, [body])
        else:
            door.fire(name)
        lines = (written.text.getvalue() + capsys.readouterr().out).splitlines()
        own = sum(len(line.encode()) + 1 for line in lines) + costs.LINE_OVERHEAD * (len(lines) + 3)
        assert most - 100 <= own + costs.LAMBDA_LINES <= most, name


def test_a_tick_says_which_invocation_it_is_of(door: FrontDoor, written: Written) -> None:
    door.fire("coordinator")
    door.fire("coordinator")
    first, second = written.of("tick")
    assert first["function"] == "punctual-trial-coordinator"
    assert first["function_request_id"] != second["function_request_id"]


def test_what_an_attempt_logs_says_which_invocation_it_is_of(door: FrontDoor, written: Written) -> None:
    for seconds in (1, 2):
        door.system.catalog.create(ANN, definition_json(once(seconds)))
    door.deliver("light", [*door.waiting("light"), "{"])
    lines = written.of("run_recorded") + written.of("message_unreadable")
    assert len(lines) == 3
    assert {line["function"] for line in lines} == {"punctual-trial-light"}
    assert len({line["function_request_id"] for line in lines}) == 1


def test_nothing_of_an_invocation_is_left_after_it(door: FrontDoor, written: Written) -> None:
    door.fire("auditor")
    log("later")
    assert set(written.of("later")[0]) == {"at", "level", "action"}


def test_what_a_request_logs_has_the_request_id_that_its_caller_is_told(
    door: FrontDoor, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        log("on_the_way")
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(door.store, "user_named", broken)
    answer = app.app(login(), context("api_handler"))
    assert answer["statusCode"] == 500
    told = json.loads(answer["body"])["request_id"]
    [on_the_way], [failed] = written.of("on_the_way"), written.of("request_failed")
    assert on_the_way["request_id"] == failed["request_id"] == told == "of-the-gateway"
    assert on_the_way["function_request_id"] not in ("", told)


def login() -> dict[str, Any]:
    """A request as API Gateway hands it over."""
    return {
        "resource": "/api/login",
        "path": "/api/login",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": False,
        "body": json.dumps({"username": "ann", "password": "correct horse battery"}),
        "requestContext": {
            "resourcePath": "/api/login",
            "httpMethod": "POST",
            "requestId": "of-the-gateway",
            "identity": {"sourceIp": "192.0.2.1"},
            "path": "/api/api/login",
            "stage": "api",
        },
    }
