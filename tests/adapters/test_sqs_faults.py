"""Bad days of SQS, and how few requests a good one takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.aws import MOST_TRIES
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.core.errors import Unavailable
from chalicelib.core.message import PassMessage, RunMessage, decode_run
from chalicelib.core.task import Channel, Priority
from chalicelib.settings import Settings
from tests.adapters.building import START, at, entry
from tests.adapters.conftest import Stage
from tests.adapters.faults import Faults, Share, everything, half, nothing, one


def messages(
    number: int, channel: Channel = Channel.LIGHT, name: str = "hello", owner: str = "ann"
) -> list[RunMessage]:
    return [
        RunMessage(entry=entry(at(0), task_id=f"t{n:03d}"), owner=owner, task_name=name, channel=channel)
        for n in range(number)
    ]


def arrived(stage: Stage, queue: str) -> list[str]:
    """The ids of the tasks whose runs have arrived in a queue, in order."""
    url = stage.sqs.get_queue_url(QueueName=stage.settings.queue(queue))["QueueUrl"]
    bodies: list[str] = []
    while batch := stage.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in batch]
    return sorted(decode_run(body, Channel.LIGHT).entry.task_id for body in bodies)


@pytest.mark.parametrize("shares", [[nothing], [one], [half], [half, half, one], [everything, half], [everything] * 7])
def test_messages_that_were_refused_are_sent_again(
    stage: Stage, sqs: SqsQueue, faults: Faults, shares: list[Share]
) -> None:
    faults.refuses("SendMessageBatch", *shares)
    sqs.send_runs(messages(24), START)
    assert arrived(stage, "light") == [f"t{n:03d}" for n in range(24)]


def test_messages_that_are_always_refused_are_given_up(sqs: SqsQueue, faults: Faults) -> None:
    faults.refuses("SendMessageBatch", *[everything] * MOST_TRIES)
    with pytest.raises(Unavailable):
        sqs.send_runs(messages(3), START)
    assert len(faults.pauses) == MOST_TRIES - 1


def test_a_batch_whose_answer_was_lost_may_arrive_twice_and_never_not_at_all(
    stage: Stage, sqs: SqsQueue, faults: Faults
) -> None:
    faults.answer_lost("SendMessageBatch")
    sqs.send_runs(messages(3), START)
    assert arrived(stage, "light") == ["t000", "t000", "t001", "t001", "t002", "t002"]


@pytest.mark.parametrize("operation", ["GetQueueUrl", "SendMessageBatch"])
def test_what_sqs_refuses_is_unavailable(sqs: SqsQueue, faults: Faults, operation: str) -> None:
    faults.errors(operation, "AccessDenied", times=1)
    with pytest.raises(Unavailable) as raised:
        sqs.send_runs(messages(1), START)
    assert isinstance(raised.value.__cause__, ClientError)


def test_a_queue_that_was_not_found_is_looked_for_again(stage: Stage, sqs: SqsQueue, faults: Faults) -> None:
    faults.errors("GetQueueUrl", "AccessDenied", times=1)
    with pytest.raises(Unavailable):
        sqs.send_runs(messages(1), START)
    sqs.send_runs(messages(1), START)
    assert arrived(stage, "light") == ["t000"]


def test_throttling_and_broken_connections_are_sat_out(
    stage: Stage, sqs: SqsQueue, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    faults.throttled("GetQueueUrl", "RequestThrottled", times=3)
    faults.breaks("SendMessageBatch", times=3)
    sqs.send_runs(messages(1), START)
    assert arrived(stage, "light") == ["t000"]


def test_ten_messages_are_one_request_and_a_queue_is_looked_up_once(sqs: SqsQueue, faults: Faults) -> None:
    sqs.send_runs(messages(20) + messages(11, Channel.URGENT), START)
    sqs.send_runs(messages(10), START)
    sqs.send_passes([PassMessage(shard=shard, delay=delay) for shard in range(2) for delay in (0, 30, 60, 90, 120)])
    assert faults.count("SendMessageBatch") == 2 + 2 + 1 + 1
    assert faults.count("GetQueueUrl") == 3


def test_a_batch_is_no_larger_than_sqs_takes(stage: Stage, sqs: SqsQueue, faults: Faults) -> None:
    large = messages(10, name="x" * 60_000)
    sqs.send_runs(large, START)
    sizes = [sum(len(e["MessageBody"]) for e in r["Entries"]) for n, r in faults.calls if n == "SendMessageBatch"]
    assert max(sizes) <= 256 * 1024
    assert len(arrived(stage, "light")) == 10


def test_stages_have_queues_of_their_own(stage: Stage, sqs: SqsQueue, faults: Faults) -> None:
    stranger = SqsQueue(Settings(stage="elsewhere"), session=faults.session)
    with pytest.raises(Unavailable):
        stranger.send_runs(messages(1), START)
    sqs.send_runs(messages(1), START)
    assert arrived(stage, "light") == ["t000"]


def groups(faults: Faults) -> list[str | None]:
    """The groups of everything that was sent."""
    requests = [request for name, request in faults.calls if name == "SendMessageBatch"]
    return [entry.get("MessageGroupId") for request in requests for entry in request["Entries"]]


def test_a_run_is_sent_in_its_owners_name_so_that_sqs_is_fair_between_owners(
    stage: Stage, sqs: SqsQueue, faults: Faults
) -> None:
    sqs.send_runs([*messages(1), *messages(1, owner="bob")], START)
    assert groups(faults) == ["ann", "bob"]
    url = stage.sqs.get_queue_url(QueueName=stage.settings.queue("light"))["QueueUrl"]
    received = stage.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert [message["Attributes"]["MessageGroupId"] for message in received] == ["ann", "bob"]


def test_what_an_owner_has_of_another_priority_is_not_held_back_by_their_own_crowd(
    sqs: SqsQueue, faults: Faults
) -> None:
    sqs.send_runs([replace(message, priority=priority) for priority in Priority for message in messages(1)], START)
    assert groups(faults) == ["ann!high", "ann", "ann!low"]


@pytest.mark.parametrize("owner", ["", "somebody else", "zoë", "x" * 129])
def test_an_owner_whom_sqs_would_refuse_as_a_group_keeps_no_run_from_going(
    stage: Stage, sqs: SqsQueue, faults: Faults, owner: str
) -> None:
    sqs.send_runs(messages(1, owner=owner), START)
    assert groups(faults) == [None]
    url = stage.sqs.get_queue_url(QueueName=stage.settings.queue("light"))["QueueUrl"]
    assert len(stage.sqs.receive_message(QueueUrl=url)["Messages"]) == 1


def test_passes_belong_to_nobody(sqs: SqsQueue, faults: Faults) -> None:
    sqs.send_passes([PassMessage(shard=0)])
    assert groups(faults) == [None]
