"""Actions that are refused: all that is wrong is told, and nothing is stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.building import Caller, World, check_refused, task

HTTP = {"type": "http", "method": "GET", "url": "https://example.com/"}
COMMAND = {"type": "command", "command": "true"}
ADD = {"type": "function", "name": "add", "args": [1, 2]}
WRITE = {"type": "function", "name": "write_to_file"}
SQS = {"type": "aws", "service": "sqs", "operation": "send_message"}


def action(kind: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return task(action=kind | changes)


BAD: list[tuple[Any, dict[str, str]]] = [
    (action(COMMAND, env=None), {"/action/env": "null"}),
    (task(action="echo hello"), {"/action": "wrong_type"}),
    (task(action={}), {"/action/type": "required"}),
    (task(action={"type": "shell"}), {"/action/type": "unknown_value"}),
    (task(action={"type": ["command"]}), {"/action/type": "unknown_value"}),
    (task(action={"type": "command"}), {"/action/command": "required"}),
    (action(COMMAND, url="x"), {"/action/url": "unknown_field"}),
    (action(COMMAND, command=""), {"/action/command": "wrong_length"}),
    (action(COMMAND, command=[]), {"/action/command": "wrong_length"}),
    (action(COMMAND, command=["ls", 5]), {"/action/command": "wrong_type"}),
    (action(COMMAND, command="echo \x00"), {"/action/command": "wrong_form"}),
    (action(COMMAND, command="é" * 4097), {"/action/command": "too_large"}),
    (action(COMMAND, command=["x" * 4096, "y" * 4097]), {"/action/command": "too_large"}),
    (action(COMMAND, stdin="x" * 65_537), {"/action/stdin": "too_large"}),
    (action(COMMAND, env=["A=1"]), {"/action/env": "wrong_type"}),
    (action(COMMAND, env={"A": 1}), {"/action/env/A": "wrong_type"}),
    (
        action(COMMAND, env={"1A": "", "A-B": "", "": "", "Ä": "", "OK": ""}),
        {
            "/action/env/1A": "wrong_form",
            "/action/env/A-B": "wrong_form",
            "/action/env/": "wrong_form",
            "/action/env/Ä": "wrong_form",
        },
    ),
    (action(COMMAND, env={"A": "\x00"}), {"/action/env/A": "wrong_form"}),
    (action(COMMAND, env={f"A{n}": "" for n in range(51)}), {"/action/env": "wrong_length"}),
    (action(COMMAND, env={"A": "x" * 4096}), {"/action/env": "too_large"}),
    ({**task(), "action": {"type": "http"}}, {"/action/method": "required", "/action/url": "required"}),
    (action(HTTP, method="get"), {"/action/method": "unknown_value"}),
    (action(HTTP, method="BREW"), {"/action/method": "unknown_value"}),
    (action(HTTP, url=""), {"/action/url": "wrong_length"}),
    (action(HTTP, url="http://x/" + "a" * 2040), {"/action/url": "wrong_length"}),
    (
        action(HTTP, headers={"X-A": "a\r\nX-B: b", "Bad Name": "", "X-C": "✓", "X-D": "é"}),
        {
            "/action/headers/X-A": "wrong_form",
            "/action/headers/Bad Name": "wrong_form",
            "/action/headers/X-C": "wrong_form",
        },
    ),
    (action(HTTP, headers={f"X-{n}": "" for n in range(51)}), {"/action/headers": "wrong_length"}),
    (action(HTTP, headers={"X-A": "x" * 8192}), {"/action/headers": "too_large"}),
    (
        action(HTTP, headers={"Host": "a.example", "transfer-encoding": "chunked"}),
        {"/action/headers/Host": "not_allowed", "/action/headers/transfer-encoding": "not_allowed"},
    ),
    (action(HTTP, headers={"X-A": 5}), {"/action/headers/X-A": "wrong_type"}),
    (action(HTTP, body="x" * 65_536), {"/action/body": "too_large"}),
    (action(HTTP, body=5), {"/action/body": "wrong_type"}),
    (action(HTTP, expect_status=99), {"/action/expect_status": "out_of_range"}),
    (action(HTTP, expect_status=[]), {"/action/expect_status": "wrong_length"}),
    (action(HTTP, expect_status="2xx"), {"/action/expect_status": "wrong_type"}),
    (action(ADD, name="rm_rf"), {"/action/name": "unknown_function"}),
    (action(ADD, name="os.system"), {"/action/name": "unknown_function"}),
    (action(ADD, args=[1]), {"/action/args": "invalid_arguments"}),
    (action(ADD, args=[], kwargs={"x": 1, "z": 2}), {"/action/kwargs": "invalid_arguments"}),
    (action(ADD, args={"x": 1}), {"/action/args": "wrong_type"}),
    (action(ADD, kwargs=[]), {"/action/kwargs": "wrong_type"}),
    (action(WRITE, args=["x" * 40_000, "y" * 40_000]), {"/action/args": "too_large"}),
    (action(ADD, args=["1", 2]), {"/action/args/0": "wrong_type"}),
    (action(ADD, args=[True], kwargs={"y": [2]}), {"/action/args/0": "wrong_type", "/action/kwargs/y": "wrong_type"}),
    (action(SQS, operation="delete_queue"), {"/action/operation": "operation_not_allowed"}),
    (action(SQS, service="iam", operation="CreateUser"), {"/action/operation": "operation_not_allowed"}),
    (
        action(SQS, service="../sqs", operation="a.b"),
        {"/action/service": "wrong_form", "/action/operation": "wrong_form"},
    ),
    (action(SQS, parameters=[]), {"/action/parameters": "wrong_type"}),
    (action(SQS, parameters={"a": "x" * 65_536}), {"/action/parameters": "too_large"}),
]
BAD_URLS = [
    "example.com",
    "ftp://example.com",
    "http://",
    "http:///path",
    "//example.com",
    "file:///etc/passwd",
    "http://exa mple.com",
    "http://a\r\nb",
    "http://user:pw@example.com",
    "http://user@example.com",
    "http://h:99999/",
    "http://[::1",
    "javascript:1",
]


@pytest.mark.parametrize(("body", "expected"), BAD)
def test_a_bad_action_is_refused(world: World, ann: Caller, body: Any, expected: dict[str, str]) -> None:
    check_refused(world, ann, body, expected)


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_cannot_be_asked_for_is_no_url(world: World, ann: Caller, url: str) -> None:
    check_refused(world, ann, action(HTTP, url=url), {"/action/url": "invalid_url"})


@pytest.mark.parametrize(
    "given",
    [
        COMMAND | {"command": "x" * 8192, "env": {f"A{n:02}": "x" * 78 for n in range(50)}},
        COMMAND | {"command": ["x" * 4096, "y" * 4096], "stdin": "x" * 65_536},
        HTTP | {"url": "https://example.com/" + "x" * 2028, "body": "x" * 65_534},
        HTTP | {"headers": {f"X-{n:02}": "x" * 150 for n in range(50)}},
        WRITE | {"args": ["x" * 32_000, "x" * 33_000]},
    ],
)
def test_the_limits_themselves_are_within_them(ann: Caller, given: dict[str, Any]) -> None:
    assert ann.created(action=given)["action"] == given
