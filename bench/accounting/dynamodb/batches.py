"""BatchWriteItem: up to 25 puts and deletes, each for itself."""

from __future__ import annotations

from bench.accounting.charges import Tally
from bench.accounting.dynamodb.schema import Key
from bench.accounting.dynamodb.tables import Table, Tables
from bench.accounting.dynamodb.writes import Change, commit, plan_delete, plan_put
from bench.accounting.items.values import invalid
from bench.accounting.wire import Parameters

MAX_BATCH = 25  # puts and deletes in one BatchWriteItem


def batch_write_item(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """BatchWriteItem. Nothing is left unprocessed here; partial answers are made by whoever injects faults."""
    asked: dict[str, list[Parameters]] = parameters["RequestItems"]
    count = sum(map(len, asked.values()))
    if not 1 <= count <= MAX_BATCH:
        raise invalid(
            "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: "
            "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
            "Member must have length greater than or equal to 1]"
        )
    changes = [_plan(tables, name, request) for name, requests in asked.items() for request in requests]
    refuse_repeated(
        [(change.table, change.key) for change in changes], "Provided list of item keys contains duplicates"
    )
    for change in changes:
        commit(change, tally)
    return {"UnprocessedItems": {}}


def refuse_repeated(items: list[tuple[Table, Key]], message: str) -> None:
    """No two actions of one request may be about the same item."""
    if len({(table.name, key) for table, key in items}) != len(items):
        raise invalid(message)


def _plan(tables: Tables, name: str, request: Parameters) -> Change:
    if len(request) != 1:
        raise invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one request")
    if "PutRequest" in request:
        return plan_put(tables, {"TableName": name, "Item": request["PutRequest"]["Item"]})
    return plan_delete(tables, {"TableName": name, "Key": request["DeleteRequest"]["Key"]})
