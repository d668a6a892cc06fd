"""What moto holds in memory, as keys and JSON values, and back: the items of tables and the messages of queues.

moto keeps neither when its process ends. A request tells which items it may have touched; which messages of a queue
it changed is found by comparing. A message that somebody had received counts as waiting when it is put back.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

REGION = "us-east-1"
EXPIRY = "expires_at"
"""The TTL attribute of every table that has one."""

ItemKey = tuple[str, DynamoType, DynamoType | None]
Changes = dict[str, Any]


def dynamodb() -> DynamoDBBackend:
    """The tables of this process."""
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION]


def sqs() -> SQSBackend:
    """The queues of this process."""
    return sqs_backends[DEFAULT_ACCOUNT_ID][REGION]


def worth_keeping(key: str, value: Any) -> bool:
    """False for an item whose TTL has passed: DynamoDB would have deleted it, and moto never does."""
    if json.loads(key)[0] != "item" or EXPIRY not in value:
        return True
    return float(value[EXPIRY]["N"]) > time.time()


def restore(state: Mapping[str, Any]) -> None:
    """Puts remembered items and messages into the tables and queues that exist. What belongs to others is left."""
    for key, value in state.items():
        kind, place, *_ = json.loads(key)
        if kind == "item" and place in dynamodb().tables:
            attributes = {name: _converted(attribute, base64.b64decode) for name, attribute in value.items()}
            dynamodb().get_table(place).put_item(attributes, overwrite=True)
        if kind == "message" and place in sqs().queues:
            sqs().get_queue(place)._messages.append(_message(value))


def touched_items(operation: str, request: Mapping[str, Any]) -> list[ItemKey]:
    """The keys of the items that a DynamoDB request writes when it succeeds."""
    return [_item_key(*write) for write in _writes(operation, request) if write[0] in dynamodb().tables]


def item_changes(keys: list[ItemKey]) -> Changes:
    """The items of those keys as they are now, ready for the journal."""
    return {_journal_key(key): _journal_value(find_item(key)) for key in keys}


def find_item(key: ItemKey) -> Item | None:
    """The item itself, not a copy."""
    table, hash_key, range_key = key
    return dynamodb().get_table(table).get_item(hash_key, range_key)


def replace_item(key: ItemKey, item: Item | None) -> None:
    """Puts an item back as it was, or takes away what was not there."""
    name, hash_key, range_key = key
    table = dynamodb().get_table(name)
    if item is None:
        table.delete_item(hash_key, range_key)
    else:
        table.put_item(_attributes(item), overwrite=True)


class QueueWatch:
    """Knows which messages a queue had, and so what has changed since."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, int]] = {}

    def look(self, queue: Queue) -> Changes:
        """What changed in a queue, and in its dead-letter queue, since the last look."""
        dead = queue.dead_letter_queue
        return self._compare(queue) | (self._compare(dead) if dead is not None else {})

    def _compare(self, queue: Queue) -> Changes:
        before = self._known.get(queue.name, {})
        after = {message.id: message.approximate_receive_count for message in queue._messages}
        self._known[queue.name] = after
        changed = [m for m in queue._messages if before.get(m.id) != m.approximate_receive_count]
        changes: Changes = {_message_key(queue, m.id): _message_value(m) for m in changed}
        return changes | {_message_key(queue, gone): None for gone in before.keys() - after.keys()}


def _writes(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Table and attributes (the key among them) of each write that a request asks for."""
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield request["TableName"], request.get("Item") or request["Key"]
    elif operation == "BatchWriteItem":
        for table, writes in request["RequestItems"].items():
            yield from ((table, _batched(write)) for write in writes)
    elif operation == "TransactWriteItems":
        for entry in request["TransactItems"]:
            yield from ((action["TableName"], action.get("Item") or action["Key"]) for action in entry.values())


def _batched(write: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes: Mapping[str, Any]
    attributes = write["PutRequest"]["Item"] if "PutRequest" in write else write["DeleteRequest"]["Key"]
    return attributes


def _item_key(table: str, attributes: Mapping[str, Any]) -> ItemKey:
    declared = dynamodb().get_table(table)
    range_name = declared.range_key_attr
    range_key = DynamoType(attributes[range_name]) if range_name is not None else None
    return table, DynamoType(attributes[declared.hash_key_attr]), range_key


def _journal_key(key: ItemKey) -> str:
    table, hash_key, range_key = key
    return json.dumps(["item", table, hash_key.value, range_key.value if range_key is not None else None])


def _journal_value(item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    return {name: _converted(attribute, _base64) for name, attribute in _attributes(item).items()}


def _converted(attribute: Mapping[str, Any], binary: Callable[[Any], Any]) -> dict[str, Any]:
    """An attribute with its binary values converted: JSON has none."""
    [(kind, value)] = attribute.items()
    if kind == "M":
        return {kind: {name: _converted(member, binary) for name, member in value.items()}}
    if kind == "L":
        return {kind: [_converted(member, binary) for member in value]}
    if kind == "BS":
        return {kind: [binary(member) for member in value]}
    return {kind: binary(value) if kind == "B" else value}


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _attributes(item: Item) -> dict[str, Any]:
    return {name: _plain(value) for name, value in item.attrs.items()}


def _plain(value: DynamoType) -> dict[str, Any]:
    """An attribute as it stands in a request."""
    if value.is_list():
        return {value.type: [_plain(v) for v in value.value]}
    if value.is_map():
        return {value.type: {k: _plain(v) for k, v in value.value.items()}}
    return {value.type: value.value}


def _message_key(queue: Queue, message_id: str) -> str:
    return json.dumps(["message", queue.name, message_id])


def _message_value(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "body": message.body,
        "attributes": message.message_attributes,
        "group": message.group_id,
        "sent": message.sent_timestamp,
        "first_received": message.approximate_first_receive_timestamp,
        "received": message.approximate_receive_count,
        "delayed_until": message.delayed_until,
    }


def _message(value: Mapping[str, Any]) -> Message:
    message = Message(value["id"], value["body"])
    message.message_attributes = value["attributes"]
    message.group_id = value["group"]
    message.sent_timestamp = value["sent"]
    message.approximate_first_receive_timestamp = value["first_received"]
    message.approximate_receive_count = value["received"]
    message.delayed_until = value["delayed_until"]
    return message
