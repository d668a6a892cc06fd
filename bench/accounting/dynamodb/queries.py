"""Query and Scan: one page at a time, at most `Limit` items or 1 MB, filtered and projected after they were charged."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bench.accounting.charges import Tally
from bench.accounting.dynamodb.key_conditions import stretch
from bench.accounting.dynamodb.schema import IndexSchema, Key, KeySchema, key_of
from bench.accounting.dynamodb.tables import Partition, Shelf, Stored, Table, Tables, entry
from bench.accounting.expressions.bindings import Bindings, bind
from bench.accounting.expressions.condition_grammar import condition
from bench.accounting.expressions.grammar import Parsed
from bench.accounting.expressions.projections import Root, part_of, projection, wanted
from bench.accounting.items.sizes import Item, read_units
from bench.accounting.items.values import checked_item, invalid, kind_of
from bench.accounting.wire import Parameters

MAX_PAGE = 1024 * 1024  # bytes that one Query or Scan reads


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What is read: a table, or one of its indexes."""

    table: Table
    index: IndexSchema | None
    shelf: Shelf

    @property
    def key(self) -> KeySchema:
        return self.table.schema.key if self.index is None else self.index.key

    @property
    def key_names(self) -> dict[str, None]:
        """The attributes of a continuation key, in a fixed order."""
        return dict.fromkeys((*self.key.names, *self.table.schema.key.names))


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Which of the items read are answered, and which parts of them."""

    filter: Parsed | None
    paths: list[Root] | None
    bound: Bindings
    count_only: bool


def query(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """Query."""
    source = _source(tables, parameters)
    if "KeyConditionExpression" not in parameters:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    keys = condition(parameters["KeyConditionExpression"], "KeyConditionExpression")
    wish = _wish(source, parameters, keys)
    selected = stretch(keys, source.key, wish.bound)
    partition = source.shelf.partition(selected.hash)
    low, high = selected.span(partition)
    forward = parameters.get("ScanIndexForward", True)
    start = _start(source, parameters)
    if start is not None:
        if start.hash != selected.hash:
            raise invalid("The provided starting key is outside query boundaries based on provided conditions")
        low, high = _after(partition, start, low, high, forward=forward)
    return _page(source, parameters, wish, _walk(partition, low, high, forward=forward), tally)


def scan(tables: Tables, parameters: Parameters, tally: Tally) -> Parameters:
    """Scan."""
    source = _source(tables, parameters)
    wish = _wish(source, parameters, None)
    return _page(source, parameters, wish, source.shelf.scan(_start(source, parameters)), tally)


def _source(tables: Tables, parameters: Parameters) -> Source:
    table = tables.find(parameters["TableName"])
    name = parameters.get("IndexName")
    if name is None:
        return Source(table=table, index=None, shelf=table.base)
    if name not in table.schema.indexes:
        raise invalid(f"The table does not have the specified index: {name}")
    if parameters.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    return Source(table=table, index=table.schema.indexes[name], shelf=table.indexes[name])


def _wish(source: Source, parameters: Parameters, keys: Parsed | None) -> Wish:
    chosen = None
    filtered = None
    if "FilterExpression" in parameters:
        filtered = condition(parameters["FilterExpression"], "FilterExpression")
    if "ProjectionExpression" in parameters:
        chosen = projection(parameters["ProjectionExpression"])
    bound = bind(parameters, [expression for expression in (keys, filtered, chosen) if expression is not None])
    if filtered is not None:
        filtered.tree.check(filtered.label, bound)
        if keys is not None:
            _refuse_filtered_key(source, filtered, bound)
    paths = None if chosen is None else wanted(chosen, bound)
    count_only = _selects_count(source, parameters, paths)
    return Wish(filter=filtered, paths=paths, bound=bound, count_only=count_only)


def _selects_count(source: Source, parameters: Parameters, paths: list[Root] | None) -> bool:
    select = parameters.get("Select", "SPECIFIC_ATTRIBUTES" if paths else "ALL_PROJECTED_ATTRIBUTES")
    if paths and select != "SPECIFIC_ATTRIBUTES":
        raise invalid(f"Cannot specify the ProjectionExpression when choosing to get {select}")
    index = source.index
    if index is None or index.projected is None:
        return bool(select == "COUNT")
    missing = [root for root, _ in paths or () if root not in index.projected]
    if missing or select == "ALL_ATTRIBUTES":
        raise invalid(
            "One or more parameter values were invalid: Global secondary index "
            f"{index.name} does not project {missing or 'all attributes'}"
        )
    return bool(select == "COUNT")


def _refuse_filtered_key(source: Source, filtered: Parsed, bound: Bindings) -> None:
    used = {bound.names.get(name, name) for name in filtered.attributes}
    for name in source.key.names:
        if name in used:
            raise invalid(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: " + name
            )


def _start(source: Source, parameters: Parameters) -> Key | None:
    given = parameters.get("ExclusiveStartKey")
    if given is None:
        return None
    item = checked_item(given)
    kinds = {**source.table.schema.key.kinds, **source.key.kinds}
    if item.keys() != source.key_names.keys() or any(kind_of(item[name]) != kinds[name] for name in item):
        raise invalid("The provided starting key is invalid")
    own = key_of(source.table.schema.key, item)
    if source.index is None:
        return own
    found = entry(source.index, own, Stored(item, 0))
    return None if found is None else found.key


def _after(partition: Partition, start: Key, low: int, high: int, *, forward: bool) -> tuple[int, int]:
    if forward:
        return max(low, bisect_right(partition.places, start.place)), high
    return low, min(high, bisect_left(partition.places, start.place))


def _walk(partition: Partition, low: int, high: int, *, forward: bool) -> Iterator[Stored]:
    positions = range(low, high) if forward else range(high - 1, low - 1, -1)
    return (partition.held[partition.places[at]] for at in positions)


def _page(source: Source, parameters: Parameters, wish: Wish, candidates: Iterable[Stored], tally: Tally) -> Parameters:
    read, size, more = _read(candidates, parameters.get("Limit"))
    units = read_units(size, consistent=parameters.get("ConsistentRead", False))
    tally.read(source.table.name, units, None if source.index is None else source.index.name)
    items = _matching(read, wish)
    answer: Parameters = {"Count": len(items), "ScannedCount": len(read)}
    if not wish.count_only:
        answer["Items"] = items
    if more:
        last = read[-1].item
        answer["LastEvaluatedKey"] = {name: last[name] for name in source.key_names}
    return answer


def _read(candidates: Iterable[Stored], limit: int | None) -> tuple[list[Stored], int, bool]:
    """One page, its size, and whether the reader must come back: also when `limit` was met by the very last item."""
    if limit is not None and limit < 1:
        raise invalid("1 validation error detected: Value at 'limit' failed to satisfy constraint: must be at least 1")
    read: list[Stored] = []
    size = 0
    for candidate in candidates:
        if read and size + candidate.size > MAX_PAGE:
            return read, size, True
        read.append(candidate)
        size += candidate.size
        if len(read) == limit:
            return read, size, True
    return read, size, False


def _matching(read: list[Stored], wish: Wish) -> list[Item]:
    items = [one.item for one in read]
    if wish.filter is not None:
        holds, bound = wish.filter.tree.holds, wish.bound
        items = [item for item in items if holds(item, bound)]
    if wish.paths is not None:
        items = [part_of(item, wish.paths) for item in items]
    return items
