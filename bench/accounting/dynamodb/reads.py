"""GetItem and BatchGetItem."""

from __future__ import annotations

from zlib import crc32

from bench.accounting.charges import Tally
from bench.accounting.dynamodb.schema import Key, asked_key
from bench.accounting.dynamodb.tables import Stored, Table, Tables
from bench.accounting.expressions.bindings import bind
from bench.accounting.expressions.projections import Root, part_of, projection, wanted
from bench.accounting.items.sizes import Item, read_units
from bench.accounting.items.values import checked_item, invalid
from bench.accounting.wire import Parameters, known_only

MAX_BATCH = 100  # keys in one BatchGetItem
_KNOWN = frozenset({"Keys", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"})
MAX_BATCH_ANSWER = 16 * 1024 * 1024  # bytes in one answer; further keys come back unprocessed


def get_item(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """GetItem."""
    table = tables.find(parameters["TableName"])
    key = asked_key(table.schema.key, checked_item(parameters["Key"]))
    paths = projected(parameters)
    found = _read(table, key, tally, consistent=parameters.get("ConsistentRead", False))
    return {} if found is None else {"Item": _part(found.item, paths)}


def batch_get_item(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """BatchGetItem. The items come in an order of their own, as from DynamoDB, and missing ones are left out."""
    asked: dict[str, Parameters] = parameters["RequestItems"]
    _check_count(sum(len(request["Keys"]) for request in asked.values()))
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, Parameters] = {}
    room = MAX_BATCH_ANSWER
    for name, request in asked.items():
        items, left, room = _read_all(tables.find(name), request, room, tally)
        responses[name] = items
        if left:
            unprocessed[name] = {**request, "Keys": left}
    return {"Responses": responses, "UnprocessedKeys": unprocessed}


def projected(parameters: Parameters) -> list[Root] | None:
    """The paths of a request's projection, none for everything; its placeholders must be used up by it."""
    if "ProjectionExpression" not in parameters:
        bind(parameters, ())
        return None
    expression = projection(parameters["ProjectionExpression"])
    return wanted(expression, bind(parameters, (expression,)))


def _check_count(count: int) -> None:
    if count > MAX_BATCH:
        raise invalid("Too many items requested for the BatchGetItem call")
    if count == 0:
        raise invalid(
            "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        )


def _read_all(table: Table, request: Parameters, room: int, tally: Tally) -> tuple[list[Item], list[Item], int]:
    known_only("DynamoDB BatchGetItem", request, _KNOWN)
    asked = [checked_item(given) for given in request["Keys"]]
    keys = [asked_key(table.schema.key, given) for given in asked]
    if len(set(keys)) != len(keys):
        raise invalid("Provided list of item keys contains duplicates")
    paths = projected(request)
    found: list[Item] = []
    left: list[Item] = []
    for key, given in sorted(zip(keys, asked, strict=True), key=_shuffled):
        if room <= 0:
            left.append(given)
            continue
        one = _read(table, key, tally, consistent=request.get("ConsistentRead", False))
        if one is not None:
            found.append(_part(one.item, paths))
            room -= one.size
    return found, left, room


def _read(table: Table, key: Key, tally: Tally, *, consistent: bool) -> Stored | None:
    found = table.get(key)
    tally.read(table.name, read_units(0 if found is None else found.size, consistent=consistent))
    return found


def _part(item: Item, paths: list[Root] | None) -> Item:
    return item if paths is None else part_of(item, paths)


def _shuffled(asked: tuple[Key, Item]) -> int:
    return crc32(repr(asked[0]).encode())
