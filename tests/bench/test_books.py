"""The ledger, and the ways by which clients find the books."""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from bench.accounting import Accounting, Answer, Call, Charge, NotModelled, Request, Units
from bench.accounting.books import Perform
from tests.bench.declared import QUEUES, TABLES, Clock, numbers, strings

ONE = strings(id="1")


class Score(Model):
    """A model as pynamodb's users write it; it makes its own session and keeps its client for life."""

    class Meta:
        table_name = "scores"
        region = "us-east-1"

    player = UnicodeAttribute(hash_key=True)
    score = NumberAttribute(range_key=True)


@pytest.fixture(autouse=True)
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever tries to reach a network fails at once."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_every_call_is_written_down_with_what_it_cost(books: Accounting, dynamodb: Any, sqs: Any) -> None:
    dynamodb.put_item(TableName="runs", Item=strings(task_id="t", due_key="1", feed="o"))
    url = sqs.get_queue_url(QueueName="light")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="a")
    assert books.calls == [
        ("dynamodb", "PutItem", "runs"),
        ("sqs", "GetQueueUrl", "light"),
        ("sqs", "SendMessage", "light"),
    ]
    assert books.ledger[0] == Call(
        service="dynamodb",
        operation="PutItem",
        target="runs",
        charges=(Charge(target="runs", write=1), Charge(target="runs", index="feed", write=1)),
    )
    assert books.units() == Units(write=2, chunks=2)


def test_the_ledger_can_be_asked_about_a_part(books: Accounting, dynamodb: Any) -> None:
    dynamodb.put_item(TableName="items", Item=ONE)
    dynamodb.batch_get_item(
        RequestItems={"items": {"Keys": [ONE]}, "scores": {"Keys": [{**strings(player="a"), **numbers(score=1)}]}}
    )
    assert books.count() == 2
    assert books.count(target="scores") == 1
    assert books.count(target="items") == 2
    assert books.count(operation="PutItem", service="dynamodb") == 1
    assert books.count(service="sqs") == 0
    assert books.units(target="scores") == Units(read=0.5)
    assert books.units(operation="BatchGetItem") == Units(read=1)
    assert books.by_operation() == {("PutItem", "items"): 1, ("BatchGetItem", "items,scores"): 1}


def test_a_new_ledger_keeps_what_is_stored(books: Accounting, dynamodb: Any) -> None:
    dynamodb.put_item(TableName="items", Item=ONE)
    books.reset()
    assert (books.calls, books.units(), books.own_cpu) == ([], Units(), 0.0)
    assert books.items("items") == [ONE]


def test_seeding_and_looking_are_not_calls(books: Accounting) -> None:
    books.seed("items", [ONE, strings(id="2")])
    assert len(books.items("items")) == 2
    assert books.calls == []


def test_the_time_that_the_stub_takes_is_told_apart(books: Accounting, dynamodb: Any) -> None:
    dynamodb.put_item(TableName="items", Item=ONE)
    assert books.own_cpu > 0


def test_the_same_calls_give_the_same_answers() -> None:
    def answers() -> list[Any]:
        with Accounting(tables=TABLES, queues=QUEUES, clock=Clock()) as books:
            sqs, dynamodb = books.client("sqs"), books.client("dynamodb")
            url = sqs.get_queue_url(QueueName="light")["QueueUrl"]
            sent = sqs.send_message(QueueUrl=url, MessageBody="a")
            received = sqs.receive_message(QueueUrl=url)
            books.seed("items", [strings(id=str(number)) for number in range(9)])
            return [sent, received, dynamodb.scan(TableName="items")]

    assert answers() == answers()


def test_concurrent_callers_are_all_counted(books: Accounting, dynamodb: Any) -> None:
    def add(_: int) -> None:
        values = {":one": {"N": "1"}}
        dynamodb.update_item(
            TableName="items", Key=ONE, UpdateExpression="ADD n :one", ExpressionAttributeValues=values
        )

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns all the time
    try:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(add, range(200)))
    finally:
        sys.setswitchinterval(usual)
    assert books.items("items") == [{**ONE, **numbers(n=200)}]
    assert books.units().write == 200


def test_a_boto3_client_finds_the_books_of_its_session(books: Accounting) -> None:
    session = boto3.Session()
    books.attach(session)
    session.client("dynamodb").put_item(TableName="items", Item=ONE)
    table = session.resource("dynamodb").Table("items")
    assert table.get_item(Key={"id": "1"})["Item"] == {"id": "1"}
    assert books.count() == 2


