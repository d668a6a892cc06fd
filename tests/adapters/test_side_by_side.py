"""Requests of one call are under way at the same time, and one that fails keeps no other from being tried."""

from __future__ import annotations

from threading import Barrier

import pytest

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.core.errors import Unavailable
from chalicelib.core.message import RunMessage
from chalicelib.core.task import Channel
from chalicelib.core.window import LOOK_AHEAD
from tests.adapters.building import START, at, entry, in_window
from tests.adapters.conftest import Stage
from tests.adapters.faults import Faults

LONG = 1
"""Seconds after which somebody who is alone gives up waiting for the others. Only a failing test waits for it."""


def messages(channel: Channel, number: int) -> list[RunMessage]:
    return [
        RunMessage(entry=entry(at(0), task_id=f"{channel}{n}"), owner="ann", task_name="hello", channel=channel)
        for n in range(number)
    ]


def meet(faults: Faults, operation: str, requests: int) -> None:
    """Let no request of an operation arrive before so many are under way."""
    barrier = Barrier(requests)

    def wait(**_: object) -> None:
        barrier.wait(LONG)

    faults.session.register(f"before-send.*.{operation}", wait)


def test_batches_are_sent_side_by_side_whatever_their_queue(sqs: SqsQueue, faults: Faults) -> None:
    meet(faults, "SendMessageBatch", 4)
    sqs.send_runs([*messages(Channel.LIGHT, 25), *messages(Channel.URGENT, 5)], START)
    assert faults.count("SendMessageBatch") == 4


def test_entries_are_written_side_by_side(dynamo: WholeDynamoStore, faults: Faults) -> None:
    meet(faults, "BatchWriteItem", 3)
    placed = [in_window(entry(START + LOOK_AHEAD, task_id=f"t{n:02}")) for n in range(60)]
    dynamo.put_entries(placed)
    found = dynamo.window(placed[0].entry.start.replace(second=30), 0, after=None, limit=100)
    assert found == [one.entry for one in placed]


def test_every_batch_is_tried_before_a_failure_is_told(stage: Stage, sqs: SqsQueue, faults: Faults) -> None:
    faults.errors("SendMessageBatch", "AccessDenied", times=1)
    with pytest.raises(Unavailable):
        sqs.send_runs(messages(Channel.LIGHT, 30), START)
    url = stage.sqs.get_queue_url(QueueName=stage.settings.queue("light"))["QueueUrl"]
    counts = stage.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert counts["Attributes"]["ApproximateNumberOfMessages"] == "20"


def test_every_entry_is_tried_before_a_failure_is_told(dynamo: WholeDynamoStore, faults: Faults, stage: Stage) -> None:
    faults.errors("BatchWriteItem", "AccessDenied", times=1)
    with pytest.raises(Unavailable):
        dynamo.put_entries([in_window(entry(START, task_id=f"t{n:02}")) for n in range(75)])
    assert len(stage.rows("agenda")) == 50
