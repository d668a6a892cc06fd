"""EventBridge is brought over: schedules and rules as the AWS command line prints them, and what a task cannot have."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.settings import Settings
from punctual_cli.applying.places import Unreadable
from punctual_cli.errors import ExitCode
from punctual_cli.importing.eventbridge.converting import eventbridge_source
from punctual_cli.importing.eventbridge.reading import scheduled
from punctual_cli.importing.found import Old
from tests.cli.bringing.serving import Person
from tests.web.building import World, installed

FILES = Path(__file__).parent / "files"
LAMBDA = {"Arn": "arn:aws:lambda:eu-west-1:123456789012:function:f"}
ARN = "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/s"


def olds(text: str) -> list[Old]:
    return list(eventbridge_source(scheduled(text, "f.json")).olds)


def schedule(target: Any = LAMBDA, **changes: Any) -> Old:
    """A schedule as `get-schedule` prints it, with some of it changed."""
    said = {
        "Arn": ARN,
        "Name": "s",
        "GroupName": "default",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ScheduleExpression": "rate(1 hour)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "Target": target,
    } | changes
    (old,) = olds(json.dumps({name: value for name, value in said.items() if value is not None}))
    return old


def definition(old: Old) -> dict[str, Any]:
    assert old.definition is not None, old.refusal
    return dict(old.definition)


def action(target: dict[str, Any]) -> dict[str, Any]:
    return dict(definition(schedule(target))["action"])


def test_what_get_schedule_printed(ann: Person) -> None:
    said = ann.says("import", "eventbridge", str(FILES / "scheduler.json"), "--active", "-o", "json")
    assert said.code == 0, said.out
    nightly, launch = said.json["items"]
    task = nightly["task"]
    assert task["action"] == {
        "type": "aws",
        "service": "lambda",
        "operation": "invoke",
        "parameters": {
            "FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:sums",
            "InvocationType": "Event",
            "Payload": '{"day": "yesterday"}',
        },
    }
    assert task["schedule"] == {
        "type": "cron",
        "expression": "cron(30 2 ? * MON-FRI *)",
        "time_zone": "Europe/Paris",
        "start_at": "2026-11-30T23:00:00.000Z",
        "end_at": "2027-12-31T22:59:00.000Z",
        "jitter_seconds": 900,
    }
    assert (task["retry"]["max_attempts"], task["retry"]["backoff"], task["retry"]["max_age_seconds"]) == (
        *(6, "exponential", 3600),
    )
    assert (task["state"], task["tags"], task["description"]) == ("active", ["group:reports"], "Sums of the day")
    assert nightly["next"][0].startswith("2026-12-01T01:")
    assert len(nightly["next"]) == 3
    assert any("its dead letter queue is not carried over" in note for note in nightly["notes"])
    assert any("the workers' role needs leave for lambda:invoke" in note for note in nightly["notes"])
    assert launch["task"]["schedule"] == {"type": "once", "at": "2026-12-24T23:00:00.000Z"}
    assert launch["task"]["state"] == "paused"  # it was off
    assert launch["task"]["action"]["operation"] == "send_message"
    assert any("deleted itself" in note for note in launch["notes"])
    again = ann.says("import", "eventbridge", str(FILES / "scheduler.json"))
    assert again.out.endswith("2 found: 0 made, 2 here already, 0 not carried over.\n")
    assert len(ann.tasks) == 2


@pytest.mark.parametrize("active", [[], ["--active"]])
def test_what_has_run_its_course_is_still_here(world: World, ann: Person, active: list[str]) -> None:
    """As something new, a time in the past would be refused."""
    once = json.dumps({"Name": "s", "ScheduleExpression": "at(2026-11-22T18:00:00)", "Target": LAMBDA})
    said = [ann.says("import", "eventbridge", "-", *active, "-o", "json", stdin=once).json]
    world.clock.advance(timedelta(days=2))
    said.append(ann.says("import", "eventbridge", "-", *active, "-o", "json", stdin=once).json)
    assert [one["items"][0]["standing"] for one in said] == ["new", "here"]


def test_rules_with_their_targets(ann: Person) -> None:
    said = ann.says("import", "eventbridge", str(FILES / "rules.json"), "-o", "json")
    assert said.code == ExitCode.NOT_ALL
    queue, topic, web, pattern, alone = said.json["items"]
    assert queue["task"]["name"] == "every-five-minutes queue"
    assert queue["task"]["schedule"] == {"type": "interval", "every": 5, "unit": "minutes"}
    assert queue["task"]["action"]["parameters"] == {
        "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/work.fifo",
        "MessageBody": "{}",
        "MessageGroupId": "a",
    }
    assert any("received the event that told of its time; here it receives {}" in note for note in queue["notes"])
    assert topic["task"]["action"]["parameters"]["Message"] == '"hello"'
    assert "make an `http` task, the key a secret" in web["reason"]
    assert pattern["reason"] == "waits for events that fit a pattern, and has no schedule"
    assert "`aws events list-targets-by-rule` prints them" in alone["reason"]


def test_targets_right_behind_their_rule_belong_to_it() -> None:
    rule = {"Name": "r", "Arn": "arn:aws:events:x:1:rule/r", "ScheduleExpression": "rate(1 day)", "State": "ENABLED"}
    targets = {"Targets": [{"Id": "1", **LAMBDA}]}
    for text in (json.dumps(rule) + "\n" + json.dumps(targets), json.dumps([rule, targets])):
        (old,) = olds(text)
        assert definition(old)["action"]["operation"] == "invoke"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ScheduleExpression": "rate(1 minute)"}, {"type": "interval", "every": 1, "unit": "minutes"}),
        ({"ScheduleExpression": "rate(7 days)"}, {"type": "interval", "every": 7, "unit": "days"}),
        (
            {"ScheduleExpression": "cron(15 10 ? * 6L 2026-2030)", "ScheduleExpressionTimezone": "Asia/Tokyo"},
            {"type": "cron", "expression": "cron(15 10 ? * 6L 2026-2030)", "time_zone": "Asia/Tokyo"},
        ),
        (
            {"ScheduleExpression": "at(2026-12-24T18:00:00)", "ScheduleExpressionTimezone": "Asia/Tokyo"},
            {"type": "once", "at": "2026-12-24T09:00:00.000Z"},
        ),
        (
            {"StartDate": 1767254400.0, "ScheduleExpressionTimezone": None},
            {"type": "interval", "every": 1, "unit": "hours", "start_at": "2026-01-01T08:00:00.000Z"},
        ),
        (
            {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}},
            {"type": "interval", "every": 1, "unit": "hours", "jitter_seconds": 300},
        ),
        (
            {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}},
            {"type": "interval", "every": 1, "unit": "hours", "jitter_seconds": 3599},
        ),
    ],
)
def test_when_it_runs(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert definition(schedule(**changes))["schedule"] == expected


@pytest.mark.parametrize(
    ("retry", "expected"),
    [
        ({"MaximumRetryAttempts": 0}, {"max_attempts": 1}),
        (
            {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60},
            {"max_attempts": 3, "backoff": "exponential", "max_age_seconds": 60},
        ),
        (None, {"max_attempts": 20, "backoff": "exponential", "max_age_seconds": 86_400}),
        ({"MaximumRetryAttempts": 100}, {"max_attempts": 20, "backoff": "exponential", "max_age_seconds": 86_400}),
    ],
)
def test_retries(retry: Any, expected: dict[str, Any]) -> None:
    old = schedule({**LAMBDA, "RetryPolicy": retry})
    assert definition(old)["retry"] == expected
    assert ("its 100 retries become 20 attempts, the most there are" in old.notes) == (
        retry is not None and 100 in retry.values()
    )


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
            ("stepfunctions", "start_execution", {"stateMachineArn": "m", "input": "{}"}),
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


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"ScheduleExpression": None},
            "`list-schedules` does not say when: `aws scheduler get-schedule --name s --group-name default` does",
        ),
        ({"ScheduleExpression": "every(5)"}, "is none of at(…), rate(…) and cron(…)"),
        ({"ScheduleExpression": "rate(5 weeks)"}, "rate(5 weeks) is none of AWS's"),
        ({"ScheduleExpression": "at(soon)"}, "at(soon) in UTC is no time that can be read"),
        (
            {"ScheduleExpression": "at(2026-12-24T18:00:00)", "ScheduleExpressionTimezone": "Mars/X"},
            "in Mars/X is no time",
        ),
        ({"StartDate": "soon"}, "'soon' is no time that can be read"),
        ({"target": None}, "nothing is said of what it calls"),
        ({"target": {"Arn": "x"}}, "'x' is no ARN"),
        ({"target": {"Arn": "arn:aws:redshift:eu-west-1:1:cluster:c"}}, "call redshift-data execute_statement"),
        ({"target": {"Arn": "arn:aws:execute-api:eu-west-1:1:api/stage/GET/"}}, "make an `http` task with its URL"),
        (
            {"target": {"Arn": "arn:aws:logs:eu-west-1:1:log-group:g"}},
            "a target of logs is none that can be made an AWS call of",
        ),
        ({"target": {**LAMBDA, "InputPath": "$.detail"}}, "its InputPath makes the input out of an event"),
        ({"target": {**LAMBDA, "InputTransformer": {"InputTemplate": "x"}}}, "its InputTransformer makes the input"),
        (
            {"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": "[1]"}},
            "no JSON object of parameters",
        ),
        ({"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": "{"}}, "its input is no JSON"),
        ({"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs"}}, "no JSON object of parameters"),
        ({"target": {"Arn": "arn:aws:ecs:x:1:cluster/c"}}, "name no task definition"),
        ({"target": {"Arn": "arn:aws:events:x:1:event-bus/b"}}, "passes the event on, and here is none"),
    ],
)
def test_what_cannot_be_carried_over_is_told_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    old = schedule(**changes)
    assert old.definition is None
    assert reason in old.refusal


@pytest.mark.parametrize(
    ("target", "note"),
    [
        ({**LAMBDA, "RoleArn": "arn:aws:iam::1:role/r"}, "was called as the role r"),
        (LAMBDA, "is in eu-west-1: the call goes to the region of the installation"),
        (
            {**LAMBDA, "Input": '{"at": "<aws.scheduler.scheduled-time>"}'},
            "is not replaced: it is passed on as it stands",
        ),
        ({**LAMBDA, "DeadLetterConfig": {"Arn": "arn:aws:sqs:x:1:q"}}, "its dead letter queue is not carried over"),
    ],
)
def test_what_differs_is_told_of_each(target: dict[str, Any], note: str) -> None:
    assert any(note in said for said in schedule(target).notes)


def test_a_window_longer_than_the_time_between_two_runs_is_left_out(ann: Person) -> None:
    said = {
        "Name": "s",
        "ScheduleExpression": "cron(0/5 * * * ? *)",
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10},
        "Target": LAMBDA,
    }
    (item,) = ann.says("import", "eventbridge", "-", "-o", "json", stdin=json.dumps(said)).json["items"]
    assert any("its spread of up to 600 s is left out" in note for note in item["notes"])
    assert "jitter_seconds" not in ann.tasks[0]["schedule"]


def test_an_operation_that_the_installation_does_not_allow_is_told_with_what_to_do(ann: Person) -> None:
    world = installed(Settings())
    eve = Person(url=ann.url, caller=world.caller("eve"), folder=ann.folder)
    said = eve.says("import", "eventbridge", str(FILES / "scheduler.json"))
    assert "lambda:invoke is not allowed on this installation (AWS_ACTIONS_ALLOWED): none; deploy with it" in said.out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "f.json:1: is not JSON"),
        ('{"Name": "a"}\nnope', "f.json:2: is not JSON"),
        ("[5]", "f.json: holds 5, where what `aws scheduler get-schedule`"),
        ("{}", "f.json: an object without `Name`"),
        ("[" * 100_000, "f.json: is nested too deeply"),
    ],
)
def test_what_is_not_of_the_aws_command_line_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as told:
        olds(text)
    assert sentence in str(told.value)


def test_nothing_at_all_is_no_mistake(ann: Person) -> None:
    said = ann.says("import", "eventbridge", "-", stdin='{"Schedules": []}')
    assert (said.code, said.out) == (0, "Nothing was found that runs.\n")
