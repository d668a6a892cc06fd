"""The queues through a real client: delay, visibility, redrive, limits, and what a request is billed as."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.accounting import Accounting, NotModelled
from tests.bench.declared import Clock

KB = 1024
LIGHT = "https://sqs.us-east-1.amazonaws.com/123456789012/light"
PLAIN = "https://sqs.us-east-1.amazonaws.com/123456789012/plain"
DEAD = "https://sqs.us-east-1.amazonaws.com/123456789012/light-dead"


def entries(*bodies: str, **options: Any) -> list[dict[str, Any]]:
    return [{"Id": str(number), "MessageBody": body, **options} for number, body in enumerate(bodies)]


def received(sqs: Any, url: str = LIGHT, **options: Any) -> list[dict[str, Any]]:
    options = {"MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"], **options}
    found: list[dict[str, Any]] = sqs.receive_message(QueueUrl=url, **options).get("Messages", [])
    return found


def bodies(sqs: Any, url: str = LIGHT, **options: Any) -> list[str]:
    return [message["Body"] for message in received(sqs, url, **options)]


def test_what_was_sent_is_received_once(sqs: Any, clock: Clock) -> None:
    answer = sqs.send_message_batch(QueueUrl=LIGHT, Entries=entries("a", "b"))
    assert [entry["Id"] for entry in answer["Successful"]] == ["0", "1"]
    assert answer["Successful"][0]["MD5OfMessageBody"] == md5(b"a").hexdigest()
    first, second = received(sqs)
    assert (first["Body"], first["MD5OfBody"]) == ("a", md5(b"a").hexdigest())
    assert first["MessageId"] == answer["Successful"][0]["MessageId"] != second["MessageId"]
    assert first["Attributes"]["ApproximateReceiveCount"] == "1"
    assert first["Attributes"]["SentTimestamp"] == str(int(clock() * 1000))
    assert received(sqs) == []


def test_a_delay_holds_a_message_back_to_the_second(sqs: Any, clock: Clock) -> None:
    sqs.send_message_batch(QueueUrl=LIGHT, Entries=entries("late", DelaySeconds=900))
    sqs.send_message(QueueUrl=LIGHT, MessageBody="soon", DelaySeconds=1)
    clock.move(seconds=0.999)
    assert bodies(sqs) == []
    clock.move(seconds=0.001)
    assert bodies(sqs) == ["soon"]
    clock.move(seconds=899)
    assert bodies(sqs) == ["soon", "late"]


def test_a_message_comes_back_when_its_visibility_ends(sqs: Any, clock: Clock) -> None:
    sqs.send_message(QueueUrl=LIGHT, MessageBody="a")
    assert bodies(sqs) == ["a"]
    clock.move(seconds=189)
    assert bodies(sqs) == []
    clock.move(seconds=1)
    (again,) = received(sqs)
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    assert int(again["Attributes"]["ApproximateFirstReceiveTimestamp"]) < clock() * 1000


def test_without_visibility_a_message_is_received_once_per_receive(sqs: Any) -> None:
    sqs.send_message(QueueUrl=LIGHT, MessageBody="a")
    assert bodies(sqs, VisibilityTimeout=0) == ["a"]
    assert bodies(sqs, VisibilityTimeout=0) == ["a"]


def test_a_deleted_message_is_gone(sqs: Any, clock: Clock) -> None:
    sqs.send_message_batch(QueueUrl=LIGHT, Entries=entries("a", "b", "c"))
    one, two, _ = received(sqs)
    sqs.delete_message(QueueUrl=LIGHT, ReceiptHandle=one["ReceiptHandle"])
    answer = sqs.delete_message_batch(
        QueueUrl=LIGHT,
        Entries=[{"Id": "x", "ReceiptHandle": two["ReceiptHandle"]}, {"Id": "y", "ReceiptHandle": "nonsense"}],
    )
    assert [entry["Id"] for entry in answer["Successful"]] == ["x"]
    assert [(entry["Id"], entry["Code"]) for entry in answer["Failed"]] == [("y", "ReceiptHandleIsInvalid")]
    clock.move(seconds=190)
    assert bodies(sqs) == ["c"]


def test_an_old_receipt_deletes_nothing(sqs: Any, clock: Clock) -> None:
    """AmazonSQS API reference, DeleteMessage: with an earlier handle "the message might not be deleted"."""
    sqs.send_message(QueueUrl=LIGHT, MessageBody="a")
    (first,) = received(sqs)
    clock.move(seconds=190)
    (second,) = received(sqs)
    sqs.delete_message(QueueUrl=LIGHT, ReceiptHandle=first["ReceiptHandle"])
    clock.move(seconds=190)
    assert bodies(sqs) == ["a"]
    assert first["ReceiptHandle"] != second["ReceiptHandle"]


def test_visibility_can_be_changed_while_in_flight(sqs: Any, clock: Clock) -> None:
    sqs.send_message(QueueUrl=LIGHT, MessageBody="a")
    (message,) = received(sqs)
    change = {"QueueUrl": LIGHT, "ReceiptHandle": message["ReceiptHandle"]}
    sqs.change_message_visibility(**change, VisibilityTimeout=1000)
    clock.move(seconds=999)
    assert bodies(sqs) == []
    sqs.change_message_visibility(**change, VisibilityTimeout=0)
    with pytest.raises(ClientError, match="MessageNotInflight"):
        sqs.change_message_visibility(**change, VisibilityTimeout=10)
    assert bodies(sqs) == ["a"]


def test_a_message_received_too_often_moves_to_the_dead_letter_queue(sqs: Any, clock: Clock) -> None:
    sqs.send_message_batch(QueueUrl=LIGHT, Entries=entries("poison"))
    for _ in range(3):
        assert bodies(sqs) == ["poison"]
        clock.move(seconds=190)
    assert bodies(sqs) == []
    assert bodies(sqs, DEAD) == ["poison"]


def test_a_message_is_forgotten_after_its_retention(sqs: Any, clock: Clock) -> None:
    for url in (LIGHT, PLAIN):
        sqs.send_message(QueueUrl=url, MessageBody="a")
    clock.move(days=4)
    assert (bodies(sqs), bodies(sqs, PLAIN)) == (["a"], [])
    clock.move(days=10)
    assert bodies(sqs) == []


def test_the_numbers_of_messages(sqs: Any) -> None:
    sqs.send_message_batch(QueueUrl=LIGHT, Entries=entries("a", "b", "c"))
    sqs.send_message(QueueUrl=LIGHT, MessageBody="later", DelaySeconds=10)
    received(sqs, MaxNumberOfMessages=1)
    known = sqs.get_queue_attributes(QueueUrl=LIGHT, AttributeNames=["All"])["Attributes"]
    assert known["ApproximateNumberOfMessages"] == "2"
    assert known["ApproximateNumberOfMessagesNotVisible"] == "1"
    assert known["ApproximateNumberOfMessagesDelayed"] == "1"
    assert known["VisibilityTimeout"] == "190"
    assert known["QueueArn"].endswith(":light")


def test_queues_are_created_and_found(sqs: Any) -> None:
    made = sqs.create_queue(QueueName="made", Attributes={"DelaySeconds": "5"})["QueueUrl"]
    assert sqs.get_queue_url(QueueName="made")["QueueUrl"] == made
    assert sqs.create_queue(QueueName="made", Attributes={"DelaySeconds": "5"})["QueueUrl"] == made
    with pytest.raises(ClientError, match="QueueAlreadyExists"):
        sqs.create_queue(QueueName="made", Attributes={"DelaySeconds": "6"})
    with pytest.raises(ClientError) as refusal:
        sqs.get_queue_url(QueueName="nowhere")
    assert refusal.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.send_message(QueueUrl=LIGHT + "er", MessageBody="a")


def test_queues_may_be_declared_with_their_attributes_beside_their_name(clock: Clock) -> None:
    """As CloudFormation's properties are. A reference in them that only CloudFormation understands is not guessed."""
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 1}
    flat = {"QueueName": "light", "VisibilityTimeout": 90, "SqsManagedSseEnabled": True, "RedrivePolicy": redrive}
    sqs = Accounting(queues=[flat], clock=clock).client("sqs")
    known = sqs.get_queue_attributes(QueueUrl=LIGHT, AttributeNames=["All"])["Attributes"]
    assert (known["VisibilityTimeout"], known["SqsManagedSseEnabled"]) == ("90", "true")
    assert sqs.list_queues()["QueueUrls"] == [LIGHT]
    sqs.send_message(QueueUrl=LIGHT, MessageBody="a")
    assert bodies(sqs, VisibilityTimeout=0) == ["a"]
    with pytest.raises(NotModelled, match="not given by its ARN"):
        bodies(sqs)


