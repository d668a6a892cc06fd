"""The emulator process: what it remembers, what is atomic in it, and how soon a message comes out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local import engines
from infra.local.choices import Engine, Refused
from infra.local.emulator.application import Emulator
from infra.local.emulator.journal import Journal
from tests.infra.conftest import choices, client
from tests.infra.stacks import alive

RUNS = "punctual-local-runs"
TASKS = "punctual-local-tasks"
ROOT = Path(__file__).parents[2]


class RunningEmulator:
    """A running emulator and clients for it."""

    def __init__(self, folder: Path, **chosen: Any) -> None:
        self.engine = engines.launch(choices(folder, **chosen))
        self.dynamodb = client("dynamodb", self.engine.endpoint)
        self.sqs = client("sqs", self.engine.endpoint)

    def url(self, queue: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=queue)["QueueUrl"])

    def put_run(self, due_key: str, **attributes: Any) -> None:
        key = {"task_id": {"S": "t"}, "due_key": {"S": due_key}}
        self.dynamodb.put_item(TableName=RUNS, Item={**key, **attributes})

    def runs(self) -> dict[str, Any]:
        items = self.dynamodb.scan(TableName=RUNS)["Items"]
        return {item["due_key"]["S"]: item for item in items}

    def send(self, body: str, delay: int = 0) -> None:
        self.sqs.send_message(QueueUrl=self.url("punctual-local-light"), MessageBody=body, DelaySeconds=delay)

    def receive(self, wait: int = 0) -> list[dict[str, Any]]:
        asked = self.sqs.receive_message(
            QueueUrl=self.url("punctual-local-light"),
            WaitTimeSeconds=wait,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = asked.get("Messages", [])
        return messages

    def waiting(self) -> tuple[int, int]:
        """Messages that can be received, and messages whose delay has not ended."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        url = self.url("punctual-local-light")
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])


@contextmanager
def running(folder: Path, **chosen: Any) -> Iterator[RunningEmulator]:
    emulator = RunningEmulator(folder, **chosen)
    try:
        yield emulator
    finally:
        emulator.engine.stop()


def kill(emulator: RunningEmulator) -> None:
    assert emulator.engine.process is not None
    emulator.engine.process.kill()
    emulator.engine.stop()


VARIOUS = {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}, {"B": b"\0\xff"}]}
RICH = {"M": {"list": VARIOUS, "set": {"SS": ["a"]}}}


def live(emulator: RunningEmulator) -> None:
    """A life in which something of everything is written, changed and deleted."""
    soon, past = str(int(time.time()) + 900), str(int(time.time()) - 1)
    emulator.put_run("rich", rich=RICH, expires_at={"N": soon})
    emulator.put_run("expired", expires_at={"N": past})
    emulator.put_run("deleted")
    emulator.put_run("updated")
    emulator.dynamodb.delete_item(TableName=RUNS, Key={"task_id": {"S": "t"}, "due_key": {"S": "deleted"}})
    emulator.dynamodb.update_item(
        TableName=RUNS,
        Key={"task_id": {"S": "t"}, "due_key": {"S": "updated"}},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "done"}},
    )
    batch = [{"PutRequest": {"Item": {"task_id": {"S": "t"}, "due_key": {"S": f"batch {n}"}}}} for n in range(3)]
    emulator.dynamodb.batch_write_item(RequestItems={RUNS: batch})
    emulator.dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": TASKS, "Item": {"id": {"S": "t"}, "owner": {"S": "o"}}}},
            {"Delete": {"TableName": RUNS, "Key": {"task_id": {"S": "t"}, "due_key": {"S": "batch 2"}}}},
        ]
    )
    emulator.send("received")
    emulator.send("handled")
    handles = {m["Body"]: m["ReceiptHandle"] for m in emulator.receive()}
    emulator.sqs.delete_message(QueueUrl=emulator.url("punctual-local-light"), ReceiptHandle=handles["handled"])
    emulator.send("waiting")
    emulator.send("delayed", delay=900)


@pytest.fixture(scope="module", params=["stopped in peace", "killed"])
def next_life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """An emulator whose predecessor lived and ended, one way or the other, right after its last answer."""
    folder = tmp_path_factory.mktemp("lives")
    with running(folder) as emulator:
        live(emulator)
        if request.param == "killed":
            kill(emulator)
    with running(folder) as emulator:
        yield emulator


