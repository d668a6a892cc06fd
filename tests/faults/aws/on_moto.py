"""moto as the AWS of a story: its own code decides what each request comes to, by the story's clock.

Each story has moto's backends of its own, put where moto looks for them while the story is told. The quicker ways of
the local emulator are in place as long; as there, a transaction that fails is undone here.
"""

from __future__ import annotations

import copy
import json
from types import SimpleNamespace
from typing import Any

import moto.sqs.models
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import Request as MotoRequest
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item as MotoItem
from moto.dynamodb.responses import DynamoHandler
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends
from moto.sqs.responses import SQSResponse

from bench.accounting import wire
from bench.accounting.wire import Answer, Request
from infra import resources
from infra.local.emulator import memory, speed
from tests.faults.aws import Clock, Hook, Item, Received, declared, queue_name

TARGETS = {"dynamodb": "DynamoDB_20120810", "sqs": "AmazonSQS"}
ANSWERERS = {"dynamodb": DynamoHandler, "sqs": SQSResponse}
TABLE = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
"""Of what is declared of a table, that which decides how calls are answered."""
KEPT_HEADERS = ("x-amzn-requestid", "x-amzn-query-error")
"""The checksum is not among them: the answer is written anew."""
OK = 200


class OnMoto:
    """Empty tables and queues in moto."""

    def __init__(self, stage: str, clock: Clock, hook: Hook) -> None:
        self._stage = stage
        self._clock = clock
        self._hook = hook
        self._dynamodb = DynamoDBBackend(memory.REGION, DEFAULT_ACCOUNT_ID)
        self._sqs = SQSBackend(memory.REGION, DEFAULT_ACCOUNT_ID)

    def prepare(self, patched: pytest.MonkeyPatch) -> None:
        """Put the backends, the clock and the quicker ways in place. What moto notes of every object that it ever
        makes is let go of afterwards."""

        def milliseconds(*_: Any) -> float:
            return self._clock() * 1000

        def replace(owner: Any, name: str, quicker: Any) -> None:
            patched.setattr(owner, name, quicker, raising=False)

        patched.setitem(dynamodb_backends[DEFAULT_ACCOUNT_ID], memory.REGION, self._dynamodb)
        patched.setitem(sqs_backends[DEFAULT_ACCOUNT_ID], memory.REGION, self._sqs)
        patched.setattr(moto.sqs.models, "unix_time", lambda *_: self._clock())
        patched.setattr(moto.sqs.models, "unix_time_millis", milliseconds)
        patched.setattr(speed, "time", SimpleNamespace(time=self._clock))
        for made in (MotoItem, Message, Queue):
            patched.setattr(made, "instances_tracked", [])
        patched.setattr(speed, "setattr", replace, raising=False)  # what it installs is taken back with the rest
        speed.install()
        self._create()

    def _create(self) -> None:
        for table in resources.tables(declared(self._stage)):
            self._performed("dynamodb", "CreateTable", {name: table[name] for name in TABLE if name in table})
        for queue in resources.queues(declared(self._stage)):
            attributes = {name: str(value) for name, value in queue.items() if isinstance(value, int | str)}
            del attributes["QueueName"]
            if "RedrivePolicy" in queue:
                attributes["RedrivePolicy"] = self._redrive(queue["RedrivePolicy"])
            self._performed("sqs", "CreateQueue", {"QueueName": queue["QueueName"], "Attributes": attributes})

    def _redrive(self, policy: dict[str, Any]) -> str:
        dead = self._sqs.get_queue(queue_name(self._stage, policy))
        return json.dumps(policy | {"deadLetterTargetArn": dead.queue_arn})

    def serve(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        asked = wire.read(event_name, request)
        answer = asked if isinstance(asked, Answer) else self._hook(asked, self.perform)
        return wire.write(request.url, answer)

    def perform(self, request: Request) -> Answer:
        """What moto makes of a request."""
        keys = memory.touched_items(request.operation, request.parameters) if _atomic(request) else []
        before = [(key, copy.deepcopy(memory.find_item(key))) for key in keys]
        answer = _answer(request)
        if answer.error is not None:
            for key, item in before:
                memory.replace_item(key, item)
        return answer

    def _performed(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        answer = self.perform(Request(service=service, operation=operation, parameters=parameters))
        assert answer.error is None, answer
        return answer.body

    def items(self, table: str) -> list[Item]:
        return [item.to_json()["Attributes"] for item in self._dynamodb.get_table(table).all_items()]

    def receive(self, queue: str, most: int) -> list[Received]:
        asked = {"QueueUrl": self._url(queue), "MaxNumberOfMessages": most, "AttributeNames": ["All"]}
        found = self._performed("sqs", "ReceiveMessage", asked).get("Messages", ())
        return [self._received(queue, message) for message in found]

    def _received(self, queue: str, message: dict[str, Any]) -> Received:
        return Received(
            id=message["MessageId"],
            body=message["Body"],
            times=int(message["Attributes"]["ApproximateReceiveCount"]),
            handle=message["ReceiptHandle"],
            visible_at=self._message(queue, message["MessageId"]).visible_at / 1000,
        )

    def ready(self, queue: str) -> bool:
        return bool(self._sqs.get_queue(queue).messages)

    def remove(self, queue: str, handle: str) -> None:
        self._performed("sqs", "DeleteMessage", {"QueueUrl": self._url(queue), "ReceiptHandle": handle})

    def hide(self, queue: str, message: Received, until: float) -> None:
        self._message(queue, message.id).visible_at = until * 1000

    def copy(self, queue: str, message: Received, visible_at: float) -> None:
        again = Message(f"{message.id}-copy", message.body)
        again.mark_sent()
        again.delayed_until = visible_at * 1000
        self._sqs.get_queue(queue).add_message(again)

    def count(self, queue: str) -> int:
        return len(self._sqs.get_queue(queue)._messages)

    def _message(self, queue: str, message_id: str) -> Message:
        return next(message for message in self._sqs.get_queue(queue)._messages if message.id == message_id)

    def _url(self, queue: str) -> str:
        return self._sqs.get_queue(queue).physical_resource_id


def _atomic(request: Request) -> bool:
    return request.operation == "TransactWriteItems"


def _answer(request: Request) -> Answer:
    """A request through moto's own reading, deciding and writing."""
    host = f"{request.service}.{memory.REGION}.amazonaws.com"
    headers = {
        "Host": host,
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"{TARGETS[request.service]}.{request.operation}",
    }
    body = json.dumps(request.parameters).encode()
    asked = MotoRequest.from_primitives("POST", f"https://{host}/", headers, body)
    status, answered, text = ANSWERERS[request.service].dispatch(asked, asked.raw_url, asked.headers)
    answer = json.loads(text)
    error = None if status == OK else answer.get("__type", "").rpartition("#")[2]
    kept = {name: value for name, value in answered.items() if name.lower() in KEPT_HEADERS}
    return Answer(body=answer, status=status, headers=kept, error=error)
