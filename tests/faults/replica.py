"""A replica: the tables as they were a while ago, for reads that do not ask for better."""

from __future__ import annotations

from datetime import datetime, timedelta

from bench.accounting import Accounting
from bench.accounting.charges import Tally
from bench.accounting.wire import Answer, Request
from infra import resources
from tests.faults.aws import declared
from tests.faults.timeline import Timeline

WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})


class Replica:
    """Notes every write, and answers from what had been written a while ago."""

    def __init__(self, stage: str, timeline: Timeline) -> None:
        self._stage = stage
        self._timeline = timeline
        self._writes: list[tuple[datetime, Request]] = []

    def note(self, request: Request) -> None:
        """A request that has succeeded just now."""
        if request.operation in WRITES:
            self._writes.append((self._timeline.now, request))

    def answer(self, request: Request, lag: timedelta) -> Answer:
        """A read as it would have been answered `lag` earlier."""
        tables = resources.tables(declared(self._stage))
        books = Accounting(tables=tables, clock=self._now)
        for at, write in self._writes:
            if at <= self._timeline.now - lag:
                books.dynamodb.perform(write.operation, write.parameters, Tally())
        return Answer(body=books.dynamodb.perform(request.operation, request.parameters, Tally()))

    def _now(self) -> float:
        return self._timeline.now.timestamp()


def need_not_be_consistent(request: Request) -> bool:
    """Whether a read may be answered from a replica: every one of an index, and any that does not say otherwise."""
    if request.operation == "BatchGetItem":
        return not all(asked.get("ConsistentRead") for asked in request.parameters["RequestItems"].values())
    return request.operation in ("GetItem", "Query", "Scan") and not request.parameters.get("ConsistentRead")
