"""DynamoDB as far as Punctual calls it: its operations, what each may be asked, what it says it consumed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bench.accounting.charges import Charge, Tally, total
from bench.accounting.dynamodb.batches import batch_write_item
from bench.accounting.dynamodb.queries import query, scan
from bench.accounting.dynamodb.reads import batch_get_item, get_item
from bench.accounting.dynamodb.schema import described
from bench.accounting.dynamodb.tables import Table, Tables
from bench.accounting.dynamodb.transactions import Transactions
from bench.accounting.dynamodb.writes import delete_item, put_item, update_item
from bench.accounting.items.sizes import Item
from bench.accounting.wire import NotModelled, Parameters, known_only

Operation = Callable[[Tables, Parameters, Tally], Parameters]

_REPORTED = ("ReturnConsumedCapacity", "ReturnItemCollectionMetrics")
_PLACEHOLDERS = ("ExpressionAttributeNames", "ExpressionAttributeValues")
_GUARDED = ("TableName", "ConditionExpression", "ReturnValuesOnConditionCheckFailure", *_PLACEHOLDERS)
_NARROWED = ("TableName", "IndexName", "Select", "FilterExpression", "ProjectionExpression", *_PLACEHOLDERS)
_PAGED = (*_NARROWED, "Limit", "ExclusiveStartKey", "ConsistentRead")

# The parameters each operation is modelled with. What describes a table may hold any.
KNOWN: dict[str, frozenset[str]] = {
    "PutItem": frozenset({*_GUARDED, *_REPORTED, "Item", "ReturnValues"}),
    "UpdateItem": frozenset({*_GUARDED, *_REPORTED, "Key", "UpdateExpression", "ReturnValues"}),
    "DeleteItem": frozenset({*_GUARDED, *_REPORTED, "Key", "ReturnValues"}),
    "GetItem": frozenset({*_REPORTED, *_PLACEHOLDERS, "TableName", "Key", "ConsistentRead", "ProjectionExpression"}),
    "BatchGetItem": frozenset({*_REPORTED, "RequestItems"}),
    "BatchWriteItem": frozenset({*_REPORTED, "RequestItems"}),
    "TransactWriteItems": frozenset({*_REPORTED, "TransactItems", "ClientRequestToken"}),
    "Query": frozenset({*_PAGED, *_REPORTED, "KeyConditionExpression", "ScanIndexForward"}),
    "Scan": frozenset({*_PAGED, *_REPORTED}),
}


class DynamoDB:
    """The tables and the operations on them."""

    def __init__(self, declared: Iterable[Mapping[str, Any]], clock: Callable[[], float]) -> None:
        self.tables = Tables()
        for table in declared:
            self.tables.declare(table)
        self._operations: dict[str, Operation] = {
            "PutItem": put_item,
            "UpdateItem": update_item,
            "DeleteItem": delete_item,
            "GetItem": get_item,
            "BatchGetItem": batch_get_item,
            "BatchWriteItem": batch_write_item,
            "TransactWriteItems": Transactions(clock).write,
            "Query": query,
            "Scan": scan,
            "CreateTable": _create_table,
            "DescribeTable": _describe_table,
            "ListTables": _list_tables,
            "UpdateTimeToLive": _update_time_to_live,
            "UpdateContinuousBackups": _update_continuous_backups,
        }

    def perform(self, operation: str, parameters: Parameters, tally: Tally) -> Parameters:
        """One call: its answer, or a refusal. What it consumed is in the tally either way."""
        perform = self._operations.get(operation)
        if perform is None:
            raise NotModelled(f"DynamoDB {operation}")
        if operation in KNOWN:
            known_only(f"DynamoDB {operation}", parameters, KNOWN[operation])
        answer = perform(self.tables, parameters, tally)
        level = parameters.get("ReturnConsumedCapacity", "NONE")
        if level != "NONE":
            answer["ConsumedCapacity"] = _consumed(operation, tally.charges, level)
        return answer

    def items(self, table: str) -> list[Item]:
        """Every item of a table, uncounted, in the order of a scan: for looking at what a test brought about."""
        return [found.item for found in self.tables.find(table).base.scan(None)]


def targets(parameters: Parameters) -> str:
    """The tables that a call names, joined by commas."""
    if "TableName" in parameters:
        return str(parameters["TableName"])
    if "RequestItems" in parameters:
        return ",".join(sorted(parameters["RequestItems"]))
    named = {body["TableName"] for action in parameters.get("TransactItems", ()) for body in action.values()}
    return ",".join(sorted(named))


def _create_table(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    return {"TableDescription": _description(tables.declare(parameters))}


def _describe_table(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    return {"Table": _description(tables.find(parameters["TableName"]))}


def _list_tables(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    return {"TableNames": sorted(tables)}


def _update_time_to_live(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """Accepted and not acted on: items expire when DynamoDB pleases, within days, and for nothing."""
    tables.find(parameters["TableName"])
    return {"TimeToLiveSpecification": parameters["TimeToLiveSpecification"]}


def _update_continuous_backups(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """Accepted and not acted on."""
    tables.find(parameters["TableName"])
    return {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}}


def _description(table: Table) -> Parameters:
    held = list(table.base.scan(None))
    return described(table.schema, len(held), sum(one.size for one in held))


def _consumed(operation: str, charges: list[Charge], level: str) -> Any:
    by_table: dict[str, list[Charge]] = defaultdict(list)
    for charge in charges:
        by_table[charge.target].append(charge)
    split = operation == "TransactWriteItems"
    entries = [_capacity(name, found, level, split=split) for name, found in by_table.items()]
    return entries if split or operation.startswith("Batch") else entries[0]


def _capacity(name: str, charges: list[Charge], level: str, *, split: bool) -> Parameters:
    entry = {"TableName": name, **_units(charges, split=split)}
    if level != "INDEXES":
        return entry
    by_index: dict[str | None, list[Charge]] = defaultdict(list)
    for charge in charges:
        by_index[charge.index].append(charge)
    entry["Table"] = _units(by_index.pop(None, []), split=split)
    if by_index:
        entry["GlobalSecondaryIndexes"] = {index: _units(found, split=split) for index, found in by_index.items()}
    return entry


def _units(charges: list[Charge], *, split: bool) -> Parameters:
    """The units as an answer gives them. Only transactions tell reads and writes apart (paritysuite #74)."""
    units = total(charges)
    together = {"CapacityUnits": units.write + units.read}
    if not split:
        return together
    kind = "WriteCapacityUnits" if units.write else "ReadCapacityUnits"
    return {**together, kind: units.write + units.read}
