"""A table's keys and indexes, read from a dict in the shape of `CreateTable`'s input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bench.accounting.items.sizes import Item, Value, value_size
from bench.accounting.items.values import KIND_NAMES, invalid, kind_of, ordinal
from bench.accounting.wire import ACCOUNT, REGION, NotModelled

MAX_HASH_KEY = 2048  # bytes of a partition key
MAX_RANGE_KEY = 1024  # bytes of a sort key


@dataclass(frozen=True, kw_only=True, slots=True)
class KeySchema:
    """The partition key and, where there is one, the sort key; each with its type."""

    hash: str
    range: str | None
    kinds: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.hash,) if self.range is None else (self.hash, self.range)


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexSchema:
    """A global secondary index. `projected` names what its entries hold, none for everything."""

    name: str
    key: KeySchema
    projected: frozenset[str] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSchema:
    """A table as declared; `declared` is kept for `DescribeTable`."""

    name: str
    key: KeySchema
    indexes: Mapping[str, IndexSchema]
    declared: Mapping[str, Any]


class Key(NamedTuple):
    """Where an item is kept: its partition, and its place among the partition's sorted items."""

    hash: Any
    place: tuple[Any, ...]


def table_schema(declared: Mapping[str, Any]) -> TableSchema:
    """The schema of one declared table. Fields of a declaration that cost nothing here are ignored."""
    if declared.get("LocalSecondaryIndexes"):
        raise NotModelled("local secondary indexes")
    kinds = {entry["AttributeName"]: entry["AttributeType"] for entry in declared["AttributeDefinitions"]}
    key = _key_schema(declared["KeySchema"], kinds)
    indexes = [_index_schema(entry, key, kinds) for entry in declared.get("GlobalSecondaryIndexes", ())]
    used = {*key.names, *(name for index in indexes for name in index.key.names)}
    if used != kinds.keys():
        raise invalid(
            "One or more parameter values were invalid: Some AttributeDefinitions are not used. "
            f"AttributeDefinitions: {sorted(kinds)}, keys used: {sorted(used)}"
        )
    by_name = {index.name: index for index in indexes}
    return TableSchema(name=declared["TableName"], key=key, indexes=by_name, declared=declared)


def described(schema: TableSchema, items: int, size: int) -> dict[str, Any]:
    """What `DescribeTable` answers."""
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{schema.name}"
    shown = {
        "TableName": schema.name,
        "TableArn": arn,
        "TableStatus": "ACTIVE",
        "CreationDateTime": 0.0,
        "KeySchema": schema.declared["KeySchema"],
        "AttributeDefinitions": schema.declared["AttributeDefinitions"],
        "ItemCount": items,
        "TableSizeBytes": size,
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
    }
    indexes = [
        {**index, "IndexStatus": "ACTIVE", "IndexArn": f"{arn}/index/{index['IndexName']}"}
        for index in schema.declared.get("GlobalSecondaryIndexes", ())
    ]
    return {**shown, "GlobalSecondaryIndexes": indexes} if indexes else shown


def item_key(schema: KeySchema, item: Item) -> Key:
    """The key of an item to be stored; refuses an item without it."""
    for name in schema.names:
        if name not in item:
            raise invalid(f"One or more parameter values were invalid: Missing the key {name} in the item")
        _check_key(schema, name, item[name])
    return key_of(schema, item)


def asked_key(schema: KeySchema, given: Item) -> Key:
    """The key that a request names; refuses one that is not exactly the table's."""
    if given.keys() != set(schema.names) or any(kind_of(given[name]) != schema.kinds[name] for name in schema.names):
        raise invalid("The provided key element does not match the schema")
    for name in schema.names:
        _check_key(schema, name, given[name])
    return key_of(schema, given)


def key_of(schema: KeySchema, item: Item) -> Key:
    """The key of an item known to have it."""
    place = () if schema.range is None else (ordinal(item[schema.range]),)
    return Key(ordinal(item[schema.hash]), place)


def check_index_keys(schema: TableSchema, item: Item) -> None:
    """Refuses an item whose attribute cannot be the key of an index; lacking it is fine, the index is then sparse."""
    for index in schema.indexes.values():
        for name in index.key.names:
            if name in item:
                _check_index_key(index, name, item[name])


def _check_index_key(index: IndexSchema, name: str, value: Value) -> None:
    expected, actual = index.key.kinds[name], kind_of(value)
    if actual != expected:
        raise invalid(
            f"One or more parameter values were invalid: Type mismatch for Index Key {name} "
            f"Expected: {expected} Actual: {actual} IndexName: {index.name}"
        )
    if value[actual] == "":
        raise invalid(
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
            f"The AttributeValue for a key attribute cannot contain an empty {_empty(actual)} value. "
            f"IndexName: {index.name}, IndexKey: {name}"
        )
    _check_length(index.key, name, value)


def _check_key(schema: KeySchema, name: str, value: Value) -> None:
    expected, actual = schema.kinds[name], kind_of(value)
    if actual != expected:
        raise invalid(
            f"One or more parameter values were invalid: Type mismatch for key {name} "
            f"expected: {expected} actual: {actual}"
        )
    if value[actual] == "":
        raise invalid(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            f"cannot contain an empty {_empty(actual)} value. Key: {name}"
        )
    _check_length(schema, name, value)


def _check_length(schema: KeySchema, name: str, value: Value) -> None:
    limit, role = (MAX_HASH_KEY, "hashkey") if name == schema.hash else (MAX_RANGE_KEY, "rangekey")
    if value_size(value) > limit:
        raise invalid(
            f"One or more parameter values were invalid: Size of {role} "
            f"has exceeded the maximum size limit of {limit} bytes"
        )


def _empty(kind: str) -> str:
    return "binary" if kind == "B" else KIND_NAMES[kind].lower()


def _key_schema(declared: list[dict[str, str]], kinds: Mapping[str, str]) -> KeySchema:
    roles = {entry["KeyType"]: entry["AttributeName"] for entry in declared}
    names = list(roles.values())
    for name in names:
        if name not in kinds:
            raise invalid(f"Some index key attributes are not defined in AttributeDefinitions. Keys: [{name}]")
    return KeySchema(hash=roles["HASH"], range=roles.get("RANGE"), kinds={name: kinds[name] for name in names})


def _index_schema(declared: dict[str, Any], table: KeySchema, kinds: Mapping[str, str]) -> IndexSchema:
    key = _key_schema(declared["KeySchema"], kinds)
    projection = declared.get("Projection", {})
    projected = None
    if projection.get("ProjectionType") != "ALL":
        projected = frozenset({*table.names, *key.names, *projection.get("NonKeyAttributes", ())})
    return IndexSchema(name=declared["IndexName"], key=key, projected=projected)
