"""The contract of the queues, on every adapter."""

from __future__ import annotations

import pytest

from chalicelib.core.message import PassMessage, RunMessage, decode_pass, decode_run, parts
from chalicelib.core.task import Channel
from tests.adapters.building import START, at, entry
from tests.adapters.conftest import Outbox


def make_message(seconds: float, *, channel: Channel = Channel.LIGHT, task_id: str = "task") -> RunMessage:
    return RunMessage(entry=entry(at(seconds), task_id=task_id), owner="ann", task_name="grüße", channel=channel)


def test_passes_are_sent_with_their_delays(outbox: Outbox) -> None:
    passes = [PassMessage(shard=shard, delay=delay) for shard in range(4) for delay in (0, 30, 60, 90, 120)]
    outbox.queue.send_passes(passes)
    found = [(decode_pass(body).shard, delay) for body, delay in outbox.sent("passes")]
    assert found == [(one.shard, one.delay) for one in passes]


@pytest.mark.parametrize("channel", list(Channel))
def test_a_run_goes_to_its_channels_queue_as_it_is(outbox: Outbox, channel: Channel) -> None:
    message = make_message(5, channel=channel)
    outbox.queue.send_runs([message], START)
    [(body, _)] = outbox.sent(channel)
    assert decode_run(body, channel) == message
    assert all(outbox.sent(other) == [] for other in Channel if other is not channel)


@pytest.mark.parametrize(
    ("seconds", "delay"), [(-100, 0), (0, 0), (0.9, 0), (1, 0), (1.001, 1), (2, 1), (45.5, 45), (10_000, 900)]
)
def test_a_run_is_held_so_that_it_arrives_just_before_its_start(outbox: Outbox, seconds: float, delay: int) -> None:
    outbox.queue.send_runs([make_message(seconds)], START)
    assert [held for _, held in outbox.sent("light")] == [delay]


def test_many_runs_of_all_channels_are_each_sent_once(outbox: Outbox) -> None:
    channels = list(Channel)
    messages = [make_message(number, channel=channels[number % 3], task_id=f"t{number}") for number in range(70)]
    outbox.queue.send_runs(messages, START)
    for channel in channels:
        found = [decode_run(body, channel).entry.task_id for body, _ in outbox.sent(channel)]
        assert sorted(found) == sorted(one.entry.task_id for one in messages if one.channel is channel)


def test_those_that_start_in_one_second_travel_together_and_arrive_just_before(outbox: Outbox) -> None:
    messages = [make_message(seconds, task_id=f"t{n}") for n, seconds in enumerate([20, 20.5, 20, 21, 20, 19.2])]
    outbox.queue.send_runs([*messages, make_message(20, channel=Channel.COMMANDS)], START, together=3)
    found = [([decode_run(part, Channel.LIGHT) for part in parts(body)], delay) for body, delay in outbox.sent("light")]
    # held by whole seconds: what starts at 20.5 or 21 arrives at 20, what starts at 19.2 or 20 at 19
    assert sorted(found, key=lambda pair: pair[0][0].entry.task_id) == [
        ([messages[0], messages[2], messages[4]], 19),
        ([messages[1], messages[3]], 20),
        ([messages[5]], 19),
    ]
    assert len(outbox.sent("commands")) == 1


def test_sending_nothing_is_well(outbox: Outbox) -> None:
    outbox.queue.send_passes([])
    outbox.queue.send_runs([], START)
    assert outbox.sent("passes") == []
