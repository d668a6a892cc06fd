"""What moto does in time that grows with all it holds, done in time that grows with what is asked.

moto is made for tests with a dozen items: a query sorts the whole table, a transaction copies it, a received message
counts its whole queue, three times. The answers stay moto's own; only what it looks at is narrowed first. All of this
relies on the emulator letting moto handle one request at a time.
"""

from __future__ import annotations

import base64
import copy
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from moto.core.serialize import JSONSerializer
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models import table as tables
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.sqs.models import Message, Queue

_whole_query = Table.query
_all_items = Table.all_items
_project_anything = Item.project
_size_of_anything = DynamoType.size
_delete_any_message = Queue.delete_message
_serialize_structure = JSONSerializer._serialize_type_structure


def install() -> None:
    """Puts the quicker ways in place, for this process."""
    for owner, name, quicker in (
        (Table, "query", _query),
        (Table, "all_items", _items_in_question),
        (Table, "__deepcopy__", _itself),
        (Table, "sorted_items", _sorted_items),
        (Item, "project", _projected),
        (DynamoType, "size", _size),
        (JSONSerializer, "_serialize_type_structure", _serialized),
        (Queue, "attributes", property(Attributes)),
        (Queue, "messages", property(_receivable)),
        (Queue, "delete_message", _delete_message),
    ):
        setattr(owner, name, quicker)


def _query(table: Table, hash_key: DynamoType | None, *rest: Any, **options: Any) -> Any:
    """moto's query, which then finds only the items of one partition (or of one index key) in the table. Of those of an
    index it finds what the index holds, as DynamoDB does: whole items are long to weigh, and would fill a page sooner.
    """
    conditions = options.get("hash_key_conditions")
    index_name = rest[6] if len(rest) > 6 else options.get("index_name")
    if index_name and conditions:
        held = table.get_index(index_name).project
        table.in_question = [held(item) for item in _with_attribute(table, *conditions[0])]  # type: ignore[attr-defined]
    elif hash_key is not None and table.range_key_attr is not None:
        table.in_question = list(table.items.get(hash_key, {}).values())  # type: ignore[attr-defined]
    with _uncopied():
        return _whole_query(table, hash_key, *rest, **options)


@contextmanager
def _uncopied() -> Iterator[None]:
    """moto copies what a query found, attribute by attribute, though its answer is written at once and changes none."""
    vars(tables)["copy"] = SimpleNamespace(deepcopy=lambda found: found, copy=copy.copy)
    try:
        yield
    finally:
        vars(tables)["copy"] = copy


def _items_in_question(table: Table) -> list[Item]:
    """What the query that is being answered has to look at; without a query, everything."""
    narrowed: list[Item] | None = table.__dict__.pop("in_question", None)
    return _all_items(table) if narrowed is None else narrowed


def _with_attribute(table: Table, name: str, wanted: DynamoType) -> Iterator[Item]:
    places: Iterable[Any] = table.items.values()
    for place in places:  # an item, or where there are range keys a dictionary of items
        for item in place.values() if table.range_key_attr is not None else (place,):
            value = item.attrs.get(name)
            if value is not None and value.value == wanted.value:
                yield item


def _sorted_items(table: Table, hash_keys: list[str], range_keys: list[str | None], items: list[Item]) -> list[Item]:
    """Items in the order of an index. moto works out what a key stands for at each comparison, instead of once."""
    names = table._generate_attr_to_sort_by(hash_keys, range_keys)
    items.sort(key=lambda item: tuple(_cast(item.attrs[name]) for name in names))
    return items


def _cast(value: DynamoType) -> Any:
    """What a key stands for; a text, as most keys are, is not asked first whether it is anything else."""
    return value.value if value.type == "S" else value.cast_value


def _size(value: DynamoType) -> int:
    """How many bytes a value counts for; the same of a text."""
    size: int = len(value.value.encode()) if value.type == "S" else _size_of_anything(value)
    return size


def _itself(table: Table, memo: dict[int, Any]) -> Table:
    """Instead of the copy that moto takes before a transaction: the emulator undoes it, and copies only its items."""
    return table


def _projected(item: Item, wanted: list[list[str]]) -> Item:
    """Some attributes of an item, as they are. moto takes the whole item apart and puts it together again, also for
    the keys that an index holds."""
    if any(len(path) != 1 or "[" in path[0] for path in wanted):
        whole: Item = _project_anything(item, wanted)
        return whole
    if item.attrs.keys() <= {name for (name,) in wanted}:
        return item
    made = Item(hash_key=item.hash_key, range_key=item.range_key, attrs={})
    for (name,) in wanted:
        if name in item.attrs:
            dict.__setitem__(made.attrs, name, item.attrs[name])
    return made


def _serialized(serializer: JSONSerializer, target: Any, value: Any, shape: Any, key: str) -> None:
    """An attribute has its form already. moto asks each one for the ten types it could have, a hundred times slower."""
    if shape.name == "AttributeValue" and key and value is not None:
        serializer._default_serialize(target, _attribute(value), shape, key)
    else:
        _serialize_structure(serializer, target, value, shape, key)


def _attribute(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _attribute(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_attribute(v) for v in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


class Attributes(Mapping[str, Any]):
    """A queue's attributes, each found when it is asked for. moto finds all of them for each message that is sent or
    received, and three of them are counts of the queue."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def __getitem__(self, name: str) -> Any:
        if name not in list(self):
            raise KeyError(name)
        value = getattr(self._queue, camelcase_to_underscores(name))
        if name == "RedrivePolicy" and value:
            return json.dumps(value)
        return str(value).lower() if isinstance(value, bool) else value

    def __iter__(self) -> Iterator[str]:
        yield from Queue.BASE_ATTRIBUTES
        if self._queue.fifo_queue:
            yield from Queue.FIFO_ATTRIBUTES

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in list(self)


def _receivable(queue: Queue) -> list[Message]:
    """The messages that may be received now. moto asks each one twice, and each time what time it is."""
    now = time.time() * 1000
    return [message for message in queue._messages if now > message.visible_at and now >= message.delayed_until]


def _delete_message(queue: Queue, receipt_handle: str) -> None:
    """Looks for the message among those that were received, not among all; what is not there is moto's affair."""
    received = (message for message in queue.pending_messages if message.had_receipt_handle(receipt_handle))
    message = next(received, None)
    if message is None:
        _delete_any_message(queue, receipt_handle)
        return
    queue.pending_messages.discard(message)
    queue._messages.remove(message)
    queue.deleted_messages.update(handle for handle in message.all_receipt_handles if handle)
