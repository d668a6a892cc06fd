"""What answers in the emulator: moto, with a memory, atomic writes and prompt long polls."""

from __future__ import annotations

import copy
import io
import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sqs.models import Queue

from infra.local.emulator import memory, parameters
from infra.local.emulator.journal import Journal

ITEM_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
QUEUE_CHANGES = frozenset(
    {
        *("SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "PurgeQueue"),
        *("ChangeMessageVisibility", "ChangeMessageVisibilityBatch"),
    }
)
PARAMETER_WRITES = frozenset({"PutParameter", "DeleteParameter"})
MILLISECOND = 0.001
"""moto calls a message visible only after its instant, not at it."""


Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
"""WSGI."""


class Moto:
    """moto as a WSGI application. Its own dispatcher lists a folder for each request; two services need none."""

    def __init__(self) -> None:
        self._others = DomainDispatcherApplication(create_backend_app)
        self._services = {"DynamoDB_20120810": create_backend_app("dynamodb"), "AmazonSQS": create_backend_app("sqs")}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        service = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[0]
        answer: Iterable[bytes] = self._services.get(service, self._others)(environ, start_response)
        return answer


class Emulator:
    """moto, one request at a time, with each change remembered before it is answered."""

    def __init__(self, journal: Journal, moto: Application) -> None:
        self._journal = journal
        self._moto = moto
        self._watch = memory.QueueWatch()
        self._turn = threading.RLock()
        self._news: dict[str, threading.Condition] = {}
        self._stopping = False

    def restore(self, state: dict[str, Any]) -> None:
        """Puts back what was remembered, into the tables and queues that exist by now."""
        with self._turn:
            memory.restore(state)
            parameters.restore(state)
            for queue in memory.sqs().queues.values():
                self._watch.look(queue)

    def stop(self) -> None:
        """Lets the request in hand finish, and takes no further one."""
        with self._turn:
            self._stopping = True
            for queue in self._news.values():
                queue.notify_all()
            self._journal.close()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        request = _body(environ) if operation in ITEM_WRITES | QUEUE_CHANGES | PARAMETER_WRITES else {}
        with self._turn:
            if operation == "ReceiveMessage":
                self._wait_for_message(environ, request)
            return self._answer(operation, request, environ, start_response)

    def _answer(
        self, operation: str, request: dict[str, Any], environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if self._stopping:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        before = _copies(operation, request)
        statuses: list[str] = []

        def remember_status(status: str, headers: Any, exc_info: Any = None) -> Any:
            statuses.append(status)
            return start_response(status, headers, exc_info)

        answer = b"".join(self._moto(environ, remember_status))
        if statuses[-1].startswith("200"):
            self._remember(operation, request)
        else:
            for key, item in before:
                memory.replace_item(key, item)
        return [answer]

    def _remember(self, operation: str, request: dict[str, Any]) -> None:
        changes: dict[str, Any] = {}
        if operation in ITEM_WRITES:
            changes = memory.item_changes(memory.touched_items(operation, request))
        elif operation in PARAMETER_WRITES:
            changes = parameters.changes(request["Name"])
        elif operation in QUEUE_CHANGES:
            changes = self._watch.look(_queue(request))
            self._news_of(request).notify_all()
        if changes:
            self._journal.append(changes)

    def _wait_for_message(self, environ: dict[str, Any], request: dict[str, Any]) -> None:
        """The wait of a long poll. moto's own looks once a second at messages whose delay has ended."""
        until = time.monotonic() + int(request.get("WaitTimeSeconds", 0))
        _set_body(environ, {**request, "WaitTimeSeconds": 0})
        while not self._stopping and request["QueueUrl"].rpartition("/")[2] in memory.sqs().queues:
            remaining = until - time.monotonic()
            ready_in = _ready_in(_queue(request))
            if remaining <= 0 or ready_in <= 0:
                return
            self._news_of(request).wait(min(remaining, ready_in))

    def _news_of(self, request: dict[str, Any]) -> threading.Condition:
        """What a long poll of the request's queue waits on. Waiting lets others have their turn."""
        return self._news.setdefault(request["QueueUrl"].rpartition("/")[2], threading.Condition(self._turn))


def _copies(operation: str, request: dict[str, Any]) -> list[tuple[memory.ItemKey, Any]]:
    """The items of a transaction before it, for the case that it fails."""
    if operation != "TransactWriteItems":
        return []
    keys = memory.touched_items(operation, request)
    return [(key, copy.deepcopy(memory.find_item(key))) for key in keys]


def _queue(request: dict[str, Any]) -> Queue:
    return memory.sqs().get_queue(request["QueueUrl"].rpartition("/")[2])


def _ready_in(queue: Queue) -> float:
    """Seconds until a message can be received; infinite when none is there."""
    instants = (max(message.visible_at, message.delayed_until) for message in queue._messages)
    return min(instants, default=float("inf")) / 1000 + MILLISECOND - time.time()


def _body(environ: dict[str, Any]) -> dict[str, Any]:
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(raw)
    request: dict[str, Any] = json.loads(raw)
    return request


def _set_body(environ: dict[str, Any], request: dict[str, Any]) -> None:
    raw = json.dumps(request).encode()
    environ["wsgi.input"] = io.BytesIO(raw)
    environ["CONTENT_LENGTH"] = str(len(raw))
