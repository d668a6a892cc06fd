"""Bodies: what is taken for JSON, what is not, and how large it may be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.settings import Settings
from tests.web.building import Caller, World, faults, json_of, task

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "line 1"),
        (b"", "empty"),
        (b"  ", "empty"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": 1} x', "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 01}', "not JSON"),
        (b'{"a": "\x00"}', "not JSON"),
        (b'\xff\xfe{\x00}\x00', "UTF-8"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'\xef\xbb\xbf{}', "not JSON"),
        (b'{"name": "a", "name": "b"}', "'name' is given twice"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', "'b' is given twice"),
        (b'{"metadata": ' + b"[" * 33 + b"]" * 33 + b"}", "deeper than 32"),
        (b"[" * 100_000, "deeper than 32"),
        (b'{"a":' * 40_000, "deeper than 32"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_is_refused(world: World, ann: Caller, body: bytes, said: str) -> None:
    response = ann.post("/api/tasks", body, headers=JSON)
    assert response.status_code == 400
    assert json_of(response)["code"] == "malformed"
    assert said in json_of(response)["detail"]
    assert world.holds_nothing(ann)


@pytest.mark.parametrize(
    ("number", "pointer"),
    [
        ("9" * 5000, "/metadata/n"),
        ("-" + "9" * 20, "/metadata/n"),
        ("9223372036854775808", "/metadata/n"),
        ("1e400", "/metadata/n"),
    ],
)
def test_a_number_that_nobody_can_keep_is_refused_by_name(ann: Caller, number: str, pointer: str) -> None:
    body = b'{"metadata": {"n": ' + number.encode() + b"}}"
    assert faults(ann.post("/api/tasks", body, headers=JSON))[pointer] == "out_of_range"


def test_numbers_and_depths_at_the_limit_are_kept(ann: Caller) -> None:
    deep: Any = 1
    for _ in range(30):
        deep = [deep]
    metadata = {"n": 2**63 - 1, "m": -(2**63 - 1), "x": 1e308, "deep": deep}
    assert ann.created(metadata=metadata)["metadata"] == metadata


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "application/merge-patch+json",
        "application/jsonx",
        "",
        "application/octet-stream",
        "*/*",
    ],
)
def test_a_media_type_that_is_not_json_is_refused(world: World, ann: Caller, kind: str) -> None:
    response = ann.post("/api/tasks", b'{"name": "x"}', headers={"Content-Type": kind})
    assert response.status_code == 415
    assert json_of(response)["code"] == "unsupported_media_type"
    assert "application/json" in json_of(response)["detail"]
    assert world.holds_nothing(ann)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        JSON,
        {"Content-Type": "Application/JSON; Charset=UTF-8"},
        {"content-type": 'application/json;charset="utf-8"'},
    ],
)
def test_json_is_taken_with_and_without_its_media_type(ann: Caller, headers: dict[str, str]) -> None:
    assert ann.post("/api/tasks", json.dumps(task()).encode(), headers=headers).status_code == 201


def test_without_a_media_type_it_must_still_be_json(ann: Caller) -> None:
    assert ann.post("/api/tasks", b"name=x").status_code == 400


def test_a_body_above_the_limit_is_refused_whoever_sends_it(world: World, ann: Caller, nobody: Caller) -> None:
    for caller in (ann, nobody):
        response = caller.post("/api/tasks", b'{"name": "' + b"x" * 300_000, headers=JSON)
        assert response.status_code == 413
        assert "262,144" in json_of(response)["detail"]
    assert world.holds_nothing(ann)


class TestWithASmallBodyLimit:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(max_body_bytes=1024)

    def test_the_limit_is_the_installations(self, ann: Caller) -> None:
        assert ann.post("/api/preview", b'"' + b"x" * 1023 + b'"').status_code == 413
        assert ann.post("/api/preview", b'"' + b"x" * 1022 + b'"').status_code == 422
