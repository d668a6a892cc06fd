"""What becomes of a target of EventBridge: the AWS call that a task makes."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from chalicelib.settings import Settings
from punctual_cli.importing.eventbridge.services import BOTO3_NAMES, boto3_name
from tests.cli.bringing.eventbridge import FILES, definition, schedule
from tests.cli.bringing.serving import Person
from tests.web.building import installed


def action(target: dict[str, Any]) -> dict[str, Any]:
    return dict(definition(schedule(target))["action"])


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (
            {"Arn": "arn:aws:states:eu-west-1:1:stateMachine:m", "Input": '{"a": 1}'},
            (
                "stepfunctions",
                "start_execution",
                {"stateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:m", "input": '{"a": 1}'},
            ),
        ),
        (
            {"Arn": "arn:aws-cn:sqs:cn-north-1:1:q", "Input": "x"},
            ("sqs", "send_message", {"QueueUrl": "https://sqs.cn-north-1.amazonaws.com.cn/1/q", "MessageBody": "x"}),
        ),
        (
            {
                "Arn": "arn:aws:events:eu-west-1:1:event-bus/default",
                "EventBridgeParameters": {"DetailType": "tick", "Source": "me"},
                "Input": "{}",
            },
            (
                "events",
                "put_events",
                {
                    "Entries": [
                        {
                            "Source": "me",
                            "DetailType": "tick",
                            "Detail": "{}",
                            "EventBusName": "arn:aws:events:eu-west-1:1:event-bus/default",
                        }
                    ]
                },
            ),
        ),
        (
            {"Arn": "arn:aws:kinesis:eu-west-1:1:stream/s", "KinesisParameters": {"PartitionKey": "k"}, "Input": "x"},
            (
                "kinesis",
                "put_record",
                {"StreamARN": "arn:aws:kinesis:eu-west-1:1:stream/s", "PartitionKey": "k", "Data": "x"},
            ),
        ),
        (
            {"Arn": "arn:aws:firehose:eu-west-1:1:deliverystream/d", "Input": "x"},
            ("firehose", "put_record", {"DeliveryStreamName": "d", "Record": {"Data": "x"}}),
        ),
        (
            {
                "Arn": "arn:aws:ecs:eu-west-1:1:cluster/c",
                "EcsParameters": {
                    "TaskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/t:3",
                    "TaskCount": 2,
                    "LaunchType": "FARGATE",
                    "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s-1"], "AssignPublicIp": "ENABLED"}},
                },
                "Input": '{"containerOverrides": [{"name": "app", "command": ["x"]}]}',
            },
            (
                "ecs",
                "run_task",
                {
                    "cluster": "arn:aws:ecs:eu-west-1:1:cluster/c",
                    "taskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/t:3",
                    "count": 2,
                    "launchType": "FARGATE",
                    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s-1"], "assignPublicIp": "ENABLED"}},
                    "overrides": {"containerOverrides": [{"name": "app", "command": ["x"]}]},
                },
            ),
        ),
        (
            {
                "Arn": "arn:aws:batch:eu-west-1:1:job-queue/q",
                "BatchParameters": {
                    "JobName": "j",
                    "JobDefinition": "d",
                    "ArrayProperties": {"Size": 3},
                    "RetryStrategy": {"Attempts": 2},
                },
                "Input": '{"Parameters": {"InputFile": "f"}}',
            },
            (
                "batch",
                "submit_job",
                {
                    "jobQueue": "arn:aws:batch:eu-west-1:1:job-queue/q",
                    "jobName": "j",
                    "jobDefinition": "d",
                    "arrayProperties": {"size": 3},
                    "retryStrategy": {"attempts": 2},
                    "Parameters": {"InputFile": "f"},
                },
            ),
        ),
        (
            {"Arn": "arn:aws:codebuild:eu-west-1:1:project/p"},
            ("codebuild", "start_build", {"projectName": "p"}),
        ),
        (
            {"Arn": "arn:aws:codepipeline:eu-west-1:1:p"},
            ("codepipeline", "start_pipeline_execution", {"name": "p"}),
        ),
        (
            {
                "Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
                "Input": '{"StateMachineArn": "m", "Input": "{}"}',
            },
            ("stepfunctions", "start_execution", {"StateMachineArn": "m", "Input": "{}"}),
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:batch:submitJob", "Input": '{"Parameters": {"InputFile": "f"}}'},
            ("batch", "submit_job", {"Parameters": {"InputFile": "f"}}),
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:rds:stopDBInstance", "Input": '{"DbInstanceIdentifier": "d"}'},
            ("rds", "stop_db_instance", {"DbInstanceIdentifier": "d"}),
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances", "Input": '{"InstanceIds": ["i-1"]}'},
            ("ec2", "stop_instances", {"InstanceIds": ["i-1"]}),
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:rds:createDBSnapshot", "Input": '{"DBInstanceIdentifier": "d"}'},
            ("rds", "create_db_snapshot", {"DBInstanceIdentifier": "d"}),
        ),
    ],
)
def test_what_it_calls(ann: Person, target: dict[str, Any], expected: tuple[str, str, dict[str, Any]]) -> None:
    made = action(target)
    assert (made["service"], made["operation"], made["parameters"]) == expected
    ann.client.tasks.check({"name": "x", "action": made, "schedule": {"type": "interval", "every": 1, "unit": "hours"}})


def test_an_operation_that_the_installation_does_not_allow_is_told_with_what_to_do(ann: Person) -> None:
    world = installed(Settings())
    eve = Person(url=ann.url, caller=world.caller("eve"), folder=ann.folder)
    said = eve.says("import", "eventbridge", str(FILES / "scheduler.json"))
    assert "lambda:invoke is not allowed on this installation (AWS_ACTIONS_ALLOWED): none; deploy with it" in said.out


@pytest.mark.parametrize(
    ("service", "called"),
    [
        ("sagemakerruntime", "sagemaker-runtime"),
        ("resourcegroups", "resource-groups"),
        ("ssoadmin", "sso-admin"),
        ("cognitoidentityprovider", "cognito-idp"),
        ("serverlessapplicationrepository", "serverlessrepo"),
        ("glue", "glue"),
    ],
)
def test_services_are_called_as_boto3_calls_them(service: str, called: str) -> None:
    assert boto3_name(service) == called


def test_there_is_every_service_that_another_name_stands_for() -> None:
    assert set(BOTO3_NAMES.values()) <= set(botocore.session.get_session().get_available_services())