def test_items_are_there_in_the_next_life_as_they_were_left(next_life: RunningEmulator) -> None:
    runs = next_life.runs()
    assert runs["rich"]["rich"] == RICH
    assert runs["updated"]["status"] == {"S": "done"}
    assert runs.keys() - {"expired"} == {"rich", "updated", "batch 0", "batch 1"}
    assert next_life.dynamodb.get_item(TableName=TASKS, Key={"id": {"S": "t"}})["Item"]["owner"] == {"S": "o"}


def test_an_item_whose_time_to_live_has_passed_is_gone_in_the_next_life(next_life: RunningEmulator) -> None:
    assert "expired" not in next_life.runs()


def test_messages_wait_on_in_the_next_life_and_their_receives_stay_counted(next_life: RunningEmulator) -> None:
    assert next_life.waiting() == (2, 1)
    received = {m["Body"]: m["Attributes"]["ApproximateReceiveCount"] for m in next_life.receive()}
    assert received == {"received": "2", "waiting": "1"}


def test_a_fresh_start_is_empty(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        emulator.put_run("1")
    with running(tmp_path, fresh=True) as emulator:
        assert emulator.runs() == {}


def test_damaged_state_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        emulator.put_run("1")
    for path in (tmp_path / "moto-local").glob("*.jsonl"):
        path.write_bytes(b"nonsense\n" + path.read_bytes())
    with pytest.raises(Refused, match=r"is damaged .* FRESH=1 starts empty"):
        engines.launch(choices(tmp_path))


def test_an_emulator_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib, time; from tests.infra.conftest import choices; from infra.local import engines;"
        "engine = engines.launch(choices(pathlib.Path(sys.argv[1])));"
        "print(engine.process.pid, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    with starter:
        assert starter.stdout is not None
        emulator = int(starter.stdout.readline())
        os.kill(starter.pid, signal.SIGKILL)
    with running(tmp_path):  # waits for the journal, which its predecessor holds until it ends
        assert not alive(emulator)


def test_requests_are_handled_one_at_a_time_so_that_conditional_writes_are_atomic(tmp_path: Path) -> None:
    busy, most = 0, 0

    def service(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        threading.Event().wait(0.01)
        busy -= 1
        start_response("200 OK", [])
        return [b"{}"]

    emulator = Emulator(Journal(tmp_path, keep=lambda key, value: True), service)
    requests = [{"HTTP_X_AMZ_TARGET": "DynamoDB_20120810.GetItem"} for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda request: list(emulator(request, lambda *said: None)), requests))
    assert answers == [[b"{}"]] * 8
    assert most == 1


def test_a_transaction_that_fails_leaves_nothing_behind(dynamodb: Any) -> None:
    existing = {"id": {"S": "existing"}, "owner": {"S": "o"}, "version": {"N": "1"}}
    dynamodb.put_item(TableName=TASKS, Item=existing)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": TASKS, "Item": {"id": {"S": "fresh"}, "owner": {"S": "o"}}}},
                {
                    "Update": {
                        "TableName": TASKS,
                        "Key": {"id": {"S": "existing"}},
                        "UpdateExpression": "SET version = :two",
                        "ExpressionAttributeValues": {":two": {"N": "2"}},
                    }
                },
                {
                    "Put": {
                        "TableName": TASKS,
                        "Item": {"id": {"S": "refused"}, "owner": {"S": "o"}},
                        "ConditionExpression": "attribute_exists(id)",
                    }
                },
            ]
        )
    keys = [{"id": {"S": name}} for name in ("fresh", "existing", "refused")]
    found = dynamodb.batch_get_item(RequestItems={TASKS: {"Keys": keys}})["Responses"][TASKS]
    assert found == [existing]


def test_queries_page_through_one_partition_in_both_directions(dynamodb: Any) -> None:
    for task in ("pages", "others"):
        for n in (3, 1, 2):
            key = {"task_id": {"S": task}, "due_key": {"S": str(n)}}
            dynamodb.put_item(TableName=RUNS, Item={**key, "feed": {"S": "pages-owner"}})

    def due_keys(forward: bool, **asked: Any) -> list[str]:
        pages = dynamodb.get_paginator("query").paginate(
            TableName=RUNS, ScanIndexForward=forward, PaginationConfig={"PageSize": 2}, **asked
        )
        return [item["due_key"]["S"] for page in pages for item in page["Items"]]

    partition = {"KeyConditionExpression": "task_id = :t", "ExpressionAttributeValues": {":t": {"S": "pages"}}}
    after_one = {
        "KeyConditionExpression": "task_id = :t AND due_key > :one",
        "ExpressionAttributeValues": {":t": {"S": "pages"}, ":one": {"S": "1"}},
    }
    index = {
        "IndexName": "feed",
        "KeyConditionExpression": "feed = :o",
        "ExpressionAttributeValues": {":o": {"S": "pages-owner"}},
    }
    assert due_keys(True, **partition) == ["1", "2", "3"]
    assert due_keys(False, **after_one) == ["3", "2"]
    assert due_keys(False, **index) == ["3", "3", "2", "2", "1", "1"]