def test_a_botocore_session_and_a_finished_client_find_the_books(books: Accounting) -> None:
    session = botocore.session.get_session()
    books.attach(session)
    session.create_client("dynamodb").put_item(TableName="items", Item=ONE)
    client = boto3.Session().client("dynamodb")
    books.attach(client)
    assert client.get_item(TableName="items", Key=ONE)["Item"] == ONE


def test_a_pynamodb_connection_finds_the_books(books: Accounting) -> None:
    connection = Connection(region="us-east-1")
    books.attach(connection)
    described = connection.describe_table("scores")
    assert described["TableName"] == "scores"
    connection.put_item("scores", "a", "1")
    assert books.items("scores") == [{**strings(player="a"), **numbers(score=1)}]


def test_pynamodb_models_find_the_books_that_are_open_everywhere() -> None:
    for _ in range(2):
        with Accounting(tables=TABLES) as books, books.everywhere():
            Score("a", 3).save(condition=Score.score.does_not_exist())
            with pytest.raises(PutError) as refusal:
                Score("a", 3).save(condition=Score.score.does_not_exist())
            assert refusal.value.cause_response_code == "ConditionalCheckFailedException"
            Score("a", 20).save()
            assert [found.score for found in Score.query("a", Score.score > 2, scan_index_forward=False)] == [20, 3]
            with Score.batch_write() as batch:
                for score in range(30):
                    batch.save(Score("b", score))
            assert len(list(Score.batch_get([("b", score) for score in range(30)]))) == 30
            assert books.count(operation="BatchWriteItem") == 2
            assert len(books.items("scores")) == 32


def test_the_innermost_open_books_get_the_calls() -> None:
    with Accounting(tables=TABLES) as outer, outer.everywhere():
        client = boto3.Session().client("dynamodb")
        with Accounting(tables=TABLES) as inner, inner.everywhere():
            client.put_item(TableName="items", Item=ONE)
        client.put_item(TableName="items", Item=ONE)
    assert (outer.count(), inner.count()) == (1, 1)


def test_closed_books_let_go_of_their_clients() -> None:
    client = boto3.Session().client("dynamodb")
    with Accounting(tables=TABLES) as first:
        first.attach(client)
        client.put_item(TableName="items", Item=ONE)
    with Accounting(tables=TABLES) as second:
        second.attach(client)
        client.put_item(TableName="items", Item=ONE)
    assert (first.count(), second.count()) == (1, 1)


def test_another_service_is_refused_before_any_socket(books: Accounting) -> None:
    with pytest.raises(NotModelled, match="the service lambda"):
        books.client("lambda").invoke(FunctionName="sandbox")


def test_only_sessions_clients_and_connections_can_be_attached(books: Accounting) -> None:
    with pytest.raises(TypeError, match="neither a session"):
        books.attach("dynamodb")


def test_a_retried_call_is_two_calls() -> None:
    """A throttled call is a request as well; botocore makes the second by itself."""
    attempts: list[Request] = []

    def throttle_once(request: Request, perform: Perform) -> Answer:
        attempts.append(request)
        if len(attempts) > 1:
            return perform(request)
        code = "ThrottlingException"
        return Answer(body={"__type": f"com.amazonaws.dynamodb.v20120810#{code}"}, status=400, error=code)

    with Accounting(tables=TABLES, hook=throttle_once) as books:
        books.client("dynamodb").put_item(TableName="items", Item=ONE)
    assert [(call.error, len(call.charges)) for call in books.ledger] == [("ThrottlingException", 0), (None, 1)]


def test_a_hook_can_lose_the_answer_of_a_call_that_was_performed() -> None:
    def lose(request: Request, perform: Perform) -> Answer:
        perform(request)
        return Answer(body={"__type": "InternalServerError"}, status=500, error="InternalServerError")

    with Accounting(tables=TABLES, hook=lose) as books:
        client = books.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises(ClientError, match="InternalServerError"):
            client.put_item(TableName="items", Item=ONE)
    assert books.items("items") == [ONE]
    assert (books.units().write, books.ledger[0].error) == (1, "InternalServerError")


def test_a_hook_can_crash_before_a_call() -> None:
    class CrashError(BaseException):
        pass

    def crash(request: Request, perform: Perform) -> Answer:
        raise CrashError

    with Accounting(tables=TABLES, hook=crash) as books:
        client = books.client("dynamodb")
        with pytest.raises(CrashError):
            client.put_item(TableName="items", Item=ONE)
    assert books.items("items") == []
    assert books.count() == 1
