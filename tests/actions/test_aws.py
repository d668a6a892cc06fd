"""The aws action: what may be called, and what becomes of it. Answers are recorded ones; no call leaves the machine."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from chalicelib.actions.aws import CLIENT, Aws, client_for, named
from chalicelib.core.run import AttemptStatus, Outcome

TIME = timedelta(seconds=10)
OK = {"ResponseMetadata": {"HTTPStatusCode": 200}}
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"


@cache
def real_client(service: str) -> Any:
    """A client as the action makes it, with credentials that are none."""
    session = boto3.session.Session(
        aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
    )
    return session.client(service, config=CLIENT)


@contextmanager
def stubbed(service: str) -> Iterator[tuple[Stubber, Any]]:
    client = real_client(service)
    with Stubber(client) as stubber:
        yield stubber, client


def perform(aws: Aws, service: str, operation: str, **parameters: Any) -> Outcome:
    action = {"type": "aws", "service": service, "operation": operation, "parameters": parameters}
    return aws.perform(action, TIME, {})


def failure(outcome: Outcome) -> tuple[str, bool]:
    assert outcome.status is AttemptStatus.FAILED
    assert outcome.error is not None
    return outcome.error.code, outcome.error.permanent


@pytest.mark.parametrize("operation", ["send_message", "SendMessage"])
@pytest.mark.parametrize("allowed", [{"sqs:send_message"}, {"sqs:*"}, {"sns:*", "sqs:send_*"}])
def test_a_call_that_is_allowed_gives_its_answer(operation: str, allowed: set[str]) -> None:
    with stubbed("sqs") as (stubber, client):
        stubber.add_response("send_message", {"MessageId": "m1"} | OK, {"QueueUrl": QUEUE, "MessageBody": "hi"})
        aws = Aws(allowed=allowed, client_for=lambda service: client)
        outcome = perform(aws, "sqs", operation, QueueUrl=QUEUE, MessageBody="hi")
    assert outcome == Outcome(status=AttemptStatus.SUCCEEDED, result={"MessageId": "m1"}, http_status=200)


@pytest.mark.parametrize("allowed", [set(), {"sqs:receive_message"}, {"sns:*"}, {"sqs"}, {"xsqs:send_message"}])
def test_a_call_that_is_not_allowed_is_never_made_nor_its_client(allowed: set[str]) -> None:
    made: list[str] = []
    outcome = perform(Aws(allowed=allowed, client_for=made.append), "sqs", "send_message")
    assert failure(outcome) == ("not_allowed", True)
    assert made == []


@pytest.mark.parametrize("operation", ["close", "get_paginator", "generate_presigned_url", "meta", "_make_api_call"])
def test_only_operations_of_the_service_can_be_called(operation: str) -> None:
    with stubbed("s3") as (_, client):
        outcome = perform(Aws(allowed={"*"}, client_for=lambda service: client), "s3", operation)
    assert failure(outcome) == ("unknown_operation", True)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_parameters", {"Names": ["/mine", "/punctual/prod/secrets/ann/key"], "WithDecryption": True}),
        ("get_parameter", {"Name": "arn:aws:ssm:us-east-1:123456789012:parameter/punctual/prod/secrets/ann/key"}),
        ("get_parameters_by_path", {"Path": "/", "Recursive": True}),
        ("get_parameters_by_path", {"path": "/", "Recursive": True}),
        ("get_parameters_by_path", {"Path": "/punctual", "Recursive": True}),
        ("put_parameter", {"Name": "/punctual/prod/secrets/ann/key", "Value": "x"}),
    ],
)
def test_nobody_reads_or_writes_secrets_through_parameter_store(operation: str, parameters: dict[str, Any]) -> None:
    made: list[str] = []
    aws = Aws(allowed={"ssm:*"}, client_for=made.append)
    outcome = perform(aws, "ssm", operation, **parameters)
    assert failure(outcome) == ("not_allowed", True)
    assert made == []


def test_other_parameters_may_be_read_where_that_is_allowed() -> None:
    with stubbed("ssm") as (stubber, client):
        stubber.add_response("get_parameter", {"Parameter": {"Name": "/mine", "Value": "v"}} | OK, {"Name": "/mine"})
        outcome = perform(
            Aws(allowed={"ssm:*"}, client_for=lambda service: client), "ssm", "get_parameter", Name="/mine"
        )
    assert outcome.status is AttemptStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("service", "operation", "given", "sent"),
    [
        ("rds", "stop_db_instance", {"DbInstanceIdentifier": "db"}, {"DBInstanceIdentifier": "db"}),
        ("sqs", "send_message", {"queueurl": QUEUE, "MessageBody": "x"}, {"QueueUrl": QUEUE, "MessageBody": "x"}),
        (
            "ecs",
            "run_task",
            {"TaskDefinition": "t", "Overrides": {"ContainerOverrides": [{"Environment": [{"Name": "A"}]}]}},
            {"taskDefinition": "t", "overrides": {"containerOverrides": [{"environment": [{"name": "A"}]}]}},
        ),
        (
            "batch",
            "submit_job",
            {"JobName": "j", "JobQueue": "q", "JobDefinition": "d", "Parameters": {"InputFile": "f"}},
            {"jobName": "j", "jobQueue": "q", "jobDefinition": "d", "parameters": {"InputFile": "f"}},
        ),
    ],
)
def test_names_of_parameters_are_taken_in_any_case_and_keys_of_the_owners_own_stay(
    service: str, operation: str, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    client = real_client(service)
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    assert named(given, shape) == sent


def test_a_parameter_that_is_given_twice_is_refused() -> None:
    outcome = perform(Aws(allowed={"*"}, client_for=real_client), "sqs", "list_queues", MaxResults=1, maxresults=2)
    assert failure(outcome) == ("invalid_parameters", True)


def test_a_call_is_made_with_the_names_that_the_operation_has() -> None:
    with stubbed("sqs") as (stubber, client):
        stubber.add_response("send_message", {"MessageId": "m1"} | OK, {"QueueUrl": QUEUE, "MessageBody": "hi"})
        outcome = perform(
            Aws(allowed={"*"}, client_for=lambda service: client),
            "sqs",
            "send_message",
            queueUrl=QUEUE,
            messageBody="hi",
        )
    assert outcome.status is AttemptStatus.SUCCEEDED


def test_a_service_that_does_not_exist_is_refused_for_good() -> None:
    outcome = perform(Aws(allowed={"*"}, client_for=real_client), "no-such-service", "anything")
    assert failure(outcome) == ("unknown_operation", True)


@pytest.mark.parametrize("parameters", [{"QueueUrl": QUEUE}, {"QueueUrl": QUEUE, "MessageBody": "x", "Nonsense": 1}])
def test_parameters_that_do_not_fit_are_refused_for_good(parameters: dict[str, Any]) -> None:
    outcome = perform(Aws(allowed={"*"}, client_for=real_client), "sqs", "send_message", **parameters)
    assert failure(outcome) == ("invalid_parameters", True)


@pytest.mark.parametrize(
    ("error", "status", "permanent"),
    [
        ("AccessDenied", 403, True),
        ("AWS.SimpleQueueService.NonExistentQueue", 400, True),
        ("ThrottlingException", 400, False),
        ("RequestLimitExceeded", 400, False),
        ("TooManyRequestsException", 429, False),
        ("InternalError", 500, False),
        ("ServiceUnavailable", 503, False),
    ],
)
def test_a_refusal_is_a_failure_that_is_tried_again_only_where_that_may_help(
    error: str, status: int, permanent: bool
) -> None:
    with stubbed("sqs") as (stubber, client):
        stubber.add_client_error("send_message", error, "why", status)
        aws = Aws(allowed={"*"}, client_for=lambda service: client)
        outcome = perform(aws, "sqs", "send_message", QueueUrl=QUEUE, MessageBody="hi")
    assert failure(outcome) == ("aws_error", permanent)
    assert outcome.http_status == status
    assert outcome.error is not None
    assert outcome.error.detail == f"{error}: why"


class Scripted:
    """A client with one operation, which does as it is told."""

    def __init__(self, operate: Any) -> None:
        self.meta = self
        self.method_to_api_mapping = {"operate": "Operate"}
        self.service_model = self
        self.operate = operate

    def operation_model(self, name: str) -> Any:
        """An operation that takes nothing."""
        return SimpleNamespace(input_shape=None)


def test_an_answer_becomes_json_and_stays_small() -> None:
    said = {
        "Body": StreamingBody(io.BytesIO(b"x" * 100), 100),
        "Data": b"\x00\xff",
        "List": [{"Tags": {"a"}}],
        "Nothing": None,
    }
    aws = Aws(allowed={"*"}, client_for=lambda service: Scripted(lambda: said | OK))
    result = perform(aws, "s3", "operate").result
    assert result == {"Body": "x" * 100, "Data": "AP8=", "List": [{"Tags": ["a"]}], "Nothing": None}

    large = Aws(allowed={"*"}, client_for=lambda service: Scripted(lambda: {"Large": "x" * 100_000} | OK))
    assert "longer than" in perform(large, "s3", "operate").result["note"]


def test_a_service_that_cannot_be_reached_is_a_failure_that_another_try_may_mend() -> None:
    def unreachable() -> None:
        raise EndpointConnectionError(endpoint_url=QUEUE)

    aws = Aws(allowed={"*"}, client_for=lambda service: Scripted(unreachable))
    assert failure(perform(aws, "sqs", "operate")) == ("connection_failed", False)


def test_a_call_that_takes_too_long_is_not_waited_for() -> None:
    gate = threading.Event()
    aws = Aws(allowed={"*"}, client_for=lambda service: Scripted(lambda: gate.wait(10)))
    outcome = aws.perform({"service": "sqs", "operation": "operate"}, timedelta(seconds=0.1), {})
    gate.set()
    assert outcome.status is AttemptStatus.TIMED_OUT


def test_a_client_is_made_once_for_each_service_and_tries_once() -> None:
    made: list[str] = []

    def make(service: str) -> Any:
        made.append(service)
        return Scripted(lambda: dict(OK))

    aws = Aws(allowed={"*"}, client_for=make)
    for service in ("sqs", "sns", "sqs", "SQS"):
        perform(aws, service, "operate")
    assert made == ["sqs", "sns"]


def test_the_real_client_waits_a_limited_time_and_leaves_retrying_to_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    config: Config = client_for("sqs").meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 120)
    assert config.retries["total_max_attempts"] == 1
