"""What travels over SQS, and everything else that may arrive there."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import NewerSchema
from chalicelib.core.instant import LATEST, to_ms
from chalicelib.core.message import (
    MOST_SHARDS,
    PassMessage,
    RunMessage,
    Unreadable,
    decode_pass,
    decode_run,
    encode_pass,
    encode_run,
)
from chalicelib.core.task import Channel
from chalicelib.core.window import Entry, Kind
from chalicelib.settings import MOST_SHARDS as SETTING
from tests.core.building import at, message

GOOD: dict[str, Any] = json.loads(encode_run(message(at(3))))
HUGE = 10**40
NUMBERS: list[Any] = [None, "3", "", 3.0, True, False, [], {}, HUGE, -HUGE, -1, float("nan"), float("inf"), 1e300]
FORMATS: list[Any] = [None, 0, 1000, -1, "1", 1.0, True, [], {}, HUGE, float("nan")]
TEXTS: list[Any] = [None, 7, True, 1.5, [], {}, ["a"], {"a": 1}, float("nan"), HUGE]
IMPOSSIBLE_IDS = ["", " ", "a b", "a#b", "a/b", "é", "\ud800", "a\n", "\x00", "x" * 129, "x" * 3000]
BAD_FIELDS: list[tuple[str, Any]] = [
    *[("v", value) for value in FORMATS],
    *[("due", value) for value in (*NUMBERS, to_ms(LATEST) + 1, 253_370_764_800_000)],
    *[("start", value) for value in (*NUMBERS, to_ms(LATEST) + 1, 253_370_764_800_000)],
    *[("n", value) for value in (*NUMBERS, 0)],
    *[("kind", value) for value in (*TEXTS, "", "other", "SCHEDULE", "schedule ")],
    *[("task", value) for value in (*TEXTS, *IMPOSSIBLE_IDS)],
    *[("owner", value) for value in (*TEXTS, *IMPOSSIBLE_IDS[1:])],
    *[("name", value) for value in (*TEXTS, "half \ud800")],
]
NO_MESSAGES = [
    "",
    " ",
    "{",
    "[]",
    "7",
    "null",
    "true",
    "NaN",
    '{"v":1}',
    '{"v":1} x',
    '"x"',
    "hello",
    "\ufeff{}",
    "\x00",
    "[" * 100_000,
    '{"v":' * 100_000,
    '{"v":1,"x":' + "[" * 100_000 + "]" * 100_000 + "}",
    "9" * 5000,
    '{"v":' + "9" * 5000 + "}",
    '{"v":1,"shard":-' + "9" * 5000 + "}",
]


def with_fields(**changes: Any) -> str:
    return json.dumps(GOOD | changes)


def why(body: str) -> str:
    with pytest.raises(Unreadable) as unreadable:
        decode_run(body, Channel.LIGHT)
    return str(unreadable.value)


def test_a_run_message_arrives_as_it_was_sent() -> None:
    sent = message(at(3), kind=Kind.RETRY, number=2)
    assert decode_run(encode_run(sent), Channel.LIGHT) == sent


instants = st.integers(0, to_ms(LATEST) // 1000).map(lambda seconds: at(0).fromtimestamp(seconds, at(0).tzinfo))
ids = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=1, max_size=26)


@given(
    ids, st.sampled_from(sorted(set(Kind) - {Kind.SCHEDULE})), instants, instants, st.integers(1, 20), st.text(), ids
)
def test_whatever_is_sent_can_be_read(
    task: str, kind: Kind, start: Any, due: Any, n: int, name: str, owner: str
) -> None:
    entry = Entry(start=start, task_id=task, kind=kind, due_at=due, number=n)
    sent = RunMessage(entry=entry, owner=owner, task_name=name, channel=Channel.COMMANDS)
    assert decode_run(encode_run(sent), Channel.COMMANDS) == sent


def test_the_message_of_a_task_that_is_gone_has_no_owner() -> None:
    assert decode_run(with_fields(owner="", name=""), Channel.LIGHT).owner == ""


def test_a_field_of_a_later_version_is_left_alone() -> None:
    assert decode_run(with_fields(colour="red", v=1), Channel.LIGHT) == message(at(3))
    assert decode_pass('{"v":1,"shard":0,"colour":{"deep":[1]}}') == PassMessage(shard=0)


@pytest.mark.parametrize("shard", [0, 3, MOST_SHARDS - 1])
def test_a_pass_message_arrives_as_it_was_sent(shard: int) -> None:
    assert decode_pass(encode_pass(PassMessage(shard=shard, delay=30))) == PassMessage(shard=shard)


def test_every_shard_of_the_setting_can_be_asked_for() -> None:
    assert MOST_SHARDS == SETTING


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
def test_a_field_of_another_form_makes_a_message_unreadable(field: str, value: Any) -> None:
    said = why(with_fields(**{field: value}))
    assert (field if field != "v" else "format") in said
    assert len(said) < 200
    assert said.isprintable()


@pytest.mark.parametrize("field", list(GOOD))
def test_a_field_that_is_missing_makes_a_message_unreadable(field: str) -> None:
    why(json.dumps({name: value for name, value in GOOD.items() if name != field}))


@pytest.mark.parametrize("body", NO_MESSAGES)
def test_what_is_no_message_is_unreadable(body: str) -> None:
    assert len(why(body)) < 200
    with pytest.raises(Unreadable):
        decode_pass(body)


@pytest.mark.parametrize("shard", [*NUMBERS, MOST_SHARDS, 1.0, "late#0", 2**31])
def test_a_shard_that_cannot_be_is_unreadable(shard: Any) -> None:
    with pytest.raises(Unreadable):
        decode_pass(json.dumps({"v": 1, "shard": shard}))


def test_a_scheduled_run_cannot_be_asked_for_before_it_is_due() -> None:
    assert "early" in why(with_fields(start=GOOD["due"] - 1))
    earlier = with_fields(start=GOOD["due"] - 1, kind="retry")  # its owner may ask for a due time that was left out
    assert decode_run(earlier, Channel.LIGHT).entry.start < at(3)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_message_or_unreadable(body: str) -> None:
    for decode in (lambda text: decode_run(text, Channel.LIGHT), decode_pass):
        try:
            decode(body)
        except Unreadable:
            continue
        raise AssertionError("no text like this is a message")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "shard"]), values))
def test_any_object_is_a_message_or_unreadable(changes: dict[str, Any]) -> None:
    body = json.dumps(GOOD | {"shard": 0} | changes)
    for decode in (lambda text: decode_run(text, Channel.LIGHT), decode_pass):
        with suppress(Unreadable, NewerSchema):
            decode(body)


@pytest.mark.parametrize("number", [3, 4, 999])
def test_a_message_of_a_newer_version_is_not_taken_for_nonsense(number: int) -> None:
    for decode in (lambda text: decode_run(text, Channel.LIGHT), decode_pass):
        with pytest.raises(NewerSchema, match="upgrade"):
            decode(json.dumps(GOOD | {"shard": 0, "v": number}))
