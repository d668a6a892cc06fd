"""Trouble: what may happen to one AWS call, done to the call itself between botocore and the accounting stub."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from botocore.exceptions import ConnectionClosedError

from bench.accounting.wire import Answer, Request
from tests.faults.replica import need_not_be_consistent
from tests.faults.timeline import Process

Perform = Callable[[Request], Answer]
Sleep = Callable[[timedelta], None]
SDK_TRIES = 4


class Trouble(enum.StrEnum):
    """What happens to a call."""

    DIE_BEFORE = "die_before"
    DIE_AFTER = "die_after"
    """It was done, and its process never knew."""
    LOST = "lost"
    """It was done, its answer was lost, and the SDK asks again."""
    LOST_EVERY_TIME = "lost_every_time"
    """The same for every repetition by the SDK: whoever asked knows nothing."""
    UNREACHABLE = "unreachable"
    """It never arrives, as often as it is repeated."""
    THROTTLED = "throttled"
    ERROR = "error"
    """It is answered with 500, and was not done."""
    DONE_AND_ERROR = "done_and_error"
    """It is answered with 500, and was done."""
    HALF_REFUSED = "half_refused"
    """Half of a batch is named as not processed."""
    ALL_REFUSED = "all_refused"
    SLOW = "slow"
    """It arrives six seconds late."""
    SLOW_ANSWER = "slow_answer"
    STALL = "stall"
    """Its process sleeps past its lease, and then goes on as if nothing had been."""
    STALL_AFTER = "stall_after"
    STALE = "stale"
    """A read that does not ask for consistency is answered from an older state."""
    OUTDATED = "outdated"
    """The same, and older than the pass before."""


LAGS = {Trouble.STALE: timedelta(seconds=10), Trouble.OUTDATED: timedelta(seconds=45)}
"""How old the answers to such reads are. It is a second at most when all is well, and nothing may depend on that."""
TROUBLES = tuple(trouble for trouble in Trouble if trouble not in LAGS)
"""Those that are not about reads alone."""
PASSING = frozenset(
    {
        Trouble.LOST,
        Trouble.THROTTLED,
        Trouble.ERROR,
        Trouble.DONE_AND_ERROR,
        Trouble.HALF_REFUSED,
        Trouble.ALL_REFUSED,
        Trouble.SLOW,
        Trouble.SLOW_ANSWER,
    }
)
"""Troubles that change nothing about what a run comes to."""
SLOWNESS = timedelta(seconds=6)
"""More than a write may take before its entry is repeated as late."""
STALLS = {"pass": timedelta(seconds=35), "work": timedelta(seconds=145), "tick": timedelta(seconds=20)}
"""Longer than the lease, shorter than the function's timeout."""
API_STALL = timedelta(seconds=20)


def meet(trouble: Trouble, process: Process, request: Request, perform: Perform, sleep: Sleep) -> Answer:
    """Let a call meet trouble. Where the same is to happen to its repetitions, the caller sees to it."""
    if trouble in (Trouble.SLOW, Trouble.STALL):
        sleep(_how_long(trouble, process))
    if trouble is Trouble.DIE_BEFORE:
        raise process.die(trouble)
    if trouble is Trouble.UNREACHABLE:
        raise _closed(request)
    if trouble in REFUSALS:
        return REFUSALS[trouble]
    if trouble in PARTIAL:
        return _in_part(request, perform, everything=trouble is Trouble.ALL_REFUSED)
    return _afterwards(trouble, process, request, perform(request), sleep)


def _afterwards(trouble: Trouble, process: Process, request: Request, answer: Answer, sleep: Sleep) -> Answer:
    """What becomes of the answer of a call that was performed."""
    match trouble:
        case Trouble.DIE_AFTER:
            raise process.die(trouble)
        case Trouble.LOST | Trouble.LOST_EVERY_TIME:
            raise _closed(request)
        case Trouble.DONE_AND_ERROR:
            return REFUSALS[Trouble.ERROR]
        case Trouble.SLOW_ANSWER | Trouble.STALL_AFTER:
            sleep(_how_long(trouble, process))
    return answer


def possible(trouble: Trouble, request: Request) -> bool:
    """Whether this can happen to such a call: only batches are refused in part, only some reads are stale."""
    if trouble in LAGS:
        return need_not_be_consistent(request)
    return request.operation in BATCHES or trouble not in PARTIAL


def _how_long(trouble: Trouble, process: Process) -> timedelta:
    process.slow = True
    if trouble in (Trouble.SLOW, Trouble.SLOW_ANSWER):
        return SLOWNESS
    process.broken = trouble
    return STALLS.get(process.kind, API_STALL)


def _closed(request: Request) -> ConnectionClosedError:
    return ConnectionClosedError(endpoint_url=f"https://{request.service}")


def _failure(status: int, code: str) -> Answer:
    body = {"__type": f"com.amazonaws#{code}", "message": "on purpose"}
    return Answer(body=body, status=status, headers={"x-amzn-query-error": f"{code};Receiver"}, error=code)


def _in_part(request: Request, perform: Perform, *, everything: bool) -> Answer:
    items, narrowed, refused = BATCHES[request.operation](request.parameters)
    kept = 0 if everything else len(items) // 2
    body: dict[str, Any] = {"Responses": {}} if request.operation == "BatchGetItem" else {}
    if kept:
        some = Request(
            service=request.service, operation=request.operation, parameters=request.parameters | narrowed(items[:kept])
        )
        answer = perform(some)
        if answer.error is not None:
            return answer
        body = answer.body
    return Answer(body=body | refused(items[kept:]), headers={"x-amzn-RequestId": "0"})


REFUSALS = {
    Trouble.THROTTLED: _failure(400, "ThrottlingException"),
    Trouble.ERROR: _failure(500, "InternalServerError"),
}
PARTIAL = (Trouble.HALF_REFUSED, Trouble.ALL_REFUSED)
Items = list[Any]
Parts = tuple[Items, Callable[[Items], dict[str, Any]], Callable[[Items], dict[str, Any]]]


def _write_parts(parameters: dict[str, Any]) -> Parts:
    [(table, items)] = parameters["RequestItems"].items()
    return items, lambda some: {"RequestItems": {table: some}}, lambda some: {"UnprocessedItems": {table: some}}


def _read_parts(parameters: dict[str, Any]) -> Parts:
    [(table, asked)] = parameters["RequestItems"].items()
    return (
        asked["Keys"],
        lambda some: {"RequestItems": {table: asked | {"Keys": some}}},
        lambda some: {"UnprocessedKeys": {table: asked | {"Keys": some}}},
    )


def _send_parts(parameters: dict[str, Any]) -> Parts:
    return (
        parameters["Entries"],
        lambda some: {"Entries": some},
        lambda some: {"Failed": [{"Id": e["Id"], "SenderFault": False, "Code": "InternalError"} for e in some]},
    )


BATCHES: dict[str, Callable[[dict[str, Any]], Parts]] = {
    "BatchWriteItem": _write_parts,
    "BatchGetItem": _read_parts,
    "SendMessageBatch": _send_parts,
}