def test_message_attributes_travel_with_their_md5(sqs: Any) -> None:
    """The sum is the one of the SQS Developer Guide's algorithm, computed here step by step for one attribute."""
    sqs.send_message(
        QueueUrl=LIGHT, MessageBody="a", MessageAttributes={"kind": {"DataType": "String", "StringValue": "v"}}
    )
    (message,) = received(sqs, MessageAttributeNames=["All"])
    assert message["MessageAttributes"]["kind"]["StringValue"] == "v"
    parts = b"\x00\x00\x00\x04kind" + b"\x00\x00\x00\x06String" + b"\x01" + b"\x00\x00\x00\x01v"
    assert message["MD5OfMessageAttributes"] == md5(parts).hexdigest()


def test_a_group_makes_a_fair_queue_and_is_given_back(sqs: Any) -> None:
    sqs.send_message(QueueUrl=LIGHT, MessageBody="a", MessageGroupId="owner")
    assert received(sqs)[0]["Attributes"]["MessageGroupId"] == "owner"


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        ([], "EmptyBatchRequest"),
        (entries(*"abcdefghijk"), "TooManyEntriesInBatchRequest"),
        ([*entries("a"), *entries("b")], "BatchEntryIdsNotDistinct"),
        ([{"Id": "a b", "MessageBody": "a"}], "InvalidBatchEntryId"),
        (entries("x" * 600 * KB, "y" * 600 * KB), "BatchRequestTooLong"),
    ],
)
def test_batches_that_are_refused_whole(sqs: Any, batch: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(ClientError) as refusal:
        sqs.send_message_batch(QueueUrl=LIGHT, Entries=batch)
    assert refusal.value.response["Error"]["Code"] == f"AWS.SimpleQueueService.{code}"
    assert bodies(sqs) == []


def test_bad_entries_fail_alone(sqs: Any) -> None:
    good, late, strange = entries("good", "late", "strange\x00")
    answer = sqs.send_message_batch(QueueUrl=LIGHT, Entries=[good, {**late, "DelaySeconds": 901}, strange])
    assert [entry["Id"] for entry in answer["Successful"]] == ["0"]
    failed = [(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in answer["Failed"]]
    assert failed == [("1", "InvalidParameterValue", True), ("2", "InvalidMessageContents", True)]
    assert bodies(sqs) == ["good"]


def test_messages_and_receives_have_limits(sqs: Any) -> None:
    sqs.send_message(QueueUrl=LIGHT, MessageBody="x" * 1024 * KB)
    with pytest.raises(ClientError, match="Message is too long"):
        sqs.send_message(QueueUrl=LIGHT, MessageBody="x" * (1024 * KB + 1))
    with pytest.raises(ClientError, match="must contain the parameter MessageBody"):
        sqs.send_message(QueueUrl=LIGHT, MessageBody="")
    with pytest.raises(ClientError, match="MaxNumberOfMessages is invalid"):
        sqs.receive_message(QueueUrl=LIGHT, MaxNumberOfMessages=11)
    with pytest.raises(ClientError, match="VisibilityTimeout is invalid"):
        sqs.receive_message(QueueUrl=LIGHT, VisibilityTimeout=43_201)


def test_what_is_not_modelled_is_said_and_not_guessed(sqs: Any) -> None:
    with pytest.raises(NotModelled, match="FIFO"):
        sqs.create_queue(QueueName="a.fifo", Attributes={"FifoQueue": "true"})
    with pytest.raises(NotModelled, match="SQS PurgeQueue"):
        sqs.purge_queue(QueueUrl=LIGHT)


@pytest.mark.parametrize(
    ("sizes", "requests"), [([1], 1), ([64 * KB], 1), ([64 * KB + 1], 2), ([256 * KB], 4), ([8 * KB] * 10, 2)]
)
def test_each_64_kb_of_payload_is_billed_as_a_request(
    books: Accounting, sqs: Any, sizes: list[int], requests: int
) -> None:
    """aws.amazon.com/sqs/pricing: "an API action with a 256 KB payload is billed as 4 requests (256 KB / 64 KB)"."""
    sqs.send_message_batch(QueueUrl=LIGHT, Entries=entries(*("x" * size for size in sizes)))
    assert books.units().chunks == requests
    books.reset()
    for message in received(sqs):
        sqs.delete_message(QueueUrl=LIGHT, ReceiptHandle=message["ReceiptHandle"])
    assert books.units(operation="ReceiveMessage").chunks == requests
    assert books.units(operation="DeleteMessage").chunks == len(sizes)


def test_empty_receives_and_refused_sends_are_requests_too(books: Accounting, sqs: Any) -> None:
    received(sqs, WaitTimeSeconds=20)
    with pytest.raises(ClientError):
        sqs.send_message(QueueUrl=LIGHT, MessageBody="x", DelaySeconds=901)
    assert [(call.operation, call.target, call.charges[0].chunks) for call in books.ledger] == [
        ("ReceiveMessage", "light", 1),
        ("SendMessage", "light", 1),
    ]
