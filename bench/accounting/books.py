"""The books: real botocore, boto3 and pynamodb clients, served in process, every call written down with what it costs.

    with Accounting(tables=[…], queues=[…], clock=clock) as books:
        dynamodb = books.client("dynamodb")
        …
        books.units().write, books.count(operation="UpdateItem"), books.calls

Clients made elsewhere: `books.attach(…)` takes a botocore session, a boto3 session, a client, or a pynamodb
`Connection`. pynamodb's models make their connections themselves: make their first call within
`with books.everywhere():`, which serves every client whose session is made from then on. Do not use it together
with moto's `mock_aws`, which works in the same way: each call would then reach both.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from threading import RLock
from types import TracebackType
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from bench.accounting import wire
from bench.accounting.charges import Call, Tally, Units, total
from bench.accounting.dynamodb import service as dynamodb
from bench.accounting.items.sizes import Item
from bench.accounting.routing import Emitter, emitter_of, fresh_session, served_everywhere
from bench.accounting.sqs import service as sqs
from bench.accounting.wire import Answer, NotModelled, Refused, Request

Perform = Callable[[Request], Answer]
Hook = Callable[[Request, Perform], Answer]


class Accounting:
    """DynamoDB and SQS in memory, with a ledger of every call.

    `tables` and `queues` are dicts in the shape of the inputs of CreateTable and CreateQueue (or of CloudFormation's
    properties); creating them by calls works as well. `clock` gives seconds since 1970; delays, visibility, retention
    and transaction tokens go by it. `hook` stands around every call: it may fail before or after `perform`, perform
    something else, twice or not at all, and change the answer.
    """

    def __init__(
        self,
        *,
        tables: Iterable[Mapping[str, Any]] = (),
        queues: Iterable[Mapping[str, Any]] = (),
        clock: Callable[[], float] = time.time,
        hook: Hook | None = None,
    ) -> None:
        self.dynamodb = dynamodb.DynamoDB(tables, clock)
        self.sqs = sqs.Sqs(queues, clock)
        self.hook = hook
        self.ledger: list[Call] = []
        self.own_cpu = 0.0
        self._lock = RLock()
        self._numbers = count(1)
        self._attached: list[Emitter] = []

    def __enter__(self) -> Accounting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for emitter in self._attached:
            emitter.unregister("before-send", self.serve)
        self._attached.clear()

    def client(self, service: str, **options: Any) -> Any:
        """A new botocore client of a session that has never seen anything but these books."""
        session = fresh_session()
        self.attach(session)
        return session.create_client(service, **options)

    def attach(self, *others: Any) -> None:
        """Serve clients made elsewhere: sessions (for the clients made of them from now on), clients, connections."""
        for other in others:
            emitter = emitter_of(other)
            emitter.register_first("before-send", self.serve)
            self._attached.append(emitter)

    @contextmanager
    def everywhere(self) -> Iterator[Accounting]:
        """Serve every client whose session is made within, also when such a client is used in a later `everywhere`."""
        with served_everywhere(self.serve):
            yield self

    @property
    def calls(self) -> list[tuple[str, str, str]]:
        """Service, operation and target of every call, in order."""
        return [(call.service, call.operation, call.target) for call in self.ledger]

    def count(self, *, service: str | None = None, operation: str | None = None, target: str | None = None) -> int:
        """How many calls there were; of one service, operation or target where that is given."""
        return len(self._found(service, operation, target))

    def units(
        self,
        *,
        service: str | None = None,
        operation: str | None = None,
        target: str | None = None,
        index: str | None = None,
    ) -> Units:
        """What was consumed. A table's units include its indexes'; `index` asks for one index alone."""
        charges = [charge for call in self._found(service, operation, None) for charge in call.charges]
        wanted = [
            charge for charge in charges if target in (None, charge.target) and (index is None or index == charge.index)
        ]
        return total(wanted)

    def by_operation(self) -> Counter[tuple[str, str]]:
        """How often each operation was called on each target."""
        return Counter((call.operation, call.target) for call in self.ledger)

    def reset(self) -> None:
        """Begin a new ledger. What the tables and queues hold stays."""
        with self._lock:
            self.ledger.clear()
            self.own_cpu = 0.0

    def seed(self, table: str, items: Iterable[Item]) -> None:
        """Put items into a table without a call, and without writing it down."""
        for item in items:
            self.dynamodb.perform("PutItem", {"TableName": table, "Item": item}, Tally())

    def items(self, table: str) -> list[Item]:
        """Every item of a table, without a call."""
        return self.dynamodb.items(table)

    def serve(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        """Answer one request: what botocore's `before-send` event calls. `own_cpu` grows by what this took."""
        started = time.thread_time()
        try:
            return wire.write(request.url, self._answered(event_name, request))
        finally:
            with self._lock:
                self.own_cpu += time.thread_time() - started

    def _answered(self, event_name: str, prepared: AWSPreparedRequest) -> Answer:
        request = wire.read(event_name, prepared)
        if isinstance(request, Answer):
            return request
        tally = Tally()

        def perform(asked: Request) -> Answer:
            return self._perform(asked, tally)

        answer: Answer | None = None
        try:
            answer = perform(request) if self.hook is None else self.hook(request, perform)
            return answer
        finally:
            self._write_down(request, tally, None if answer is None else answer.error)

    def _perform(self, request: Request, tally: Tally) -> Answer:
        number = next(self._numbers)
        try:
            with self._lock:
                body = self._service(request.service).perform(request.operation, request.parameters, tally)
        except Refused as refused:
            return wire.refusal(request.service, refused)
        return Answer(body=body, headers={"x-amzn-RequestId": f"{number:026d}"})

    def _service(self, name: str) -> dynamodb.DynamoDB | sqs.Sqs:
        if name == "dynamodb":
            return self.dynamodb
        if name == "sqs":
            return self.sqs
        raise NotModelled(f"the service {name}")

    def _write_down(self, request: Request, tally: Tally, error: str | None) -> None:
        targets = dynamodb.targets if request.service == "dynamodb" else sqs.target
        call = Call(
            service=request.service,
            operation=request.operation,
            target=targets(request.parameters),
            charges=tuple(tally.charges),
            error=error,
        )
        with self._lock:
            self.ledger.append(call)

    def _found(self, service: str | None, operation: str | None, target: str | None) -> list[Call]:
        return [
            call
            for call in self.ledger
            if service in (None, call.service)
            and operation in (None, call.operation)
            and (target is None or target in call.target.split(","))
        ]
