"""TransactWriteItems: all of its actions or none, twice the table's units, idempotent by its token for ten minutes.

Source: Developer Guide, "Amazon DynamoDB Transactions: How it works" (transaction-apis.html). That the factor two is
the table's alone and not its indexes', that a condition check is charged as a write and a repeated token as a read was
measured against DynamoDB by paritysuite/dynamodb-conformance and nubo-db/dynoxide (2026). What a cancelled
transaction costs is documented nowhere; it is charged here like a successful one, without its index writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from bench.accounting.charges import Charge, Tally
from bench.accounting.dynamodb.batches import refuse_repeated
from bench.accounting.dynamodb.tables import Tables
from bench.accounting.dynamodb.writes import (
    Change,
    addressed,
    commit,
    condition_failed,
    plan_check,
    plan_delete,
    plan_put,
    plan_update,
)
from bench.accounting.expressions.updates import Unapplicable
from bench.accounting.items.sizes import TRANSACTION_FACTOR, read_units, write_units
from bench.accounting.items.values import invalid
from bench.accounting.wire import Parameters, Refused, known_only

MAX_ACTIONS = 100
MAX_TRANSACTION = 4 * 1024 * 1024  # bytes of all its items together
TOKEN_LIFE = 600.0  # seconds that a client token is remembered

PLANS: dict[str, Callable[[Tables, Parameters], Change]] = {
    "Put": plan_put,
    "Update": plan_update,
    "Delete": plan_delete,
    "ConditionCheck": plan_check,
}

_KNOWN = frozenset(
    {
        "TableName",
        "Item",
        "Key",
        "UpdateExpression",
        "ConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ReturnValuesOnConditionCheckFailure",
    }
)

Reason = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A transaction that succeeded: what it asked, when, and what reading its items again costs."""

    fingerprint: bytes
    at: float
    reads: tuple[Charge, ...]


class Transactions:
    """Performs transactions and remembers their tokens."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._done: dict[str, Done] = {}

    def write(self, tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
        """TransactWriteItems."""
        actions: list[Parameters] = parameters["TransactItems"]
        if not 1 <= len(actions) <= MAX_ACTIONS:
            raise invalid(
                "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
                "Member must have length less than or equal to 100"
            )
        token = parameters.get("ClientRequestToken")
        fingerprint = blake2b(msgspec.json.encode(actions)).digest()
        if token is not None and self._repeated(token, fingerprint, tally):
            return {}
        changes = _perform(tables, actions, tally)
        if token is not None:
            self._done[token] = Done(fingerprint=fingerprint, at=self._clock(), reads=_reads(changes))
        return {}

    def _repeated(self, token: str, fingerprint: bytes, tally: Tally) -> bool:
        self._forget()
        done = self._done.get(token)
        if done is None:
            return False
        if done.fingerprint != fingerprint:
            raise Refused(
                "IdempotentParameterMismatchException",
                "Request with the same client token but different parameters was already made",
            )
        tally.charges.extend(done.reads)
        return True

    def _forget(self) -> None:
        """Drop the tokens whose ten minutes are over; they stand in the order of their time."""
        now = self._clock()
        for token, done in list(self._done.items()):
            if now - done.at < TOKEN_LIFE:
                return
            del self._done[token]


def _perform(tables: Tables, actions: list[Parameters], tally: Tally) -> list[Change]:
    targets = [addressed(tables, body) for action in actions for body in action.values()]
    refuse_repeated(targets, "Transaction request cannot include multiple operations on one item")
    planned = [_plan(tables, action) for action in actions]
    changes = [change for change, _ in planned if change is not None]
    if sum(change.size for change in changes) > MAX_TRANSACTION:
        raise invalid(
            "Collection size of items exceeded, which can also be caused by "
            "the aggregate size of the items in the transaction exceeding the 4MB limit"
        )
    if any(reason["Code"] != "None" for _, reason in planned):
        _cancel(changes, [reason for _, reason in planned], tally)
    for change in changes:
        commit(change, tally, factor=TRANSACTION_FACTOR)
    return changes


def _plan(tables: Tables, action: Parameters) -> tuple[Change | None, Reason]:
    if len(action) != 1:
        raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
    ((kind, parameters),) = action.items()
    known_only(f"DynamoDB TransactWriteItems {kind}", parameters, _KNOWN)
    try:
        change = PLANS[kind](tables, parameters)
    except Unapplicable as refused:
        return None, {"Code": "ValidationError", "Message": refused.message}
    if change.allowed:
        return change, {"Code": "None"}
    failed = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
    return change, {**failed, **condition_failed(change, parameters)}


def _cancel(changes: list[Change], reasons: list[Reason], tally: Tally) -> None:
    for change in changes:
        tally.write(change.table.name, TRANSACTION_FACTOR * write_units(change.size))
    codes = ", ".join(reason["Code"] for reason in reasons)
    raise Refused(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _reads(changes: list[Change]) -> tuple[Charge, ...]:
    return tuple(
        Charge(target=change.table.name, read=TRANSACTION_FACTOR * read_units(change.size, consistent=True))
        for change in changes
    )