def test_an_index_answers_its_keys_and_changes_nothing_of_what_it_lists(dynamodb: Any) -> None:
    key = {"task_id": {"S": "listed"}, "due_key": {"S": "1"}}
    item = key | {"feed": {"S": "eve"}, "status": {"S": "done"}, "rich": RICH}
    dynamodb.put_item(TableName=RUNS, Item=item)
    asked = {"KeyConditionExpression": "feed = :o", "ExpressionAttributeValues": {":o": {"S": "eve"}}}

    def listed(**more: Any) -> list[Any]:
        return list(dynamodb.query(TableName=RUNS, IndexName="feed", **asked, **more)["Items"])

    assert listed() == [key | {"feed": {"S": "eve"}}]
    assert listed(ProjectionExpression="due_key, nowhere") == [{"due_key": {"S": "1"}}]
    assert dynamodb.get_item(TableName=RUNS, Key=key)["Item"] == item
    [nested] = dynamodb.query(
        TableName=RUNS,
        KeyConditionExpression="task_id = :t",
        ExpressionAttributeValues={":t": {"S": "listed"}},
        ProjectionExpression="rich.#s, due_key",
        ExpressionAttributeNames={"#s": "set"},
    )["Items"]
    assert nested == {"due_key": {"S": "1"}, "rich": {"M": {"set": {"SS": ["a"]}}}}


def test_a_page_of_an_index_is_as_large_as_what_the_index_holds_and_not_as_what_it_lists(dynamodb: Any) -> None:
    due_keys = [str(n) for n in range(5)]
    for due_key in due_keys:
        key = {"task_id": {"S": "large"}, "due_key": {"S": due_key}}
        dynamodb.put_item(TableName=RUNS, Item={**key, "feed": {"S": "hoarder"}, "output": {"S": "x" * 300_000}})
    asked = {"KeyConditionExpression": "feed = :o", "ExpressionAttributeValues": {":o": {"S": "hoarder"}}}
    answer = dynamodb.query(TableName=RUNS, IndexName="feed", **asked)
    assert [item["due_key"]["S"] for item in answer["Items"]] == due_keys
    assert "LastEvaluatedKey" not in answer


def test_a_long_poll_gets_a_delayed_message_when_its_delay_ends(sqs: Any, new_queue: Callable[..., str]) -> None:
    url = sqs.get_queue_url(QueueName=new_queue())["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="hello", DelaySeconds=1)
    sent = time.time()
    received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert [m["Body"] for m in received] == ["hello"]
    assert time.time() - sent >= 0.9, "a delayed message must not come early"


def test_a_long_poll_gets_a_message_that_is_sent_while_it_waits(sqs: Any, new_queue: Callable[..., str]) -> None:
    url = sqs.get_queue_url(QueueName=new_queue())["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=20)
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"n": 1}))
        assert len(poll.result()["Messages"]) == 1


def test_a_poll_that_waits_keeps_nobody_else_waiting(sqs: Any, dynamodb: Any, new_queue: Callable[..., str]) -> None:
    url = sqs.get_queue_url(QueueName=new_queue())["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=3)
        dynamodb.list_tables()
        assert not poll.done()
        assert "Messages" not in poll.result()


def test_ministack_keeps_its_state_when_it_is_stopped_in_peace(tmp_path: Path) -> None:
    with running(tmp_path, engine=Engine.MINISTACK) as emulator:
        url = emulator.sqs.create_queue(QueueName="q")["QueueUrl"]
        emulator.sqs.send_message(QueueUrl=url, MessageBody="kept")
    with running(tmp_path, engine=Engine.MINISTACK) as emulator:
        received = emulator.sqs.receive_message(QueueUrl=emulator.url("q"))
        assert [m["Body"] for m in received["Messages"]] == ["kept"]
