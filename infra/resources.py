"""The tables and queues of `resources.yaml`, created at any endpoint through boto3.

CloudFormation does this on AWS. The local stack and the tests do it here, from the same file, so that there is one
declaration. Only what the file uses is understood: two resource types, `Ref`, `Fn::Sub` of parameters and
`Fn::GetAtt` of a queue's `Arn`. Anything else is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).with_name("resources.yaml")
TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
AFTER_CREATION = ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")
"""Properties of a table that CreateTable does not take: each is a call of its own."""

Resources = dict[str, dict[str, Any]]


def load(stage: str, template: Path = TEMPLATE) -> Resources:
    """The resources that the template declares for a stage, by logical id, with every name and reference filled in."""
    document = yaml.safe_load(template.read_text(encoding="utf-8"))
    names = {"Stage": stage}
    declared = {
        logical_id: {**resource, "Properties": _filled(resource["Properties"], names)}
        for logical_id, resource in document["Resources"].items()
    }
    for logical_id, resource in declared.items():
        if resource["Type"] not in (TABLE, QUEUE):
            raise ValueError(f"{logical_id}: the local stack does not know how to create {resource['Type']}")
    return declared


def tables(resources: Resources) -> Iterator[dict[str, Any]]:
    """The properties of every table."""
    return (r["Properties"] for r in resources.values() if r["Type"] == TABLE)


def queues(resources: Resources) -> Iterator[dict[str, Any]]:
    """The properties of every queue, dead-letter queues before those that point at them."""
    found = [r["Properties"] for r in resources.values() if r["Type"] == QUEUE]
    return iter(sorted(found, key=lambda properties: "RedrivePolicy" in properties))


def create(resources: Resources, dynamodb: Any, sqs: Any) -> list[str]:
    """Creates the tables and queues that are not there yet; their names. What exists is left as it is."""
    names = missing(resources, dynamodb, sqs)
    for properties in tables(resources):
        if properties["TableName"] in names:
            _create_table(dynamodb, properties)
    for properties in queues(resources):
        if properties["QueueName"] in names:
            _create_queue(sqs, properties, resources)
    return names


def missing(resources: Resources, dynamodb: Any, sqs: Any) -> list[str]:
    """The names of the tables and queues that are not there."""
    existing = {*_table_names(dynamodb), *_queue_names(sqs)}
    names = [t["TableName"] for t in tables(resources)] + [q["QueueName"] for q in queues(resources)]
    return [name for name in names if name not in existing]


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    """A property with its parameters put in. `Fn::GetAtt` stays: what it means is known once the queue exists."""
    if isinstance(value, list):
        return [_filled(v, names) for v in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return names[value["Ref"]]
    if "Fn::Sub" in value:
        return re.sub(r"\$\{(\w+)}", lambda match: names[match[1]], value["Fn::Sub"])
    return {k: _filled(v, names) for k, v in value.items()}


def _create_table(dynamodb: Any, properties: Mapping[str, Any]) -> None:
    name = properties["TableName"]
    creation = {k: v for k, v in properties.items() if k not in AFTER_CREATION}
    creation["SSESpecification"] = {"Enabled": properties["SSESpecification"]["SSEEnabled"]}
    dynamodb.create_table(**creation)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    if "TimeToLiveSpecification" in properties:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"]
    )


def _create_queue(sqs: Any, properties: Mapping[str, Any], resources: Resources) -> None:
    attributes = {k: _attribute(v) for k, v in properties.items() if k not in ("QueueName", "RedrivePolicy")}
    if "RedrivePolicy" in properties:
        attributes["RedrivePolicy"] = json.dumps(_redrive(sqs, properties["RedrivePolicy"], resources))
    sqs.create_queue(QueueName=properties["QueueName"], Attributes=attributes)


def _redrive(sqs: Any, policy: Mapping[str, Any], resources: Resources) -> dict[str, Any]:
    logical_id, attribute = policy["deadLetterTargetArn"]["Fn::GetAtt"]
    if attribute != "Arn":
        raise ValueError(f"{logical_id}.{attribute}: only the Arn of a queue can be asked for")
    url = sqs.get_queue_url(QueueName=resources[logical_id]["Properties"]["QueueName"])["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return {**policy, "deadLetterTargetArn": arn}


def _attribute(value: Any) -> str:
    """SQS attributes are text, and its booleans are lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table_names(dynamodb: Any) -> Iterator[str]:
    for page in dynamodb.get_paginator("list_tables").paginate():
        yield from page["TableNames"]


def _queue_names(sqs: Any) -> Iterator[str]:
    for page in sqs.get_paginator("list_queues").paginate():
        yield from (url.rpartition("/")[2] for url in page.get("QueueUrls", ()))
