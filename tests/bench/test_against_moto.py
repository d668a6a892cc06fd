"""The stub beside moto: the same random calls must have the same results.

Where moto is known to be wrong, or DynamoDB leaves something open, the comparison steps aside:

* the order of scans, batch reads and of index entries with the same sort key is nobody's: compared sorted
* moto gives no `LastEvaluatedKey` when a limit is met by the very last item; DynamoDB does: not compared. Whole
  results are compared by paging until nothing comes
* moto's consumed capacity is wrong (and not used anywhere): not compared
* moto does not check reserved words, unused placeholders or index key types everywhere: not generated
* moto fails with a 500 on `size` of an attribute that is not there; the comparison is false: not generated
* moto's UPDATED_OLD and UPDATED_NEW show keys, whole maps, and lack sets that have grown: not generated
* moto takes two deletes of one item in a batch: not generated
* moto refuses a transaction with an update that does not fit its item as a whole; DynamoDB cancels it and gives
  `ValidationError` as that action's reason: the two count as the same
* moto ignores `ClientRequestToken`: each generated transaction gets one of its own from botocore
* messages of refusals differ in wording: only the error codes and cancellation codes are compared
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from bench.accounting import Accounting
from tests.bench.histories import TABLE, Call, calls, hashes, items

QUEUE = "q"

Outcome = Any


def shown(answer: dict[str, Any], *, ordered: bool) -> Outcome:
    """What the two must agree on: items and attributes, in order where there is one."""
    kept = {name: answer[name] for name in ("Item", "Attributes", "Count") if name in answer}
    items = answer.get("Items", answer.get("Responses", {}).get("t", ()))
    found = [sorted(item.items(), key=str) for item in map(_plain, items)]
    return _plain(kept), found if ordered else sorted(found, key=str)


def _plain(value: Any) -> Any:
    """Sets have no order."""
    if isinstance(value, dict):
        return {name: sorted(inner) if name == "SS" else _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def outcome(dynamodb: Any, call: Call) -> Outcome:
    operation, parameters = call
    try:
        answer = getattr(dynamodb, operation)(**parameters)
    except ClientError as error:
        reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", ())]
        if "ValidationError" in reasons:
            return "ValidationException", []
        return error.response["Error"]["Code"], reasons
    return shown(answer, ordered="IndexName" not in parameters and operation != "batch_get_item")


def whole_table(dynamodb: Any) -> Outcome:
    return shown(dynamodb.scan(TableName="t"), ordered=False)


def history(dynamodb: Any, some: list[Call]) -> list[Outcome]:
    return [*(outcome(dynamodb, call) for call in some), whole_table(dynamodb)]


@cache
def client(service: str) -> Any:
    """One client for both: making one is the slow part. Nobody answers it except within the two blocks below."""
    return boto3.Session().client(service)


@contextmanager
def ours(service: str, *tables: dict[str, Any]) -> Iterator[Any]:
    with Accounting(tables=tables) as books:
        books.attach(client(service))
        yield client(service)


@contextmanager
def motos(service: str, *tables: dict[str, Any]) -> Iterator[Any]:
    with mock_aws():
        for declared in tables:
            client(service).create_table(**declared)
        yield client(service)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(calls, min_size=3, max_size=12))
def test_tables_behave_as_moto_does(some: list[Call]) -> None:
    with ours("dynamodb", TABLE) as dynamodb:
        stubs = history(dynamodb, some)
    with motos("dynamodb", TABLE) as dynamodb:
        assert history(dynamodb, some) == stubs


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(items, max_size=9), st.integers(1, 4), hashes)
def test_pages_lead_through_the_same_items_as_motos(some: list[dict[str, Any]], limit: int, h: dict[str, str]) -> None:
    def pages(dynamodb: Any) -> list[Outcome]:
        for item in some:
            dynamodb.put_item(TableName="t", Item=item)
        ask = {"KeyConditionExpression": "h = :h", "ExpressionAttributeValues": {":h": h}}
        return [paged(dynamodb.query, limit, **ask), sorted(paged(dynamodb.scan, limit), key=str)]

    with ours("dynamodb", TABLE) as dynamodb:
        stubs = pages(dynamodb)
    with motos("dynamodb", TABLE) as dynamodb:
        assert pages(dynamodb) == stubs


def paged(ask: Callable[..., Any], limit: int, **parameters: Any) -> list[Any]:
    found: list[Any] = []
    start: dict[str, Any] = {}
    while True:
        answer = ask(TableName="t", Limit=limit, **parameters, **start)
        found += map(_plain, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return found
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


BATCH = st.lists(st.sampled_from(["a", "b", "long" * 20]), min_size=1, max_size=10)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(BATCH, max_size=3), st.integers(1, 10), st.data())
def test_queues_behave_as_motos_do(batches: list[list[str]], most: int, data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.integers(0, 29)))

    def life(sqs: Any) -> list[Outcome]:
        url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        sums = [sent for batch in batches for sent in _sent(sqs, url, batch)]
        bodies = []
        while True:
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=most).get("Messages", [])
            if not found:
                break
            for message in found:
                bodies.append((message["Body"], message["MD5OfBody"]))
                if len(bodies) not in kept:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        numbers = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return [sums, sorted(bodies), [left[name] for name in numbers]]

    with ours("sqs") as sqs:
        stubs = life(sqs)
    with motos("sqs") as sqs:
        assert life(sqs) == stubs


def _sent(sqs: Any, url: str, batch: list[str]) -> list[tuple[str, str]]:
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)]
    answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    return [(sent["Id"], sent["MD5OfMessageBody"]) for sent in answer["Successful"]]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_queue_url", {"QueueName": "none"}),
        ("send_message", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/none", "MessageBody": "a"}),
    ],
)
def test_refusals_of_sqs_carry_the_same_code(operation: str, parameters: dict[str, Any]) -> None:
    def code(sqs: Any) -> str:
        with pytest.raises(ClientError) as refusal:
            getattr(sqs, operation)(**parameters)
        return str(refusal.value.response["Error"]["Code"])

    with ours("sqs") as sqs:
        stubs = code(sqs)
    with motos("sqs") as sqs:
        assert code(sqs) == stubs
