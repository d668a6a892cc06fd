"""Faults at the level of botocore: what AWS does to a client on a bad day, on demand.

Everything is hung into the events of a real session, so that the adapter, botocore's retries included, meets a fault as
it would on AWS.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.session import Session

Share = Callable[[int], int]
"""Of so many items of a request, how many are refused."""


@dataclass(frozen=True)
class _Batch:
    """Where a request holds its items, and how its answer names those that it refused."""

    items: Callable[[dict[str, Any]], list[Any]]
    narrowed: Callable[[dict[str, Any], list[Any]], dict[str, Any]]
    refused: Callable[[dict[str, Any], list[Any]], dict[str, Any]]
    nothing: dict[str, Any]


def _table(request: dict[str, Any]) -> str:
    [name] = request["RequestItems"]
    return str(name)


BATCHES = {
    "BatchWriteItem": _Batch(
        lambda request: request["RequestItems"][_table(request)],
        lambda request, items: {"RequestItems": {_table(request): items}},
        lambda request, items: {"UnprocessedItems": {_table(request): items} if items else {}},
        {},
    ),
    "BatchGetItem": _Batch(
        lambda request: request["RequestItems"][_table(request)]["Keys"],
        lambda request, keys: {"RequestItems": {_table(request): {"Keys": keys, "ConsistentRead": True}}},
        lambda request, keys: {"UnprocessedKeys": {_table(request): {"Keys": keys}} if keys else {}},
        {"Responses": {}},
    ),
    "SendMessageBatch": _Batch(
        lambda request: request["Entries"],
        lambda request, entries: {"Entries": entries},
        lambda request, entries: {"Failed": [{"Id": e["Id"], "SenderFault": False, "Code": "x"} for e in entries]},
        {"Successful": []},
    ),
}
SERVICES = defaultdict(lambda: "dynamodb", SendMessageBatch="sqs", GetQueueUrl="sqs")


class Faults:
    """Faults of one session's clients, and what the clients asked. Faults come before the client's first call."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.pauses: list[float] = []
        self.lost: list[str] = []
        session.register("before-parameter-build.*.*", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((model.name, dict(params)))

    def count(self, operation: str) -> int:
        """How often an operation was asked for, the SDK's own repetitions not counted."""
        return sum(name == operation for name, _ in self.calls)

    def sent(self, queue: str) -> list[tuple[str, int]]:
        """Bodies and delays of all messages that were sent to a queue, refused ones included, in order."""
        requests = [request for name, request in self.calls if name == "SendMessageBatch"]
        entries = [e for r in requests if r["QueueUrl"].endswith(f"-{queue}") for e in r["Entries"]]
        return [(entry["MessageBody"], entry["DelaySeconds"]) for entry in entries]

    def answer_lost(self, operation: str) -> None:
        """The first request comes through, its answer does not, and the SDK sends it again."""

        def ask_again(**_: Any) -> float | None:
            if operation in self.lost:
                return None
            self.lost.append(operation)
            return 0.0

        self._on("needs-retry", operation, ask_again)

    def between(self, operation: str, do: Callable[[], object]) -> None:
        """Somebody else is quicker: this happens just before the first request of that operation arrives."""
        done: list[bool] = []

        def first(**_: Any) -> None:
            if not done:
                done.append(True)
                do()

        self._on("before-send", operation, first)

    def errors(self, operation: str, code: str, *, times: int = 1, message: str = "no", **body: Any) -> None:
        """The first requests of an operation are not performed, and answered with an error that nobody tries again."""
        left = list(range(times))

        def refuse(**_: Any) -> tuple[Any, dict[str, Any]] | None:
            if not left:
                return None
            left.pop()
            return _Status(400), {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}} | body

        self._on("before-call", operation, refuse)

    def throttled(self, operation: str, code: str, *, times: int) -> None:
        """The first requests of an operation that reads are answered with an error that the SDK knows will pass."""
        left = list(range(times))

        def refuse(request: Any, **_: Any) -> AWSResponse | None:
            if not left:
                return None
            left.pop()
            return AWSResponse(request.url, 400, {}, _Body(json.dumps({"__type": f"aws#{code}"}).encode()))

        self._on("before-send", operation, refuse)

    def breaks(self, operation: str, *, times: int) -> None:
        """The connection breaks before the first requests of an operation have reached anybody."""
        left = list(range(times))

        def break_off(request: Any, **_: Any) -> None:
            if left:
                left.pop()
                raise ConnectionClosedError(endpoint_url=request.url)

        self._on("before-send", operation, break_off)

    def refuses(self, operation: str, *shares: Share) -> None:
        """The first requests of a batch operation are refused in part: not performed, and named as such."""
        batch, left = BATCHES[operation], list(shares)

        def hold_back(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
            items = list(batch.items(params))
            most = left.pop(0)(len(items)) if left else 0
            context["refused"] = batch.refused(params, items[:most])
            context["nothing_left"] = most == len(items)
            params.update(batch.narrowed(params, items[most:]))

        def perform_nothing(context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
            return (_Status(200), dict(batch.nothing)) if context["nothing_left"] else None

        def tell(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
            parsed.update(context["refused"])

        self._on("before-parameter-build", operation, hold_back)
        self._on("before-call", operation, perform_nothing)
        self._on("after-call", operation, tell)

    def _on(self, event: str, operation: str, handler: Callable[..., Any]) -> None:
        self.session.register(f"{event}.{SERVICES[operation]}.{operation}", handler)


@dataclass(frozen=True)
class _Status:
    status_code: int


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Sequence[bytes]:
        return [self._content]


def nothing(of: int) -> int:
    return 0


def half(of: int) -> int:
    return (of + 1) // 2


def one(of: int) -> int:
    return 1


def everything(of: int) -> int:
    return of
