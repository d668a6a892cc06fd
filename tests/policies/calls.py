"""What a call asks of IAM: one botocore call as the permissions that it needs, each an action on a resource.

A transaction, a batch and a read of an index need others than their own name says (Amazon's service authorization
reference). Names of a stage become those of `STAGE`, owners and names of secrets become one of each, so that a whole
suite comes to a few dozen different permissions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from chalicelib.core.trials import CALLED

STAGE = "proof"
ACCOUNT = "123456789012"
REGION = "us-east-1"
_OURS = re.compile(r"punctual-[a-z][a-z0-9-]*?-((?:passes|light|urgent|commands)-dead|\w+)")
"""A table, queue or function of any stage. What a test makes up for itself has another name."""
_SECRETS = re.compile(r"/punctual/[a-z][a-z0-9-]*/secrets(?:/([^/]+)(?:/([^/]+))?)?")
_ALERTS = re.compile(r"punctual-[a-z][a-z0-9-]*?-alerts-.+")
_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


class Permission(NamedTuple):
    """An action on a resource; of a read the attributes that it asked for (none: for all), and in the accounts the
    partitions that were reached."""

    action: str
    resource: str
    attributes: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()


Item = Mapping[str, Any]


def permissions(service: str, operation: str, request: Mapping[str, Any]) -> list[Permission]:
    """What a role needs for a call. A call that is not known here needs a permission that no policy gives."""
    needs = _NEEDS.get((service, operation))
    return [Permission(f"{service}:{operation}", "unknown")] if needs is None else list(needs(operation, request))


def of_a_stage(name: str) -> str:
    """A name with the stage `STAGE` in it, whatever stage it is of.

    >>> of_a_stage("punctual-dev-2-light-dead"), of_a_stage("things")
    ('punctual-proof-light-dead', 'things')
    """
    found = _OURS.fullmatch(name)
    return name if found is None else f"punctual-{STAGE}-{found[1]}"


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _table(request: Mapping[str, Any], table: str | None = None) -> str:
    index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
    return _arn("dynamodb", f"table/{of_a_stage(table or request['TableName'])}{index}")


def _item(operation: str, request: Mapping[str, Any]) -> Iterator[Permission]:
    """One that names its table, or the index that it reads."""
    at = [_asked_for(request)] if operation == "Query" else [request.get("Item") or request.get("Key") or {}]
    yield Permission(f"dynamodb:{operation}", _table(request), _attributes(request), _partitions(at, _table(request)))


def _attributes(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The top-level attributes that a read asks for; with those, DynamoDB counts those of its key."""
    wanted = request.get("ProjectionExpression")
    if not wanted:
        return ()
    names = request.get("ExpressionAttributeNames", {})
    top = {re.split(r"[.\[]", path.strip())[0] for path in wanted.split(",")}
    return tuple(sorted({names.get(name, name) for name in top} | set(request.get("Key", ()))))


def _batch(operation: str, request: Mapping[str, Any]) -> Iterator[Permission]:
    for table, items in request["RequestItems"].items():
        at = items["Keys"] if isinstance(items, dict) else [_written(one) for one in items]
        yield Permission(f"dynamodb:{operation}", _table({}, table), partitions=_partitions(at, _table({}, table)))


def _transaction(operation: str, request: Mapping[str, Any]) -> Iterator[Permission]:
    for item in request["TransactItems"]:
        for verb, what in item.items():
            at = what.get("Item") or what.get("Key") or {}
            yield Permission(f"dynamodb:{_WRITES[verb]}", _table(what), partitions=_partitions([at], _table(what)))


def _written(request: Mapping[str, Any]) -> Item:
    """What one request of a batch puts, or the key of what it deletes."""
    found: Item = request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"]
    return found


def _asked_for(request: Mapping[str, Any]) -> Item:
    """The attributes that a query holds against one value, with these."""
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    asked = re.findall(r"([#\w]+) = (:\w+)", request.get("KeyConditionExpression", ""))
    return {names.get(name, name): values[value] for name, value in asked}


def _partitions(items: Iterable[Item], table: str) -> tuple[str, ...]:
    """The partitions of the tasks or of the accounts that items are in, by what they begin with; of other tables they
    concern nobody.

    >>> _partitions([{"owner": {"S": "alerts#ann"}}, {"owner": {"S": "bob"}}], "table/punctual-proof-accounts")
    ('alerts#any', 'any')
    >>> _partitions([{"id": {"S": "zzzcalled1"}}, {"id": {"S": "1"}}], "table/punctual-proof-tasks")
    ('any', 'zzzcalledany')
    """
    if table.endswith("-tasks"):
        ids = {item["id"]["S"] for item in items if "id" in item}
        return tuple(sorted({(CALLED if one.startswith(CALLED) else "") + "any" for one in ids}))
    found = {item["owner"]["S"] for item in items if "owner" in item}
    return tuple(sorted({"".join(owner.rpartition("#")[:2]) + "any" for owner in found}))


def _queue(operation: str, request: Mapping[str, Any]) -> Iterator[Permission]:
    name = request.get("QueueName") or request["QueueUrl"].rpartition("/")[2]
    yield Permission(f"sqs:{operation.removesuffix('Batch')}", _arn("sqs", of_a_stage(name)))


def _parameters(operation: str, request: Mapping[str, Any]) -> Iterator[Permission]:
    named = request.get("Path") or request.get("Name")
    for name in request.get("Names", [named]):
        yield Permission(f"ssm:{operation}", _arn("ssm", f"parameter{_anybodys(name)}"))


def _anybodys(path: str) -> str:
    found = _SECRETS.fullmatch(path)
    if found is None:
        return path
    owner, name = found.groups()
    return f"/punctual/{STAGE}/secrets" + ("/owner" if owner else "") + ("/name" if name else "")


def _function(operation: str, request: Mapping[str, Any]) -> Iterator[Permission]:
    yield Permission("lambda:InvokeFunction", _arn("lambda", f"function:{of_a_stage(request['FunctionName'])}"))


def _topic(operation: str, request: Mapping[str, Any]) -> Iterator[Permission]:
    name = request["TopicArn"].rpartition(":")[2]
    yield Permission(f"sns:{operation}", _arn("sns", _ALERTS.sub(f"punctual-{STAGE}-alerts-any", name)))


Needs = Callable[[str, Mapping[str, Any]], Iterator[Permission]]
_KINDS: dict[Needs, dict[str, str]] = {
    _item: {"dynamodb": "GetItem PutItem UpdateItem DeleteItem Query Scan"},
    _batch: {"dynamodb": "BatchGetItem BatchWriteItem"},
    _transaction: {"dynamodb": "TransactWriteItems"},
    _queue: {
        "sqs": "GetQueueUrl GetQueueAttributes SendMessage SendMessageBatch "
        "ReceiveMessage DeleteMessage DeleteMessageBatch"
    },
    _parameters: {"ssm": "PutParameter DeleteParameter GetParameters GetParametersByPath"},
    _function: {"lambda": "Invoke"},
    _topic: {"sns": "Publish"},
}
_NEEDS = {
    (service, operation): needs
    for needs, services in _KINDS.items()
    for service, operations in services.items()
    for operation in operations.split()
}
