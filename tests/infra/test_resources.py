"""The one declaration of tables and queues, as it is created and as the functions need it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.core.attempts.claim import ACTION_LIMIT, LEASE_SLACK
from chalicelib.core.task import Channel
from infra import resources
from infra.local.standins import lambdas

FOURTEEN_DAYS = str(14 * 24 * 3600)
AFTER_THE_FUNCTION = timedelta(seconds=30)


@pytest.fixture
def declared() -> resources.Resources:
    return resources.load("dev")


def queue_named(declared: resources.Resources, name: str) -> dict[str, Any]:
    return next(q for q in resources.queues(declared) if q["QueueName"] == name)


def attributes(sqs: Any, name: str) -> dict[str, str]:
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found


def test_four_tables_and_eight_queues_carry_the_stage(declared: resources.Resources) -> None:
    tables = {t["TableName"] for t in resources.tables(declared)}
    queues = {q["QueueName"] for q in resources.queues(declared)}
    assert tables == {f"punctual-dev-{name}" for name in ("tasks", "agenda", "runs", "accounts")}
    working = {f"punctual-dev-{name}" for name in ("passes", "light", "urgent", "commands")}
    assert queues == working | {f"{name}-dead" for name in working}


@mock_aws
def test_created_tables_have_their_keys_indexes_and_expiry(declared: resources.Resources) -> None:
    dynamodb = boto3.client("dynamodb")
    resources.create(declared, dynamodb, boto3.client("sqs"))
    runs = dynamodb.describe_table(TableName="punctual-dev-runs")["Table"]
    assert [key["AttributeName"] for key in runs["KeySchema"]] == ["task_id", "due_key"]
    assert {i["IndexName"]: i["Projection"]["ProjectionType"] for i in runs["GlobalSecondaryIndexes"]} == {
        "attention": "KEYS_ONLY",
        "feed": "KEYS_ONLY",
    }
    expiring = {
        name: dynamodb.describe_time_to_live(TableName=f"punctual-dev-{name}")["TimeToLiveDescription"]
        for name in ("tasks", "agenda", "runs", "accounts")
    }
    assert {(e["TimeToLiveStatus"], e["AttributeName"]) for e in expiring.values()} == {("ENABLED", "expires_at")}


@mock_aws
def test_every_created_table_is_encrypted_paid_by_request_and_can_be_restored(declared: resources.Resources) -> None:
    dynamodb = boto3.client("dynamodb")
    resources.create(declared, dynamodb, boto3.client("sqs"))
    for properties in resources.tables(declared):
        name = properties["TableName"]
        table = dynamodb.describe_table(TableName=name)["Table"]
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        assert table["SSEDescription"]["Status"] == "ENABLED"
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


@mock_aws
def test_every_queue_keeps_messages_for_14_days_encrypted(declared: resources.Resources) -> None:
    sqs = boto3.client("sqs")
    resources.create(declared, boto3.client("dynamodb"), sqs)
    for properties in resources.queues(declared):
        found = attributes(sqs, properties["QueueName"])
        assert found["MessageRetentionPeriod"] == FOURTEEN_DAYS
        assert found["SqsManagedSseEnabled"] == "true"


@mock_aws
@pytest.mark.parametrize(("name", "receives"), [("passes", 3), ("light", 5), ("urgent", 5), ("commands", 5)])
def test_each_queue_hands_what_fails_for_good_to_a_queue_of_its_own(
    declared: resources.Resources, name: str, receives: int
) -> None:
    sqs = boto3.client("sqs")
    resources.create(declared, boto3.client("dynamodb"), sqs)
    policy = json.loads(attributes(sqs, f"punctual-dev-{name}")["RedrivePolicy"])
    assert policy["deadLetterTargetArn"].endswith(f":punctual-dev-{name}-dead")
    assert policy["maxReceiveCount"] == receives


@mock_aws
def test_creating_twice_changes_nothing(declared: resources.Resources) -> None:
    clients = boto3.client("dynamodb"), boto3.client("sqs")
    assert len(resources.create(declared, *clients)) == len(declared)
    assert resources.create(declared, *clients) == []


@mock_aws
def test_what_is_missing_is_named_and_created(declared: resources.Resources) -> None:
    clients = boto3.client("dynamodb"), boto3.client("sqs")
    resources.create(declared, *clients)
    clients[0].delete_table(TableName="punctual-dev-runs")
    assert resources.missing(declared, *clients) == ["punctual-dev-runs"]
    assert resources.create(declared, *clients) == ["punctual-dev-runs"]


def test_tables_outlive_their_stack(declared: resources.Resources) -> None:
    tables = [r for r in declared.values() if r["Type"] == resources.TABLE]
    assert {(t["DeletionPolicy"], t["UpdateReplacePolicy"]) for t in tables} == {("Retain", "Retain")}


def test_a_resource_of_another_type_is_refused(tmp_path: Any) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Topic: {Type: 'AWS::SNS::Topic', Properties: {}}}")
    with pytest.raises(ValueError, match="Topic: the local stack does not know how to create AWS::SNS::Topic"):
        resources.load("dev", template)


def test_every_subscription_is_to_a_declared_queue_and_every_working_queue_has_one() -> None:
    found = {s.queue for s in lambdas.subscriptions(lambdas.load(), "local")}
    declared = resources.load("local")
    assert found == {q["QueueName"] for q in resources.queues(declared) if "RedrivePolicy" in q}


def test_a_queue_hides_a_message_until_its_function_is_surely_gone() -> None:
    declared = resources.load("local")
    for subscription in lambdas.subscriptions(lambdas.load(), "local"):
        visibility = timedelta(seconds=queue_named(declared, subscription.queue)["VisibilityTimeout"])
        assert visibility == subscription.function.timeout + AFTER_THE_FUNCTION, subscription.queue


@pytest.mark.parametrize("channel", list(Channel))
def test_an_action_ends_before_its_lease_and_its_lease_before_its_function(channel: Channel) -> None:
    function = timedelta(seconds=lambdas.timeouts()[channel.value])
    assert ACTION_LIMIT[channel] < ACTION_LIMIT[channel] + LEASE_SLACK < function


def test_the_sandbox_outlives_the_longest_command_and_not_the_worker_that_waits_for_it() -> None:
    timeouts = {name: timedelta(seconds=seconds) for name, seconds in lambdas.timeouts().items()}
    assert ACTION_LIMIT[Channel.COMMANDS] < timeouts["sandbox"] < timeouts["commands"]
