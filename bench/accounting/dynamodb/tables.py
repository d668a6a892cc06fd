"""The tables themselves: items in partitions, sorted within each, with every index kept up on each write."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple
from zlib import crc32

from bench.accounting.dynamodb.schema import IndexSchema, Key, TableSchema, key_of, table_schema
from bench.accounting.items.sizes import Item, item_size, write_units
from bench.accounting.wire import Refused

first_of = itemgetter(0)


class Stored(NamedTuple):
    """An item as it is kept, with its size in bytes."""

    item: Item
    size: int


def stored(item: Item) -> Stored:
    return Stored(item, item_size(item))


@dataclass(slots=True)
class Partition:
    """The items of one partition key: `places` is sorted, `held` has what lies at each."""

    places: list[tuple[Any, ...]] = field(default_factory=list)
    held: dict[tuple[Any, ...], Stored] = field(default_factory=dict)


class Shelf:
    """A table's or an index's items by key."""

    def __init__(self) -> None:
        self._partitions: dict[Any, Partition] = {}
        self._scan_order: list[tuple[int, Any]] | None = None

    def __len__(self) -> int:
        return sum(len(partition.held) for partition in self._partitions.values())

    def get(self, key: Key) -> Stored | None:
        partition = self._partitions.get(key.hash)
        return None if partition is None else partition.held.get(key.place)

    def partition(self, hash_value: Any) -> Partition:
        """The partition of a key, an empty one when it holds nothing."""
        return self._partitions.get(hash_value) or Partition()

    def put(self, key: Key, new: Stored) -> None:
        partition = self._partitions.get(key.hash)
        if partition is None:
            partition = self._partitions[key.hash] = Partition()
            self._scan_order = None
        if key.place not in partition.held:
            insort(partition.places, key.place)
        partition.held[key.place] = new

    def remove(self, key: Key) -> None:
        partition = self._partitions.get(key.hash)
        if partition is None or partition.held.pop(key.place, None) is None:
            return
        del partition.places[bisect_left(partition.places, key.place)]
        if not partition.places:
            del self._partitions[key.hash]
            self._scan_order = None

    def scan(self, after: Key | None) -> Iterator[Stored]:
        """Every item after a key. Partitions come in the order of a hash, as in DynamoDB: rely on no other."""
        order = self._partitions_in_order()
        start = 0 if after is None else bisect_left(order, scattered(after.hash))
        for _, hash_value in order[start:]:
            partition = self._partitions[hash_value]
            resumed = after is not None and after.hash == hash_value
            first = bisect_right(partition.places, after.place) if after and resumed else 0
            for place in partition.places[first:]:
                yield partition.held[place]

    def _partitions_in_order(self) -> list[tuple[int, Any]]:
        if self._scan_order is None:
            self._scan_order = sorted(map(scattered, self._partitions))
        return self._scan_order


def scattered(hash_value: Any) -> tuple[int, Any]:
    """Sorts partition keys in an order that has nothing to do with them, the same in every process."""
    return crc32(repr(hash_value).encode()), hash_value


class Table:
    """One table with its indexes."""

    def __init__(self, schema: TableSchema) -> None:
        self.schema = schema
        self.base = Shelf()
        self.indexes = {name: Shelf() for name in schema.indexes}

    @property
    def name(self) -> str:
        return self.schema.name

    def get(self, key: Key) -> Stored | None:
        return self.base.get(key)

    def write(self, key: Key, new: Stored | None) -> dict[str, int]:
        """Put or remove one item; answers what the change cost each index that it touched."""
        old = self.base.get(key)
        costs = {}
        for name, index in self.schema.indexes.items():
            units = self._write_index(index, entry(index, key, old), entry(index, key, new))
            if units:
                costs[name] = units
        if new is None:
            self.base.remove(key)
        else:
            self.base.put(key, new)
        return costs

    def _write_index(self, index: IndexSchema, old: Entry | None, new: Entry | None) -> int:
        units = index_write_units(old, new)
        if not units:
            return 0
        shelf = self.indexes[index.name]
        if old is not None and (new is None or new.key != old.key):
            shelf.remove(old.key)
        if new is not None:
            shelf.put(new.key, new.stored)
        return units


class Entry(NamedTuple):
    """What an index holds of one item."""

    key: Key
    stored: Stored


def entry(index: IndexSchema, key: Key, source: Stored | None) -> Entry | None:
    """The index entry of an item, none where the item lacks a key of the index."""
    if source is None or any(name not in source.item for name in index.key.names):
        return None
    own = key_of(index.key, source.item)
    place = (*(own.place or (0,)), key.hash, *key.place)
    if index.projected is None:
        return Entry(Key(own.hash, place), source)
    projected = {name: value for name, value in source.item.items() if name in index.projected}
    return Entry(Key(own.hash, place), stored(projected))


def index_write_units(old: Entry | None, new: Entry | None) -> int:
    """What a write costs one index: Developer Guide, "Using Global Secondary Indexes" (GSI.html), write capacity units.

    Entering or leaving costs one write, a changed key two (each by its own size), a changed entry one by the larger
    of its two sizes, an unchanged entry nothing.
    """
    if old is None:
        return 0 if new is None else write_units(new.stored.size)
    if new is None:
        return write_units(old.stored.size)
    if old.key != new.key:
        return write_units(old.stored.size) + write_units(new.stored.size)
    if old.stored.item == new.stored.item:
        return 0
    return write_units(max(old.stored.size, new.stored.size))


class Tables(dict[str, Table]):
    """The tables of one account by name."""

    def find(self, name: str) -> Table:
        """A table by its name or its ARN."""
        table = self.get(name.rpartition("/")[2])
        if table is None:
            raise Refused("ResourceNotFoundException", "Requested resource not found")
        return table

    def declare(self, declared: Mapping[str, Any]) -> Table:
        """Add a table; refuses a name that is taken."""
        name = declared["TableName"]
        if name in self:
            raise Refused("ResourceInUseException", f"Table already exists: {name}")
        table = self[name] = Table(table_schema(declared))
        return table
