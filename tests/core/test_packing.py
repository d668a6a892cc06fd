"""Which runs travel in one message, and how they are found in it again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import NewerSchema
from chalicelib.core.message import (
    LARGEST_PACK,
    PACK_FORMAT,
    RunMessage,
    Unreadable,
    decode_run,
    encode_pack,
    encode_run,
    parts,
)
from chalicelib.core.sending.packing import PACK, packs
from chalicelib.core.task import Channel
from chalicelib.core.window import Kind
from chalicelib.engine.delivery import Delivery
from tests.core.building import START, at, entry, message


def run(seconds: float, task: str = "task", kind: Kind = Kind.SCHEDULE, **more: Any) -> RunMessage:
    sent = message(at(seconds))
    return replace(sent, entry=entry(at(seconds), task_id=task, kind=kind), **more)


def shapes(*messages: RunMessage, most: int = PACK) -> list[list[str]]:
    return [[one.entry.task_id for one in pack] for pack in packs(messages, START, most)]


def test_what_one_owner_starts_in_the_same_second_travels_together() -> None:
    assert shapes(run(20, "a"), run(20, "b"), run(20.9, "c"), run(21, "d")) == [["a", "b"], ["c", "d"]]


def test_a_pack_has_at_most_so_many_and_stands_where_its_first_would() -> None:
    many = [run(20, str(n)) for n in range(5)]
    assert shapes(many[0], run(20, "bob's", owner="bob"), *many[1:], most=3) == [
        ["0", "1", "2"],
        ["bob's"],
        ["3", "4"],
    ]
    assert shapes(*many, most=1) == [[str(n)] for n in range(5)]


@pytest.mark.parametrize("kind", [Kind.RETRY, Kind.MANUAL, Kind.TAKEOVER])
def test_what_has_troubled_a_worker_or_is_waited_for_goes_alone(kind: Kind) -> None:
    assert shapes(run(20, "a"), run(20, "b", kind), run(20, "c")) == [["a", "c"], ["b"]]
    assert shapes(run(20, "a", kind), run(20, "b", kind)) == [["a"], ["b"]]


def test_channels_are_apart_and_commands_alone() -> None:
    assert shapes(run(20, "a"), run(20, "b", channel=Channel.URGENT)) == [["a"], ["b"]]
    commands = [run(20, name, channel=Channel.COMMANDS) for name in "ab"]
    assert shapes(*commands) == [["a"], ["b"]]


ids = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=1, max_size=26)
sent = st.builds(
    lambda task, kind, seconds, name: run(seconds, task, kind, task_name=name),
    ids,
    st.sampled_from([Kind.SCHEDULE, Kind.BACKFILL]),
    st.integers(0, 3).map(lambda n: n / 4),
    st.text(),
)


@given(st.lists(sent, min_size=1, max_size=10))
def test_whatever_is_packed_can_be_read_in_its_order(messages: list[RunMessage]) -> None:
    assert [decode_run(body, Channel.LIGHT) for body in parts(encode_pack(messages))] == messages


def test_what_a_pack_has_in_common_is_said_once() -> None:
    body = encode_pack([run(20, name) for name in ("first", "second")])
    assert json.loads(body)["runs"] == [{"task": "first"}, {"task": "second"}]
    assert len(encode_pack([run(20, f"01kjpwe3xgtjg088dkgcavb{n:03}") for n in range(PACK)])) < 500


def test_a_pack_of_one_is_a_single_message_that_every_version_can_read() -> None:
    assert encode_pack([run(20)]) == encode_run(run(20))


def test_a_pack_is_of_a_format_that_earlier_versions_leave_to_later_ones() -> None:
    """They knew only 1, and took everything up to 999 for newer: it comes again, and is not dropped."""
    assert json.loads(encode_pack([run(20, "a"), run(20, "b")]))["v"] == PACK_FORMAT == 2


def test_one_run_of_a_pack_that_cannot_be_read_keeps_nobody_from_the_others() -> None:
    pack = json.loads(encode_pack([run(20, name) for name in "abc"]))
    pack["runs"][1] = {"task": "no#id"}
    pack["runs"].append(7)
    found = parts(json.dumps(pack))
    assert [decode_run(found[n], Channel.LIGHT).entry.task_id for n in (0, 2)] == ["a", "c"]
    for n in (1, 3):
        with pytest.raises(Unreadable):
            decode_run(found[n], Channel.LIGHT)


@pytest.mark.parametrize("runs", [None, [], {}, 7, "a", [{}] * (LARGEST_PACK + 1)])
@pytest.mark.parametrize("version", [1, 2, 2.0, True, "2"])
def test_what_is_no_pack_is_unreadable_as_a_whole(runs: Any, version: Any) -> None:
    body = json.dumps({"v": version, "runs": runs})
    assert parts(body) == [body]
    with pytest.raises(Unreadable):
        decode_run(body, Channel.LIGHT)


@pytest.mark.parametrize("body", ['"runs"', '{"runs"', '{"v":2,"runs":' + "[" * 100_000, '[{"v":2,"runs":[]}]'])
def test_nonsense_that_mentions_runs_stands_for_itself(body: str) -> None:
    assert parts(body) == [body]


def test_a_pack_of_a_newer_version_waits_for_it() -> None:
    body = json.dumps({"v": 3, "runs": [{"task": "a"}]})
    with pytest.raises(NewerSchema):
        decode_run(parts(body)[0], Channel.LIGHT)


def test_the_runs_of_a_pack_have_ids_of_their_own_whenever_it_comes() -> None:
    """A claim says by its token for which message it was made: two of one pack must not take each other for it."""
    pack = Delivery(id="m", body=encode_pack([run(20, name) for name in "ab"]), times=1)
    assert [(part.id, part.packed) for part in pack.parts()] == [("m/0", True), ("m/1", True)]
    assert [part.id for part in replace(pack, times=2).parts()] == ["m/0", "m/1"]
    [single] = Delivery(id="m", body=encode_run(run(20)), times=1).parts()
    assert (single.id, single.packed) == ("m", False)
