"""What travels over SQS."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.message import PassMessage, Unreadable, decode_pass, decode_run, encode_pass, encode_run
from chalicelib.core.task import Channel
from chalicelib.core.window import Kind
from tests.core.building import at, message


def test_a_run_message_arrives_as_it_was_sent() -> None:
    sent = message(at(3), kind=Kind.RETRY, number=2)
    assert decode_run(encode_run(sent), Channel.LIGHT) == sent


def test_a_pass_message_arrives_as_it_was_sent() -> None:
    assert decode_pass(encode_pass(PassMessage(shard=3, delay=30))) == PassMessage(shard=3)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": None},
        {"task": 7},
        {"due": "soon"},
        {"due": 10**30},
        {"kind": "other"},
        {"n": None},
        {"owner": 1},
    ],
)
def test_a_message_of_another_form_is_unreadable(change: dict[str, object]) -> None:
    body = json.dumps(json.loads(encode_run(message(at(3)))) | change)
    with pytest.raises(Unreadable):
        decode_run(body, Channel.LIGHT)


@pytest.mark.parametrize("body", ["", "{", "[]", "7", "null", '{"v":1}', '"x"'])
def test_what_is_no_message_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        decode_run(body, Channel.LIGHT)
    with pytest.raises(Unreadable):
        decode_pass(body)
