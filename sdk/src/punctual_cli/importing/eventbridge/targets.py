"""Targets: what AWS calls when a schedule is due, as an `aws` action. Source: the user guides, "Managing targets" and
"Event bus targets"."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from punctual_cli.importing.eventbridge.services import boto3_name, small_first, snake
from punctual_cli.importing.found import Impossible

Target = Mapping[str, Any]
Call = tuple[str, str, dict[str, Any]]
"""Service, operation, parameters."""
UNIVERSAL = "aws-sdk"
CONTEXT = "<aws.scheduler."
"""How the words begin that Scheduler replaces in an input."""
SUFFIXES = {"aws-cn": "amazonaws.com.cn"}
ARN_PARTS = 6
NOT_CALLED: Mapping[str, str] = {
    "execute-api": "API Gateway is called over HTTP: make an `http` task with its URL",
    "api-destination": "an API destination has its URL and key in a connection: make an `http` task, the key a secret",
    "redshift": "the SQL and its credentials stand in parameters of their own: call redshift-data execute_statement",
    "ssm": "Run Command chooses its machines by tags: call ssm send_command",
    "inspector": "Inspector Classic has ended",
}


def action_of(target: Target | None, *, rule: bool) -> tuple[dict[str, Any], list[str]]:
    """The action that makes the same call, and what is different about it; `Impossible` where there is none."""
    if target is None:
        what = "`aws events list-targets-by-rule` prints them" if rule else "`aws scheduler get-schedule` prints it"
        raise Impossible(f"nothing is said of what it calls: {what}")
    for name in ("InputPath", "InputTransformer"):
        if target.get(name):
            raise Impossible(f"its {name} makes the input out of an event, and here is none: give a constant Input")
    arn = str(target.get("Arn", ""))
    parts = arn.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS or parts[0] != "arn":
        raise Impossible(f"{arn[:80]!r} is no ARN")
    service, operation, parameters = _called(target, arn, parts)
    action: dict[str, Any] = {"type": "aws", "service": service, "operation": operation}
    action |= {"parameters": parameters} if parameters else {}
    return action, _notes(target, parts, service, operation, rule=rule)


def _called(target: Target, arn: str, parts: list[str]) -> Call:
    service, resource = parts[2], parts[5]
    if service == "scheduler" and resource.startswith(UNIVERSAL):
        return _universal(target, resource)
    kind = resource.replace("/", ":").partition(":")[0]
    if kind in NOT_CALLED or service in NOT_CALLED:
        raise Impossible(NOT_CALLED.get(kind) or NOT_CALLED[service])
    make = _TEMPLATES.get(service)
    if make is None:
        raise Impossible(f"a target of {service} is none that can be made an AWS call of: {arn[:100]}")
    return make(target, arn, resource)


def _universal(target: Target, resource: str) -> Call:
    """`aws-sdk:service:apiAction`, whose input is the call's parameters. Their names may be in another case than boto3
    has them: that is settled where the call is made."""
    _, _, named = resource.partition(":")
    service, _, operation = named.partition(":")
    parameters = _json(_input(target) or "{}")
    if not service or not operation or not isinstance(parameters, dict):
        raise Impossible("its input is no JSON object of parameters")
    return boto3_name(service), snake(operation), parameters


def _sqs(target: Target, arn: str, resource: str) -> Call:
    _, partition, _, region, account, _ = arn.split(":", ARN_PARTS - 1)
    url = f"https://sqs.{region}.{SUFFIXES.get(partition, 'amazonaws.com')}/{account}/{resource}"
    group = _part(target, "SqsParameters").get("MessageGroupId")
    parameters = {"QueueUrl": url, "MessageBody": _input(target) or "{}"}
    return "sqs", "send_message", parameters | ({"MessageGroupId": group} if group else {})


def _sns(target: Target, arn: str, resource: str) -> Call:
    return "sns", "publish", {"TopicArn": arn, "Message": _input(target) or "{}"}


def _lambda(target: Target, arn: str, resource: str) -> Call:
    return "lambda", "invoke", {"FunctionName": arn, "InvocationType": "Event", "Payload": _input(target) or "{}"}


def _states(target: Target, arn: str, resource: str) -> Call:
    return "stepfunctions", "start_execution", {"stateMachineArn": arn, "input": _input(target) or "{}"}


def _events(target: Target, arn: str, resource: str) -> Call:
    named = _part(target, "EventBridgeParameters")
    if not named.get("DetailType") or not named.get("Source"):
        raise Impossible("an event bus without EventBridgeParameters passes the event on, and here is none")
    entry = {"Source": named["Source"], "DetailType": named["DetailType"], "Detail": _input(target) or "{}"}
    return "events", "put_events", {"Entries": [entry | {"EventBusName": arn}]}


def _kinesis(target: Target, arn: str, resource: str) -> Call:
    key = _part(target, "KinesisParameters").get("PartitionKey") or resource
    return "kinesis", "put_record", {"StreamARN": arn, "PartitionKey": key, "Data": _input(target) or "{}"}


def _firehose(target: Target, arn: str, resource: str) -> Call:
    name = resource.partition("/")[2]
    return "firehose", "put_record", {"DeliveryStreamName": name, "Record": {"Data": _input(target) or "{}"}}


def _ecs(target: Target, arn: str, resource: str) -> Call:
    named = _part(target, "EcsParameters")
    if not named.get("TaskDefinitionArn"):
        raise Impossible("its EcsParameters name no task definition")
    renamed = {
        "TaskDefinitionArn": "taskDefinition",
        "TaskCount": "count",
        "EnableECSManagedTags": "enableECSManagedTags",
    }
    rest = {name: value for name, value in named.items() if name not in renamed and value is not None}
    known = {new: named[old] for old, new in renamed.items() if named.get(old) is not None}
    overrides = {"overrides": _json(_input(target))} if _input(target) else {}
    return "ecs", "run_task", {"cluster": arn, **known, **small_first(rest), **overrides}


def _codebuild(target: Target, arn: str, resource: str) -> Call:
    return "codebuild", "start_build", {"projectName": resource.partition("/")[2]} | small_first(_object(target))


def _codepipeline(target: Target, arn: str, resource: str) -> Call:
    return "codepipeline", "start_pipeline_execution", {"name": resource}


def _sagemaker(target: Target, arn: str, resource: str) -> Call:
    given = _part(target, "SageMakerPipelineParameters").get("PipelineParameterList") or []
    parameters = {"PipelineName": resource.partition("/")[2]}
    return "sagemaker", "start_pipeline_execution", parameters | ({"PipelineParameters": given} if given else {})


def _batch(target: Target, arn: str, resource: str) -> Call:
    named = _part(target, "BatchParameters")
    parameters = {"jobQueue": arn, "jobName": named.get("JobName"), "jobDefinition": named.get("JobDefinition")}
    if None in parameters.values():
        raise Impossible("its BatchParameters name no job definition")
    more = {"ArrayProperties": "arrayProperties", "RetryStrategy": "retryStrategy"}
    parameters |= {new: small_first(named[old]) for old, new in more.items() if named.get(old)}
    return "batch", "submit_job", parameters | _object(target)


_TEMPLATES: Mapping[str, Callable[[Target, str, str], Call]] = {
    "sqs": _sqs,
    "sns": _sns,
    "lambda": _lambda,
    "states": _states,
    "events": _events,
    "kinesis": _kinesis,
    "firehose": _firehose,
    "ecs": _ecs,
    "codebuild": _codebuild,
    "codepipeline": _codepipeline,
    "sagemaker": _sagemaker,
    "batch": _batch,
}


def _input(target: Target) -> str:
    given = target.get("Input") or ""
    return given if isinstance(given, str) else json.dumps(given)


def _part(target: Target, name: str) -> dict[str, Any]:
    """What a target says for one kind of service; nothing where it says nothing."""
    given = target.get(name) or {}
    if not isinstance(given, dict):
        raise Impossible(f"its {name} is no JSON object")
    return given


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Impossible("its input is no JSON") from error


def _object(target: Target) -> dict[str, Any]:
    """What an input gives the call besides; nothing where there is none."""
    given = _json(_input(target) or "{}")
    if not isinstance(given, dict):
        raise Impossible("its input is no JSON object")
    return given


def _notes(target: Target, parts: list[str], service: str, operation: str, *, rule: bool) -> list[str]:
    notes = []
    if target.get("RoleArn"):
        role = str(target["RoleArn"]).rpartition("/")[2]
        notes.append(f"was called as the role {role}; here the workers' role needs leave for {service}:{operation}")
    if parts[3]:
        notes.append(f"is in {parts[3]}: the call goes to the region of the installation")
    if not _input(target) and parts[2] != "scheduler":
        what = "the event that told of its time" if rule else "an event of Scheduler's"
        notes.append(f"had no input and received {what}; here it receives {{}}")
    if CONTEXT in _input(target):
        notes.append(f"{CONTEXT}…> in its input is not replaced: it is passed on as it stands")
    if _part(target, "DeadLetterConfig").get("Arn"):
        notes.append(
            "its dead letter queue is not carried over: a run that failed stays as failed, and `notify` tells of it"
        )
    return notes
