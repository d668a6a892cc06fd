"""What becomes of a schedule of EventBridge: when it runs, how often it is tried, and what a task cannot have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.bringing.eventbridge import LAMBDA, definition, schedule
from tests.cli.bringing.serving import Person


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ScheduleExpression": "rate(1 minute)"}, {"type": "interval", "every": 1, "unit": "minutes"}),
        ({"ScheduleExpression": "rate(7 days)"}, {"type": "interval", "every": 7, "unit": "days"}),
        (
            {"ScheduleExpression": "cron(15 10 ? * 6L 2026-2030)", "ScheduleExpressionTimezone": "Asia/Tokyo"},
            {
                "type": "cron",
                "expression": "cron(15 10 ? * 6L 2026-2030)",
                "time_zone": "Asia/Tokyo",
                "dst_gap": "skip",
            },
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


def test_what_falls_into_the_gap_of_a_clock_change_is_left_out_as_aws_does(ann: Person) -> None:
    old = schedule(ScheduleExpression="cron(30 2 * * ? *)", ScheduleExpressionTimezone="Europe/Paris")
    shown = ann.client.preview(definition(old)["schedule"], after="2027-03-27T12:00:00Z", count=1)
    assert shown["next"][0]["local"].startswith("2027-03-29T02:30")


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
        (
            {"target": {"Arn": "arn:aws:ecs:eu-west-1:1:cluster/c", "EcsParameters": "x"}},
            "EcsParameters is no JSON object",
        ),
        ({"target": {"Arn": "arn:aws:sqs:eu-west-1:1:q", "SqsParameters": [1]}}, "its SqsParameters is no JSON object"),
        ({"target": {**LAMBDA, "DeadLetterConfig": [1]}}, "its DeadLetterConfig is no JSON object"),
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
